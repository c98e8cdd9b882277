"""Flow trials: when the test of a message's variations ends by itself, and which of them wins.

https://help.klaviyo.com/hc/en-us/articles/360049849432
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from typing import TypeAlias

from mock_klaviyo.engine.flow_experiments import COMPLETED, variations
from mock_klaviyo.engine.flow_plans import EXECUTED, status
from mock_klaviyo.engine.moments import moment_of
from mock_klaviyo.json import Json
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.attribution import Messages, Outcome
from mock_klaviyo.resources.flow_keeping import keep_action
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

TRIAL_END = "flow trial end"
"""The kind of task that ends a test."""

PLACED_ORDER = "Placed Order"

Outcomes: TypeAlias = Callable[[World, Messages, datetime], Iterator[Outcome]]


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
}
"""What decides a test → what its messages led to; `submission` is of forms, to which no message of a flow leads."""


def plan_ends(world: World, actions: list[Row]) -> None:
    """Put down when tests end by themselves, as their actions now say it."""
    for row in actions:
        end = end_of(row.document["definition"])
        if end is not None:
            subject = f"{row.id}:{TRIAL_END}"
            tasks.call_off(world, subject)
            tasks.later(world, max(end, world.now), TRIAL_END, subject, action_id=row.id)


def end_of(action: Json) -> datetime | None:
    """When a test ends by itself; nothing when it does not, is over, or is not executed."""
    data = action.get("data") or {}
    trial = data.get("current_experiment") or {}
    settings = trial.get("automatic_winner_selection_settings") or {}
    is_on = settings.get("enabled") and status(action) in EXECUTED and data.get("experiment_status") != COMPLETED
    return moment_of(settings.get("automatic_end_date")) if is_on else None


@tasks.task(TRIAL_END)
def end_trial(world: World, given: Json, due: datetime) -> None:
    """End a test whose time has come: from now on everybody gets what won."""
    row = world.store.row("flow-action", given["action_id"])
    end = end_of(row.document["definition"]) if row else None
    flow = world.store.row("flow", row.document["flow_id"]) if row else None
    if row is None or flow is None or end is None or end > due:
        return
    action = deepcopy(row.document["definition"])
    action["data"]["experiment_status"] = COMPLETED
    main, won = action["data"]["main_action"]["data"], winner(world, row)
    if won is not None and main.get("message"):
        main["message"] = won | {"id": main["message"]["id"]}
    keep_action(world, flow, action, row)


def winner(world: World, row: Row) -> Json | None:
    """The message of the variation that did best, the first of several; nothing when there is none."""
    data = row.document["definition"]["data"]
    trial = data["current_experiment"]
    of_metric = WINNER_METRICS.get(trial.get("winner_metric") or "")
    found = variations(trial)
    main = (data["main_action"].get("data") or {}).get("message")
    rates = success(world, row, of_metric, main["id"]) if of_metric and main else {}
    return max(found, key=lambda message: rates.get(message["id"], 0.0), default=None)


def success(world: World, row: Row, of_metric: Outcomes, message_id: str) -> dict[str, float]:
    """How many of those who got a variation did what decides the test, each counted once, by the variation."""
    since = datetime.fromisoformat(row.document["created"])
    messages = Messages(world, since)
    got = readers((each for each in messages.outcomes if each.kind == "sent"), message_id)
    did = readers(of_metric(world, messages, since), message_id)
    return {id: len(did.get(id, ())) / len(everybody) for id, everybody in got.items()}


def readers(outcomes: Iterator[Outcome], message_id: str) -> dict[str, set[str]]:
    """Whose messages these are, by the variation that they got."""
    found: dict[str, set[str]] = {}
    for each in outcomes:
        if each.send.message_id == message_id:
            found.setdefault(str(each.send.properties.get("$variation")), set()).add(each.send.profile_id)
    return found
