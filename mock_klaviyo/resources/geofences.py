"""Geofences and the IP allow list: what apps and integrations read with the public key."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from hashlib import sha256

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi import document as documents
from mock_klaviyo.jsonapi.fields import pruned
from mock_klaviyo.jsonapi.filters import parse
from mock_klaviyo.jsonapi.page import Cursor
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.store.rows import Row

FILTERS = "X-Klaviyo-API-Filters"
"""The header that holds the filter, so that places stand in no log."""

LIMITS = {"lat": 90, "lng": 180}
EARTH = 6_371_000
"""The radius of the earth in metres."""

GEOFENCE = declare(Resource(type="geofence", make_id=lambda world: world.ids.ulid(world.now)))
"""Places that apps watch; Klaviyo has no operation that makes one, so the control routes do."""

ALLOWLIST = "integration-egress"
PREFIXES = ("127.0.0.1/32",)
"""Where this server's calls come from: this machine."""
PREFIXES_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@operation("get_client_geofences")
def get_client_geofences(call: Call) -> Reply:
    """A page of geofences, the nearest first when the header names a place."""
    found = call.world.store.rows(GEOFENCE.type)
    place = named_place(call.headers.get(FILTERS.lower(), ""))
    if place is not None:
        found.sort(key=lambda row: distance(place, (row.document["latitude"], row.document["longitude"])))
    start = offset(call.query.cursor)
    page = found[start : start + call.query.size]
    following = page_link(call, start + call.query.size) if start + call.query.size < len(found) else None
    previous = page_link(call, max(0, start - call.query.size)) if start else None
    return Reply(200, documents.collection([geofence(call, row) for row in page], call.url, following, previous))


def geofence(call: Call, row: Row) -> Json:
    """A geofence as apps see it."""
    link = documents.resource_link(call.base_url, row.type, row.id)
    asked = call.query.fields.get(row.type)
    shown = row.document if asked is None else pruned(row.document, asked)
    return documents.resource_object(row.type, row.id, shown, self_link=link)


def offset(cursor: Cursor | None) -> int:
    """How many geofences come before a page."""
    match cursor and cursor.key:
        case None:
            return 0
        case (int(number),) if number >= 0:
            return number
    raise error("invalid_cursor")


def page_link(call: Call, start: int) -> str:
    """The link to the page that begins after so many geofences."""
    return documents.next_link(call.url, Cursor((start,), "", is_backward=False, scope=call.operation.id).written())


def named_place(text: str) -> tuple[float, float] | None:
    """The latitude and longitude that a filter names; None when it does not name both.

    >>> named_place("and(equals(lat,40.7128),equals(lng,-74.0060))")
    (40.7128, -74.006)
    """
    found: dict[str, float] = {}
    for comparison in parse(text) if text.strip() else ():
        name, value = comparison.field, comparison.value
        if name not in LIMITS:
            raise invalid(f"'{name}' is not an allowed filter field.  Allowed fields are lat,lng")
        if comparison.operator != "equals":
            raise invalid(f"'{comparison.operator}' is not an allowed filter operator for {name}.")
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LIMITS[name]:
            raise invalid(f"{name} must be a number from -{LIMITS[name]} to {LIMITS[name]}.")
        found[name] = float(value)
    return (found["lat"], found["lng"]) if found.keys() == LIMITS.keys() else None


def invalid(reason: str) -> Exception:
    """The refusal of a filter in the header."""
    return error("invalid_parameter", reason=reason, parameter=FILTERS)


def distance(place: tuple[float, float], other: tuple[float, float]) -> float:
    """How many metres lie between two places.

    >>> round(distance((52.52, 13.405), (48.8566, 2.3522)) / 1000)
    877
    """
    (latitude, longitude), (other_latitude, other_longitude) = place, other
    up, across = math.radians(other_latitude - latitude), math.radians(other_longitude - longitude)
    flat = math.cos(math.radians(latitude)) * math.cos(math.radians(other_latitude))
    return 2 * EARTH * math.asin(math.sqrt(math.sin(up / 2) ** 2 + flat * math.sin(across / 2) ** 2))


@operation("get_client_ip_allowlist")
def get_client_ip_allowlist(call: Call) -> Reply:
    """The addresses that this server's own calls come from."""
    if call.id != ALLOWLIST:
        raise error("unknown_resource", type="An IP allowlist", id=call.id)
    attributes = {
        "prefixes": list(PREFIXES),
        "sync_token": sha256(",".join(PREFIXES).encode()).hexdigest()[:16],
        "created": PREFIXES_SINCE.isoformat(),
    }
    asked = call.query.fields.get("ip-allowlist")
    shown = attributes if asked is None else pruned(attributes, asked)
    link = f"{call.base_url}/client/ip-allowlists/{ALLOWLIST}/"
    return Reply(200, documents.document(
        documents.resource_object("ip-allowlist", ALLOWLIST, shown, self_link=link), call.url
    ))  # fmt: skip
