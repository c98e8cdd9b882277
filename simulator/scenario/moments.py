"""Times in scenarios: `5m` after the start, an absolute time, or a window `10m..2h`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
STEP = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


def duration(text: str) -> timedelta:
    """A length of time.

    >>> str(duration("1h30m")), str(duration("90d"))
    ('1:30:00', '90 days, 0:00:00')
    """
    steps = STEP.findall(text)
    if not steps or "".join(number + unit for number, unit in steps) != text:
        raise ValueError(f"{text!r} is no length of time such as 30s, 5m, 2h, 1d or 1h30m")
    return sum((float(number) * UNITS[unit] for number, unit in steps), timedelta())


def instant(text: str) -> datetime:
    """An absolute time in UTC.

    >>> str(instant("2026-03-04T10:00Z"))
    '2026-03-04 10:00:00+00:00'
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time such as 2026-03-04T10:00:00Z") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """When an entry happens: between two times, each a length of time after the start or absolute."""

    earliest: timedelta | datetime
    latest: timedelta | datetime

    def bounds(self, start: datetime) -> tuple[datetime, datetime]:
        """Both times, for a run that begins at `start`."""
        return placed(self.earliest, start), placed(self.latest, start)


AT_ONCE = Moment(timedelta(0), timedelta(0))


def placed(time: timedelta | datetime, start: datetime) -> datetime:
    """The absolute time of a time."""
    return start + time if isinstance(time, timedelta) else time


def moment(text: str) -> Moment:
    """An offset, an absolute time, or a window.

    >>> moment("10m..2h").latest
    datetime.timedelta(seconds=7200)
    """
    first, dots, last = text.partition("..")
    return Moment(one_time(first), one_time(last if dots else first))


def one_time(text: str) -> timedelta | datetime:
    """An offset or an absolute time."""
    text = text.strip()
    return duration(text) if STEP.match(text) and "-" not in text else instant(text)
