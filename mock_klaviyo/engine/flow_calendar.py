"""Flow calendar: the days on which dates come back, and when flows and their delays fall on them.

https://help.klaviyo.com/hc/en-us/articles/360054240252
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mock_klaviyo.engine.conditions import property_of
from mock_klaviyo.engine.flow_delays import rolled
from mock_klaviyo.engine.moments import moment_of
from mock_klaviyo.json import Json
from mock_klaviyo.store.rows import Row

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
WITHOUT_OFFSET = re.compile(r"(\d{4}-\d{2}-\d{2})[T ][0-9:.]+")
FIRST_YEAR, LAST_YEAR = 1000, 8990
"""Dates of other years are none: flows begin up to a hundred years before, in any time zone."""


def value_of(profile: Row, name: str) -> Any:
    """The value of a profile in which a date flow looks: of one of its own properties, or of an attribute."""
    properties = profile.document["properties"]
    return properties[name] if name in properties else property_of(profile.document, name)


def day_of(value: Any, zone: ZoneInfo) -> date | None:
    """The day that a value names where somebody is; its time does not count.

    >>> day_of("2026-03-01T23:30:00+00:00", ZoneInfo("Europe/Berlin")), day_of("1990-02-29", ZoneInfo("UTC"))
    (datetime.date(2026, 3, 2), None)
    """
    day = written_day(value, zone) if isinstance(value, str) else None
    return day if day and FIRST_YEAR <= day.year < LAST_YEAR else None


def written_day(value: str, zone: ZoneInfo) -> date | None:
    """The day that a text names; None when it names none."""
    plain = WITHOUT_OFFSET.fullmatch(value.strip())
    try:
        if plain or DAY.fullmatch(value.strip()):
            return date.fromisoformat(plain[1] if plain else value.strip())
        at = moment_of(value)
        return at.astimezone(zone).date() if at else None
    except (ValueError, OverflowError):
        return None


def in_month(year: int, month: int, day: int) -> date:
    """A day of a month, or its last day when it is too short.

    >>> in_month(2026, 2, 31), in_month(2026, 14, 1)
    (datetime.date(2026, 2, 28), datetime.date(2027, 2, 1))
    """
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def once(day: date, _since: date) -> Iterator[date]:
    """The day itself."""
    yield day


def yearly(day: date, since: date) -> Iterator[date]:
    """The same day of each year; its own year does not count. The 29th of February is the 28th in most years."""
    for year in range(since.year - 1, LAST_YEAR):
        yield in_month(year, day.month, day.day)


def monthly(day: date, since: date) -> Iterator[date]:
    """The same day of each month, or the last of a month that is too short."""
    for number in range(since.year * 12 + since.month - 2, LAST_YEAR * 12):
        yield in_month(number // 12, number % 12 + 1, day.day)


def weekly(day: date, since: date) -> Iterator[date]:
    """The same weekday of each week."""
    first = since - timedelta(days=(since.weekday() - day.weekday()) % 7)
    while first.year < LAST_YEAR:
        yield first
        first += timedelta(weeks=1)


RECURRENCES: Mapping[str, Callable[[date, date], Iterator[date]]] = {
    "never": once,
    "annually": yearly,
    "monthly": monthly,
    "weekly": weekly,
}
"""How often a date comes back → its days from about a day on."""


def before(day: date, amount: int, unit: str) -> date:
    """The day that is some days, weeks or months before another.

    >>> before(date(2026, 3, 31), 1, "months")
    datetime.date(2026, 2, 28)
    """
    if unit == "months":
        return in_month(day.year, day.month - amount, day.day)
    return day - timedelta(days=amount * (7 if unit == "weeks" else 1))


def moment(day: date, hour: str | None, zone: ZoneInfo, days: list[str] | None = None) -> datetime:
    """A time of day on a day, or on the next that is among some weekdays."""
    at = datetime.combine(day, time.fromisoformat(hour) if hour else time(), zone)
    return rolled(at, days).astimezone(UTC)


def begins(trigger: Json, day: date, zone: ZoneInfo) -> datetime:
    """When a flow begins for a date that falls on a day."""
    amount, unit = trigger["timedelta_value_before_date"], trigger.get("timedelta_unit_before_date") or "weeks"
    return moment(before(day, amount, unit), trigger["trigger_time"], zone, trigger.get("trigger_days"))


def beginnings(trigger: Json, day: date, zone: ZoneInfo, since: datetime) -> Iterator[tuple[datetime, date]]:
    """When a flow begins for a date, from shortly before a time on, and the day that each is about."""
    recurrence = RECURRENCES[trigger.get("recurrence_frequency") or "monthly"]
    for each in recurrence(day, since.astimezone(zone).date()):
        yield begins(trigger, each, zone), each
