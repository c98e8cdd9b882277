"""Savings: what entries keep of the events and answers that they led to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.document import DocumentError, Place
from simulator.event import VendorEvent
from simulator.population import Person
from simulator.scenario.matchers import ABSENT
from simulator.scenario.overrides import CUSTOMER, paths
from simulator.scenario.saved import Saved
from simulator.scenario.words import nearest


def keep(saved: Saved, wanted: Mapping[str, str], event: VendorEvent, place: Place, person: Person) -> None:
    """Keep values of an event's payload, below `customer.` of the customer's record, by dotted path."""
    for name, path in wanted.items():
        is_theirs = path.startswith(CUSTOMER)
        value = reached(
            event.customer if is_theirs else event.payload, path.removeprefix(CUSTOMER) if is_theirs else path
        )
        if value is ABSENT:
            known = [*paths(event.payload), *(CUSTOMER + inner for inner in paths(event.customer))]
            raise DocumentError(place, f"save: {path} is not in {event.vendor}/{event.name}{nearest(path, known)}")
        saved.put(name, value, person.key)


def reached(values: Any, path: str) -> Any:
    """What a name or dotted path leads to, ABSENT when it leads nowhere."""
    if isinstance(values, dict) and path in values:
        return values[path]
    for step in path.split("."):
        if isinstance(values, dict) and step in values:
            values = values[step]
        elif isinstance(values, list) and step.isdecimal() and int(step) < len(values):
            values = values[int(step)]
        else:
            return ABSENT
    return values
