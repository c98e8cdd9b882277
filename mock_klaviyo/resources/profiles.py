"""Profiles: people, told apart by their identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers, profile_checks
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.consent import subscriptions
from mock_klaviyo.resources.generic import require, require_same_id
from mock_klaviyo.resources.identifiers import OF_A_PERSON
from mock_klaviyo.resources.identity import Profiles, appended
from mock_klaviyo.resources.lists import MEMBERS
from mock_klaviyo.resources.merging import merge
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Relationship, Resource, many, many_by
from mock_klaviyo.resources.segments import MEMBERS as SEGMENT_MEMBERS
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

SUPPRESSION = "subscriptions.email.marketing.suppression"
LIST_SUPPRESSIONS = "subscriptions.email.marketing.list_suppressions"
UPDATED_AFTER = timedelta(microseconds=24)
"""How long after `created` the `updated` of a new profile lies."""

PREDICTIVE_ANALYTICS = (
    "historic_clv",
    "predicted_clv",
    "total_clv",
    "historic_number_of_orders",
    "predicted_number_of_orders",
    "average_days_between_orders",
    "average_order_value",
    "churn_probability",
    "expected_date_of_next_order",
    "ranked_channel_affinity",
)
"""What Klaviyo works out when it has enough orders; all null when it has not."""

PROFILE = declare(
    Resource(
        type="profile",
        make_id=lambda world: world.ids.ulid(world.now),
        relationships=(
            many("lists", to="list", inverse_of=MEMBERS),
            many("segments", to="segment", inverse_of=SEGMENT_MEMBERS),
            many_by("push-tokens", to="push-token", field="profile_id"),
            many_by("conversations", to="conversation", field="profile_id"),
            Relationship("conversation", "conversation", is_many=False, field="profile_id", is_inverse=True),
        ),
        fields=(
            Field("email", is_indexed=True),
            Field("phone_number", is_indexed=True),
            Field("external_id", is_indexed=True),
            Field("_kx", is_indexed=True),
            Field("anonymous_id", is_indexed=True),
            *(Field(f"{SUPPRESSION}.{name}", is_listed=True) for name in ("reason", "timestamp")),
            *(Field(f"{LIST_SUPPRESSIONS}.{name}", is_listed=True) for name in ("reason", "timestamp", "list_id")),
            Field("push_tokens.token", is_listed=True),
        ),
        aliases={"push_token": "push_tokens.token", "profile_id": "id"},
        computed={
            "subscriptions": subscriptions,
            "predictive_analytics": lambda _world, _row: dict.fromkeys(PREDICTIVE_ANALYTICS),
        },
    )
)


@operation("create_profile")
def create_profile(call: Call) -> Reply:
    """A new profile; refused when one of its identifiers is taken."""
    raise_all(profile_checks.problems(call.data, "/data"))
    profiles = Profiles(call.world)
    named = identifiers.identifiers(call.attributes)
    refuse_duplicates(profiles.matches(named))
    row = created(profiles, call.data, named)
    profiles.keep()
    return single(call, just_written(call, row, is_new=True), 201)


@operation("update_profile")
def update_profile(call: Call) -> Reply:
    """A profile with the attributes changed that the body names; null clears."""
    row = require(call, "profile", call.id)
    require_same_id(call)
    raise_all(profile_checks.problems(call.data, "/data", needs_identifier=False))
    profiles = Profiles(call.world)
    named = identifiers.identifiers(call.attributes)
    refuse_duplicates(others(profiles, row, call.data, named))
    changed(profiles, row, call.data, named)
    profiles.keep()
    return single(call, just_written(call, row))


@operation("create_or_update_profile")
def create_or_update_profile(call: Call) -> Reply:
    """The profile that the identifiers name, changed; a new one when they name none; refused when they name two."""
    raise_all(profile_checks.problems(call.data, "/data"))
    profiles = Profiles(call.world)
    row, is_new = imported(profiles, call.data)
    profiles.keep()
    return single(call, just_written(call, row, is_new=is_new), 201 if is_new else 200)


@operation("merge_profiles")
def merge_profiles(call: Call) -> Reply:
    """Move what the source has to the destination and remove the source. Live answers 202, the schema says 201."""
    destination = require(call, "profile", call.data["id"])
    sources = [require(call, "profile", each["id"]) for each in call.data["relationships"]["profiles"].get("data", [])]
    raise_all(merge_problems(destination, sources))
    profiles = Profiles(call.world)
    call.world.merged.add(destination.id)
    merge(call.world, profiles, sources[0], destination)
    profiles.keep()
    link = f"{call.base_url}/api/profiles/{destination.id}/"
    data = {"type": "profile", "id": destination.id, "attributes": {}, "links": {"self": link}}
    return Reply(202, {"data": data, "links": {"self": call.url}})


def merge_problems(destination: Row, sources: list[Row]) -> Iterator[Problem]:
    """What is wrong with a merge."""
    pointer = "/data/relationships/profiles/data"
    if len(sources) != 1:
        yield problem("invalid", reason="Exactly one source profile must be given.", pointer=pointer)
    elif sources[0].id == destination.id:
        yield problem("invalid", reason="A profile cannot be merged into itself.", pointer=f"{pointer}/0/id")


def refuse_duplicates(rows: Iterable[Row]) -> None:
    """Refuse the call when another profile has the identifiers already, and name it."""
    for row in rows:
        raise error("duplicate_profile", meta={"duplicate_profile_id": row.id})


def created(profiles: Profiles, data: Json, named: Json) -> Row:
    """A new profile with the body's attributes."""
    row = profiles.create(named)
    write(profiles, row, data)
    return row


def changed(profiles: Profiles, row: Row, data: Json, named: Json) -> None:
    """Change a profile as the body says, identifiers included."""
    profiles.identify(row, named)
    profiles.clear(row, [name for name in OF_A_PERSON if is_cleared(data["attributes"], name)])
    write(profiles, row, data)


def is_cleared(attributes: Json, name: str) -> bool:
    """Whether an attribute is given as null."""
    return name in attributes and attributes[name] is None


def imported(profiles: Profiles, data: Json) -> tuple[Row, bool]:
    """The profile that a body's identifiers name, changed as it says, or a new one; and whether it is new."""
    named = identifiers.identifiers(data["attributes"], data.get("id"))
    row = profiles.find(named)
    if row is None and named.keys() == {"id"}:
        raise error("unknown_resource", type="A profile", id=named["id"])
    refuse_duplicates(others(profiles, row, data, named))
    if row is None:
        return created(profiles, data, named), True
    changed(profiles, row, data, named)
    return row, False


def others(profiles: Profiles, row: Row | None, data: Json, named: Json) -> Iterator[Row]:
    """The profiles, other than this one, that have an identifier which a body names or adds."""
    found = [*profiles.matches(named), *(profiles.named("email", each) for each in appended(data.get("meta")))]
    return (each for each in found if each is not None and (row is None or each.id != row.id))


def write(profiles: Profiles, row: Row, data: Json) -> None:
    """Write the attributes that are not identifiers, and what `meta` asks for."""
    rest = {
        name: value for name, value in (data.get("attributes") or {}).items() if name not in identifiers.IDENTIFIERS
    }
    profiles.write(row, rest, data.get("meta"))


def just_written(call: Call, row: Row, *, is_new: bool = False) -> Row:
    """The profile as the answer to its own writing shows it: the times have microseconds."""
    now = call.world.now
    stamps = {"created": now.isoformat()} if is_new else {}
    stamps["updated"] = (now + UPDATED_AFTER if now.microsecond else now).isoformat()
    return replace(row, document=row.document | stamps)
