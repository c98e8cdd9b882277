"""Date filters: in which spans of time each is true of a moment.

Everything is UTC; a date without a time is its midnight, and days and weeks are whole calendar days.
https://help.klaviyo.com/hc/en-us/articles/4403222359451
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from mock_klaviyo.engine.verdict import BEGINNING, FOREVER, Verdict
from mock_klaviyo.json import Json
from mock_klaviyo.spec.formats import moment

Span: TypeAlias = tuple[datetime, datetime]
"""A time from a moment on until just before another."""

EVER: Span = (BEGINNING, FOREVER)
UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
DAY, YEAR, INSTANT = timedelta(days=1), timedelta(days=366), timedelta(microseconds=1)


def when(at: datetime, filter: Json, now: datetime) -> Verdict:
    """Whether a date filter accepts a moment now, and when that changes."""
    is_true, until = False, FOREVER
    for start, end in SPANS[filter["operator"]](at, filter, now):
        is_true = is_true or start <= now < end
        if now < end < until:
            until = end
        if now < start < until:
            until = start
    return Verdict(is_true, until)


def moment_of(value: Any) -> datetime | None:
    """The moment that a text names; None for anything else.

    >>> moment_of("2026-01-05 10:00"), moment_of("soon")
    (datetime.datetime(2026, 1, 5, 10, 0, tzinfo=datetime.timezone.utc), None)
    """
    if not isinstance(value, str):
        return None
    try:
        return moment(value.strip().replace(" ", "T", 1))
    except ValueError:
        return None


def midnight(at: datetime) -> datetime:
    """The beginning of a day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def shifted(at: datetime, amount: int, unit: str) -> datetime:
    """A moment so many units later; the last or first moment when that is out of range."""
    try:
        return at + amount * UNITS[unit]
    except OverflowError:
        return FOREVER if amount > 0 else BEGINNING


def whole(at: datetime, unit: str) -> datetime:
    """A moment as a unit counts from it: days and weeks from midnight, hours from itself."""
    return at if unit == "hour" else midnight(at)


def later(at: datetime, amount: int, unit: str) -> datetime:
    """The moment from which on something is so many units ago."""
    return shifted(whole(at, unit), amount, unit)


def passed(at: datetime, amount: int, unit: str) -> datetime:
    """The moment from which on something is longer ago than so many units."""
    end = later(at, amount, unit)
    return end + (INSTANT if unit == "hour" else DAY) if end < FOREVER - DAY else FOREVER


def is_day(at: datetime) -> bool:
    """Whether a moment stands for a whole day, as the dates do that Klaviyo's own pages send."""
    return at == midnight(at)


def before(at: datetime, filter: Json, _: datetime) -> Iterator[Span]:
    """Earlier than a date."""
    date = moment_of(filter["date"])
    if date is not None and at < date:
        yield EVER


def after(at: datetime, filter: Json, _: datetime) -> Iterator[Span]:
    """Later than a date; the day itself is out."""
    date = moment_of(filter["date"])
    if date is not None and (at >= shifted(date, 1, "day") if is_day(date) else at > date):
        yield EVER


def between_static(at: datetime, filter: Json, _: datetime) -> Iterator[Span]:
    """From one date to another; both days are in."""
    start, end = moment_of(filter["start"]), moment_of(filter["end"])
    if start is None or end is None or at < start:
        return
    if at < shifted(end, 1, "day") if is_day(end) else at <= end:
        yield EVER


def in_the_last(at: datetime, filter: Json, _: datetime) -> Iterator[Span]:
    """Not longer ago, and not to come."""
    yield at, passed(at, filter["quantity"], filter["unit"])


def at_least(at: datetime, filter: Json, _: datetime) -> Iterator[Span]:
    """Longer ago."""
    yield passed(at, filter["quantity"], filter["unit"]), FOREVER


def in_the_next(at: datetime, filter: Json, _: datetime) -> Iterator[Span]:
    """To come, and not further ahead."""
    yield later(at, -filter["quantity"], filter["unit"]), at


def between(at: datetime, filter: Json, _: datetime) -> Iterator[Span]:
    """From so many to so many units ago; both are in."""
    yield later(at, filter["start"], filter["unit"]), passed(at, filter["end"], filter["unit"])


def anniversaries(at: datetime, now: datetime) -> Iterator[datetime]:
    """The moment in the years around now; 29 February comes in leap years only."""
    for year in range(now.year - 2, now.year + 9):
        try:
            yield at.replace(year=year)
        except ValueError:
            continue


def anniversary(at: datetime, _: Json, now: datetime) -> Iterator[Span]:
    """The day is today."""
    for each in anniversaries(midnight(at), now):
        yield each, each + DAY


def anniversary_last(at: datetime, filter: Json, now: datetime) -> Iterator[Span]:
    """The day was not longer ago, whatever the year."""
    for each in anniversaries(at, now):
        yield each, min(passed(each, filter["quantity"], filter["unit"]), each + YEAR)


def anniversary_next(at: datetime, filter: Json, now: datetime) -> Iterator[Span]:
    """The day is to come and not further ahead, whatever the year."""
    for each in anniversaries(at, now):
        yield max(later(each, -filter["quantity"], filter["unit"]), each - YEAR), each


def anniversary_month(at: datetime, _: Json, now: datetime) -> Iterator[Span]:
    """The month is this one."""
    for each in anniversaries(midnight(at).replace(day=1), now):
        yield each, (each + timedelta(days=31)).replace(day=1)


def calendar_month(at: datetime, filter: Json, _: datetime) -> Iterator[Span]:
    """The month is the named one."""
    if at.month == filter["value"]:
        yield EVER


def alltime(_at: datetime, _filter: Json, _now: datetime) -> Iterator[Span]:
    """Always."""
    yield EVER


SPANS: Mapping[str, Callable[[datetime, Json, datetime], Iterator[Span]]] = {
    "before": before,
    "after": after,
    "between-static": between_static,
    "in-the-last": in_the_last,
    "at-least": at_least,
    "in-the-next": in_the_next,
    "between": between,
    "anniversary": anniversary,
    "anniversary-last": anniversary_last,
    "anniversary-next": anniversary_next,
    "anniversary-month": anniversary_month,
    "calendar-month": calendar_month,
    "alltime": alltime,
}
"""The operator of a date filter → the spans of time in which it accepts a moment."""
