"""Overrides: values that a scenario or the command line puts into an event, by dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simulator.chance import Chance
from simulator.event import Occasion, VendorEvent
from simulator.json import Json
from simulator.scenario.words import Mistake, nearest
from simulator.vendor import Vendor

CUSTOMER = "customer."
"""What a path into the customer's record begins with."""


class OverrideError(Mistake):
    """A value that an event cannot take, and its path."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


class Told(dict[str, Any]):
    """Facts that remember which of them were asked for."""

    def __init__(self, facts: Json) -> None:
        super().__init__(facts)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The fact of a name."""
        self.asked.add(name)
        return super().get(name, default)


def overridden(vendor: Vendor, member: Any, occasion: Occasion, luck: Chance, *, overrides: Json) -> VendorEvent:
    """The event of an occasion with values of its own.

    A value whose name the event asks for as a fact is left to it, so that the member's state agrees; every other
    one is put into the payload, or below `customer.` into the customer's record.
    """
    facts = Told(occasion.facts | overrides)
    payload = made(vendor, member, replace(occasion, facts=facts), luck)
    record = vendor.record(member)
    for path, value in overrides.items():
        if path.startswith(CUSTOMER):
            put(record, path.removeprefix(CUSTOMER), value, path)
        elif path not in facts.asked:
            put(payload, path, value, path)
    return VendorEvent(vendor.name, occasion.name, vendor.event_id(payload, luck), occasion.at, payload, record)


def made(vendor: Vendor, member: Any, occasion: Occasion, luck: Chance) -> Json:
    """The payload of an occasion; facts of a kind that the event cannot work with are refused."""
    try:
        return vendor.events[occasion.name].payload(member, occasion, luck)
    except (AttributeError, TypeError, ValueError, ArithmeticError) as error:
        names = ", ".join(occasion.facts)
        raise OverrideError(names, f"{occasion.name} cannot take {names}: {error}") from error


def put(holder: Any, path: str, value: Any, told: str) -> None:
    """Put a value at a path that exists; steps into a list are numbers.

    >>> order = {"lines": [{"price": 3}]}
    >>> put(order, "lines.0.price", 5, "lines.0.price")
    >>> order
    {'lines': [{'price': 5}]}
    """
    known = paths(holder)
    if path not in known:
        prefix = told.removesuffix(path)
        raise OverrideError(told, f"with.{told} is unknown{nearest(told, [prefix + name for name in known])}")
    inner, last = holder_of(holder, path)
    inner[last] = value


def holder_of(holder: Any, path: str) -> tuple[Any, Any]:
    """The table or list in which a path ends, and the last step into it."""
    *above, last = path.split(".")
    for step in above:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    return holder, int(last) if isinstance(holder, list) else last


def paths(value: Any, prefix: str = "") -> list[str]:
    """Every dotted path within a JSON value.

    >>> paths({"card": {"id": 1}, "lines": [2]})
    ['card', 'card.id', 'lines', 'lines.0']
    """
    items: Mapping[Any, Any] = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        items = dict(enumerate(value))
    found: list[str] = []
    for name, inner in items.items():
        found += [f"{prefix}{name}", *paths(inner, f"{prefix}{name}.")]
    return found
