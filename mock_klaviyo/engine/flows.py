"""Flows: runs that begin when something happens and go on as time passes.

What happens is put down as a task in the transaction in which it happens, and so is every time at which a run goes on:
a server that dies in the middle of a flow loses nothing and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from mock_klaviyo.engine import flow_dates, flow_reviews
from mock_klaviyo.engine.flow_calendar import value_of
from mock_klaviyo.engine.flow_entries import enter
from mock_klaviyo.engine.flow_plans import EXECUTED, Plan, Plans
from mock_klaviyo.engine.flow_run import Run, rounds
from mock_klaviyo.engine.flow_walk import REVIEW, STEP, Walk
from mock_klaviyo.engine.places import Places
from mock_klaviyo.engine.segments import DISTANCE, Segments
from mock_klaviyo.engine.verdict import FOREVER
from mock_klaviyo.json import Json
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.flow_actions import exits
from mock_klaviyo.resources.flow_runs import FLOW_REVIEW, FLOW_RUN, WAITING
from mock_klaviyo.resources.lists import MEMBERS as LIST_MEMBERS
from mock_klaviyo.resources.own_events import SERVICE
from mock_klaviyo.resources.segments import MEMBERS as SEGMENT_MEMBERS
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

ENTER, MOVE_ON, END = "flow entries", "flow action removed", "flow removed"
"""The kinds of tasks beside steps: profiles may begin a flow, an action is gone that runs waited at, a flow is gone."""

GROUPS: Mapping[str, str] = {LIST_MEMBERS: "list", SEGMENT_MEMBERS: "segment"}
"""The link to the members of a group → the type of the trigger that joining it is."""

NO_TRIGGERS = ("Received Email", "Opened Email", "Clicked Email")
"""Metrics of Klaviyo's own that start no flows. https://help.klaviyo.com/hc/en-us/articles/115002779051"""

OPEN, NOTE = "flow opened", "flow dates"
"""Tasks of flows that look for dates: look at all profiles, or at those that changed."""

LOOKING = ("date",)
"""The types of triggers that look at all profiles when their flow is made live."""

AT_ONCE = 500


class Flows:
    """The flows of a world; watches its store."""

    def __init__(self, world: World, segments: Segments) -> None:
        self.world, self._segments = world, segments
        self._plans = Plans(world)
        self._places = Places()
        self._has_places = False
        self._starting: dict[tuple[str, str], list[str]] | None = None
        self._looking: list[Plan] = []
        self._seen: dict[tuple[str, str], tuple[str, str | None]] = {}
        crews = {STEP: self._steps, ENTER: self._entries, MOVE_ON: self._move_on, END: self._end}
        dates = {flow_dates.BEGIN: self._dates, OPEN: self._open, NOTE: self._note_dates}
        world.crews |= {**crews, **dates, REVIEW: self._reviews}
        world.alarms.append(self._next_joining)

    @property
    def is_any(self) -> bool:
        """Whether there is a flow that profiles may begin."""
        return bool(self._starters() or self._looking)

    def plan(self, flow_id: str) -> Plan | None:
        """The plan of a flow; None when it is gone."""
        return self._plans.plan(flow_id)

    def walk(self, plan: Plan, at: datetime) -> Walk:
        """What takes runs of a flow on."""
        if DISTANCE in plan.needs.types and not self._has_places:
            self._learn_places()
        return Walk(self.world, plan, at, self._places)

    def _learn_places(self) -> None:
        """Learn from all profiles where postal codes are."""
        number, self._has_places = 0, True
        while rows := self.world.store.after("profile", number, AT_ONCE):
            for row in rows:
                self._places.learn(row.document["location"])
            number = rows[-1].number

    # what the store tells

    def rows_written(self, rows: Sequence[Row]) -> None:
        """Note what new or changed rows start."""
        type = rows[0].type if rows else ""
        if type in ("flow", "flow-action"):
            self._forget()
        elif type == "event":
            self._note_events(rows)
        elif type == "profile":
            self._note_profiles(rows)
        elif type == "object-record":
            for plan in self._dated("custom-object"):
                tasks.later(self.world, self.world.now, OPEN, plan.id, flow_id=plan.id, is_opening=False)
        if type == "flow":
            for row in rows:
                self._note_flow(row)

    def _note_flow(self, row: Row) -> None:
        """Note that a flow may have been made live for which all profiles must be looked at."""
        document = row.document
        if document["status"] in EXECUTED and document["triggers"][0]["type"] in LOOKING:
            tasks.later(self.world, self.world.now, OPEN, row.id, flow_id=row.id, is_opening=True)

    def _note_profiles(self, rows: Sequence[Row]) -> None:
        """Note whose dates may have changed, and where postal codes are."""
        for row in rows if self._has_places else ():
            self._places.learn(row.document["location"])
        for plan in self._dated("profile-property"):
            name = plan.trigger["date_profile_property"]
            changed = [row.id for row in rows if self._has_changed(plan.id, row, value_of(row, name))]
            if changed:
                tasks.later(self.world, self.world.now, NOTE, plan.id, flow_id=plan.id, profile_ids=changed)

    def _has_changed(self, flow_id: str, profile: Row, value: Any) -> bool:
        """Whether a profile's date or time zone is another than when it was last written, as far as one remembers."""
        seen = (str(value), (profile.document.get("location") or {}).get("timezone"))
        key = (flow_id, profile.id)
        if self._seen.get(key, (str(None), seen[1])) == seen:
            return False
        self._seen[key] = seen
        return True

    def _dated(self, kind: str) -> Iterator[Plan]:
        """The open flows that begin with dates of a kind."""
        self._starters()
        yield from (plan for plan in self._looking if plan.trigger.get("date_field_type") == kind)

    def row_removed(self, row: Row) -> None:
        """Let those move on who waited at what is no more."""
        if row.type in ("flow", "flow-action"):
            self._forget()
        if row.type == "flow":
            tasks.later(self.world, self.world.now, END, row.id, flow_id=row.id)
        elif row.type == "flow-action":
            to = next((each.next for each in exits(row.document["definition"])), None)
            given = {"flow_id": row.document["flow_id"], "action_id": row.id, "to": to}
            tasks.later(self.world, self.world.now, MOVE_ON, row.id, **given)

    def fields_written(self, _type: str, _fields: Mapping[str, Any]) -> None:
        """Rows that are changed unread start nothing."""

    def links_made(self, name: str, left: str, rights: Sequence[str], _since: str) -> None:
        """Note who joined a list or a segment; nobody did whom a new definition put there."""
        type = GROUPS.get(name)
        flow_ids = self._starters().get((type, left), ()) if type else ()
        if not flow_ids or (type == "segment" and self._is_new(left)) or not self.world.starts_flows:
            return
        number = self.world.store.last_number("event")
        found = [(id, {"type": type, "id": left, "number": number}) for id in rights]
        self._note(flow_ids, found)

    def links_written(self, _name: str, _rights: Sequence[str]) -> None:
        """Who joins is told apart from who leaves."""

    def _is_new(self, segment_id: str) -> bool:
        """Whether a segment is being worked out for the first time, or after its definition changed."""
        row = self.world.store.row("segment", segment_id)
        return row is None or bool(row.document["is_processing"])

    def _note_events(self, rows: Sequence[Row]) -> None:
        """Note which flows events may start."""
        starters = self._starters()
        by_metric: dict[str, list[Row]] = {}
        for row in rows if starters else ():
            if ("metric", row.document["metric_id"]) in starters:
                by_metric.setdefault(row.document["metric_id"], []).append(row)
        for metric_id, found in by_metric.items():
            triggers = [(row.document["profile_id"], event_trigger(row)) for row in found]
            self._note(starters["metric", metric_id], triggers)

    def _note(self, flow_ids: Iterable[str], triggers: Sequence[tuple[str, Json]]) -> None:
        """Put down that profiles may begin flows."""
        for flow_id in flow_ids:
            tasks.later(self.world, self.world.now, ENTER, flow_id, flow_id=flow_id, triggers=triggers)

    def _forget(self) -> None:
        """Read all flows anew when they are needed next."""
        self._plans.forget()
        self._starting = None

    def _starters(self) -> dict[tuple[str, str], list[str]]:
        """What starts flows: the type and id of a trigger → the flows that are open."""
        if self._starting is None:
            self._starting, self._looking = {}, []
            silent = {row.id for row in self.world.store.rows("metric", service=SERVICE) if is_silent(row)}
            for row in self.world.store.rows("flow"):
                plan = self._plans.plan(row.id)
                id = row.document["trigger_id"]
                if plan is None or not plan.is_open:
                    continue
                if plan.trigger["type"] in LOOKING:
                    self._looking.append(plan)
                elif id and id not in silent:
                    self._starting.setdefault((plan.trigger["type"], id), []).append(row.id)
        return self._starting

    def _next_joining(self) -> datetime:
        """When time alone lets somebody join a segment that starts a flow."""
        has_segment = any(type == "segment" for type, _ in self._starters())
        return self._segments.next_change if has_segment else FOREVER

    # what is due

    def _entries(self, given: list[Json], due: datetime) -> None:
        """Let profiles begin flows."""
        for each in given:
            waiting = each["triggers"]
            while waiting:
                some, waiting = distinct(waiting)
                plan = self._plans.plan(each["flow_id"])
                if plan is not None and plan.is_open:
                    enter(self.walk(plan, due), some, self.world.late_limit)

    def _open(self, given: list[Json], _due: datetime) -> None:
        """Look at all profiles for flows that were made live, or whose custom objects changed."""
        for each in given:
            plan = self._plans.plan(each["flow_id"])
            if plan is not None and plan.is_open:
                flow_dates.look(self, plan, is_opening=each["is_opening"])

    def _note_dates(self, given: list[Json], _due: datetime) -> None:
        """Put down dates that have changed."""
        for each in given:
            plan = self._plans.plan(each["flow_id"])
            if plan is not None and plan.is_open:
                flow_dates.note(self, plan, self.world.store.rows("profile", id=each["profile_ids"]))

    def _dates(self, given: list[Json], due: datetime) -> None:
        """Let profiles begin flows whose dates have come."""
        for flow_id, triggers in flow_dates.begin(self, given).items():
            self._entries([{"flow_id": flow_id, "triggers": triggers}], due)

    def _steps(self, given: list[Json], due: datetime) -> None:
        """Take runs on that have waited long enough."""
        rows = self.world.store.rows(FLOW_RUN.type, id=[each["run_id"] for each in given])
        runs = [run for run in map(Run, rows) if run.is_waiting and run.due == due]
        for some in rounds(runs):
            self._take_on(some, due)

    def _take_on(self, runs: Iterable[Run], at: datetime) -> None:
        """Take runs on, those of each flow together."""
        for flow_id, group in groupby(sorted(runs, key=lambda run: run.flow_id), key=lambda run: run.flow_id):
            some, plan = list(group), self._plans.plan(flow_id)
            if plan is None:
                self._end([{"flow_id": flow_id}], at)
                continue
            walk = self.walk(plan, at)
            walk.go(some)
            walk.keep(some, are_new=False)

    def _reviews(self, given: list[Json], due: datetime) -> None:
        """Send what was to be sent after quiet hours."""
        ids = [each["review_id"] for each in given]
        flow_reviews.send(self, self.world.store.rows(FLOW_REVIEW.type, id=ids), due)

    def _move_on(self, given: list[Json], at: datetime) -> None:
        """Take runs on that waited at an action which is no more, as if they had waited long enough."""
        for each in given:
            while rows := self._waiting(each["flow_id"], position=each["action_id"]):
                for row in rows:
                    tasks.call_off(self.world, row.id)
                    row.document |= {"position": each["to"], "is_again": True}
                for some in rounds(map(Run, rows)):
                    self._take_on(some, at)

    def _end(self, given: list[Json], at: datetime) -> None:
        """End all runs of flows that are no more."""
        for each in given:
            while rows := self._waiting(each["flow_id"]):
                for row in rows:
                    tasks.call_off(self.world, row.id)
                    Run(row).end(at, "Flow Deleted")
                self.world.store.update(*rows)

    def _waiting(self, flow_id: str, **fields: str) -> list[Row]:
        """Some of the runs that wait in a flow."""
        return self.world.store.rows(FLOW_RUN.type, limit=AT_ONCE, flow_id=flow_id, status=WAITING, **fields)


def event_trigger(row: Row) -> Json:
    """An event as what began a run."""
    return {"type": "metric", "id": row.document["metric_id"], "event_id": row.id, "number": row.number}


def is_silent(metric: Row) -> bool:
    """Whether a metric of Klaviyo's starts no flows."""
    return metric.document["name"] in NO_TRIGGERS


def distinct(triggers: Sequence[tuple[str, Json]]) -> tuple[list[tuple[str, Json]], list[tuple[str, Json]]]:
    """The first triggers up to one of a profile that had one, and the others."""
    seen: set[str] = set()
    for index, (profile_id, _) in enumerate(triggers):
        if profile_id in seen:
            return list(triggers[:index]), list(triggers[index:])
        seen.add(profile_id)
    return list(triggers), []
