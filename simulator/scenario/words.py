"""Words: what a scenario may speak of, and the nearest one to a word that is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from simulator.vendor import Vendor


class Mistake(ValueError):
    """Something that the user told and that makes no sense."""


class NothingSelected(Mistake):
    """No scenario is left to run."""


@dataclass(frozen=True)
class Words:
    """What a scenario may speak of: vendors, its population (of which some are single persons), and ids of entries."""

    vendors: Mapping[str, Vendor]
    names: Sequence[str] = ()
    persons: Sequence[str] = ()
    ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EventName:
    """An event of a vendor, `smile/Points Redeemed`: by its vendor-side name or its metric."""

    vendor: str
    name: str


def nearest(name: str, known: Iterable[str]) -> str:
    """The nearest known word as a question, ` (metric?)`; nothing when none is near.

    >>> nearest("metrc", ["metric", "for"])
    ' (metric?)'
    """
    by_lower = {word.lower(): word for word in known}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" ({by_lower[found[0]]}?)" if found else ""


def vendor(name: str, words: Words) -> Vendor:
    """The vendor of a name."""
    if name not in words.vendors:
        known = ", ".join(words.vendors)
        raise Mistake(f"{name} is no vendor{nearest(name, list(words.vendors))}; there are {known}")
    return words.vendors[name]


def known_event(owner: Vendor, event: str) -> EventName:
    """An event of a vendor by its vendor-side name or its metric."""
    name = owner.named(event)
    if name is None:
        names = [*owner.events, *filter(None, map(owner.metric, owner.events))]
        raise Mistake(f"{event!r} is no event of {owner.name}{nearest(event, names)}")
    return EventName(owner.name, name)
