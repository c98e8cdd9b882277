"""Agenda: what is to come in a customer's life, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeAlias, TypeVar

from simulator.event import Occasion

Step: TypeAlias = Callable[[datetime], Iterable[Occasion]]
"""What happens at a time: occasions of that very time, silent changes, and plans for what follows."""

Planned = TypeVar("Planned")

ALWAYS = datetime.min.replace(tzinfo=UTC)


class Agenda(Generic[Planned]):
    """What is planned, in order of time, then of planning; more may be planned while it is read.

    A plan is whatever a life is made of: an occasion, or a step that leads to occasions. One for a time before `since`
    is forgotten.

    >>> agenda: Agenda[str] = Agenda()
    >>> agenda.plan(datetime(2026, 2, 1, tzinfo=UTC), "buy")
    >>> agenda.plan(datetime(2026, 1, 1, tzinfo=UTC), "join")
    >>> [plan for _, plan in agenda.until(datetime(2026, 1, 15, tzinfo=UTC))]
    ['join']
    """

    def __init__(self, since: datetime = ALWAYS) -> None:
        self._since = since
        self._numbers = count()
        self._coming: list[tuple[datetime, int, Planned]] = []

    def plan(self, at: datetime, planned: Planned) -> None:
        """Plan something for a time."""
        if at >= self._since:
            heappush(self._coming, (at, next(self._numbers), planned))

    def plan_all(self: Agenda[Occasion], occasions: Iterable[Occasion]) -> None:
        """Plan occasions, each for its time."""
        for occasion in occasions:
            self.plan(occasion.at, occasion)

    def until(self, end: datetime) -> Iterator[tuple[datetime, Planned]]:
        """What is planned before a time, and when; what is planned for later stays."""
        while self._coming and self._coming[0][0] < end:
            at, _, planned = heappop(self._coming)
            yield at, planned
