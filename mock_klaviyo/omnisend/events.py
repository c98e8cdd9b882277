"""Events and contacts of Omnisend's: what an accepted event leaves behind."""

from __future__ import annotations

from datetime import UTC

from mock_klaviyo.json import Json
from mock_klaviyo.omnisend.schema import IDENTIFIERS, kinds, moment
from mock_klaviyo.resources.lineage import Lineage
from mock_klaviyo.resources.world import World, iso
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field, TableForm

EVENT, CONTACT, TYPES = "omnisend-event", "omnisend-contact", "omnisend-property-types"
TABLES = (
    TableForm(EVENT, (Field("eventID", is_indexed=True),)),
    TableForm(CONTACT, (Field("email", is_indexed=True), Field("phone", is_indexed=True))),
    TableForm(TYPES),
)
"""What the store keeps; the id of property types is the event's name."""

NUMBERS = {("number", "integer"), ("integer", "number")}
"""A fixed type and another one that it takes too; v3 is documented to take no fraction where an integer came first."""


class Conflict(Exception):
    """Properties whose types are not those of the event's first occurrence."""

    def __init__(self, errors: list[Json]) -> None:
        super().__init__("The event's properties have other types than before")
        self.errors = errors


def take_in(world: World, body: Json, lineage: Lineage | None, *, is_oldest: bool) -> None:
    """Keep an event that is valid, and its contact; the same historical event is kept once."""
    time = moment(body["eventTime"]) if "eventTime" in body else world.clock.now
    event = {**body, "eventTime": iso(time.astimezone(UTC))}
    if time < world.clock.now and is_known(world, event):
        return
    fix_types(world, body["eventName"], kinds(body.get("properties", {})), is_oldest=is_oldest)
    contact = keep_contact(world, body["contact"])
    document = {**event, "contactID": contact.id, "lineage": lineage}
    world.store.insert(Row(EVENT, world.ids.hexadecimal(24), document))


def is_known(world: World, event: Json) -> bool:
    """Whether an event with the same id and time has come before."""
    known = world.store.rows(EVENT, eventID=event["eventID"]) if "eventID" in event else []
    return any(row.document["eventTime"] == event["eventTime"] for row in known)


def fix_types(world: World, name: str, found: dict[str, str], *, is_oldest: bool) -> None:
    """Refuse properties of other types than before; the types of new ones are fixed from now on."""
    row = world.store.row(TYPES, name)
    fixed: dict[str, str] = row.document if row else {}
    takes = NUMBERS - {("integer", "number")} if is_oldest else NUMBERS
    errors = [
        {"field": f"properties.{each}", "code": "type", "message": f"must be {fixed[each]}, not {kind}"}
        for each, kind in found.items()
        if each in fixed and kind != fixed[each] and (fixed[each], kind) not in takes
    ]
    if errors:
        raise Conflict(errors)
    if row is None:
        world.store.insert(Row(TYPES, name, found))
    elif new := found.keys() - fixed.keys():
        world.store.update(Row(TYPES, name, {**fixed, **{each: found[each] for each in sorted(new)}}, row.number))


def keep_contact(world: World, given: Json) -> Row:
    """The contact that is meant, with what is told of it; a new one when it is not known."""
    known = contact(world, given)
    if known is None:
        made = Row(CONTACT, given.get("id") or world.ids.hexadecimal(24), dict(given))
        world.store.insert(made)
        return made
    known.document = {**known.document, **given}
    world.store.update(known)
    return known


def contact(world: World, given: Json) -> Row | None:
    """The known contact that the first of id, email and phone leads to."""
    for name in IDENTIFIERS:
        if name in given:
            found = (
                world.store.row(CONTACT, given[name])
                if name == "id"
                else world.store.first(CONTACT, **{name: given[name]})
            )
            if found is not None:
                return found
    return None
