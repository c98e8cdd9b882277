"""Merging: everything that one profile has goes to another."""

from __future__ import annotations

from mock_klaviyo.json import Json
from mock_klaviyo.resources.consent import entry
from mock_klaviyo.resources.identifiers import IDENTIFIERS
from mock_klaviyo.resources.identity import SECONDARY_EMAIL, Profiles
from mock_klaviyo.resources.lists import MEMBERS
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

FILLED = ("first_name", "last_name", "organization", "locale", "title", "image")
"""Attributes that a gap in the destination takes from the source."""


def merge(world: World, profiles: Profiles, source: Row, destination: Row) -> None:
    """Give a profile's events, lists, tokens and values to another and remove it.

    The destination's values win; the time zone comes from the source, the location from whichever has more of one.
    https://help.klaviyo.com/hc/en-us/articles/115005073847
    """
    merge_values(source.document, destination.document)
    merge_suppressions(source, destination)
    moved = {name: source.document[name] for name in IDENTIFIERS[1:] if source.document.get(name)}
    world.store.links.move(MEMBERS, source.id, destination.id)
    for type in ("event", "push-token"):
        world.store.set_field(type, "profile_id", source.id, destination.id)
        world.store.delete_where(type, profile_id=source.id)
    profiles.delete(source)
    profiles.complete(destination, moved)
    spare = moved.get("email")
    if spare and destination.document.get("email") != spare:
        world.store.links.add(SECONDARY_EMAIL, destination.id, [spare], world.second)
    profiles.change(destination)


def merge_values(source: Json, destination: Json) -> None:
    """Fill the destination's gaps from the source."""
    for name in FILLED:
        destination[name] = destination.get(name) or source.get(name)
    destination["properties"] = source["properties"] | destination["properties"]
    fuller = max((destination["location"], source["location"]), key=filled)
    timezone = source["location"]["timezone"] or destination["location"]["timezone"]
    destination["location"] = fuller | {"timezone": timezone}
    dates = [date for date in (source["last_event_date"], destination["last_event_date"]) if date]
    destination["last_event_date"] = max(dates, default=None)


def filled(location: Json) -> int:
    """How much of a location is known."""
    return sum(value is not None for value in location.values())


def merge_suppressions(source: Row, destination: Row) -> None:
    """A profile that is suppressed makes the merged one suppressed."""
    suppression = entry(source, "email", "marketing").get("suppression", [])
    known = entry(destination, "email", "marketing").setdefault("suppression", [])
    known += [each for each in suppression if each["reason"] not in {other["reason"] for other in known}]
