"""What filters work on: the registry of filters, and values read as numbers, lists and texts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from django.template import defaultfilters

Filter = Callable[..., Any]
Declared = TypeVar("Declared", bound=Filter)

FILTERS: dict[str, Filter] = dict(defaultfilters.register.filters)
"""Every filter by name: Django's, and those that Klaviyo adds."""


def klaviyo_filter(*names: str) -> Callable[[Declared], Declared]:
    """Declare a filter under its names."""

    def register(function: Declared) -> Declared:
        FILTERS.update(dict.fromkeys(names, function))
        return function

    return register


def number(value: Any) -> int | float | None:
    """A value as a number; None when it is none.

    >>> number("10"), number("2.5"), number("ten")
    (10, 2.5, None)
    """
    if isinstance(value, int | float):
        return value
    for kind in (int, float):
        try:
            found = kind(str(value).strip())
        except ValueError:
            continue
        return found if math.isfinite(found) else None
    return None


def items(value: Any) -> list[Any]:
    """A value as a list: a list itself, nothing for nothing, else a list of the one value."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value in ("", None) else [value]


def text(value: Any) -> str:
    """A value as a text; nothing for None."""
    return "" if value is None else str(value)


@klaviyo_filter("lookup")
def lookup(value: Any, key: Any) -> Any:
    """The member of a name, also one with spaces or a dollar sign, or at a place; nothing when there is none."""
    if isinstance(value, dict):
        return value.get(str(key), "")
    place = number(key)
    if isinstance(value, list | tuple) and isinstance(place, int) and -len(value) <= place < len(value):
        return value[place]
    return ""
