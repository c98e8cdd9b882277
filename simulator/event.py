"""VendorEvent: something that happened at a vendor, as the vendor itself tells it; and when such events are due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeAlias

from simulator.json import Json


@dataclass(frozen=True, slots=True)
class VendorEvent:
    """One event of a vendor.

    `payload` is the vendor's own raw body; `id` is the same on every retry; `customer` is the vendor's record
    of the person the event belongs to, as its API tells it at that moment, or None when the look-up fails.
    """

    vendor: str
    name: str
    id: str
    occurred_at: datetime
    payload: Json
    customer: Json | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """That an event is due in a customer's life: when, which, and facts that the payload must agree with."""

    at: datetime
    name: str
    facts: dict[str, Any] = field(default_factory=dict)


class Agenda:
    """Occasions to come until an end, in order of time; what one brings about may be added while they are read."""

    def __init__(self, end: datetime, occasions: Iterable[Occasion] = ()) -> None:
        self._end = end
        self._numbers = count()
        self._coming: list[tuple[datetime, int, Occasion]] = []
        self.add(occasions)

    def add(self, occasions: Iterable[Occasion]) -> None:
        """Note occasions; those at the end or later are forgotten."""
        for occasion in occasions:
            if occasion.at < self._end:
                heappush(self._coming, (occasion.at, next(self._numbers), occasion))

    def __iter__(self) -> Iterator[Occasion]:
        while self._coming:
            yield heappop(self._coming)[2]


Step: TypeAlias = Callable[[datetime], Iterable[Occasion]]
"""What happens at a time: it may change things silently, have occasions of that very time, and plan what follows."""


class Plans:
    """Steps of a life to come between two times, in order of time; a step may plan further ones."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._start = start
        self._end = end
        self._numbers = count()
        self._coming: list[tuple[datetime, int, Step]] = []

    def plan(self, at: datetime, step: Step) -> None:
        """Let a step happen; one outside of the two times is forgotten."""
        if self._start <= at < self._end:
            heappush(self._coming, (at, next(self._numbers), step))

    def __iter__(self) -> Iterator[Occasion]:
        while self._coming:
            at, _, step = heappop(self._coming)
            yield from step(at)
