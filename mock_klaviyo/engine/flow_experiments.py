"""Flow experiments: which variation of a message a run gets."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from mock_klaviyo.engine.flow_conditions import chance
from mock_klaviyo.engine.flow_messages import deliver
from mock_klaviyo.engine.flow_steps import Step, Way, flow_action
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_actions import CHANNELS, data_of

COMPLETED = "completed"


@flow_action("ab-test")
@flow_action("content-experiment")
def experiment(step: Step) -> Way:
    """Send one of the variations; when the experiment is over, what won."""
    main = step.data.get("main_action") or {}
    message = data_of(main).get("message")
    return deliver(step, CHANNELS[main["type"]], message, variation=chosen(step)) if message else step.pass_by()


def chosen(step: Step) -> Json | None:
    """The message of the variation that chance gives the run; nothing when there is nothing to try."""
    trial = step.data.get("current_experiment")
    if not trial or step.data.get("experiment_status") == COMPLETED:
        return None
    tried = [each for each in trial["variations"] if data_of(each).get("message")]
    if not tried:
        return None
    ends = list(accumulate(allocations(trial, tried)))
    mark = chance(f"{step.run.id}:{step.action['id']}") * ends[-1]
    return variations(trial)[bisect_right(ends, mark)]


def variations(trial: Json) -> list[Json]:
    """The messages that are tried out."""
    found = [data_of(each).get("message") for each in trial["variations"]]
    return [message for message in found if message]


def allocations(trial: Json, variations: list[Json]) -> list[float]:
    """The weight of each variation.

    How Klaviyo writes them is not documented: here by the variation's or its message's id or name, or in their order.
    """
    given = trial.get("allocations") or {}
    named = [weight_of(given, each) for each in variations]
    if all(weight is None for weight in named):
        values = [each for each in given.values() if isinstance(each, int | float)]
        named = [*values] if len(values) == len(variations) else [1.0] * len(variations)
    found = [max(0.0, weight or 0.0) for weight in named]
    return found if sum(found) > 0 else [1.0] * len(variations)


def weight_of(given: Json, variation: Json) -> float | None:
    """The weight that is given for a variation."""
    message = variation["data"]["message"]
    names = (str(variation.get("id")), str(message.get("id")), str(message.get("name")))
    return next((float(given[name]) for name in names if isinstance(given.get(name), int | float)), None)
