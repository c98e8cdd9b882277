"""Chronicle: when a run's events happened, counted in equal parts of its time, so that it can be drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PARTS = 200
"""In how many parts the time of a run is divided; the size does not depend on the number of events."""

MOST_MARKS = 200
"""So many single things are marked at most."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened once: when, in which lane, and what."""

    at: datetime
    lane: str
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something went wrong on purpose."""

    start: datetime
    end: datetime
    text: str


@dataclass
class Chronicle:
    """The time of a run: how much happened in each part of it, lane by lane."""

    start: datetime
    end: datetime
    lanes: dict[str, list[int]] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    totals: Counter[str] = field(default_factory=Counter)

    def count(self, lane: str, at: datetime) -> None:
        """Count something that happened."""
        self.totals[lane] += 1
        if lane not in self.lanes:
            self.lanes[lane] = [0] * PARTS
        self.lanes[lane][self.part(at)] += 1

    def mark(self, lane: str, at: datetime, text: str) -> None:
        """Mark a single thing, as long as there are few."""
        if len(self.marks) < MOST_MARKS:
            self.marks.append(Mark(at, lane, text))

    def part(self, at: datetime) -> int:
        """The part of the run that a time lies in; what lies outside counts to the nearest one."""
        return max(0, min(PARTS - 1, int(self.share(at) * PARTS)))

    def share(self, at: datetime) -> float:
        """How much of the run's time had passed, from 0 to 1."""
        whole = max(self.end - self.start, timedelta(seconds=1))
        return max(0.0, min(1.0, (at - self.start) / whole))
