"""Filters: what a condition asks of one value; a registry of all operators, by type and name.

A missing value satisfies `not-set` and nothing else, and a value of another type than the filter's satisfies nothing.
https://help.klaviyo.com/hc/en-us/articles/115005062847
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import phonenumbers
import re2

from mock_klaviyo.engine.moments import moment_of, when
from mock_klaviyo.engine.verdict import FALSE, TRUE, Verdict
from mock_klaviyo.json import Json


def matched(value: Any, filter: Json, now: datetime) -> Verdict:
    """Whether a value satisfies a filter."""
    type, operator = filter["type"], filter["operator"]
    if type == "existence":
        return TRUE if is_missing(value) is (operator == "not-set") else FALSE
    if is_missing(value):
        return FALSE
    if type == "date":
        at = moment_of(value)
        return FALSE if at is None else when(at, filter, now)
    return TRUE if IS_OF[type](value) and OPERATORS[type, operator](value, filter) else FALSE


def is_missing(value: Any) -> bool:
    """Whether a property has no value."""
    return value is None or value == ""


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def holds(items: Iterable[Any], wanted: Any) -> bool:
    """Whether a list has a member; true is not 1."""
    return any(item == wanted and isinstance(item, bool) is isinstance(wanted, bool) for item in items)


def contains_any(items: list[Any], filter: Json) -> bool:
    """Whether a list has one of some members."""
    return any(holds(items, wanted) for wanted in filter["value"])


def contains_all(items: list[Any], filter: Json) -> bool:
    """Whether a list has all of some members."""
    return all(holds(items, wanted) for wanted in filter["value"])


def contains_substring(items: list[Any], filter: Json) -> bool:
    """Whether a member of a list is a text that contains another."""
    return any(isinstance(item, str) and filter["value"] in item for item in items)


def not_null(operator: Callable[[Any, Any], bool]) -> Callable[[Any, Json], bool]:
    """An operator on the filter's value; a filter without a value accepts nothing."""
    return lambda value, filter: filter["value"] is not None and operator(value, filter["value"])


def country(number: str) -> str | None:
    """The country of a phone number."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return None


def is_from(number: str, countries: list[str], *, is_wanted: bool) -> bool:
    """Whether a phone number is from one of some countries, or from another."""
    found = country(number)
    return found is not None and (found in countries) is is_wanted


EXPRESSIONS = re2.Options()
EXPRESSIONS.log_errors = False


@lru_cache(maxsize=1000)
def pattern(text: str) -> Any:
    """A regular expression whose time grows with the text that it looks at only; None for what is none."""
    try:
        return re2.compile(text, options=EXPRESSIONS)
    except re2.error:
        return None


def is_like(text: str, expression: str, *, is_wanted: bool) -> bool:
    """Whether a regular expression finds something in a text, or nothing; a broken one accepts nothing."""
    found = pattern(expression)
    return found is not None and (found.search(text) is not None) is is_wanted


IS_OF: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "numeric": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
}
"""The type of a filter → whether a value is of it."""

OPERATORS: Mapping[tuple[str, str], Callable[[Any, Json], bool]] = {
    ("string", "equals"): not_null(lambda text, wanted: text == wanted),
    ("string", "not-equals"): not_null(lambda text, wanted: text != wanted),
    ("string", "contains"): not_null(lambda text, wanted: wanted in text),
    ("string", "not-contains"): not_null(lambda text, wanted: wanted not in text),
    ("string", "starts-with"): not_null(lambda text, wanted: text.startswith(wanted)),
    ("string", "not-starts-with"): not_null(lambda text, wanted: not text.startswith(wanted)),
    ("string", "ends-with"): not_null(lambda text, wanted: text.endswith(wanted)),
    ("string", "not-ends-with"): not_null(lambda text, wanted: not text.endswith(wanted)),
    ("string", "regex"): not_null(lambda text, wanted: is_like(text, wanted, is_wanted=True)),
    ("string", "nregex"): not_null(lambda text, wanted: is_like(text, wanted, is_wanted=False)),
    ("string", "in"): lambda text, filter: text in filter["value"],
    ("string", "not-in"): lambda text, filter: text not in filter["value"],
    ("string", "phone-country-code-in"): lambda text, filter: is_from(text, filter["value"], is_wanted=True),
    ("string", "phone-country-code-not-in"): lambda text, filter: is_from(text, filter["value"], is_wanted=False),
    ("numeric", "equals"): lambda number, filter: number == filter["value"],
    ("numeric", "not-equals"): lambda number, filter: number != filter["value"],
    ("numeric", "greater-than"): lambda number, filter: number > filter["value"],
    ("numeric", "greater-than-or-equal"): lambda number, filter: number >= filter["value"],
    ("numeric", "less-than"): lambda number, filter: number < filter["value"],
    ("numeric", "less-than-or-equal"): lambda number, filter: number <= filter["value"],
    ("numeric", "between"): lambda number, filter: filter["start"] <= number <= filter["end"],
    ("boolean", "equals"): lambda truth, filter: truth is filter["value"],
    ("list", "contains"): not_null(holds),
    ("list", "not-contains"): not_null(lambda items, wanted: not holds(items, wanted)),
    ("list", "contains-any"): contains_any,
    ("list", "not-contains-any"): lambda items, filter: not contains_any(items, filter),
    ("list", "contains-all"): contains_all,
    ("list", "not-contains-all"): lambda items, filter: not contains_all(items, filter),
    ("list", "contains-substring"): lambda items, filter: (
        filter["value"] is not None and contains_substring(items, filter)
    ),
    ("list", "not-contains-substring"): lambda items, filter: (
        filter["value"] is not None and not contains_substring(items, filter)
    ),
    ("list", "length-equals"): lambda items, filter: len(items) == filter["value"],
    ("list", "length-greater-than"): lambda items, filter: len(items) > filter["value"],
    ("list", "length-greater-than-or-equal"): lambda items, filter: len(items) >= filter["value"],
    ("list", "length-less-than"): lambda items, filter: len(items) < filter["value"],
    ("list", "length-less-than-or-equal"): lambda items, filter: len(items) <= filter["value"],
}
"""The type and the operator of a filter → whether a value of the type satisfies it; dates are in `moments.SPANS`."""
