"""Clock: the one source of time: real, frozen and moved by hand, or scaled to run faster than life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""What a frozen clock can show; leaves room for times that are worked out from the time now."""

FASTEST = 1_000_000.0
"""How many times faster than life a scaled clock may run: a year in half a minute."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a scaled clock runs: from `base`, `rate` times as fast as the wall clock."""

    base: datetime
    rate: float

    def after(self, passed: timedelta) -> datetime:
        """The time when so much real time has passed; the latest time is never passed."""
        try:
            return min(self.base + passed * self.rate, LATEST)
        except OverflowError:
            return LATEST


State: TypeAlias = datetime | Pace | None
"""A frozen clock's time, a scaled clock's pace, or None for a clock that follows the wall clock."""


def wall_clock() -> datetime:
    """The real time."""
    return datetime.now(UTC)


class Clock:
    """The time now, in UTC; follows the wall clock until it is set, then stands still until it is moved.

    >>> clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.advance(timedelta(days=3))
    >>> clock.now.isoformat()
    '2026-01-04T00:00:00+00:00'
    """

    def __init__(self, start: datetime | None = None, wall: Callable[[], datetime] = wall_clock) -> None:
        self._wall = wall
        self._since = wall()
        self._state: State = start and checked(start)

    @property
    def is_frozen(self) -> bool:
        """Whether the clock stands still until it is moved."""
        return isinstance(self._state, datetime)

    @property
    def mode(self) -> str:
        """How the clock runs: real, frozen or scaled."""
        return "real" if self._state is None else "frozen" if self.is_frozen else "scaled"

    @property
    def rate(self) -> float:
        """How many times as fast as the wall clock it runs; 0 when it stands still."""
        return self._state.rate if isinstance(self._state, Pace) else 0.0 if self.is_frozen else 1.0

    @property
    def now(self) -> datetime:
        """The time now."""
        if self._state is None:
            return self._wall()
        return self._state.after(self._wall() - self._since) if isinstance(self._state, Pace) else self._state

    def set(self, now: datetime) -> None:
        """Freeze the clock at a time; raises `ValueError` for one before the time now of a frozen clock."""
        if self.is_frozen and now < self.now:
            raise ValueError(f"the clock stands at {self.now.isoformat()} and does not go back")
        self._state = checked(now)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        try:
            self.set(self.now + by)
        except OverflowError:
            raise ValueError(f"the clock cannot be moved by {by}") from None

    def scale(self, rate: float, base: datetime | None = None) -> None:
        """Run so many times as fast as the wall clock, from the time now or from another one."""
        self.restart(Pace(base or self.now, checked_rate(rate)))

    def release(self) -> None:
        """Follow the wall clock again."""
        self._state = None

    def remember(self) -> State:
        """How it runs; `restart` goes back to it."""
        return Pace(self.now, self._state.rate) if isinstance(self._state, Pace) else self._state

    def restart(self, state: State) -> None:
        """Begin anew, even at an earlier time."""
        self._since = self._wall()
        self._state = checked(state) if isinstance(state, datetime) else state


def checked(now: datetime) -> datetime:
    """A time that a clock can be frozen at; raises `ValueError` for any other."""
    if not EARLIEST <= now <= LATEST:
        raise ValueError(f"the clock can show {EARLIEST.year} to {LATEST.year}, not {now.isoformat()}")
    return now


def checked_rate(rate: float) -> float:
    """How many times as fast as life a clock can run; raises `ValueError` for what is none."""
    if not 0 < rate <= FASTEST:
        raise ValueError(f"the clock can run up to {FASTEST:,.0f} times as fast as life, not {rate} times")
    return rate
