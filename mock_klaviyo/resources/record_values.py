"""Record values: which values a property of an object schema takes, and the faults of those that it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Fault:
    """Why a value was not taken, as Klaviyo's validator would say it."""

    code: str
    message: str
    property: str
    value: Any = None


def is_id(value: Any) -> bool:
    """Whether a value can be the id of something."""
    return value != "" and isinstance(value, str | int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    """Whether a value is a whole number, `2.0` too."""
    return is_number(value) and float(value).is_integer()


def is_timestamp(value: Any) -> bool:
    """Whether a value is a moment: ISO 8601 text, or Unix seconds.

    >>> is_timestamp("2026-01-31T10:00:00Z"), is_timestamp("2026-02-31"), is_timestamp(1767225600)
    (True, False, True)
    """
    if is_number(value):
        return True
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


TYPES: Mapping[str, tuple[Callable[[Any], bool], str, str]] = {
    "string": (lambda value: isinstance(value, str), "string_type", "Input should be a valid string"),
    "int": (is_integer, "int_type", "Input should be a valid integer"),
    "float": (is_number, "float_type", "Input should be a valid number"),
    "boolean": (lambda value: isinstance(value, bool), "bool_type", "Input should be a valid boolean"),
    "timestamp": (is_timestamp, "datetime_type", "Input should be a valid datetime"),
}
"""The type of a property → which values it takes, and the code and message of the fault when it does not."""


def problem_with(name: str, type: str, value: Any) -> Fault | None:
    """The fault of a value for a property of a type, if there is one."""
    is_right, code, message = TYPES[type]
    return None if is_right(value) else Fault(code, message, name, value)
