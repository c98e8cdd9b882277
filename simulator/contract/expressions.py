"""Where a contract's field comes from: JMESPath over the vendor event, with the formats that vendors document.

The functions here are a second, independent reading of the vendors' documents; the mapping layer has its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from typing import Any, TypeAlias

import jmespath
from jmespath import functions
from jmespath.visitor import TreeInterpreter

from simulator.event import VendorEvent
from simulator.json import Json

Reading: TypeAlias = Callable[[Any], Any]
"""A function that reads a value out of an event's facts."""


class Formats(functions.Functions):
    """What a contract may call in an expression, beside JMESPath's own functions."""

    @functions.signature({"types": ["number", "string"]})
    def _func_floor_cents(self, amount: float | str) -> float:
        """An amount cut down to whole cents."""
        return float(Decimal(str(amount)).quantize(Decimal("0.01"), rounding=ROUND_FLOOR))

    @functions.signature({"types": ["string"]})
    def _func_second(self, text: str) -> str:
        """An ISO time cut to its second, in UTC."""
        at = datetime.fromisoformat(text)
        return f"{at:%Y-%m-%dT%H:%M:%S}Z"


FORMATS = Formats()
OPTIONS = jmespath.Options(custom_functions=FORMATS)


@cache
def compiled(expression: str) -> Reading:
    """The expression as a function of an event's facts; paths and calls, the bulk of them, run as plain Python."""
    return reading({**jmespath.compile(expression).parsed})


def reading(node: Json) -> Reading:
    """A node of a parsed expression as a function; what is rare is left to JMESPath's own interpreter."""
    make = READINGS.get(node["type"])
    return make(node) if make else interpreted(node)


def interpreted(node: Json) -> Reading:
    """A node run by JMESPath's interpreter."""
    interpreter: Any = TreeInterpreter(OPTIONS)
    return lambda known: interpreter.visit(node, known)


def field_reading(node: Json) -> Reading:
    """A field, None where there is none."""
    name = node["value"]
    return lambda known: known.get(name) if isinstance(known, dict) else None


def path_reading(node: Json) -> Reading:
    """A path, step by step."""
    steps = [reading(child) for child in node["children"]]

    def read(known: Any) -> Any:
        for step in steps:
            known = step(known)
        return known

    return read


def call_reading(node: Json) -> Reading:
    """A call of a function; one that takes an expression is left to the interpreter."""
    if any(child["type"] == "expref" for child in node["children"]):
        return interpreted(node)
    name, arguments = node["value"], [reading(child) for child in node["children"]]
    return lambda known: FORMATS.call_function(name, [argument(known) for argument in arguments])


READINGS: dict[str, Callable[[Json], Reading]] = {
    "field": field_reading,
    "subexpression": path_reading,
    "function_expression": call_reading,
}


def facts(event: VendorEvent) -> Json:
    """What an expression can speak of: payload, customer, id, name and occurred_at (ISO, to the second, Z)."""
    return {
        "payload": event.payload,
        "customer": event.customer,
        "id": event.id,
        "name": event.name,
        "occurred_at": f"{event.occurred_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def expected(expression: str, known: Json) -> Any:
    """What the expression says of an event's facts."""
    return compiled(expression)(known)
