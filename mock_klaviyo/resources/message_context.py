"""Message context: what a message can say of its reader, of the sender, and of the event that triggered it."""

from __future__ import annotations

from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

OBJECT_BY_ID = "$object_by_id"
"""Where a run that an object began keeps its properties by their numbers; those by their names stand beside."""

SHORTCUTS = ("first_name", "last_name", "email")
SHOWN_OF_A_PERSON = {
    "id": "external_id",
    "title": "title",
    "organization": "organization",
    "phone_number": "phone_number",
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
}
SHOWN_OF_A_PLACE = {"City": "city", "Region": "region", "Country": "country", "Zipcode": "zip"}


def context(world: World, profile: Row, event: Row | None = None) -> Json:
    """What a message can say; `event`, or `object` in its place, is there only when one triggered it."""
    shortcuts = {name: value for name in SHORTCUTS if (value := profile.document[name]) is not None}
    found = {**shortcuts, "person": person(profile), "organization": organization(world)}
    return found | (triggered(event) if event else {})


def triggered(event: Row) -> Json:
    """What triggered a message: an event, or an object of the account's own."""
    properties: Json = event.document["event_properties"]
    if OBJECT_BY_ID not in properties:
        return {"event": event_context(event)}
    return {"object": {name: value for name, value in properties.items() if name != OBJECT_BY_ID}}


def event_context(event: Row) -> Json:
    """The properties of an event, `$value` and `$event_id` among them; `event.extra` is what some send as `$extra`."""
    properties: Json = event.document["event_properties"]
    return ({"extra": properties["$extra"]} if "$extra" in properties else {}) | properties


def person(profile: Row) -> Json:
    """What a message can say of its reader."""
    known, place = profile.document, profile.document["location"]
    names = [known[name] for name in ("first_name", "last_name") if known[name]]
    found: Json = {name: known[kept] for name, kept in SHOWN_OF_A_PERSON.items() if known[kept] is not None}
    found |= {name: place[kept] for name, kept in SHOWN_OF_A_PLACE.items() if place[kept] is not None}
    found |= {f"${name}": value for name, value in place.items() if value is not None}
    return found | {"KlaviyoID": profile.id, "full_name": " ".join(names), **known["properties"]}


def organization(world: World) -> Json:
    """The sender, as messages name it."""
    known = contact(world)
    address = known["street_address"]
    street = [address["address1"], address["address2"]]
    place = [address["city"], address["region"], address["zip"], address["country"]]
    return {
        "name": known["organization_name"],
        "url": known["website_url"],
        "street_address": address["address1"],
        "street_address2": address["address2"] or "",
        "city": address["city"],
        "region": address["region"],
        "zip_code": address["zip"],
        "full_address": ", ".join(part for part in (*street, *place) if part),
    }


def contact(world: World) -> Any:
    """How the account is called and reached."""
    (account,) = world.store.rows("account")
    return account.document["contact_information"]
