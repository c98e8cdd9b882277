"""Flow delays: until when a run waits.

A day is 24 hours, but a calendar day for a delay until a time of day.
https://help.klaviyo.com/hc/en-us/articles/115003885212
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers.timezone

from mock_klaviyo.engine.flow_run import COMPLETED
from mock_klaviyo.engine.flow_steps import Leave, Step, Wait, Way, flow_action
from mock_klaviyo.engine.verdict import FOREVER
from mock_klaviyo.json import Json
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

DAY = timedelta(days=1)
UNITS: Mapping[str, timedelta] = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": DAY,
    "weeks": timedelta(weeks=1),
}
SMALLER: Mapping[str, str] = {"days": "hours", "hours": "minutes"}
"""The unit of a delay → that of its secondary value; what Klaviyo means by that is not documented."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""When no text messages are sent. https://help.klaviyo.com/hc/en-us/articles/4408737146651"""


@flow_action("time-delay")
def time_delay(step: Step) -> Way:
    """Wait, unless nothing follows for which it would be worth it."""
    return wait(step, until(step.at, step.data, zone_of(step.data.get("timezone"), step.profile, step.world)))


def wait(step: Step, end: datetime) -> Way:
    """Wait until a time; the delay at the end of a way is left out."""
    if step.onward.to not in step.plan.leading:
        return Leave(COMPLETED)
    step.note("waiting", until=end.astimezone(UTC).isoformat())
    return Wait(end)


def until(at: datetime, delay: Json, zone: ZoneInfo) -> datetime:
    """When a delay that begins at a moment ends.

    >>> at, zone = datetime(2026, 3, 28, 14, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    >>> until(at, {"unit": "days", "value": 1, "delay_until_time": "15:00:00"}, zone).isoformat()
    '2026-03-29T13:00:00+00:00'
    """
    unit, days = delay.get("unit") or "days", delay.get("delay_until_weekdays") or None
    hour = delay.get("delay_until_time")
    if hour is None:
        second = UNITS[SMALLER[unit]] if unit in SMALLER else timedelta()
        end = plus(at, UNITS[unit] * (delay.get("value") or 0) + second * (delay.get("secondary_value") or 0))
        return rolled(end.astimezone(zone), days).astimezone(UTC) if days else end
    day = plus(at.astimezone(zone).replace(tzinfo=None), DAY * (delay.get("value") or 0)).date()
    return next_time(at, day, time.fromisoformat(hour), zone, days)


def plus(at: datetime, by: timedelta) -> datetime:
    """A later moment; far beyond all clocks it is forever."""
    try:
        return at + by
    except OverflowError:
        return FOREVER.replace(tzinfo=at.tzinfo) - timedelta(days=400)


def next_time(at: datetime, day: date, hour: time, zone: ZoneInfo, days: list[str] | None) -> datetime:
    """A time of day, on a day or the next that is allowed, but not before a moment."""
    end = rolled(datetime.combine(day, hour, zone), days)
    if end < at:
        end = rolled(datetime.combine(end.date() + DAY, hour, zone), days)
    return end.astimezone(UTC)


def rolled(at: datetime, days: list[str] | None) -> datetime:
    """A local time on that day, or on the next that is among some weekdays."""
    while days and WEEKDAYS[at.weekday()] not in days:
        at += DAY
    return at


@lru_cache(maxsize=1000)
def zone(name: str | None) -> ZoneInfo | None:
    """The time zone of a name; None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, ValueError, OSError):
        return None


def zone_of(name: str | None, profile: Row, world: World) -> ZoneInfo:
    """The time zone that an action names, else the profile's, else the account's."""
    own = (profile.document.get("location") or {}).get("timezone")
    named = None if name == "profile" else zone(name)
    return named or zone(own) or zone(world.account.timezone) or ZoneInfo("UTC")


@lru_cache(maxsize=10_000)
def zone_of_number(number: str) -> ZoneInfo | None:
    """The time zone of a phone number: that of its area code, else the easternmost of its country."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    names = phonenumbers.timezone.time_zones_for_number(parsed)
    found = [each for each in map(zone, names) if each]
    return max(found, key=lambda each: datetime(2000, 1, 1, tzinfo=each).utcoffset() or timedelta(), default=None)


def quiet_until(at: datetime, number: str, otherwise: ZoneInfo) -> datetime | None:
    """When the quiet hours end in which a moment is for a phone number; None when it is in none."""
    local = at.astimezone(zone_of_number(number) or otherwise)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() + (DAY if local.time() >= QUIET_FROM else timedelta())
    return datetime.combine(day, QUIET_UNTIL, local.tzinfo).astimezone(UTC)
