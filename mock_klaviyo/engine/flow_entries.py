"""Flow entries: who begins a flow, and why others do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from mock_klaviyo.engine.flow_plans import Plan
from mock_klaviyo.engine.flow_run import Run, new_run, refuse
from mock_klaviyo.engine.flow_verdicts import judged
from mock_klaviyo.engine.flow_walk import Walk
from mock_klaviyo.engine.subject import Subject
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_runs import REFUSED
from mock_klaviyo.store.rows import Row

TRANSACTIONAL_LIMIT = timedelta(days=7)
"""How late an event may come that starts a transactional flow. https://help.klaviyo.com/hc/en-us/articles/12278373016603"""

UNITS: Mapping[str, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
MOST_AT_ONE_MOMENT = 100
"""How often a profile may begin a flow at one moment; flows that start each other could go on forever."""


@dataclass
class Candidate:
    """A profile that may begin a flow, and all that is looked at for that."""

    plan: Plan
    run: Run
    subject: Subject
    at: datetime
    event: Row | None
    entered: Sequence[datetime]
    late_limit: timedelta
    verdicts: list[Json] = field(default_factory=list)

    def satisfies(self, definition: Json | None) -> bool:
        """Whether the profile satisfies a definition; what the conditions saw is noted."""
        found = judged(self.subject, definition)
        self.verdicts += found.verdicts
        return found.is_true


EntryCheck: TypeAlias = Callable[[Candidate], bool]


def is_backfilled(candidate: Candidate) -> bool:
    """Whether the event was sent only to be kept."""
    return bool(candidate.event and candidate.event.document.get("is_backfill"))


def is_late(candidate: Candidate) -> bool:
    """Whether the event happened too long before it came; or too far ahead of it."""
    if candidate.event is None or "datetime" not in candidate.event.document:
        return False
    limit = max(candidate.late_limit, TRANSACTIONAL_LIMIT if candidate.plan.is_transactional else timedelta())
    return abs(candidate.at - datetime.fromisoformat(candidate.event.document["datetime"])) > limit


def fails_trigger_filters(candidate: Candidate) -> bool:
    """Whether what happened is not what the flow is about."""
    return not candidate.satisfies(candidate.plan.trigger.get("trigger_filter"))


def may_not_come_back(candidate: Candidate) -> bool:
    """Whether the profile has been in the flow, too short a time ago."""
    criteria = candidate.plan.flow.document["reentry_criteria"]
    if not candidate.entered:
        return False
    if criteria["unit"] == "alltime":
        return bool(criteria["duration"])
    span: timedelta = UNITS[criteria["unit"]] * criteria["duration"]
    return candidate.at - max(candidate.entered) < span


def goes_in_circles(candidate: Candidate) -> bool:
    """Whether the profile begins the flow again and again at the same moment."""
    return sum(at == candidate.at for at in candidate.entered) >= MOST_AT_ONE_MOMENT


def fails_flow_filters(candidate: Candidate) -> bool:
    """Whether the flow is not for the profile."""
    return not candidate.satisfies(candidate.plan.profile_filter)


REFUSALS: Mapping[str, EntryCheck] = {
    "Backfilled Event": is_backfilled,
    "Late Event": is_late,
    "Fails Trigger Filters": fails_trigger_filters,
    "Re-entry Criteria": may_not_come_back,
    "Circular Flows": goes_in_circles,
    "Fails Flow Filters": fails_flow_filters,
}
"""Why a profile does not begin a flow, in the order in which it is looked at; Klaviyo has no names for most."""


def enter(walk: Walk, triggers: Sequence[tuple[str, Json]], late_limit: timedelta) -> None:
    """Let profiles begin a flow, each given with what triggered it and none twice; keep also those that may not."""
    world, plan, at = walk.world, walk.plan, walk.at
    runs = [new_run(world, plan.id, profile_id, trigger, at) for profile_id, trigger in triggers]
    everybody, events = walk.subjects([run.profile_id for run in runs]), walk.events(runs)
    entered = entries(walk, list(everybody))
    known = [run for run in runs if run.profile_id in everybody]
    for run in known:
        subject, event = everybody[run.profile_id], events.get(run.id)
        subject.start, subject.upto = run.start(event), run.trigger["number"]
        candidate = Candidate(plan, run, subject, at, event, entered.get(run.profile_id, ()), late_limit)
        reason = next((reason for reason, applies in REFUSALS.items() if applies(candidate)), None)
        run.row.document["entry"] = candidate.verdicts
        if reason is None:
            walk.take_on(run, subject, event)
        else:
            refuse(run, at, reason)
    walk.keep(known, are_new=True)


def entries(walk: Walk, ids: Iterable[str]) -> dict[str, list[datetime]]:
    """When profiles began the flow before."""
    shown = ("profile_id", "flow_id", "entered_at", "status", "id")
    found: dict[str, list[datetime]] = {}
    for id, flow_id, at, status, _ in walk.world.store.values("flow-run", "profile_id", list(ids), shown):
        if flow_id == walk.plan.id and status != REFUSED:
            found.setdefault(id, []).append(datetime.fromisoformat(at))
    return found
