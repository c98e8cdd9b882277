"""Timeframes: the range of time that a report is about, in the account's timezone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from mock_klaviyo.errors import Problem, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources.intervals import bucket_start, bucket_starts, day, month, week
from mock_klaviyo.resources.world import World
from mock_klaviyo.spec.formats import moment

ATTRIBUTES = "/data/attributes"
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200
LONGEST = timedelta(days=366)
INTERVALS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}
"""The interval of a report → the interval of time."""

LIMITS = {
    "hourly": timedelta(days=7),
    "daily": timedelta(days=60),
    "weekly": timedelta(weeks=52),
    "monthly": timedelta(weeks=52),
}
"""The interval of a report → the longest custom timeframe that it may cut; one with a key may be a day longer."""

OFFSET = re.compile(r"(?:Z|[+-]\d{2}:\d{2})$", re.IGNORECASE)
INSTANT = timedelta(microseconds=1)
"""What makes what happens now, on a clock that stands still, lie in a timeframe that ends now."""

SLACK = timedelta(days=1)
"""What a timeframe with a key has in addition: the day that is not over yet."""


def months_before(at: datetime, count: int) -> datetime:
    """The start of the month so many months before that of a time."""
    number = at.year * 12 + at.month - 1 - count
    return day(at).replace(year=number // 12, month=number % 12 + 1, day=1)


def year(at: datetime) -> datetime:
    """The start of the year."""
    return month(at).replace(month=1)


def days_before(count: int) -> Callable[[datetime], tuple[datetime, datetime]]:
    """From the start of the day so many days ago until now."""
    return lambda now: (day(now) - timedelta(days=count), now)


def whole_months(count: int) -> Callable[[datetime], tuple[datetime, datetime]]:
    """The last so many months that are over."""
    return lambda now: (months_before(now, count), month(now))


KEYS: Mapping[str, Callable[[datetime], tuple[datetime, datetime]]] = {
    "today": lambda now: (day(now), now),
    "yesterday": lambda now: (day(now) - timedelta(days=1), day(now)),
    "this_week": lambda now: (week(now), now),
    "last_week": lambda now: (week(now) - timedelta(days=7), week(now)),
    "this_month": lambda now: (month(now), now),
    "last_month": whole_months(1),
    "last_3_months": whole_months(3),
    "last_12_months": whole_months(12),
    "this_year": lambda now: (year(now), now),
    "last_year": lambda now: (year(year(now) - timedelta(days=1)), year(now)),
    "last_7_days": days_before(7),
    "last_30_days": days_before(30),
    "last_90_days": days_before(90),
    "last_365_days": days_before(365),
}
"""The key of a timeframe → from when until when, given the time now where the account is."""


@dataclass(frozen=True)
class Timeframe:
    """A range of time without its end, and the interval that it is cut into, if it is."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    interval: str | None = None

    def has(self, at: datetime) -> bool:
        """Whether a time lies in it."""
        return self.start <= at < self.end

    @cached_property
    def buckets(self) -> list[datetime]:
        """The starts of its parts; its own when it is not cut."""
        if self.interval is None:
            return [self.start]
        return list(bucket_starts(self.start, self.end, self.zone, INTERVALS[self.interval]))

    def bucket(self, at: datetime) -> datetime:
        """The start of the part that a time lies in."""
        return self.start if self.interval is None else bucket_start(at, self.zone, INTERVALS[self.interval])

    @property
    def parts(self) -> Iterator[tuple[datetime, datetime]]:
        """The start and end of each of its parts."""
        yield from pairwise([*self.buckets, self.end])

    @property
    def date_times(self) -> list[str]:
        """The starts of its parts as Klaviyo writes them: the time where the account is, as if that were UTC."""
        return [each.astimezone(self.zone).replace(tzinfo=UTC).isoformat() for each in self.buckets]


def timeframe(world: World, attributes: Json) -> Timeframe:
    """The timeframe that a report asks for."""
    zone, given = ZoneInfo(world.account.timezone), attributes["timeframe"]
    raise_all(year_problems(given))
    if "key" in given:
        start, end = KEYS[given["key"]](world.now.astimezone(zone))
        end += INSTANT if end == world.now else timedelta()
    else:
        start, end = local(given["start"], zone), local(given["end"], zone)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    interval = attributes.get("interval")
    raise_all(length_problems(end - start, interval, slack=SLACK if "key" in given else timedelta()))
    return Timeframe(start, end, zone, interval)


def local(text: str, zone: ZoneInfo) -> datetime:
    """A time where the account is; the offset that a client names counts for nothing.

    >>> local("2026-01-01T09:00:00+05:00", ZoneInfo("Europe/Prague")).isoformat()
    '2026-01-01T09:00:00+01:00'
    """
    return moment(OFFSET.sub("", text)).replace(tzinfo=zone)


def year_problems(given: Json) -> Iterator[Problem]:
    """That a timeframe is too far away."""
    for name in ("start", "end"):
        if name in given and not EARLIEST_YEAR <= moment(given[name]).year <= LATEST_YEAR:
            reason = f"{name} must lie between the years {EARLIEST_YEAR} and {LATEST_YEAR}."
            yield problem("invalid", reason=reason, pointer=f"{ATTRIBUTES}/timeframe/{name}")


def length_problems(length: timedelta, interval: str | None, *, slack: timedelta) -> Iterator[Problem]:
    """That a timeframe is empty, or too long for itself or for its interval."""
    pointer = f"{ATTRIBUTES}/timeframe"
    if length <= timedelta() and not slack:
        yield problem("invalid", reason="The timeframe ends before it begins.", pointer=pointer)
    elif length > LONGEST:
        yield problem("invalid", reason="The timeframe may not be longer than one year.", pointer=pointer)
    elif interval and length > LIMITS[interval] + slack:
        longest = f"{LIMITS[interval].days} days"
        reason = f"With the interval {interval} the timeframe may not be longer than {longest}."
        yield problem("invalid", reason=reason, pointer=pointer)
