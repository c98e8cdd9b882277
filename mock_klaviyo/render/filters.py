"""All filters: Django's, Klaviyo's, and those that draw on the time, on chance, or on how much has been done.

https://developers.klaviyo.com/en/docs/glossary_of_variable_filters
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils.timesince import timesince, timeuntil

from mock_klaviyo import json
from mock_klaviyo.render import lists, numeric, textual
from mock_klaviyo.render.meter import Meter
from mock_klaviyo.render.values import FILTERS, Filter, items, klaviyo_filter, number, text

__all__ = ["FILTERS", "lists", "numeric", "surrounded", "textual"]

REPEATED_GROUP = re.compile(r"\)\s*[*+?{]|\\[1-9]|\(\?")
"""What can make a regular expression take for ever: repeated groups, back references, look-around."""


@klaviyo_filter("format_date_string")
def format_date_string(value: Any) -> datetime | str:
    """The time that a text in ISO 8601 names, for Django's `date`; nothing when it names none."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(text(value).strip())
    except ValueError:
        return ""


@klaviyo_filter("datetime_from_string")
def datetime_from_string(value: Any, form: Any = None) -> datetime | str:
    """The time that a text names, in ISO 8601 or in the form that is given."""
    if form is None:
        return format_date_string(value)
    try:
        return datetime.strptime(text(value), str(form))  # noqa: DTZ007 - Klaviyo's template times are what they say
    except ValueError:
        return ""


@klaviyo_filter("days_later")
def days_later(value: Any, days: Any) -> str:
    """A date some days later, as a text; a time stays a time."""
    at = format_date_string(value)
    if not isinstance(at, datetime):
        return ""
    later = at + timedelta(days=number(days) or 0)
    return later.isoformat() if isinstance(value, datetime) or len(text(value)) > 10 else later.date().isoformat()


class Timed(Protocol):
    """Something that knows the time now, which is another at each rendering."""

    @property
    def now(self) -> datetime:
        """The time now."""


def surrounded(surroundings: Timed, meter: Meter) -> dict[str, Filter]:
    """The filters that draw on the time or on chance, and the one that may take long."""

    def moment(value: Any) -> datetime:
        """The time that a value names, as naive or aware as the time now has to be."""
        found = format_date_string(value)
        return found if isinstance(found, datetime) else surroundings.now

    def now_like(at: datetime) -> datetime:
        """The time now, without its zone when the other time has none."""
        return surroundings.now if at.tzinfo else surroundings.now.replace(tzinfo=None)

    def since(value: Any, other: Any = None) -> str:
        """How long ago a time was."""
        at = moment(value)
        return timesince(at, moment(other) if other else now_like(at))

    def until(value: Any, other: Any = None) -> str:
        """How far ahead a time is."""
        at = moment(value)
        return timeuntil(at, moment(other) if other else now_like(at))

    def weeks_since(value: Any) -> int:
        """How many whole weeks ago a time was."""
        at = moment(value)
        return (now_like(at) - at) // timedelta(weeks=1)

    def chosen(value: Any) -> Any:
        """A member of a list, chosen by the time and the list, so that it is the same each time."""
        members = items(value)
        seed = hashlib.sha256(json.written([surroundings.now.isoformat(), members])).digest()
        return members[int.from_bytes(seed[:8], "big") % len(members)] if members else ""

    def resplit(value: Any, pattern: Any) -> list[Any]:
        """A text split wherever a regular expression matches."""
        meter.spend(matching_cost(text(value), str(pattern)))
        return re.split(str(pattern), text(value))

    return {
        "timesince": since, "timeuntil": until, "weeks_since": weeks_since, "random": chosen, "resplit": resplit,
    }  # fmt: skip


def matching_cost(subject: str, pattern: str) -> int:
    """About how many steps a regular expression can take at worst; it counts what can match in several ways.

    >>> matching_cost("a, b", r",\\\\s*"), matching_cost("a" * 1000, "a*a*a*b") > 10**6
    (0, True)
    """
    if REPEATED_GROUP.search(pattern):
        raise ValueError(f"the regular expression {pattern!r} repeats a group or refers back, which is not allowed")
    choices = sum(pattern.count(each) for each in "*+?{|")
    return int(min(float(max(len(subject), 1)) ** min(choices + 1, 50) / 10_000, 1e12))
