"""Selectors: the JSONPath expressions that point into a record, `$['owners'][*]['email']`.

Members, positions and `*` are known; `..`, slices and filters are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias

STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*)
      | \[\s*'(?P<single>(?:[^'\\]|\\.)*)'\s*\]
      | \[\s*"(?P<double>(?:[^"\\]|\\.)*)"\s*\]
      | \[\s*(?P<position>-?\d{1,9})\s*\]
      | (?P<any>\[\s*\*\s*\]|\.\*)""",
    re.VERBOSE,
)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Step: TypeAlias = str | int | None
"""A member's name, a position in a list, or None for every member."""

Place: TypeAlias = tuple[str | int, ...]
"""Which members the `*` of a selector stood for."""


@lru_cache(maxsize=1000)
def steps(text: str) -> tuple[Step, ...]:
    """The steps of a selector; raises ValueError when it is none.

    >>> steps("$['owners'][*].email")
    ('owners', None, 'email')
    """
    if not text.startswith("$"):
        raise ValueError(f"{text!r} does not begin with $")
    found: list[Step] = []
    position = 1
    while position < len(text):
        match = STEP.match(text, position)
        if match is None:
            raise ValueError(f"{text!r} cannot be read from position {position}")
        found.append(step(match))
        position = match.end()
    return tuple(found)


def step(match: re.Match[str]) -> Step:
    """The step that a part of a selector stands for."""
    kind, text = str(match.lastgroup), match[str(match.lastgroup)]
    if kind == "any":
        return None
    if kind == "position":
        return int(text)
    return text if kind == "name" else ESCAPED.sub(r"\1", text)


def selected(text: str, value: Any) -> list[tuple[Place, Any]]:
    """What a selector points to, and for each value which members its `*` stood for.

    >>> selected("$.owners[*].email", {"owners": [{"email": "a"}, {}, {"email": "c"}]})
    [((0,), 'a'), ((2,), 'c')]
    """
    found: list[tuple[Place, Any]] = [((), value)]
    for each in steps(text):
        found = [further for place, value in found for further in followed(place, value, each)]
    return found


def followed(place: Place, value: Any, step: Step) -> Iterator[tuple[Place, Any]]:
    """Where one step leads from a value."""
    if step is None:
        for key, member in members(value):
            yield (*place, key), member
    elif isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield place, value[step]
    elif isinstance(value, list) and -len(value) <= step < len(value):
        yield place, value[step]


def members(value: Any) -> list[tuple[str | int, Any]]:
    """The members of a list or an object."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


class Found:
    """What a selector points to in a record, to be asked for by place.

    >>> emails = Found("$.owners[*].email", {"owners": [{"email": "a"}, {"email": "b"}]})
    >>> emails.beside((1,)), Found("$.shop", {"shop": "X"}).beside((1,)), emails.beside(())
    (['b'], ['X'], ['a', 'b'])
    """

    def __init__(self, text: str, record: Any) -> None:
        self.values = selected(text, record)
        self._at: dict[Place, list[Any]] = {}
        self._within: dict[Place, list[Any]] = {}
        for place, value in self.values:
            self._at.setdefault(place, []).append(value)
            for length in range(len(place) + 1):
                self._within.setdefault(place[:length], []).append(value)

    def beside(self, place: Place) -> list[Any]:
        """The values that stand in the same member as a place, inside it, or else nearest around it."""
        if place in self._within:
            return self._within[place]
        around = (place[:length] for length in range(len(place) - 1, -1, -1))
        return next((self._at[each] for each in around if each in self._at), [])
