"""The endpoints before revisions, as bodies of the operations that took their place.

They took JSON, in base64 in the query or in a form, and answered `1`, or `0` when they could not read it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.wire.bodies import DEEPEST, depth, null_characters
from mock_klaviyo.wire.messages import Request

REPLACEMENTS: Mapping[str, str] = {
    "/api/track": "POST /api/events or POST /client/events",
    "/api/identify": "POST /api/profile-import or POST /client/profiles",
    "/api/v1": "the operations at https://developers.klaviyo.com/en/reference/api_overview",
    "/api/v2": "the operations at https://developers.klaviyo.com/en/reference/api_overview",
}
"""What a path begins with → what took its place."""

NAMES: Mapping[str, str] = {
    "$email": "email",
    "$phone_number": "phone_number",
    "$id": "external_id",
    "$anonymous": "anonymous_id",
    "$exchange_id": "_kx",
    "$first_name": "first_name",
    "$last_name": "last_name",
    "$organization": "organization",
    "$title": "title",
    "$image": "image",
    "email": "email",
    "phone_number": "phone_number",
}
"""How attributes of a profile were called → how they are."""

PLACES = ("address1", "address2", "city", "country", "latitude", "longitude", "region", "zip", "timezone")
"""Attributes that are parts of the location now; a $ stood before them."""


def replacement(path: str) -> str | None:
    """What took the place of a path; None for one that is no older than revisions.

    >>> replacement("/api/identify/"), replacement("/api/tracking-settings")
    ('POST /api/profile-import or POST /client/profiles', None)
    """
    begin = "/".join(path.split("/")[:3])
    return REPLACEMENTS.get(begin)


def translated(request: Request) -> tuple[str, Any]:
    """The operation and the body that say the same; raises ValueError for what cannot be read."""
    sent = payload(request)
    if not isinstance(sent, dict) or not sent.get("token"):
        raise ValueError("there is no JSON object with a token")
    if depth(sent) > DEEPEST or any(null_characters(sent)):
        raise ValueError("the object is nested too deeply, or has null characters")
    if request.path.startswith("/api/identify"):
        return "create_or_update_profile", profile(sent.get("properties"))
    return "create_event", event(sent)


def payload(request: Request) -> Any:
    """The JSON that a request carries: as it is or in base64, in the query, in a form, or alone."""
    if request.method == "GET":
        return unpacked(dict(request.arguments).get("data", ""))
    text = request.body.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        return json.read(text)
    return unpacked(dict(parse_qsl(text, errors="replace")).get("data", ""))


def unpacked(text: str) -> Any:
    """The JSON in a text, as it is or in base64 of either alphabet."""
    if text.lstrip().startswith("{"):
        return json.read(text)
    standard = text.strip().replace(" ", "+").replace("-", "+").replace("_", "/")
    return json.read(b64decode(standard + "=" * (-len(standard) % 4), validate=True))


def event(sent: Json) -> Json:
    """The body of an event."""
    given = dict(object_of(sent.get("properties") or {}))
    attributes = {
        "metric": resource("metric", {"name": sent.get("event")}),
        "profile": profile(sent.get("customer_properties")),
        "unique_id": text_of(given.pop("$event_id", None)),
        "value": given.pop("$value", None),
        "time": moment(sent.get("time")),
        "properties": given,
    }
    return resource("event", {name: value for name, value in attributes.items() if value is not None})


def profile(given: Any) -> Json:
    """The body of a profile."""
    attributes: Json = {}
    location: Json = {}
    properties: Json = {}
    for name, value in object_of(given).items():
        if name in NAMES:
            attributes[NAMES[name]] = value
        elif name.startswith("$") and name[1:] in PLACES:
            location[name[1:]] = value
        else:
            properties[name] = value
    return resource("profile", {**attributes, "location": location, "properties": properties})


def resource(type: str, attributes: Json) -> Json:
    """A resource object in its envelope."""
    return {"data": {"type": type, "attributes": attributes}}


def object_of(value: Any) -> Json:
    """The value, which must be an object."""
    if not isinstance(value, dict):
        raise ValueError("properties must be an object")
    return value


def text_of(value: Any) -> str | None:
    """A value as text; event ids could be numbers."""
    return None if value is None else str(value)


def moment(time: Any) -> str | None:
    """Unix seconds, as a number or as text, in ISO 8601."""
    if time is None:
        return None
    try:
        return datetime.fromtimestamp(float(time), UTC).isoformat()
    except (TypeError, OverflowError, OSError):
        raise ValueError("time must be Unix seconds") from None
