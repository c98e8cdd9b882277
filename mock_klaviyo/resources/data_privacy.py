"""Data privacy: erasing a person."""

from __future__ import annotations

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers, job_life
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.custom_objects import INGESTION_LOG, OBJECT_RECORD, SOURCE_RECORD
from mock_klaviyo.resources.erasure import ERASED, Erasure, erasure
from mock_klaviyo.resources.identity import SECONDARY_EMAIL, Profiles
from mock_klaviyo.resources.merging import OWNED
from mock_klaviyo.resources.profile_jobs import IMPORT_ERROR
from mock_klaviyo.resources.registry import RESOURCES, operation
from mock_klaviyo.resources.tasks import TASK
from mock_klaviyo.resources.webhook_deliveries import DELIVERY
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

KEYS = ("external_id", "anonymous_id")
"""The identifiers that are the shop's own: elsewhere the same text may mean another thing."""

PERSONAL = {IMPORT_ERROR.type, TASK.type, SOURCE_RECORD.type, OBJECT_RECORD.type, INGESTION_LOG.type}
"""The types in which a key of a person's may stand."""


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
    """Remove a profile, everything that belongs to it, and every mention of its identifiers."""
    emails = [row.document["email"], *world.store.links.ids(SECONDARY_EMAIL, row.id)]
    keys = [row.document.get(name) for name in KEYS]
    found = erasure([*emails, row.document["phone_number"]], keys)
    event_ids = {event.id for event in world.store.rows("event", profile_id=row.id)}
    for type in OWNED:
        world.store.delete_where(type, profile_id=row.id)
    profiles.delete(row)
    remove_deliveries(world, event_ids)
    for type in RESOURCES:
        clean(world, type, found if type in PERSONAL else found.only_names)
    world.store.links.delete_ends(found.names, [f"{name}:{key}" for name, key in zip(KEYS, keys, strict=True) if key])
    world.store.rewrite_intake(found.words, lambda event: without_person(event, found))
    world.store.forget_history()
    for forget in world.forgetting:
        forget(found)


def remove_deliveries(world: World, event_ids: set[str]) -> None:
    """Tell no webhook of events that are gone."""
    rows = [row for row in world.store.rows(DELIVERY.type) if row.document["event_id"] in event_ids]
    world.store.delete_where(DELIVERY.type, id=[row.id for row in rows])


def clean(world: World, type: str, found: Erasure) -> None:
    """Make what rows of a type say of a person unreadable; a raw record, or one with such an id, is removed."""
    for row in world.store.mentioning(type, found.words):
        if found.is_in(row.id) or (type == SOURCE_RECORD.type and found.is_in(row.document)):
            world.store.delete(row)
        elif found.is_in(row.document):
            world.store.update(Row(type, row.id, found.value(row.document)))


def without_person(event: Json, found: Erasure) -> Json:
    """An event that waits, of nobody if it is the person's: it is dropped once it is processed."""
    if not found.is_in(event):
        return event
    return {**found.value(event), "profile": {}, "profile_id": ERASED, "meta": None}
