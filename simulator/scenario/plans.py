"""Plans: entries of a timeline as they have been read: what, when, for whom, how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulator.document import Part
from simulator.population import Person
from simulator.scenario.cast import Cast
from simulator.scenario.kinds import Amount, Rate, Share, StepId
from simulator.scenario.moments import AT_ONCE, Gap, Moment

A_MINUTE = timedelta(minutes=1)
ONCE = Amount(1, 1)
ALWAYS = Share(1.0)


@dataclass(frozen=True, slots=True)
class Turn:
    """One time that an entry happens to somebody; `number` counts."""

    person: Person | None
    number: int
    at: datetime

    @property
    def somebody(self) -> Person:
        """The person."""
        if self.person is None:
            raise ValueError("an entry of this kind happens to persons only")
        return self.person


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often an entry happens to somebody, and how long it is from one time to the next."""

    chance: float = 1.0
    times: Amount = ONCE
    gap: Gap | None = None
    rate: timedelta | None = None


@dataclass(frozen=True)
class EntryPlan:
    """An entry: its kind, when (perhaps after another), its rhythm, its key for chance, and its arguments.

    `number` is its place among those beside it, `inner` are the entries of a journey.
    """

    kind: str
    at: Moment
    key: str
    arguments: Mapping[str, Any]
    part: Part
    make: Callable[..., Iterator[Any]]
    id: str = ""
    after: str | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)
    number: int = 0
    inner: Sequence[EntryPlan] = ()

    def steps(self, stage: Any) -> Iterator[Any]:
        """What is due on a stage, in order."""
        return self.make(stage, **self.arguments)

    @property
    def typical_gap(self) -> timedelta:
        """The entry's window divided by how often it happens."""
        if not (isinstance(self.at.earliest, timedelta) and isinstance(self.at.latest, timedelta)):
            return A_MINUTE
        return (self.at.latest - self.at.earliest) / max(self.rhythm.times.most, 1) or A_MINUTE

    def is_of_one(self, cast: Cast) -> bool:
        """Whether the entry is for a single person."""
        who = self.arguments.get("for_")
        return who is not None and len(cast.people.get(who, ())) == 1


def timing(
    *, at: Moment = AT_ONCE, after: StepId | None = None, id: str | None = None
) -> tuple[Moment, str | None, str]:
    """When an entry happens: an offset, a time or a window, from the start or after another entry."""
    return at, after, id or ""


def rhythm(
    *,
    chance: Share = ALWAYS,
    times: Amount = ONCE,
    gap: Gap | None = None,
    rate: Rate | None = None,
) -> Rhythm:
    """How often an entry happens: `{chance: 0.6, times: 1..4, gap: lognormal}`, or `{rate: 20/s}`."""
    return Rhythm(chance, times, gap, rate)
