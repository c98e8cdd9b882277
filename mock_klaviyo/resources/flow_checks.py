"""Flow checks: what is wrong with a flow's definition that its schema cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mock_klaviyo.errors import Problem, problem
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_actions import data_of, exits, has_circle, messages, parts
from mock_klaviyo.resources.flow_spans import impossible_spans

DEFINITION = "/data/attributes/definition"
LONGEST_TEXTS = 100 * 1024
MOST_BRANCHES = 20
"""Paths of a split with many, "everyone else" among them. https://help.klaviyo.com/hc/en-us/articles/52369094030235"""


def wrong(reason: str, pointer: str) -> Problem:
    """A problem of a definition; its words are ours, nobody has recorded Klaviyo's."""
    return problem("invalid", reason=reason, pointer=pointer)


def definition_problems(definition: Json) -> Iterator[Problem]:
    """What is wrong with the definition of a new flow."""
    triggers = definition["triggers"]
    if len(triggers) != 1:
        reason = f"A flow must have exactly one trigger, {len(triggers)} were given."
        yield wrong(reason, f"{DEFINITION}/triggers")
    yield from span_problems(triggers[0] if triggers else {}, f"{DEFINITION}/triggers/0")
    yield from span_problems(definition.get("reentry_criteria") or {}, f"{DEFINITION}/reentry_criteria")
    placed = [(action, f"{DEFINITION}/actions/{index}") for index, action in enumerate(definition["actions"])]
    yield from id_problems(placed)
    for action, place in placed:
        yield from action_problems(action, place)
        yield from novelty_problems(action, place)
    yield from graph_problems(definition, placed)


def id_problems(placed: list[tuple[Json, str]]) -> Iterator[Problem]:
    """New actions have temporary ids, each its own."""
    seen: set[str] = set()
    for action, place in placed:
        id = action.get("temporary_id")
        if not id:
            yield wrong("A new action must have a temporary_id.", f"{place}/temporary_id")
        elif id in seen:
            yield wrong(f"The temporary_id '{id}' is used twice.", f"{place}/temporary_id")
        seen.add(id or "")


def novelty_problems(action: Json, place: str) -> Iterator[Problem]:
    """That something new has what only Klaviyo gives: real ids, and the state of an experiment."""
    new = [(part, at) for part, at in parts(action, place)]
    new += [(message, at) for _, message, at in messages(action, place)]
    data = data_of(action)
    if data.get("current_experiment"):
        new.append((data["current_experiment"], f"{place}/data/current_experiment"))
    for each, at in new:
        if each.get("id") is not None:
            yield wrong("'id' is not allowed on create.", f"{at}/id")
    if data.get("experiment_status") is not None:
        yield wrong("'experiment_status' is not allowed on create.", f"{place}/data/experiment_status")


def graph_problems(definition: Json, placed: list[tuple[Json, str]]) -> Iterator[Problem]:
    """That a link leads nowhere, or back."""
    actions = {action["temporary_id"]: action for action, _ in placed if action.get("temporary_id")}
    entry = definition["entry_action_id"]
    if entry is not None and entry not in actions:
        yield wrong(f"There is no action with the temporary_id '{entry}'.", f"{DEFINITION}/entry_action_id")
    for action, place in placed:
        yield from link_problems(action, place, actions)
    if has_circle(actions):
        yield wrong("The actions of a flow must not lead back to themselves.", f"{DEFINITION}/actions")


def link_problems(action: Json, place: str, actions: Mapping[str, Json]) -> Iterator[Problem]:
    """That a link names an action that is not there."""
    for each in exits(action, place):
        if each.next is not None and each.next not in actions:
            yield wrong(f"There is no action with the id '{each.next}'.", each.pointer)


def action_problems(action: Json, place: str) -> Iterator[Problem]:
    """What is wrong with an action by itself."""
    check = CHECKS.get(action["type"])
    if check is not None and data_of(action):
        yield from check(action["data"], f"{place}/data")


def span_problems(given: Json, place: str) -> Iterator[Problem]:
    """Nobody waits for less than nothing, or longer than the calendar goes."""
    for name, reason in impossible_spans(given):
        yield wrong(reason, f"{place}/{name}")


def delay_problems(data: Json, place: str) -> Iterator[Problem]:
    """Only whole days can be waited for until a time of day."""
    yield from span_problems(data, place)
    if data.get("delay_until_time") is not None and data.get("unit", "days") != "days":
        yield wrong("'delay_until_time' is only allowed when 'unit' is 'days'.", f"{place}/delay_until_time")


def branch_problems(data: Json, place: str) -> Iterator[Problem]:
    """A split with many branches has not too many, and at most one for everyone else."""
    branches = data["branches"]
    if not 1 <= len(branches) <= MOST_BRANCHES:
        yield wrong(f"A split may have 1 to {MOST_BRANCHES} branches, {len(branches)} were given.", f"{place}/branches")
    if sum(bool(branch.get("is_else")) for branch in branches) > 1:
        yield wrong("Only one branch may be for everyone else.", f"{place}/branches")
    ids = [branch["branch_id"] for branch in branches]
    for index, id in enumerate(ids):
        if id in ids[:index]:
            yield wrong(f"The branch_id '{id}' is used twice.", f"{place}/branches/{index}/branch_id")


def operation_problems(data: Json, place: str) -> Iterator[Problem]:
    """The texts that an action writes into a profile are not too long together."""
    texts = [each.get("property_value") for each in data["profile_operations"]]
    if sum(len(text) for text in texts if isinstance(text, str)) > LONGEST_TEXTS:
        yield wrong("The texts of an update may not be longer than 100 KB together.", f"{place}/profile_operations")


CHECKS: Mapping[str, Callable[[Json, str], Iterator[Problem]]] = {
    "time-delay": delay_problems,
    "countdown-delay": span_problems,
    "multi-branch-split": branch_problems,
    "update-profile": operation_problems,
}
"""The type of an action → what else must be right in it."""


def revision_problems(action: Json, before: Json, others: Mapping[str, Json]) -> Iterator[Problem]:
    """What is wrong with the new definition of an action that exists, among the others of its flow."""
    if action.get("id") not in (None, before["id"]):
        yield wrong(f"The id of the definition must be {before['id']}.", f"{DEFINITION}/id")
    if action.get("temporary_id") is not None:
        yield wrong("'temporary_id' is only allowed on create.", f"{DEFINITION}/temporary_id")
    if action["type"] != before["type"]:
        reason = f"An action cannot change its type: this one is of type {before['type']}."
        yield wrong(reason, f"{DEFINITION}/type")
    known = {message["id"] for _, message, _ in messages(before)}
    for _, message, place in messages(action, DEFINITION):
        if message.get("id") is not None and message["id"] not in known:
            yield wrong(f"The action has no message with the id '{message['id']}'.", f"{place}/id")
    yield from action_problems(action, DEFINITION)
    actions = {**others, before["id"]: action}
    yield from link_problems(action, DEFINITION, actions)
    if has_circle(actions):
        yield wrong("The actions of a flow must not lead back to themselves.", f"{DEFINITION}/links")
