"""Matchers: what a value in `expect` may be, from a literal to `">= 3"`, `/regex/` and `{contains: x}`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.contract.checking import same

ABSENT = object()
"""Stands for a value that is not there."""

COMPARISON = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
NOT_YET = {"type", "schema", "near", "by", "within", "of", "any_order", "strict"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """A question that a value answers with yes or no; `text` puts it into words."""

    text: str
    accepts: Callable[[Any], bool]


def matcher(wanted: Any) -> Matcher:
    """The matcher that a scenario's value stands for.

    >>> matcher(">= 3").accepts(4), matcher("2..4").accepts(5), matcher("/^Go/").accepts("Gold")
    (True, False, True)
    >>> matcher({"one_of": ["Gold", "Silver"]}).accepts("Bronze"), matcher("absent").accepts(ABSENT)
    (False, True)
    """
    if isinstance(wanted, dict):
        return table_matcher(wanted)
    if isinstance(wanted, str):
        return text_matcher(wanted)
    return literal(wanted)


def literal(wanted: Any) -> Matcher:
    """Only this value."""
    return Matcher(repr(wanted), lambda value: same(value, wanted))


def text_matcher(wanted: str) -> Matcher:
    """What a text stands for: one of the words, a comparison, a range, a pattern, else itself."""
    if wanted in WORDS:
        return WORDS[wanted]
    if found := COMPARISON.fullmatch(wanted):
        compare, bound = OPERATORS[found[1]], float(found[2])
        return Matcher(wanted, lambda value: is_number(value) and compare(value, bound))
    if found := RANGE.fullmatch(wanted):
        low, high = float(found[1]), float(found[2])
        return Matcher(wanted, lambda value: is_number(value) and low <= value <= high)
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        pattern = re.compile(wanted[1:-1])
        return Matcher(wanted, lambda value: isinstance(value, str) and pattern.search(value) is not None)
    return literal(wanted)


WORDS: Mapping[str, Matcher] = {
    "any": Matcher("any", lambda value: value is not ABSENT),
    "absent": Matcher("absent", lambda value: value is ABSENT),
    "null": Matcher("null", lambda value: value is None),
}


def table_matcher(wanted: Mapping[str, Any]) -> Matcher:
    """What a table stands for: contains, one_of, else an object with at least these values."""
    if set(wanted) == {"contains"}:
        return contains(wanted["contains"])
    if set(wanted) == {"one_of"}:
        return one_of(wanted["one_of"])
    if wanted and set(wanted) <= NOT_YET:
        raise ValueError(f"{', '.join(wanted)} is part of the language but does not work yet")
    parts = {name: matcher(part) for name, part in wanted.items()}
    text = "{" + ", ".join(f"{name}: {part.text}" for name, part in parts.items()) + "}"
    return Matcher(text, lambda value: isinstance(value, dict) and has_all(value, parts))


def contains(part: Any) -> Matcher:
    """A text with this part, or a list with an item that matches it."""
    inner = matcher(part)

    def accepts(value: Any) -> bool:
        if isinstance(value, str):
            return isinstance(part, str) and part in value
        return isinstance(value, list) and any(map(inner.accepts, value))

    return Matcher(f"contains {inner.text}", accepts)


def one_of(choices: Any) -> Matcher:
    """Any of these."""
    if not isinstance(choices, list):
        raise ValueError("one_of wants a list")
    matchers = [matcher(choice) for choice in choices]
    text = "one of " + ", ".join(each.text for each in matchers)
    return Matcher(text, lambda value: any(each.accepts(value) for each in matchers))


def has_all(values: Mapping[str, Any], wanted: Mapping[str, Matcher]) -> bool:
    """Whether each named value matches."""
    return all(each.accepts(values.get(name, ABSENT)) for name, each in wanted.items())


def is_number(value: Any) -> bool:
    """Whether a value can be compared."""
    return isinstance(value, int | float) and not isinstance(value, bool)
