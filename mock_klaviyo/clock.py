"""Clock: the one source of time, real or held still and moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""What a held clock can show; leaves room for times that are worked out from the time now."""


class Clock:
    """The time now, in UTC; follows the wall clock until it is set, then stands still until it is moved.

    >>> clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.advance(timedelta(days=3))
    >>> clock.now.isoformat()
    '2026-01-04T00:00:00+00:00'
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._held = start and checked(start)

    @property
    def is_real(self) -> bool:
        """Whether the clock follows the wall clock."""
        return self._held is None

    @property
    def now(self) -> datetime:
        """The time now."""
        return self._held or datetime.now(UTC)

    def set(self, now: datetime) -> None:
        """Hold the clock at a time; raises `ValueError` for one before the time now of a held clock."""
        if self._held is not None and now < self._held:
            raise ValueError(f"the clock stands at {self._held.isoformat()} and does not go back")
        self._held = checked(now)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        try:
            self.set(self.now + by)
        except OverflowError:
            raise ValueError(f"the clock cannot be moved by {by}") from None

    def release(self) -> None:
        """Follow the wall clock again."""
        self._held = None

    def remember(self) -> datetime | None:
        """The time that it is held at, if any; `restart` goes back to it."""
        return self._held

    def restart(self, start: datetime | None) -> None:
        """Begin anew, even at an earlier time."""
        self._held = start and checked(start)


def checked(now: datetime) -> datetime:
    """A time that a clock can be held at; raises `ValueError` for any other."""
    if not EARLIEST <= now <= LATEST:
        raise ValueError(f"the clock can be held from {EARLIEST.year} to {LATEST.year}, not at {now.isoformat()}")
    return now
