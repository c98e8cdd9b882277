"""Flow dates: flows that begin some time before a date of a profile, or of one of its custom objects.

For each profile that has a date, the next time at which a flow begins is put down as a task. A date that is added or
changed is put down anew, and when its time is over the profile comes late: to the point of the flow that is now.
https://help.klaviyo.com/hc/en-us/articles/360054240252
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mock_klaviyo.engine.custom_objects import objects_of
from mock_klaviyo.engine.flow_calendar import beginnings, day_of, value_of
from mock_klaviyo.engine.flow_delays import zone_of
from mock_klaviyo.engine.flow_plans import Plan
from mock_klaviyo.engine.flow_run import text
from mock_klaviyo.engine.subject import Subject
from mock_klaviyo.json import Json
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.flow_runs import FLOW_DATE, FLOW_RUN, WAITING
from mock_klaviyo.resources.message_context import OBJECT_BY_ID
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

if TYPE_CHECKING:
    from mock_klaviyo.engine.flows import Flows

BEGIN = "flow date"
"""The kind of task that lets a profile begin a date flow."""

AT_ONCE = 500


@dataclass(frozen=True)
class Dated:
    """A date of a profile: where it stands, the day, where it is that, what of it counts, and what comes with it."""

    profile: Row
    key: str
    day: date
    zone: ZoneInfo
    form: str
    properties: Json

    @property
    def id(self) -> str:
        """What tells it apart from the profile's other dates."""
        return f"{self.profile.id}:{self.key}"

    @property
    def mark(self) -> str:
        """What changes when it must be put down anew: the day as far as it counts, and where it is one."""
        return f"{self.day:{self.form}} {self.zone.key}"


MARKS: Mapping[str, str] = {"never": "%Y-%m-%d", "annually": "%m-%d", "monthly": "%d", "weekly": "%a"}
"""How often a date comes back → what of it counts."""


def dates_of(world: World, plan: Plan, profile: Row) -> Iterator[Dated]:
    """The dates of a profile that a flow is about."""
    trigger = plan.trigger
    zone = zone_of(trigger.get("timezone") or "profile", profile, world)
    form = MARKS[trigger.get("recurrence_frequency") or "monthly"]
    for key, value, properties in values_of(world, trigger, profile):
        day = day_of(value, zone)
        if day is not None:
            yield Dated(profile, key, day, zone, form, properties)


def values_of(world: World, trigger: Json, profile: Row) -> Iterator[tuple[str, Any, Json]]:
    """The values in which a flow looks for dates: one property, or a property of each custom object of a type."""
    if trigger["date_field_type"] == "profile-property":
        yield "", value_of(profile, trigger["date_profile_property"]), {}
        return
    subject = Subject(world, profile, world.now)
    for each in objects_of(subject, trigger["object_type_id"], trigger["object_type_relationship_id"]):
        by_id = {str(id): value for id, value in each.by_id.items()}
        yield each.id, each.by_id.get(trigger["custom_object_property_id"]), {**each.by_name, OBJECT_BY_ID: by_id}


def look(flows: Flows, plan: Plan, *, is_opening: bool) -> None:
    """Put down the dates of all profiles; when a flow was made live, those of today are over and later ones come."""
    number = 0
    while rows := flows.world.store.after("profile", number, AT_ONCE):
        note(flows, plan, rows, is_opening=is_opening)
        number = rows[-1].number


def note(flows: Flows, plan: Plan, profiles: Sequence[Row], *, is_opening: bool = False) -> None:
    """Put down the dates of profiles, where they have changed."""
    store, now = flows.world.store, flows.world.now
    known = {
        row.id: row for row in store.rows(FLOW_DATE.type, flow_id=plan.id, profile_id=[row.id for row in profiles])
    }
    for profile in profiles:
        found = {f"{plan.id}:{dated.id}": dated for dated in dates_of(flows.world, plan, profile)}
        mine = {id: row for id, row in known.items() if row.document["profile_id"] == profile.id}
        for id in mine.keys() - found.keys():
            forget(flows, mine[id])
        for id, dated in found.items():
            if is_opening or id not in mine or mine[id].document["mark"] != dated.mark:
                keep(flows, plan, dated, mine.get(id))
                put_off(flows, plan, dated, now, is_opening=is_opening)


def forget(flows: Flows, row: Row) -> None:
    """Let a date be over that is no more."""
    tasks.call_off(flows.world, row.id)
    flows.world.store.delete_where(FLOW_DATE.type, id=row.id)


def keep(flows: Flows, plan: Plan, dated: Dated, before: Row | None) -> None:
    """Keep a date as it is put down now."""
    if before is not None:
        forget(flows, before)
    document = {"flow_id": plan.id, "profile_id": dated.profile.id, "mark": dated.mark}
    flows.world.store.insert(Row(FLOW_DATE.type, f"{plan.id}:{dated.id}", document))


def put_off(flows: Flows, plan: Plan, dated: Dated, now: datetime, *, is_opening: bool) -> None:
    """Put down when the flow begins for a date next; one that has begun lately is put down for now.

    When a flow is made live, whose day has come is left out.
    """
    ahead = beginnings(plan.trigger, dated.day, dated.zone, now)
    if is_opening:
        today = now.astimezone(dated.zone).date()
        coming = next((each for each in ahead if each[0].astimezone(dated.zone).date() > today), None)
        later(flows, plan, dated, coming)
        return
    found = list(around(ahead, now, now.astimezone(dated.zone).date()))
    if found and found[0][0] < now:
        later(flows, plan, dated, found[0])
    later(flows, plan, dated, next((each for each in found if each[0] >= now), None))


def around(ahead: Iterator[tuple[datetime, date]], now: datetime, today: date) -> Iterator[tuple[datetime, date]]:
    """The last beginning whose day has not passed where the profile is, and those up to the first that is to come."""
    for each in ahead:
        if each[1] >= today or each[0] >= now:
            yield each
        if each[0] >= now:
            return


def later(flows: Flows, plan: Plan, dated: Dated, coming: tuple[datetime, date] | None) -> None:
    """Put down that a flow begins for a date at a moment."""
    if coming is None:
        return
    at, day = coming
    given = {"flow_id": plan.id, "profile_id": dated.profile.id, "date_id": f"{plan.id}:{dated.id}"}
    given |= {"begins": text(at), "date": day.isoformat()}
    tasks.later(flows.world, max(at, flows.world.now), BEGIN, given["date_id"], **given)


def begin(flows: Flows, given: Sequence[Json]) -> dict[str, list[tuple[str, Json]]]:
    """Who begins which flow now, by its id; the next time is put down."""
    number, found = flows.world.store.last_number("event"), dict[str, list[tuple[str, Json]]]()
    for each in given:
        plan, profile = flows.plan(each["flow_id"]), flows.world.store.row("profile", each["profile_id"])
        dated = current(flows.world, plan, profile, each["date_id"]) if plan and profile and plan.is_open else None
        if plan is None or dated is None:
            continue
        trigger = {"type": "date", "date": each["date"], "begins": each["begins"]}
        trigger |= {"key": dated.key, "mark": dated.mark, "number": number, "properties": dated.properties}
        if not is_under_way(flows, plan, dated, each["begins"]):
            found.setdefault(plan.id, []).append((each["profile_id"], trigger))
        begins = datetime.fromisoformat(each["begins"])
        if begins >= flows.world.now:
            ahead = beginnings(plan.trigger, dated.day, dated.zone, flows.world.now)
            later(flows, plan, dated, next((coming for coming in ahead if coming[0] > begins), None))
    return found


def current(world: World, plan: Plan, profile: Row, date_id: str) -> Dated | None:
    """A date as it is now; nothing when it is no more."""
    return next((each for each in dates_of(world, plan, profile) if f"{plan.id}:{each.id}" == date_id), None)


def is_under_way(flows: Flows, plan: Plan, dated: Dated, begins: str) -> bool:
    """Whether a run waits already that began so, as when its profile was merged into another."""
    runs = flows.world.store.rows(FLOW_RUN.type, flow_id=plan.id, profile_id=dated.profile.id, status=WAITING)
    known = ((row.document["trigger"].get("begins"), row.document["trigger"].get("mark")) for row in runs)
    return (begins, dated.mark) in known


def has_changed(world: World, plan: Plan, profile: Row, trigger: Json) -> bool:
    """Whether a date is another now, or is one elsewhere, than when a run was triggered by it; or is no more."""
    if "mark" not in trigger:
        return False
    marks = (each.mark for each in dates_of(world, plan, profile) if each.key == trigger["key"])
    return bool(next(marks, None) != trigger["mark"])
