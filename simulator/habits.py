"""Habits: when people shop, and when they have their birthday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from simulator.chance import Chance

HOURS = (*range(7, 23), *range(11, 14), *range(17, 22), *range(18, 21))
"""When people shop: the more often an hour stands here, the more of them; evenings most."""

SATURDAY = 5
WEEKEND_SHARE = 0.2


def later(at: datetime, days: float, luck: Chance) -> datetime:
    """A time when people shop, so many days later on average."""
    return in_the_day(at + timedelta(days=0.02 + luck.expovariate(1 / days)), luck, after=at)


def within(at: datetime, days: float, luck: Chance) -> datetime:
    """A time when people shop, within so many days."""
    return in_the_day(at + timedelta(days=luck.random() * days), luck, after=at)


def in_the_day(at: datetime, luck: Chance, *, after: datetime | None = None) -> datetime:
    """A time on the same day, or on the Saturday after it, when people shop; always later than `after`."""
    if at.weekday() < SATURDAY and luck.random() < WEEKEND_SHARE:
        at += timedelta(days=SATURDAY - at.weekday())
    millisecond = int(luck.random() * 3_600_000)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + timedelta(hours=HOURS[int(luck.random() * len(HOURS))], milliseconds=millisecond)
    return moment if after is None or moment > after else after + timedelta(seconds=30, milliseconds=millisecond)


def next_birthday(born: date, at: datetime, luck: Chance) -> datetime:
    """The morning of the next birthday; who was born on 29 February has it on the 28th."""
    morning = timedelta(hours=8, milliseconds=luck.randrange(3_600_000))
    day = min(born.day, 28) if born.month == 2 else born.day
    birthdays = (datetime(year, born.month, day, tzinfo=UTC) + morning for year in (at.year, at.year + 1))
    return next(birthday for birthday in birthdays if birthday > at)
