"""Data privacy: erasing a person."""

from __future__ import annotations

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.merging import OWNED
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row


@operation("request_profile_deletion")
def request_profile_deletion(call: Call) -> Reply:
    """Erase the profile that exactly one identifier names, and all that it did."""
    data = call.attributes["profile"]["data"]
    named = identifiers.identifiers(data.get("attributes") or {}, data.get("id"))
    if len(named) != 1:
        reason = "Exactly one of id, email or phone_number must be given."
        raise error("invalid", reason=reason, pointer="/data/attributes/profile/data")
    profiles = Profiles(call.world)
    rows = profiles.matches(named)
    if not rows:
        refuse_unknown(named)
    for row in rows:
        erase(call.world, profiles, row)
    return Reply(202)


def refuse_unknown(named: Json) -> None:
    """Say that nobody has the identifier."""
    ((name, value),) = named.items()
    raise error("deletion_unknown_profile", identifier=name, value=value)


def erase(world: World, profiles: Profiles, row: Row) -> None:
    """Remove a profile and everything that belongs to it."""
    for type in OWNED:
        world.store.delete_where(type, profile_id=row.id)
    profiles.delete(row)
