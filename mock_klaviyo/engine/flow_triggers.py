"""Flow triggers: what in the store starts flows, and what lets runs go on that wait; each is put down as a task.

It is put down in the transaction in which it happens: a server that dies then loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mock_klaviyo.engine import flow_products
from mock_klaviyo.engine.flow_calendar import value_of
from mock_klaviyo.engine.flow_plans import EXECUTED, Plan, Plans
from mock_klaviyo.engine.flow_products import ITEM, VARIANT
from mock_klaviyo.engine.flow_trials import is_watched, plan_ends, plan_look
from mock_klaviyo.engine.places import Places
from mock_klaviyo.engine.segments import Segments
from mock_klaviyo.engine.verdict import FOREVER
from mock_klaviyo.json import Json
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.flow_actions import exits
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

CHANGED = "flow products"
"""Tasks: products have changed."""

AT_ONCE = 500
LOOKING = ("date", *flow_products.CHANGES)
"""The types of triggers that look at all profiles when their flow is made live."""


class Triggers:
    """What starts flows in a world; watches its store."""

    def __init__(self, world: World, segments: Segments) -> None:
        self.world, self._segments = world, segments
        self.plans = Plans(world)
        self.places = Places()
        self.has_places = False
        self._starting: dict[tuple[str, str], list[str]] | None = None
        self._looking: list[Plan] = []
        self._restocked: list[tuple[str, str]] = []
        self._watched: list[str] = []
        self._looks: dict[str, datetime] = {}
        self._seen: dict[tuple[str, str], tuple[str, str | None]] = {}
        world.alarms.append(self._next_joining)
        self._notes: Mapping[str, Callable[[Sequence[Row]], None]] = {
            "flow": self._note_flows,
            "flow-action": self._note_actions,
            "event": self._note_events,
            "profile": self._note_profiles,
            "object-record": self._note_objects,
            ITEM: self._note_products,
            VARIANT: self._note_products,
        }

    @property
    def is_any(self) -> bool:
        """Whether there is a flow that profiles may begin."""
        return bool(self.starters() or self._looking)

    def looking(self, *types: str) -> list[Plan]:
        """The open flows whose triggers look at all profiles or products, those of some types."""
        self.starters()
        return [plan for plan in self._looking if plan.trigger["type"] in types]

    @property
    def restocked(self) -> list[tuple[str, str]]:
        """The flows and actions at which runs wait until something is back in stock."""
        self.starters()
        return self._restocked

    # what the store tells

    def rows_written(self, rows: Sequence[Row]) -> None:
        """Note what new or changed rows start."""
        note = self._notes.get(rows[0].type) if rows else None
        if note is not None:
            note(rows)

    def _note_flows(self, rows: Sequence[Row]) -> None:
        """Note that flows have changed; all profiles must be looked at for some that were made live."""
        self._forget()
        for row in rows:
            if is_executed(row) and row.document["triggers"][0]["type"] in LOOKING:
                tasks.later(self.world, self.world.now, OPEN, row.id, flow_id=row.id, is_opening=True)

    def _note_actions(self, rows: Sequence[Row]) -> None:
        """Note that actions have changed, and when their tests of variations end."""
        self._forget()
        plan_ends(self.world, list(rows))

    def _note_objects(self, _rows: Sequence[Row]) -> None:
        """Note that custom objects have changed, which may have other dates now."""
        for plan in self._dated("custom-object"):
            tasks.later(self.world, self.world.now, OPEN, plan.id, flow_id=plan.id, is_opening=False)

    def learn_places(self) -> None:
        """Learn from all profiles where postal codes are, and from now on from those that change."""
        number, self.has_places = 0, True
        while rows := self.world.store.after("profile", number, AT_ONCE):
            for row in rows:
                self.places.learn(row.document["location"])
            number = rows[-1].number

    def _note_products(self, rows: Sequence[Row]) -> None:
        """Note that products have changed, if a flow begins with that or a run waits for it."""
        if self.looking(*flow_products.CHANGES) or self.restocked:
            type, ids = rows[0].type, [row.id for row in rows]
            tasks.later(self.world, self.world.now, CHANGED, type, type=type, ids=ids)

    def _note_profiles(self, rows: Sequence[Row]) -> None:
        """Note whose dates may have changed, and where postal codes are."""
        for row in rows if self.has_places else ():
            self.places.learn(row.document["location"])
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
        yield from (plan for plan in self.looking("date") if plan.trigger["date_field_type"] == kind)

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
        """Note who joined a list or a segment; nobody did whom a new definition put there, or a merger."""
        type = GROUPS.get(name)
        flow_ids = self.starters().get((type, left), ()) if type else ()
        if not flow_ids or (type == "segment" and self._is_new(left)) or not self.world.starts_flows:
            return
        number = self.world.store.last_number("event")
        entering = [id for id in rights if type == "list" or id not in self.world.merged]
        found = [(id, {"type": type, "id": left, "number": number}) for id in entering]
        self._note(flow_ids, found)

    def links_written(self, _name: str, _rights: Sequence[str]) -> None:
        """Who joins is told apart from who leaves."""

    def _is_new(self, segment_id: str) -> bool:
        """Whether a segment is being worked out for the first time, or after its definition changed."""
        row = self.world.store.row("segment", segment_id)
        return row is None or bool(row.document["is_processing"])

    def _note_events(self, rows: Sequence[Row]) -> None:
        """Note which flows events may start, and that the results of tests may be others now."""
        starters = self.starters()
        for id in self._watched:
            if self._looks.get(id, self.world.now) <= self.world.now:
                self._looks[id] = plan_look(self.world, id)
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
        self.plans.forget()
        self._starting = None

    def starters(self) -> dict[tuple[str, str], list[str]]:
        """What starts flows: the type and id of a trigger → the flows that are open."""
        if self._starting is None:
            self._starting, self._looking, self._restocked, self._watched = {}, [], [], []
            silent = {row.id for row in self.world.store.rows("metric", service=SERVICE) if is_silent(row)}
            for row in filter(is_executed, self.world.store.rows("flow")):
                plan = self.plans.plan(row.id)
                id = row.document["trigger_id"]
                self._restocked += [(row.id, id) for id in (plan.restocked if plan else ())]
                self._watched += [id for id, action in (plan.actions.items() if plan else ()) if is_watched(action)]
                if plan is None or not plan.is_open:
                    continue
                if plan.trigger["type"] in LOOKING:
                    self._looking.append(plan)
                elif id and id not in silent:
                    self._starting.setdefault((plan.trigger["type"], id), []).append(row.id)
        return self._starting

    def _next_joining(self) -> datetime:
        """When time alone lets somebody join a segment that starts a flow."""
        has_segment = any(type == "segment" for type, _ in self.starters())
        return self._segments.next_change if has_segment else FOREVER


def event_trigger(row: Row) -> Json:
    """An event as what began a run."""
    return {"type": "metric", "id": row.document["metric_id"], "event_id": row.id, "number": row.number}


def is_executed(flow: Row) -> bool:
    """Whether a flow is no draft."""
    return flow.document.get("status") in EXECUTED


def is_silent(metric: Row) -> bool:
    """Whether a metric of Klaviyo's starts no flows."""
    return metric.document["name"] in NO_TRIGGERS
