"""Lineage: where a request came from: the vendor's event, the target that mapped it, the entry of the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Lineage: TypeAlias = dict[str, str | None]
"""Cause, target and entry; None stands for what was not said."""

HEADERS: Mapping[str, str] = {"cause": "x-mock-cause", "target": "x-mock-target", "entry": "x-mock-entry"}
"""The headers that tell it."""

LONGEST = 200
"""How much of each is kept."""


def told(headers: Mapping[str, str]) -> Lineage | None:
    """What the headers of a request tell; None when they tell nothing.

    >>> told({"x-mock-cause": "order-1"})
    {'cause': 'order-1', 'target': None, 'entry': None}
    """
    if headers.keys().isdisjoint(HEADERS.values()):
        return None
    found = lineage({name: headers.get(header) for name, header in HEADERS.items()})
    return found if any(found.values()) else None


def lineage(given: Mapping[str, str | None]) -> Lineage:
    """A lineage of members that may be missing, each cut to what is kept."""
    return {name: (given.get(name) or "")[:LONGEST] or None for name in HEADERS}
