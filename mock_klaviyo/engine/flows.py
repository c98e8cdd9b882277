"""Flows: runs that begin when something happens and go on as time passes.

What happens is put down as a task in the transaction in which it happens, and so is every time at which a run goes on:
a server that dies in the middle of a flow loses nothing and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from mock_klaviyo.engine import flow_dates, flow_products, flow_reviews
from mock_klaviyo.engine.flow_entries import enter
from mock_klaviyo.engine.flow_plans import Plan
from mock_klaviyo.engine.flow_products import VARIANT, is_in_stock
from mock_klaviyo.engine.flow_run import Run, rounds
from mock_klaviyo.engine.flow_triggers import CHANGED, END, ENTER, MOVE_ON, NOTE, OPEN, Triggers
from mock_klaviyo.engine.flow_walk import REVIEW, STEP, Walk
from mock_klaviyo.engine.segments import DISTANCE, Segments
from mock_klaviyo.json import Json
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.flow_runs import FLOW_REVIEW, FLOW_RUN, WAITING
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

AT_ONCE = 500


class Flows(Triggers):
    """The flows of a world."""

    def __init__(self, world: World, segments: Segments) -> None:
        super().__init__(world, segments)
        crews = {STEP: self._steps, ENTER: self._entries, MOVE_ON: self._move_on, END: self._end}
        dates = {flow_dates.BEGIN: self._dates, OPEN: self._open, NOTE: self._note_dates}
        world.crews |= {**crews, **dates, CHANGED: self._changed, REVIEW: self._reviews}

    def plan(self, flow_id: str) -> Plan | None:
        """The plan of a flow; None when it is gone."""
        return self.plans.plan(flow_id)

    def walk(self, plan: Plan, at: datetime) -> Walk:
        """What takes runs of a flow on."""
        if DISTANCE in plan.needs.types and not self.has_places:
            self.learn_places()
        return Walk(self.world, plan, at, self.places)

    def _entries(self, given: list[Json], due: datetime) -> None:
        """Let profiles begin flows."""
        for each in given:
            waiting = each["triggers"]
            while waiting:
                some, waiting = distinct(waiting)
                plan = self.plans.plan(each["flow_id"])
                if plan is not None and plan.is_open:
                    enter(self.walk(plan, due), some, self.world.late_limit)

    def _open(self, given: list[Json], _due: datetime) -> None:
        """Look at all profiles for flows that were made live, or whose custom objects changed."""
        for each in given:
            plan = self.plans.plan(each["flow_id"])
            if plan is None or not plan.is_open:
                continue
            if plan.trigger["type"] == "date":
                flow_dates.look(self, plan, is_opening=each["is_opening"])
            else:
                flow_products.open_flow(self)

    def _changed(self, given: list[Json], due: datetime) -> None:
        """Let profiles begin flows since products have changed, and those go on who waited for one."""
        plans = self.looking(*flow_products.CHANGES)
        for each in given:
            rows = self._with_items(each["type"], self.world.store.rows(each["type"], id=each["ids"]))
            for flow_id, triggers in list(flow_products.changed(self, plans, rows)):
                self._entries([{"flow_id": flow_id, "triggers": triggers}], due)
            back = {row.document["external_id"] for row in rows if row.type == VARIANT and is_in_stock(row)}
            for flow_id, action_id in self.restocked if back else ():
                self._take_back(flow_id, action_id, back, due)

    def _with_items(self, type: str, rows: list[Row]) -> list[Row]:
        """Products that have changed; an item changes with its variants."""
        ids = list(dict.fromkeys(row.document["item_id"] for row in rows)) if type == VARIANT else []
        return rows + (self.world.store.rows(flow_products.ITEM, id=ids) if ids else [])

    def _take_back(self, flow_id: str, action_id: str, back: set[str], at: datetime) -> None:
        """Let runs go on that waited for variants which are back."""
        rows = self.world.store.rows(FLOW_RUN.type, flow_id=flow_id, position=action_id, status=WAITING)
        events = {row.id: row for row in self.world.store.rows("event", id=[event_id(row) for row in rows])}
        found = [row for row in rows if variant_of(events.get(event_id(row))) in back]
        for some in rounds(map(Run, found)):
            self._take_on(some, at)

    def _note_dates(self, given: list[Json], _due: datetime) -> None:
        """Put down dates that have changed."""
        for each in given:
            plan = self.plans.plan(each["flow_id"])
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
            some, plan = list(group), self.plans.plan(flow_id)
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


def event_id(run: Row) -> str:
    """The id of the event that began a run, if one did."""
    return str(run.document["trigger"].get("event_id"))


def variant_of(event: Row | None) -> str | None:
    """The variant that an event is about."""
    return str(event.document["event_properties"].get("VariantID")) if event else None


def distinct(triggers: Sequence[tuple[str, Json]]) -> tuple[list[tuple[str, Json]], list[tuple[str, Json]]]:
    """The first triggers up to one of a profile that had one, and the others."""
    seen: set[str] = set()
    for index, (profile_id, _) in enumerate(triggers):
        if profile_id in seen:
            return list(triggers[:index]), list(triggers[index:])
        seen.add(profile_id)
    return list(triggers), []
