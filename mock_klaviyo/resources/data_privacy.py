"""Data privacy: erasing a person."""

from __future__ import annotations

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers, job_life
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.merging import OWNED
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row


@operation("request_profile_deletion")
def request_profile_deletion(call: Call) -> Reply:
    """Erase the profile that exactly one identifier names, and all that it did."""
    named = named_in(call)
    if len(named) != 1:
        reason = "Exactly one of id, email or phone_number must be given."
        raise error("invalid", reason=reason, pointer="/data/attributes/profile/data")
    if not Profiles(call.world).matches(named):
        refuse_unknown(named)
    job_life.start_unseen(call)
    return Reply(202)


@job_life.work("request_profile_deletion")
def erase_named(call: Call, _job: None) -> Json:
    """Erase whom a job names."""
    profiles = Profiles(call.world)
    for row in profiles.matches(named_in(call)):
        erase(call.world, profiles, row)
    return {}


def named_in(call: Call) -> Json:
    """The identifiers that a body gives."""
    data = call.attributes["profile"]["data"]
    return identifiers.identifiers(data.get("attributes") or {}, data.get("id"))


def refuse_unknown(named: Json) -> None:
    """Say that nobody has the identifier."""
    ((name, value),) = named.items()
    raise error("deletion_unknown_profile", identifier=name, value=value)


def erase(world: World, profiles: Profiles, row: Row) -> None:
    """Remove a profile and everything that belongs to it."""
    for type in OWNED:
        world.store.delete_where(type, profile_id=row.id)
    profiles.delete(row)
