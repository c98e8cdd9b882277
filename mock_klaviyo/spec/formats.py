"""The string formats of recorded schemas: one check for each, shared by the two schema libraries.

Klaviyo reads ISO 8601 with missing parts of the time taken as zero and a missing offset as UTC, which is more
than RFC 3339 allows. Leap seconds are refused, since no stored time can hold one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

DATE = r"\d{4}-\d{2}-\d{2}"
TIME = r"\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:\d{2})?"

DATES = re.compile(DATE, re.ASCII)
TIMES = re.compile(TIME, re.ASCII | re.IGNORECASE)
MOMENTS = re.compile(f"{DATE}(?:T{TIME})?", re.ASCII | re.IGNORECASE)


def moment(text: str) -> datetime:
    """The time that a date-time names, in UTC; raises `ValueError` when it names none.

    >>> moment("2026-07-15T12:30:00+02:00").isoformat()
    '2026-07-15T10:30:00+00:00'
    >>> moment("2026-07-15T12").isoformat()
    '2026-07-15T12:00:00+00:00'
    """
    if not MOMENTS.fullmatch(text):
        raise ValueError(f"{text!r} is not an ISO 8601 date and time")
    found = datetime.fromisoformat(text.upper())
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is out of range in UTC") from None


def day(text: str) -> date:
    """The day that a date names; raises `ValueError` when it names none.

    >>> day("2026-07-15").isoformat()
    '2026-07-15'
    """
    if not DATES.fullmatch(text):
        raise ValueError(f"{text!r} is not a date")
    return date.fromisoformat(text)


def time_of_day(text: str) -> time:
    """The time of day that a text names; raises `ValueError` when it names none.

    >>> time_of_day("09:30:00").isoformat()
    '09:30:00'
    """
    if not TIMES.fullmatch(text):
        raise ValueError(f"{text!r} is not a time of day")
    return time.fromisoformat(text.upper())


def url(text: str) -> str:
    """The text, when it begins as a URL does; Klaviyo's own links have brackets that RFC 3986 forbids."""
    if "://" not in text:
        raise ValueError(f"{text!r} is not a URL")
    return text


def check(read: Callable[[str], object]) -> Callable[[Any], bool]:
    """Whether a value can be read so; what is no string is not its business."""

    def is_right(value: Any) -> bool:
        if not isinstance(value, str):
            return True
        try:
            read(value)
        except ValueError:
            return False
        return True

    return is_right


FORMATS: Mapping[str, Callable[[Any], bool]] = {
    "date-time": check(moment),
    "date": check(day),
    "time": check(time_of_day),
    "uri": check(url),
}
"""The check of each format; the recorder drops a format that is not here."""
