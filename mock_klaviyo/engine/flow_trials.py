"""Flow trials: when the test of a message's variations ends by itself, and which of them wins.

https://help.klaviyo.com/hc/en-us/articles/360049849432
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import NormalDist
from typing import TypeAlias

from mock_klaviyo.engine.flow_experiments import COMPLETED, variations
from mock_klaviyo.engine.flow_plans import EXECUTED, status
from mock_klaviyo.engine.moments import moment_of
from mock_klaviyo.json import Json
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.attribution import Messages, Outcome
from mock_klaviyo.resources.flow_actions import data_of
from mock_klaviyo.resources.flow_keeping import keep_action
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

TRIAL_END = "flow trial end"
"""The kind of task that ends a test."""

PLACED_ORDER = "Placed Order"

DAY = timedelta(days=1)

CERTAIN = NormalDist().inv_cdf(0.975)
"""How many standard deviations two results must be apart."""

Outcomes: TypeAlias = Callable[[World, Messages, datetime], Iterator[Outcome]]


@dataclass(frozen=True)
class Result:
    """How many got a variation, and how many of them did what decides the test."""

    got: int
    did: int

    @property
    def rate(self) -> float:
        """The part that did it."""
        return self.did / self.got if self.got else 0.0

    def distance(self, other: Result) -> float:
        """How many standard deviations this rate is above another; none when there is too little to compare."""
        together = self.got + other.got
        mean = (self.did + other.did) / together if together else 0.0
        spread = sqrt(mean * (1 - mean) * (1 / self.got + 1 / other.got)) if self.got and other.got else 0.0
        return (self.rate - other.rate) / spread if spread else 0.0


def opened(_world: World, messages: Messages, _since: datetime) -> Iterator[Outcome]:
    """The openings of messages."""
    yield from (each for each in messages.outcomes if each.kind == "opened")


def clicked(_world: World, messages: Messages, _since: datetime) -> Iterator[Outcome]:
    """The clicks on messages."""
    yield from (each for each in messages.outcomes if each.kind == "clicked")


def ordered(world: World, messages: Messages, since: datetime) -> Iterator[Outcome]:
    """The orders that are credited to messages."""
    for metric in world.store.rows("metric", name=PLACED_ORDER):
        yield from messages.conversions(metric.id, since)


WINNER_METRICS: Mapping[str, Outcomes] = {
    "unique-opens": opened,
    "unique-clicks": clicked,
    "unique-placed-orders": ordered,
    "open-rate": opened,
    "click-rate": clicked,
}
"""What decides a test → what its messages led to; the rates are those of notifications and WhatsApp messages.

`submission` is of forms, to which no message of a flow leads.
"""


def plan_ends(world: World, actions: list[Row]) -> None:
    """Put down when tests end by themselves, as their actions now say it."""
    for row in actions:
        if (end := end_of(world, row.document["definition"])) is not None:
            subject = f"{row.id}:{TRIAL_END}"
            tasks.call_off(world, subject)
            tasks.later(world, max(end, world.now), TRIAL_END, subject, action_id=row.id)


def end_of(world: World, action: Json) -> datetime | None:
    """When a test ends by itself: at once when it is not executed any more."""
    data = data_of(action)
    if data.get("experiment_status") != "live":
        return None
    settings = settings_of(data)
    date = moment_of(settings.get("automatic_end_date")) if settings.get("enabled") else None
    return date if status(action) in EXECUTED else world.now


def is_watched(action: Json) -> bool:
    """Whether a test ends as soon as chance hardly explains its results."""
    data, settings = data_of(action), settings_of(data_of(action))
    is_on = data.get("experiment_status") == "live" and status(action) in EXECUTED and settings.get("enabled")
    return bool(is_on and settings.get("automatic_end_statistical_certainty"))


def plan_look(world: World, action_id: str) -> datetime:
    """Put down that the results of a test are looked at on the next day; gives its beginning."""
    day = (world.now + DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    tasks.later(world, day, TRIAL_END, f"{action_id}:look", action_id=action_id)
    return day


def settings_of(data: Json) -> Json:
    """How the winner of a test is chosen."""
    found: Json = (data.get("current_experiment") or {}).get("automatic_winner_selection_settings") or {}
    return found


@tasks.task(TRIAL_END)
def end_trial(world: World, given: Json, due: datetime) -> None:
    """End a test whose time has come: from now on everybody gets what won."""
    row = world.store.row("flow-action", given["action_id"])
    flow = world.store.row("flow", row.document["flow_id"]) if row else None
    if row is None or flow is None or data_of(row.document["definition"]).get("experiment_status") != "live":
        return
    results = success(world, row)
    if is_over(row.document["definition"], results, due):
        finish(world, flow, row, results)


def finish(world: World, flow: Row, row: Row, results: Mapping[str, Result]) -> None:
    """End a test: what won is the message of the action."""
    action = deepcopy(row.document["definition"])
    action["data"]["experiment_status"] = COMPLETED
    main, won = data_of(action["data"]["main_action"]), winner(row.document["definition"]["data"], results)
    if won is not None and main.get("message"):
        main["message"] = won | {"id": main["message"]["id"]}
    keep_action(world, flow, action, row)


def is_over(action: Json, results: Mapping[str, Result], at: datetime) -> bool:
    """Whether a test ends: it is not executed any more, its time has come, or chance hardly explains its results."""
    end = moment_of(settings_of(action["data"]).get("automatic_end_date"))
    if status(action) not in EXECUTED or (end is not None and end <= at):
        return True
    return is_watched(action) and certain(list(results.values()))


def certain(results: Sequence[Result]) -> bool:
    """Whether the best result is better than each other one by more than chance makes in 19 of 20 tests.

    Klaviyo's own way to tell is not published: here two proportions are compared, with the usual normal distribution.

    >>> certain([Result(100, 30), Result(100, 10)]), certain([Result(10, 3), Result(10, 1)])
    (True, False)
    """
    best, *others = sorted(results, key=lambda result: result.rate, reverse=True) or [Result(0, 0)]
    return bool(others) and all(best.distance(other) > CERTAIN for other in others)


def winner(data: Json, results: Mapping[str, Result]) -> Json | None:
    """The message of the variation that did best, the first of several; nothing when there is none."""
    found = variations(data["current_experiment"])
    return max(found, key=lambda message: results.get(message["id"], Result(0, 0)).rate, default=None)


def success(world: World, row: Row) -> dict[str, Result]:
    """How many got each variation, and how many of them did what decides the test, each counted once."""
    data = row.document["definition"]["data"]
    trial = data["current_experiment"]
    of_metric = WINNER_METRICS.get(trial.get("winner_metric") or "")
    main = data_of(data["main_action"]).get("message")
    if of_metric is None or not main:
        return {}
    since = datetime.fromisoformat(trial.get("started") or row.document["created"])
    messages = Messages(world, since)
    got = readers((each for each in messages.outcomes if each.kind == "sent"), main["id"])
    did = readers(of_metric(world, messages, since), main["id"])
    return {
        each["id"]: Result(len(got.get(each["id"], ())), len(did.get(each["id"], ()))) for each in variations(trial)
    }


def readers(outcomes: Iterator[Outcome], message_id: str) -> dict[str, set[str]]:
    """Whose messages these are, by the variation that they got."""
    found: dict[str, set[str]] = {}
    for each in outcomes:
        if each.send.message_id == message_id:
            found.setdefault(str(each.send.properties.get("$variation")), set()).add(each.send.profile_id)
    return found
