"""Merging: everything that one profile has goes to another."""

from __future__ import annotations

from mock_klaviyo.json import Json
from mock_klaviyo.resources.consent import entry
from mock_klaviyo.resources.identifiers import IDENTIFIERS
from mock_klaviyo.resources.identity import SECONDARY_EMAIL, Profiles, is_anonymous
from mock_klaviyo.resources.lists import MEMBERS
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

FILLED = ("first_name", "last_name", "organization", "locale", "title", "image")
"""Attributes that a gap in the destination takes from the source."""

OWNED = (
    "event",
    "dropped-event",
    "push-token",
    "back-in-stock-subscription",
    "outbox-message",
    "flow-run",
    "flow-review",
    "flow-call",
    "flow-date",
    "conversation",
    "conversation-message",
    "review",
)
"""The types that belong to a profile and go with it."""


def united(world: World, profiles: Profiles, named: Json) -> Row | None:
    """The profile that identifiers name; anonymous visitors that they name as well are merged into it.

    So an anonymous visitor who gives an email address becomes the person who has it.
    """
    if len(named) < 2:
        return profiles.find(named)
    matches = profiles.matches(named)
    known = [row for row in matches if not is_anonymous(row)]
    if len(matches) < 2:
        return next(iter(matches), None)
    destination = (known or matches)[0]
    for row in matches:
        if row is not destination and is_anonymous(row):
            merge(world, profiles, row, destination)
    return destination


def merge(world: World, profiles: Profiles, source: Row, destination: Row) -> None:
    """Give a profile's events, lists, tokens and values to another and remove it.

    The destination's values win; the time zone comes from the source, the location from whichever has more of one.
    https://help.klaviyo.com/hc/en-us/articles/115005073847
    """
    merge_values(source.document, destination.document)
    merge_subscriptions(source, destination)
    moved = {name: source.document[name] for name in IDENTIFIERS[1:] if source.document.get(name) is not None}
    spare = [*world.store.links.ids(SECONDARY_EMAIL, source.id), *filter(None, [moved.get("email")])]
    world.store.links.move(MEMBERS, source.id, destination.id)
    for type in OWNED:
        world.store.set_field(type, "profile_id", source.id, destination.id)
        world.store.delete_where(type, profile_id=source.id)
    profiles.merge(source, destination, moved)
    others = [email for email in spare if destination.document.get("email") != email]
    world.store.links.add(SECONDARY_EMAIL, destination.id, others, world.second)


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
    tokens = [*destination.get("push_tokens", []), *source.get("push_tokens", [])]
    if tokens:
        destination["push_tokens"] = tokens


def filled(location: Json) -> int:
    """How much of a location is known."""
    return sum(value is not None for value in location.values())


def merge_subscriptions(source: Row, destination: Row) -> None:
    """Fill consent that the destination never gave or took back; who is suppressed in one stays so in both."""
    suppression = entry(source, "email", "marketing").get("suppression", [])
    for channel, kinds in source.document["subscriptions"].items():
        for kind, values in kinds.items():
            known = entry(destination, channel, kind)
            if "consent" not in known:
                known |= {**values, **known}
    known = entry(destination, "email", "marketing").setdefault("suppression", [])
    known += [each for each in suppression if each["reason"] not in {other["reason"] for other in known}]
