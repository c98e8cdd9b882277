"""The rules by which flows are checked, one function each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from mock_klaviyo.flow_files.knowledge import Carried, carried
from mock_klaviyo.flow_files.law import ERROR, LAWS, WARNING, Draft, Trouble, law
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_actions import data_of, exits, messages

__all__ = ["LAWS"]

EVENT_VARIABLE = re.compile(
    r"""(?<![\w.])event(?:\s*\|\s*lookup:\s*(?P<quote>['"])(?P<looked_up>.+?)(?P=quote)|\.(?P<named>\w+))""", re.VERBOSE
)
TAG = re.compile(r"{[{%](.*?)[}%]}", re.DOTALL)
SENT = ("send-email", "send-sms", "send-mobile-push", "send-whatsapp")
DELAYS = ("time-delay", "countdown-delay", "target-date", "back-in-stock-delay")
SPLITS = ("conditional-split", "trigger-split", "multi-branch-split", "action-output-split")
OWN_FIELDS = ("$value", "$event_id", "$currency_code", "extra", "datetime", "timestamp", "id", "value")
"""What every event has beside its properties."""


@law(ERROR)
def unresolved_id(draft: Draft) -> Iterator[Trouble]:
    """An id that means nothing in this account."""
    for each in draft.loaded.unresolved:
        yield each.pointer, f"there is no {each.type} {each.name or each.id!r} here", "name it in the file's export"


@law(WARNING)
def unreachable_action(draft: Draft) -> Iterator[Trouble]:
    """An action that nobody comes to."""
    for action in draft.actions:
        if action["id"] not in draft.reached:
            yield draft.place(action), f"nobody comes to {draft.shown(action)}", "link to it or leave it out"


@law(WARNING)
def dead_end(draft: Draft) -> Iterator[Trouble]:
    """A delay or a split after which nothing comes."""
    for action in draft.actions:
        if action["type"] in (*DELAYS, *SPLITS) and all(each.next is None for each in exits(action)):
            yield draft.place(action), f"nothing comes after {draft.shown(action)}", "leave it out"


@law(WARNING)
def no_message(draft: Draft) -> Iterator[Trouble]:
    """A flow that does nothing that anybody could notice."""
    quiet = (*DELAYS, *SPLITS)
    if all(action["type"] in quiet for action in draft.actions if action["id"] in draft.reached):
        yield "/actions", "it sends nothing and changes nothing", "add an action that does"


@law(WARNING)
def alternatives_in_one_group(draft: Draft) -> Iterator[Trouble]:
    """Conditions on different things in one group, of which one is enough."""
    for pointer, definition in definitions(draft):
        for number, group in enumerate(definition["condition_groups"]):
            subjects = {subject(each) for each in group["conditions"]}
            if len(subjects) > 1:
                place = f"{pointer}/condition_groups/{number}"
                yield place, "one condition of a group is enough", "give each that must hold a group of its own"


@law(ERROR)
def property_never_carried(draft: Draft) -> Iterator[Trouble]:
    """A condition on a property that the metric's events never carry."""
    for pointer, condition, name, known in property_conditions(draft):
        if not known.has(name):
            yield pointer, f"events of {metric(draft, condition)} never carry {name!r}{nearest(name, known)}", ""


@law(ERROR)
def filter_never_true(draft: Draft) -> Iterator[Trouble]:
    """A condition that no value which the metric's contract allows can satisfy."""
    for pointer, _, name, known in property_conditions(draft):
        schema = known.properties.get(name)
        reason = impossible(filter_at(draft, pointer), schema) if schema is not None else None
        if reason is not None:
            yield f"{pointer}/filter", f"it is never true: {reason}", ""


@law(WARNING)
def event_variable_without_event(draft: Draft) -> Iterator[Trouble]:
    """A variable of the event in a flow that no event starts; it prints nothing."""
    if draft.metric_id is None:
        for pointer, text in texts(draft):
            for name in event_variables(text):
                yield pointer, f"event.{name} prints nothing: no event starts the flow", "read it from the profile"


@law(WARNING)
def event_variable_never_carried(draft: Draft) -> Iterator[Trouble]:
    """A variable of the event that the metric's events never carry; it prints nothing."""
    known = carried(draft.klaviyo, draft.metric_id) if draft.metric_id else None
    for pointer, text in texts(draft) if known else ():
        for name in event_variables(text):
            if known and not known.has(name) and name not in OWN_FIELDS:
                yield pointer, f"event.{name} prints nothing: events never carry it{nearest(name, known)}", ""


@law(ERROR)
def template_mistake(draft: Draft) -> Iterator[Trouble]:
    """A text that cannot be rendered."""
    from mock_klaviyo.render.surroundings import TemplateError
    from mock_klaviyo.render.template import check

    for pointer, text in texts(draft):
        try:
            check(text)
        except TemplateError as mistake:
            yield pointer, f"{mistake.reason} (line {mistake.line}, column {mistake.column})", ""


@law(WARNING)
def email_without_content(draft: Draft) -> Iterator[Trouble]:
    """An email without a template or without a subject."""
    for action in draft.actions:
        for channel, message, pointer in messages(action, draft.place(action)):
            for name in ("template_id", "subject_line") if channel == "email" else ():
                if not message.get(name):
                    yield f"{pointer}/{name}", f"the email has no {name.removesuffix('_id').replace('_', ' ')}", ""


@law(WARNING)
def same_question_twice(draft: Draft) -> Iterator[Trouble]:
    """A split on what the flow's own filter asks: those who would take one of its ways are skipped already."""
    asked = [question(each) for _, each in conditions(draft.flow.document["profile_filter"], "")]
    for action in draft.actions:
        split = data_of(action).get("profile_filter") if action["type"] == "conditional-split" else None
        for pointer, condition in conditions(split, f"{draft.place(action)}/data/profile_filter"):
            if question(condition) in asked:
                yield pointer, "the flow's filter asks the same: one way of this split is taken by nobody", ""


# what the rules look at


def definitions(draft: Draft) -> Iterator[tuple[str, Json]]:
    """Every definition of conditions in a flow, with where it stands."""
    flow = draft.flow.document
    yield from given("/profile_filter", flow["profile_filter"])
    yield from given("/triggers/0/trigger_filter", draft.trigger.get("trigger_filter"))
    for action in draft.actions:
        place, data = f"{draft.place(action)}/data", data_of(action)
        for name in ("profile_filter", "trigger_filter"):
            yield from given(f"{place}/{name}", data.get(name))
        for index, branch in enumerate(data.get("branches") or ()):
            yield from given(f"{place}/branches/{index}/branch_filter", branch.get("branch_filter"))
        for _, message, pointer in messages(action, draft.place(action)):
            yield from given(f"{pointer}/additional_filters", message.get("additional_filters"))


def given(pointer: str, definition: Json | None) -> Iterator[tuple[str, Json]]:
    """A definition, if there is one."""
    if definition:
        yield pointer, definition


def conditions(definition: Json | None, pointer: str) -> Iterator[tuple[str, Json]]:
    """The conditions of a definition."""
    for number, group in enumerate((definition or {}).get("condition_groups", ())):
        for index, condition in enumerate(group["conditions"]):
            yield f"{pointer}/condition_groups/{number}/conditions/{index}", condition


def property_conditions(draft: Draft) -> Iterator[tuple[str, Json, str, Carried]]:
    """The conditions on properties of events whose metric is known well enough: where, the property, what is known."""
    for pointer, definition in definitions(draft):
        for place, condition in conditions(definition, pointer):
            if condition["type"] == "metric-property":
                known = carried(draft.klaviyo, condition["metric_id"] or "")
                if known:
                    yield place, condition, condition["field"], known
            for index, each in enumerate(condition.get("metric_filters") or ()):
                known = carried(draft.klaviyo, condition["metric_id"])
                if known:
                    yield f"{place}/metric_filters/{index}", condition, each["property"], known


def filter_at(draft: Draft, pointer: str) -> Json:
    """The filter of the condition that stands at a pointer."""
    found: Any = {
        "triggers": [draft.trigger],
        "profile_filter": draft.flow.document["profile_filter"],
        "actions": draft.actions,
    }
    for step in pointer.split("/")[1:]:
        found = found[int(step)] if isinstance(found, list) else found[step]
    wanted: Json = found["filter"]
    return wanted


def impossible(filter: Json, schema: Json) -> str | None:
    """Why no value that a schema allows can satisfy a filter; None when one can, or nobody knows."""
    types = schema.get("type")
    allowed = {types} if isinstance(types, str) else set(types or ())
    kinds = {"numeric": {"number", "integer"}, "string": {"string"}, "boolean": {"boolean"}, "list": {"array"}}
    wanted = kinds.get(filter["type"])
    if allowed and wanted and not allowed & wanted:
        return f"the value is of type {', '.join(sorted(allowed))}, the filter is for {filter['type']} values"
    if filter["type"] == "date" and allowed and "string" not in allowed:
        return f"the value is of type {', '.join(sorted(allowed))}, the filter is for dates"
    return unequal(filter, schema)


def unequal(filter: Json, schema: Json) -> str | None:
    """Why nothing that a schema allows is equal to what a filter wants."""
    value = filter.get("value")
    if filter.get("operator") != "equals" or value is None:
        return None
    problem = next(iter(Draft202012Validator(schema).iter_errors(value)), None)
    return f"{value!r} is not allowed: {problem.message}" if problem else None


def texts(draft: Draft) -> Iterator[tuple[str, str]]:
    """Every text with variables that the messages of a flow say, with where it stands."""
    for action in draft.actions:
        for _, message, pointer in messages(action, draft.place(action)):
            for name, text in message.items():
                if isinstance(text, str) and "{" in text:
                    yield f"{pointer}/{name}", text
            template = message.get("template_id") and draft.klaviyo.row("template", message["template_id"])
            if template:
                yield f"{pointer}/template_id", str(template.document.get("html") or "")


def event_variables(text: str) -> Iterator[str]:
    """The variables of the event that a text names.

    >>> list(event_variables("{{ event.url }} {{ event|lookup:'Expires At'|date }} {% if event.Code %} the event.x"))
    ['url', 'Expires At', 'Code']
    """
    for tag in TAG.finditer(text):
        for found in EVENT_VARIABLE.finditer(tag[1]):
            yield found["looked_up"] or found["named"]


def subject(condition: Json) -> tuple[str, Any]:
    """What a condition is about."""
    names = ("property", "field", "metric_id", "group_ids", "dimension")
    return condition["type"], next((str(condition[name]) for name in names if condition.get(name)), None)


def question(condition: Json) -> Any:
    """What a condition asks, whatever answer it wants."""
    known = {name: value for name, value in condition.items() if name not in ("measurement_filter", "filter")}
    return str(sorted(known.items(), key=str))


def metric(draft: Draft, condition: Json) -> str:
    """The name of a condition's metric."""
    row = draft.klaviyo.row("metric", condition["metric_id"])
    return repr(row.document["name"]) if row else "the metric"


def nearest(name: str, known: Carried) -> str:
    """The nearest property that is carried, as a question."""
    from difflib import get_close_matches

    return "".join(f" ({each}?)" for each in get_close_matches(name, list(known.properties), 1))
