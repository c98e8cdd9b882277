"""Times in scenarios: `5m` after the start, an absolute time, or a window `10m..2h`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log

from simulator.chance import Chance

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


@dataclass(frozen=True, slots=True)
class Gap:
    """How long it is from one time to the next: fixed, anything between two, or log-normal around a median.

    Without lengths of its own it goes by what is typical: the entry's window divided by how often it happens.
    """

    law: str
    least: timedelta | None = None
    most: timedelta | None = None
    sigma: float = 1.0

    def draw(self, luck: Chance, typical: timedelta) -> timedelta:
        """One gap, in whole seconds unless it is fixed."""
        if self.law == "fixed":
            return self.least or typical
        if self.law == "uniform":
            least, most = self.least or timedelta(0), self.most or typical * 2
            return timedelta(seconds=int(least.total_seconds() + luck.random() * (most - least).total_seconds()))
        median = (self.least or typical).total_seconds()
        return timedelta(seconds=int(luck.lognormvariate(log(max(median, 1.0)), self.sigma)))


GAP = re.compile(r"(lognormal|uniform|fixed)(?:\(([^)]*)\))?")
GAP_FORMS = "lognormal, lognormal(30m), lognormal(30m, 0.5), uniform, uniform(1m..2h) or fixed(30s)"


def gap(text: str) -> Gap:
    """A law for gaps.

    >>> gap("lognormal(30m, 0.5)").sigma, str(gap("uniform(1m..2h)").most)
    (0.5, '2:00:00')
    """
    found = GAP.fullmatch(text.strip())
    if found is None or (found[1] == "fixed" and not found[2]):
        raise ValueError(f"{text!r} must be {GAP_FORMS}")
    law, inside = found[1], found[2]
    if not inside:
        return Gap(law)
    if law == "lognormal":
        median, _, sigma = inside.partition(",")
        return Gap(law, duration(median.strip()), sigma=float(sigma or 1.0))
    least, dots, most = inside.partition("..")
    if (law == "uniform") != bool(dots):
        raise ValueError(f"{text!r} must be {GAP_FORMS}")
    return Gap(law, duration(least.strip()), duration((most or least).strip()))


RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(s|m|h|d)")


def rate(text: str) -> timedelta:
    """The time between two events at a rate.

    >>> str(rate("20/s")), str(rate("6/h"))
    ('0:00:00.050000', '0:10:00')
    """
    found = RATE.fullmatch(text.strip())
    if found is None or float(found[1]) == 0:
        raise ValueError(f"{text!r} must be a rate such as 20/s, 300/m or 6/h")
    return UNITS[found[2]] / float(found[1])
