"""What if: one profile's way through a flow, in a copy of the account that nobody sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mock_klaviyo import travel
from mock_klaviyo.flow_files.inside import Inside, copy_of, resource
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.flow_runs import FLOW_RUN, WAITING
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.tasks import TASK
from mock_klaviyo.store.rows import Row

NOBODY = "preview@mock-klaviyo.test"
"""Who walks through a flow when nobody is named."""

LONGEST = timedelta(days=400)
"""How long a walk is followed: a flow that waits longer is shown up to there."""


class NotPreviewed(ValueError):
    """A flow cannot be tried; says why, and what can be done instead."""


@dataclass(frozen=True)
class Question:
    """Who is to walk through a flow, and why.

    `profile` is the attributes of a profile, or a text that identifies one of the account's; `consent` names the
    channels that it agrees to be written on. `event` is the attributes of an event: metric name, properties, value.
    """

    flow_id: str
    profile: Json | str | None = None
    consent: tuple[str, ...] = ()
    event: Json = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True)
class Walked:
    """What came of it: the runs of the profile, what it was sent, and what was skipped."""

    flow: str
    profile: Json
    runs: list[Json]
    messages: list[Json]


def walked(klaviyo: Klaviyo, question: Question) -> Walked:
    """What would happen to a profile, were what the question tells to happen; the account stays as it is."""
    scratch = copy_of(klaviyo, question.at)
    try:
        return Trial(scratch, question).outcome()
    finally:
        scratch.close()


@dataclass(frozen=True)
class Trial:
    """A question, and the copy of an account in which it is tried."""

    klaviyo: Klaviyo
    question: Question

    @property
    def inside(self) -> Inside:
        """The copy's API."""
        return Inside(self.klaviyo)

    @property
    def flow(self) -> Row:
        """The flow that is tried."""
        row = self.klaviyo.row("flow", self.question.flow_id)
        if row is None:
            raise NotPreviewed(f"there is no flow {self.question.flow_id!r}")
        return row

    def outcome(self) -> Walked:
        """Let it happen, and follow the run until it ends."""
        trigger = self.flow.document["triggers"][0]
        begin = BEGINNINGS.get(trigger["type"])
        if begin is None:
            known = ", ".join(BEGINNINGS)
            raise NotPreviewed(f"what starts a {trigger['type']} flow cannot be made up; there are previews of {known}")
        self._quiet()
        id = begin(self, trigger)
        end = self.klaviyo.clock.now + LONGEST
        travel.travel(self.klaviyo, end, is_there=lambda: not self._is_under_way(id))
        return self._walked(id)

    def _quiet(self) -> None:
        """Let only this flow run, and nothing that was put off before."""

        def quiet(world: Any) -> None:
            world.store.delete_where(TASK.type)
            for row in world.store.rows("flow"):
                row.document["status"] = "live" if row.id == self.question.flow_id else "draft"
                world.store.update(row)

        self.klaviyo.alter(quiet)
        self.inside.ask(
            "PATCH", f"/api/flows/{self.question.flow_id}", resource("flow", self.question.flow_id, status="live")
        )

    def profile(self, **more: Any) -> str:
        """The id of the profile of the question, which is made, changed and asked for its consent as it tells."""
        given = self.question.profile if self.question.profile is not None else {}
        if isinstance(given, str):
            given = self._known(given)
        attributes = {"email": NOBODY, **given, **more} if not given.get("id") else {**given, **more}
        id = attributes.pop("id", None)
        answer = self.inside.ask("POST", "/api/profile-import", resource("profile", id, **attributes))
        self._agree(answer["data"])
        return str(answer["data"]["id"])

    def _known(self, name: str) -> Json:
        """The identifier of a profile that the account has; a new one when it is an address."""
        fields = ("id", "email", "phone_number", "external_id")
        for each in fields:
            if self.klaviyo.store.is_any("profile", **{each: name}):
                return {each: name}
        if "@" in name:
            return {"email": name}
        raise NotPreviewed(f"there is no profile {name!r}; name it by {', '.join(fields)}, or give its attributes")

    def _agree(self, profile: Json) -> None:
        """Let the profile agree to be written to."""
        marketing = {"marketing": {"consent": "SUBSCRIBED", "consented_at": "2020-01-01T00:00:00Z"}}
        agreed = dict.fromkeys(self.question.consent, marketing)
        if agreed:
            attributes = profile["attributes"]
            known = {name: attributes[name] for name in ("email", "phone_number") if attributes.get(name)}
            entry = {"type": "profile", "attributes": {**known, "subscriptions": agreed}}
            body = resource("profile-subscription-bulk-create-job", profiles={"data": [entry]}, historical_import=True)
            self.inside.ask("POST", "/api/profile-subscription-bulk-create-jobs", body)

    def track(self, metric: str, profile_id: str) -> None:
        """Let the profile do something."""
        event = {name: each for name, each in self.question.event.items() if name != "metric"}
        event.setdefault("properties", {})
        who, what = resource("profile", profile_id), resource("metric", name=metric)
        self.inside.ask("POST", "/api/events", resource("event", profile=who, metric=what, **event))
        self.klaviyo.catch_up()

    def _is_under_way(self, profile_id: str) -> bool:
        """Whether the profile is still in the flow."""
        return self.klaviyo.store.is_any(
            FLOW_RUN.type, flow_id=self.question.flow_id, profile_id=profile_id, status=WAITING
        )

    def _walked(self, profile_id: str) -> Walked:
        """What came of it."""
        store = self.klaviyo.store
        runs = store.rows(FLOW_RUN.type, flow_id=self.question.flow_id, profile_id=profile_id)
        messages = store.rows(OUTBOX_MESSAGE.type, profile_id=profile_id)
        began = min((row.document["entered_at"] for row in runs), default="")
        (profile,) = store.rows("profile", id=profile_id)
        return Walked(
            flow=str(self.flow.document["name"]),
            profile={"id": profile_id, "email": profile.document["email"]},
            runs=[row.document for row in runs],
            messages=[row.document for row in messages if row.document["at"] >= began[:19]],
        )


def by_event(trial: Trial, trigger: Json) -> str:
    """An event starts the flow: that of the question, of the flow's metric unless it names another."""
    id = trial.profile()
    metric = trial.klaviyo.row("metric", str(trigger["id"]))
    named = trial.question.event.get("metric") or (metric and metric.document["name"])
    if named is None:
        raise NotPreviewed('the flow names no metric that is here, so the event must: "metric": "Placed Order"')
    trial.track(str(named), id)
    return id


def by_list(trial: Trial, trigger: Json) -> str:
    """Joining the list starts the flow."""
    id = trial.profile()
    members = {"data": [{"type": "profile", "id": id}]}
    trial.inside.ask("POST", f"/api/lists/{trigger['id']}/relationships/profiles", members)
    trial.klaviyo.catch_up()
    return id


def by_segment(trial: Trial, _trigger: Json) -> str:
    """Becoming a member of the segment starts the flow: the profile is there first, and then as the question tells."""
    given = trial.question.profile
    if isinstance(given, dict):
        known = {name: given[name] for name in ("email", "phone_number", "external_id") if name in given}
        trial.inside.ask("POST", "/api/profile-import", resource("profile", **(known or {"email": NOBODY})))
        trial.klaviyo.catch_up()
    id = trial.profile()
    if trial.question.event:
        trial.track(str(trial.question.event.get("metric")), id)
    trial.klaviyo.catch_up()
    return id


def by_date(trial: Trial, _trigger: Json) -> str:
    """A date of the profile starts the flow; the clock moves on until the run has begun."""
    id = trial.profile()
    trial.klaviyo.catch_up()

    def has_begun() -> bool:
        return trial.klaviyo.store.is_any(FLOW_RUN.type, flow_id=trial.question.flow_id, profile_id=id)

    travel.travel(trial.klaviyo, trial.klaviyo.clock.now + LONGEST, is_there=has_begun)
    return id


BEGINNINGS: Mapping[str, Callable[[Trial, Json], str]] = {
    "metric": by_event,
    "list": by_list,
    "segment": by_segment,
    "date": by_date,
}
"""What starts a flow → how it is brought about; gives the id of the profile."""
