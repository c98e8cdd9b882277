"""Schema: the JSON Schema of scenario files, made from the signatures that read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from simulator.json import Json
from simulator.scenario.arguments import arguments, bare
from simulator.scenario.cast import crowd, person
from simulator.scenario.expectations import EXPECTATIONS, Shape
from simulator.scenario.expectations.expectation import ExpectationKind
from simulator.scenario.expecting import terms
from simulator.scenario.incidents import at_klaviyo, at_vendor
from simulator.scenario.kinds import DURATION, KINDS, TIME
from simulator.scenario.plans import rhythm, timing
from simulator.scenario.scenario import head
from simulator.scenario.settings import clock_table, klaviyo_table, limits_table
from simulator.scenario.timeline import ENTRIES, REPEATED

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LIST: Json = {"type": "array"}


def scenario_schema() -> Json:
    """The schema of one document."""
    told = table(head)
    told["properties"] |= {
        "scenario": {"const": 1},
        "env": {"type": ["array", "object"]},
        "matrix": {"type": "object", "additionalProperties": LIST, "properties": {"exclude": {}}},
        "clock": {"anyOf": [TIME, table(clock_table)]},
        "klaviyo": table(klaviyo_table),
        "limits": table(limits_table),
        "population": {"type": "object", "additionalProperties": {"anyOf": [table(crowd), table(person)]}},
        "timeline": {"type": "array", "items": {"$ref": "#/$defs/entry"}},
        "faults": {"type": "array", "items": {"anyOf": [table(at_klaviyo), table(at_vendor)]}},
        "expect": {"$ref": "#/$defs/expect"},
    }
    told["required"] = ["scenario", "name"]
    definitions = {"entry": {"anyOf": [entry(name) for name in ENTRIES]}, "expect": expect()}
    return {"$schema": DIALECT, "title": "A scenario of vendor-sim", **told, "$defs": definitions}


def table(function: Callable[..., Any], *others: Callable[..., Any]) -> Json:
    """The schema of a table of a function's arguments, and those of others."""
    wanted = {name: argument for each in (function, *others) for name, argument in arguments(each).items()}
    found: Json = {
        "type": "object",
        "description": (function.__doc__ or "").splitlines()[0],
        "properties": {name: KINDS[bare(argument.type)].schema for name, argument in wanted.items()},
        "additionalProperties": False,
    }
    required = [name for name, argument in wanted.items() if argument.is_required]
    return {**found, "required": required} if required else found


def entry(name: str) -> Json:
    """The schema of one kind of timeline entry."""
    others = (timing, rhythm) if name in REPEATED else (timing,)
    return table(ENTRIES[name], *others)


def expect() -> Json:
    """The schema of everything that is expected."""
    kinds = {name: SHAPES[kind.shape](name, kind) for name, kind in EXPECTATIONS.items()}
    return {"type": "object", "properties": {**kinds, "within": DURATION}, "additionalProperties": False}


def value_shape(name: str, kind: ExpectationKind) -> Json:
    """One value."""
    argument = arguments(kind.make)[name]
    described = {"description": (kind.make.__doc__ or "").splitlines()[0]}
    return {**described, **KINDS[bare(argument.type)].schema}


def item(kind: ExpectationKind) -> Json:
    """One table, or the text that stands for it."""
    found = table(kind.make, terms)
    return {"anyOf": [{"type": "string"}, found]} if kind.short else found


def list_shape(_name: str, kind: ExpectationKind) -> Json:
    """A list of tables, or one of them."""
    return {"anyOf": [{"type": "array", "items": item(kind)}, item(kind)]}


def named_shape(_name: str, kind: ExpectationKind) -> Json:
    """A table of tables; a plain value stands for a count."""
    return {"type": "object", "additionalProperties": {"anyOf": [item(kind), {"type": ["integer", "string"]}]}}


SHAPES: Mapping[Shape, Callable[[str, ExpectationKind], Json]] = {
    Shape.VALUE: value_shape,
    Shape.TABLE: lambda _, kind: item(kind),
    Shape.LIST: list_shape,
    Shape.BY_PERSON: lambda _, kind: {"type": "object", "additionalProperties": item(kind)},
    Shape.BY_NAME: named_shape,
}
"""The schema of each shape of expectation."""


def written(schema: Json) -> str:
    """The schema as text with a line for each member."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode() + "\n"
