"""Flow walk: takes runs of one flow as far as they come at a moment, and keeps all that happens at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from mock_klaviyo.engine import (  # noqa: F401 - each declares its actions
    flow_calls,
    flow_changes,
    flow_dates,
    flow_delays,
    flow_experiments,
    flow_messages,
    flow_products,
    flow_skips,
    flow_splits,
)
from mock_klaviyo.engine.flow_countdowns import late
from mock_klaviyo.engine.flow_plans import EXECUTED, MANUAL, Plan, status
from mock_klaviyo.engine.flow_run import COMPLETED, Run
from mock_klaviyo.engine.flow_steps import ACTIONS, Leave, Onward, Park, Step, Wait, Way
from mock_klaviyo.engine.places import Places
from mock_klaviyo.engine.subject import Subject, groups_of, subjects
from mock_klaviyo.resources import outbox, tasks
from mock_klaviyo.resources.flow_runs import FLOW_REVIEW, WAITING
from mock_klaviyo.resources.identity import FRESH
from mock_klaviyo.resources.outbox import Letter, Sending
from mock_klaviyo.resources.world import World, rounded
from mock_klaviyo.store.rows import Row

STEP = "flow step"
"""The kind of task that takes a run on."""

REVIEW = "flow review"
"""The kind of task that sends what a human let be sent in quiet hours."""

Channel: TypeAlias = tuple[str, str]
"""A profile's id and a channel."""


class Walk:
    """Runs of one flow at one moment, no profile twice."""

    def __init__(self, world: World, plan: Plan, at: datetime, places: Places) -> None:
        self.world, self.plan, self.at = world, plan, at
        self.calls: list[Row] = []
        self.nowhere = Row("profile", "", dict(FRESH))
        self._places = places
        self._sendings: dict[str, tuple[Sending, list[Letter]]] = {}
        self._attempts: dict[Channel, str] | None = None
        self._profiles: dict[str, Row] = {}
        self._changed: dict[str, Row] = {}
        self._reviews: list[Row] = []

    def go(self, runs: Sequence[Run]) -> None:
        """Take runs on, each from where it stands."""
        everybody, events = self.subjects([run.profile_id for run in runs]), self.events(runs)
        for run in runs:
            subject = everybody.get(run.profile_id)
            if subject is None:
                run.end(self.at, "Person Deleted")
            else:
                self.take_on(run, subject, events.get(run.id))

    def subjects(self, ids: Sequence[str]) -> dict[str, Subject]:
        """The profiles with all that the flow asks about them."""
        rows = self.world.store.rows("profile", id=list(ids))
        self._profiles |= {row.id: row for row in rows}
        found = subjects(self.world, rows, self.at, self.plan.needs, self._places)
        return {each.profile.id: each for each in found}

    def events(self, runs: Iterable[Run]) -> dict[str, Row]:
        """What runs began with, by the run: an event, or what a product or an object tells as one would."""
        ids = [run.trigger["event_id"] for run in runs if run.trigger.get("event_id")]
        rows = {row.id: row for row in self.world.store.rows("event", id=ids)} if ids else {}
        found = {run.id: rows.get(run.trigger.get("event_id", "")) or told(run) for run in runs}
        return {id: row for id, row in found.items() if row is not None}

    def take_on(self, run: Run, subject: Subject, event: Row | None) -> None:
        """Take a run on until it waits or is over."""
        subject.start = run.start(event)
        moment = self.at if run.position else min(run.begins, self.at)
        way = self._way_from(run, subject, event)
        while isinstance(way, Onward):
            way, moment = self._come_to(way.to, run, subject, event, moment)
        if isinstance(way, Wait):
            run.wait(way.until, again=way.again)
        elif isinstance(way, Park):
            run.wait(None)
        else:
            run.end(self.at, way.reason)

    def _come_to(
        self, id: str | None, run: Run, subject: Subject, event: Row | None, moment: datetime
    ) -> tuple[Way, datetime]:
        """Let a run come to an action, and give the moment at which it then is; it may come late."""
        if id is None or id not in self.plan.leading:
            return Leave(COMPLETED), moment
        if flow_dates.has_changed(self.world, self.plan, subject.profile, run.trigger):
            return Leave("Date Changed"), moment
        run.stand(id)
        step = Step(self, run, self.plan.actions[id], subject, event)
        return late(step, moment, self._act) if moment < self.at else (self._act(step), moment)

    def _way_from(self, run: Run, subject: Subject, event: Row | None) -> Way:
        """Where a run goes from where it stands: to the beginning when it is new."""
        if run.position is None:
            return Onward(None if run.is_again else self.plan.entry)
        action = self.plan.actions.get(run.position)
        if action is None:
            return Leave("Action Deleted")
        step = Step(self, run, action, subject, event)
        return Onward(run.position) if run.is_again else step.onward

    def _act(self, step: Step) -> Way:
        """Do an action as its status says: nothing for a draft, and for a manual one leave it to a human."""
        known = status(step.action)
        if known is not None and known not in EXECUTED:
            step.note("passed", reason=known)
            return step.onward
        if known is not None and (way := self.skipped(step)) is not None:
            return way
        return self._review(step) if known == MANUAL else ACTIONS[step.action["type"]](step)

    def skipped(self, step: Step) -> Way | None:
        """Skip an action when the flow is not for the profile any more."""
        skip = flow_skips.of_action(step)
        return flow_messages.skip_action(step, skip) if skip is not None else None

    def _review(self, step: Step) -> Way:
        """Put an action where a human decides; the run goes on."""
        document = {
            "flow_id": self.plan.id,
            "action_id": step.action["id"],
            "run_id": step.run.id,
            "profile_id": step.profile.id,
            "at": rounded(self.at),
            "status": WAITING,
            "reason": None,
        }
        row = Row(FLOW_REVIEW.type, FLOW_REVIEW.make_id(self.world), document)
        self._reviews.append(row)
        step.note("needs review", review_id=row.id)
        return step.onward

    # what actions do

    def post(self, sending: Sending, letter: Letter) -> None:
        """Send a letter, or keep that it was skipped, when all is kept."""
        key = f"{sending.message_id}:{sending.origin['variation_id']}"
        self._sendings.setdefault(key, (sending, []))[1].append(letter)
        if letter.skipped is None:
            self._attempted()[letter.profile.id, sending.channel] = rounded(sending.at)

    def last_attempt(self, profile_id: str, channel: str) -> str | None:
        """When a profile was last sent something on a channel."""
        return self._attempted().get((profile_id, channel))

    def _attempted(self) -> dict[Channel, str]:
        """When the profiles of this walk were last sent something, by channel."""
        if self._attempts is None:
            shown = ("profile_id", "channel", "attempted_at")
            found = self.world.store.values("outbox-message", "profile_id", list(self._profiles), shown)
            self._attempts = {}
            for id, channel, at in found:
                if at is not None and at > self._attempts.get((id, channel), ""):
                    self._attempts[id, channel] = at
        return self._attempts

    def change_profile(self, profile: Row) -> None:
        """Keep a profile that an action changed."""
        profile.document["updated"] = self.world.second
        self._changed[profile.id] = profile

    def regroup(self, subject: Subject) -> None:
        """Read anew which lists and segments a profile is in."""
        if self.plan.needs.groups:
            subject.groups = groups_of(self.world, [subject.profile.id]).get(subject.profile.id, {})

    def keep(self, runs: Sequence[Run], *, are_new: bool) -> None:
        """Keep all that happened, and put off what is to come."""
        self._keep_effects()
        rows = [run.row for run in runs]
        if are_new:
            self.world.store.insert(*rows)
        else:
            self.world.store.update(*rows)
        waiting = [(run.due, run) for run in runs if run.is_waiting and run.due is not None]
        tasks.put_off(self.world, STEP, ((due.astimezone(UTC), run.id, {"run_id": run.id}) for due, run in waiting))

    def keep_step(self, run: Run) -> None:
        """Keep what one step did that was done out of turn; the run stays where it is."""
        self._keep_effects()
        self.world.store.update(run.row)

    def _keep_effects(self) -> None:
        """Keep what actions did."""
        store = self.world.store
        store.update(*self._changed.values())
        for sending, letters in self._sendings.values():
            outbox.post(self.world, sending, letters)
        store.insert(*self._reviews)
        store.insert(*self.calls)


def told(run: Run) -> Row | None:
    """What began a run without an event, in the form of one."""
    properties = run.trigger.get("properties")
    return Row("event", "", {"metric_id": None, "event_properties": properties}) if properties else None
