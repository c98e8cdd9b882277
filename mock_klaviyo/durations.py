"""Durations as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
PART = re.compile(r"([0-9]{1,9}) ?(ms|[wdhms])")
DURATION = re.compile(rf"{PART.pattern}(?: ?{PART.pattern})*")


def duration(text: str) -> timedelta:
    """The duration that a text such as `3d` or `1h 30m` names; raises `ValueError` for any other.

    >>> duration("1d 12h")
    datetime.timedelta(days=1, seconds=43200)
    """
    if not DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration such as 30s, 5m or 1h 30m")
    try:
        return sum((int(number) * UNITS[unit] for number, unit in PART.findall(text)), start=timedelta())
    except OverflowError:
        raise ValueError(f"{text!r} is too long a time") from None
