"""Intervals: the hours, days, weeks and months that a range of time is cut into, as they are in a timezone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def hour(at: datetime) -> datetime:
    """The start of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def day(at: datetime) -> datetime:
    """The start of the day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def week(at: datetime) -> datetime:
    """The start of the week, which is Monday."""
    return day(at) - timedelta(days=at.weekday())


def month(at: datetime) -> datetime:
    """The start of the month."""
    return day(at).replace(day=1)


STARTS: Mapping[str, Callable[[datetime], datetime]] = {"hour": hour, "day": day, "week": week, "month": month}
"""The interval's name → the start of the bucket that a local time falls into."""

STEPS = {
    "hour": timedelta(hours=1),
    "day": timedelta(hours=27),
    "week": timedelta(days=7, hours=3),
    "month": timedelta(days=32),
}
"""A step from the start of a bucket that surely ends in the next one, also when the clocks are put back."""


def bucket_starts(start: datetime, end: datetime, zone: ZoneInfo, interval: str) -> Iterator[datetime]:
    """The start of each bucket that the range touches, in UTC."""
    at = bucket_start(start, zone, interval)
    while at < end:
        yield at
        later, step = at, STEPS[interval]
        while later <= at:  # where clocks go back by half an hour, one hour is longer than its step
            later, step = bucket_start(at + step, zone, interval), step + STEPS[interval]
        at = later


def bucket_start(at: datetime, zone: ZoneInfo, interval: str) -> datetime:
    """The start of the bucket that a time falls into, in UTC."""
    return STARTS[interval](at.astimezone(zone)).astimezone(UTC)
