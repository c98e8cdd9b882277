"""KlaviyoRequest, and the few bodies that we build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.json import Json


@dataclass(frozen=True, slots=True)
class KlaviyoRequest:
    """One call to Klaviyo; `cause` is the id of the vendor event that it comes from."""

    method: str
    path: str
    body: Json
    cause: str = ""


def resource(type: str, **attributes: Any) -> Json:
    """A resource object inside its `data` envelope; attributes that are None are left out."""
    present = {name: value for name, value in attributes.items() if value is not None}
    return {"data": {"type": type, "attributes": present}}


def event_request(
    *,
    metric: str,
    profile: Json,
    properties: Json,
    time: str,
    unique_id: str,
    value: float | None = None,
    value_currency: str | None = None,
    cause: str = "",
) -> KlaviyoRequest:
    """POST /api/events: something that a profile did."""
    body = resource(
        "event",
        properties=properties,
        time=time,
        value=value,
        value_currency=value_currency,
        unique_id=unique_id,
        metric=resource("metric", name=metric),
        profile=resource("profile", **profile),
    )
    return KlaviyoRequest("POST", "/api/events", body, cause)


def profile_request(attributes: Json, cause: str = "") -> KlaviyoRequest:
    """POST /api/profile-import: create or update a profile; None clears an attribute."""
    return KlaviyoRequest("POST", "/api/profile-import", {"data": {"type": "profile", "attributes": attributes}}, cause)


def bulk_import_request(profiles: Sequence[Json], cause: str = "") -> KlaviyoRequest:
    """POST /api/profile-bulk-import-jobs: create or update many profiles."""
    entries = [{"type": "profile", "attributes": attributes} for attributes in profiles]
    body = resource("profile-bulk-import-job", profiles={"data": entries})
    return KlaviyoRequest("POST", "/api/profile-bulk-import-jobs", body, cause)
