"""Meter: how much a template may do, so that a hostile one ends soon; it counts steps, not seconds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

MOST_STEPS = 200_000
"""How many nodes, filters and values one rendering may go through, roughly."""

MOST_TEXT = 10_000_000
"""How many characters all nodes of one rendering may write, nested ones counted again."""

LONGEST = 1_000_000
"""How long one value may be: characters of a text, members of a list."""

HEAVIEST = 200_000
"""How many values one value may hold at all depths."""

TOO_MUCH = "The template does too much: it loops too often or grows too large."

PADDING = frozenset(
    {"ljust", "rjust", "center", "floatformat", "percentize", "round", "round_up", "round_down", "stringformat"}
)
MULTIPLYING = frozenset({"join", "find_replace"})
SLOW = frozenset({"urlize", "urlizetrunc", "truncatewords_html", "truncatechars_html", "striptags", "strip_html"})
LONGEST_FOR_SLOW = 10_000
WIDE = re.compile(r"[0-9]{4}")
"""A width of more than 999."""


class Exhausted(Exception):
    """A template did more than it may."""

    def __init__(self) -> None:
        super().__init__(TOO_MUCH)


class Meter:
    """What one rendering has done so far."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Count from 0 again, for another rendering."""
        self._steps = 0
        self._text = 0

    def spend(self, steps: int) -> None:
        """Count steps."""
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise Exhausted

    def grow(self, characters: int) -> None:
        """Count written characters."""
        self._text += characters
        if self._text > MOST_TEXT:
            raise Exhausted

    def weigh(self, value: Any) -> None:
        """Count what a value holds."""
        held = weight(value)
        self.spend(held // 100)
        if held > HEAVIEST:
            raise Exhausted

    def filter(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The filter, counted, and kept from work that its arguments would make huge."""

        @wraps(function)
        def counted(value: Any, *arguments: Any, **options: Any) -> Any:
            self.spend(1)
            check_arguments(name, value, arguments)
            result = function(value, *arguments, **options)
            if length(result) > LONGEST:
                raise Exhausted
            return result

        return counted


def check_arguments(name: str, value: Any, arguments: tuple[Any, ...]) -> None:
    """Stop a filter whose arguments would make it slow or its result huge."""
    if name in PADDING and any(WIDE.search(str(argument)) for argument in arguments):
        raise Exhausted
    if name in MULTIPLYING and any(length(value) * length(argument) > LONGEST for argument in arguments):
        raise Exhausted
    if name in SLOW and length(value) > LONGEST_FOR_SLOW:
        raise Exhausted


def length(value: Any) -> int:
    """How long a value is; a number has a length of 1."""
    return len(value) if isinstance(value, str | list | tuple | dict) else 1


def weight(value: Any) -> int:
    """How many values a value holds at all depths, a hundred characters being one more; stops beyond the heaviest.

    >>> weight({"a": [1, 2], "b": "x"})
    5
    """
    found, waiting = 0, [value]
    while waiting and found <= HEAVIEST:
        each = waiting.pop()
        found += 1
        if isinstance(each, str):
            found += len(each) // 100
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list | tuple):
            waiting.extend(each)
    return found
