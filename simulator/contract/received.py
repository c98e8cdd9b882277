"""Received: an event or a profile as it reached Klaviyo, whatever it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.json import Json
from simulator.mapping.requests import KlaviyoRequest


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One event at Klaviyo: its metric's name, its profile's identifiers, and what it carries; `time` as text."""

    metric: str
    profile: Json
    properties: Json
    unique_id: str | None = None
    time: str | None = None
    value: float | None = None
    value_currency: str | None = None
    lineage: Mapping[str, str | None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ReceivedProfile:
    """One write to a profile at Klaviyo: the attributes, custom ones below `properties`."""

    attributes: Json = field(default_factory=dict)


def received(request: KlaviyoRequest) -> ReceivedEvent | ReceivedProfile | None:
    """What Klaviyo would read in a request; None when it is neither an event nor a profile."""
    data = request.body.get("data", {})
    attributes: Json = data.get("attributes", {})
    if data.get("type") == "profile":
        return ReceivedProfile(attributes)
    if data.get("type") != "event":
        return None
    return ReceivedEvent(
        metric=inner(attributes, "metric").get("name", ""),
        profile=inner(attributes, "profile"),
        properties=attributes.get("properties", {}),
        **{name: attributes.get(name) for name in ("unique_id", "time", "value", "value_currency")},
    )


def received_profiles(request: KlaviyoRequest) -> list[ReceivedProfile]:
    """The profiles that Klaviyo would read in a bulk import."""
    data = request.body.get("data", {})
    if data.get("type") != "profile-bulk-import-job":
        return []
    return [ReceivedProfile(entry.get("attributes", {})) for entry in data["attributes"]["profiles"]["data"]]


def sent_profiles(body: Json, identifiers: Mapping[str, str]) -> Iterator[ReceivedProfile]:
    """The profiles that a body of any profile operation writes; `identifiers` are those that its path tells."""
    data = body.get("data") or {}
    if data.get("type") == "profile-bulk-import-job":
        entries = data["attributes"]["profiles"]["data"]
        yield from (ReceivedProfile(entry.get("attributes", {})) for entry in entries)
    else:
        yield ReceivedProfile({**identifiers, **(data.get("attributes") or {})})


def inner(attributes: Json, name: str) -> Any:
    """The attributes of the resource object nested below a name."""
    return attributes.get(name, {}).get("data", {}).get("attributes", {})


def kept_event(kept: Json) -> ReceivedEvent:
    """An event as the control route tells it."""
    return ReceivedEvent(
        metric=kept["metric"],
        profile={name: value for name, value in kept["profile"].items() if value is not None},
        properties=kept["properties"],
        lineage=kept.get("lineage"),
        **{name: kept.get(name) for name in ("unique_id", "time", "value", "value_currency")},
    )


def lineage_text(lineage: Mapping[str, str | None] | None) -> str:
    """What an event comes from, as reports add it to a line: vendor event, entry of the scenario, and target.

    >>> lineage_text({"cause": "smile Points Redeemed 7", "target": "builtin", "entry": "a.yaml:4:5"})
    '  (smile Points Redeemed 7, a.yaml:4:5, target builtin)'
    """
    known = lineage or {}
    target = f"target {known['target']}" if known.get("target") else None
    parts = [part for part in (known.get("cause"), known.get("entry"), target) if part]
    return f"  ({', '.join(parts)})" if parts else ""
