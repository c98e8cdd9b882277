"""Flow spans: the amounts of time that a flow may ask for. Klaviyo's own limits are not published; these are ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from mock_klaviyo.json import Json

LONGEST = timedelta(days=36_525)
"""A hundred years: nothing waits longer, and every moment that can come of it is in the calendar."""

UNITS: Mapping[str, timedelta] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
}

SPANS: Mapping[str, tuple[str, str]] = {
    "value": ("unit", "days"),
    "secondary_value": ("unit", "days"),
    "duration": ("unit", "day"),
    "timedelta_value_before_date": ("timedelta_unit_before_date", "weeks"),
    "timeframe_days": ("", "days"),
}
"""The member that says how much → the one that says of what, and what it is when unsaid; all time is no span."""


def impossible_spans(given: Json) -> Iterator[tuple[str, str]]:
    """The members that ask for more time than there is, or for less than none, each with what is wrong.

    >>> list(impossible_spans({"value": -1, "unit": "hours"}))
    [('value', "'value' must be from 0 to 876600 hours.")]
    """
    for name, (unit_name, usual) in SPANS.items():
        amount, unit = given.get(name), given.get(unit_name) or usual
        span = UNITS.get(unit.removesuffix("s"))
        if amount is not None and span is not None and not 0 <= amount <= LONGEST // span:
            yield name, f"'{name}' must be from 0 to {LONGEST // span} {unit}."
