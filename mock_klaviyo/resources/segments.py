"""Segments: profiles that satisfy a definition; who is in one is worked out by the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import segment_changes
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.definitions import conditions, hint_at_predictions, hint_at_trouble
from mock_klaviyo.resources.flow_triggers import unconfigure
from mock_klaviyo.resources.generic import HANDLERS, given, list_, require
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, many, many_by
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection, Through

MEMBERS = "segment-profiles"
"""The link between a segment and its profiles."""

DEFINITION = "/data/attributes/definition"
MOST_CONDITIONS = 100
MOST_EVENT_FILTERS = 10
"""https://help.klaviyo.com/hc/en-us/articles/115005062847"""


def profile_count(world: World, row: Row) -> int:
    """How many profiles are in a segment."""
    return world.store.count(Selection("profile", through=Through(MEMBERS, row.id)))


def begin(call: Call, row: Row) -> None:
    """Check the definition of a new segment."""
    check(call, row.document["definition"])


def revise(call: Call, row: Row) -> None:
    """Check what is to change in a segment; a new definition, or activating it, works its members out anew."""
    changes = given(call, SEGMENT)
    if changes.get("is_active") is False and len(call.attributes) > 1:
        reason = "When a segment is deactivated, is_active must be the only attribute."
        raise error("invalid", reason=reason, pointer="/data/attributes/is_active")
    if "definition" in changes:
        check(call, changes["definition"])
    was_active = row.document["is_active"]
    is_stale = "definition" in changes or not was_active
    row.document["is_processing"] = changes.get("is_active", was_active) and is_stale


def dissolve(call: Call, row: Row) -> None:
    """Take a segment that is about to be deleted from flows, and forget how it grew."""
    unconfigure(call, row)
    segment_changes.forget(call.world, row.id)


SEGMENT = declare(
    Resource(
        type="segment",
        make_id=lambda world: world.ids.short(),
        defaults={"is_active": True, "is_processing": True, "is_starred": False},
        never_null=("name", "definition", "is_starred", "is_active"),
        relationships=(
            many("profiles", to="profile", link=MEMBERS),
            many("tags", to="tag", inverse_of="tag-segments"),
            many_by("flow-triggers", to="flow", field="trigger_id"),
        ),
        computed={"profile_count": profile_count},
        before_create=begin,
        before_update=revise,
        before_delete=dissolve,
    )
)
"""A segment `is_processing` until its members are known; an inactive one keeps those that it has."""


@operation("get_segments")
def get_segments(call: Call) -> Reply:
    """A page of segments; Klaviyo lets `is_starred` be asked for and then does not look at it."""
    kept = tuple(each for each in call.query.filters if each.field != "is_starred")
    if kept != call.query.filters:
        call.hint("Klaviyo ignores a filter on is_starred.")
    return list_(replace(call, query=replace(call.query, filters=kept)))


@operation("get_profiles_for_segment")
@operation("get_profile_ids_for_segment")
def get_profiles_for_segment(call: Call) -> Reply:
    """A page of a segment's members."""
    hint_at_predictions(call, require(call, SEGMENT.type, call.id).document["definition"])
    return HANDLERS[call.operation.form](call)


def check(call: Call, definition: Json) -> None:
    """Refuse a definition over Klaviyo's limits; hint at what in it cannot be true."""
    raise_all(limit_problems(definition))
    hint_at_trouble(call, definition)


def limit_problems(definition: Json) -> Iterator[Problem]:
    """What in a definition is over a limit."""
    groups = definition["condition_groups"]
    found = list(conditions(definition, DEFINITION))
    if not found or not all(group["conditions"] for group in groups):
        reason = "A definition needs at least one condition group, and each group at least one condition."
        yield problem("invalid", reason=reason, pointer=f"{DEFINITION}/condition_groups")
    if len(found) > MOST_CONDITIONS:
        reason = f"A segment may have at most {MOST_CONDITIONS} conditions, {len(found)} were given."
        yield problem("invalid", reason=reason, pointer=f"{DEFINITION}/condition_groups")
    for place, condition in found:
        filters = condition.get("metric_filters") or []
        if len(filters) > MOST_EVENT_FILTERS:
            reason = f"A condition may have at most {MOST_EVENT_FILTERS} event filters, {len(filters)} were given."
            yield problem("invalid", reason=reason, pointer=f"{place}/metric_filters")
