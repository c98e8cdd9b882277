"""The values of a filter: how each kind is written, and how a value becomes one of its field's type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | datetime | None
Value: TypeAlias = Scalar | tuple[Scalar, ...]

STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")
# the lengths keep every number within a store's 64 bits
NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,25})?(?:[eE][+-]?[0-9]{1,2})?")
CONSTANT = re.compile(r"(?:true|false|null|True|False)\b")

ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "/": "/"}


def unquoted(word: str) -> str:
    r"""The text of a string in quotes.

    >>> unquoted(r"'it\'s'")
    "it's"
    >>> unquoted(r'"Caf\u00e9"')
    'Café'
    """
    text = ESCAPE.sub(unescaped, word[1:-1])
    # JSON writes a character beyond U+FFFF as two escapes; UTF-16 puts them together
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def unescaped(escape: re.Match[str]) -> str:
    """The character that an escape stands for; an unknown escape stands for itself."""
    code = escape[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else ESCAPES.get(code, escape[0])


def moment(text: str) -> datetime:
    """The point in time that an ISO text names, in UTC; `ValueError` when it names none.

    >>> moment("2018-12-27T12:30:00.710+03:00").isoformat()
    '2018-12-27T09:30:00.710000+00:00'
    """
    read = datetime.fromisoformat(text)
    try:
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except OverflowError as overflow:  # 0001-01-01 in Moscow was before year 1 in UTC
        raise ValueError(text) from overflow


def number(word: str) -> int | float:
    """The number that a word stands for."""
    return int(word) if word.lstrip("-").isdecimal() else float(word)


CONSTANTS = {"true": True, "false": False, "null": None}


def constant(word: str) -> bool | None:
    """What `true`, `false` or `null` stands for; the official Python SDK writes lists as Python does, hence `True`."""
    return CONSTANTS[word.lower()]


SCALARS: tuple[tuple[re.Pattern[str], Callable[[str], Scalar]], ...] = (
    (STRING, unquoted),
    (DATETIME, moment),
    (NUMBER, number),
    (CONSTANT, constant),
)
"""How each kind of value looks, and what it means; a datetime comes before the number it begins with."""


@dataclass(frozen=True)
class FieldType:
    """A type that a field can have: what to call it, and a value in it (`ValueError` when that cannot be)."""

    name: str
    conversion: Callable[[Scalar], Scalar]


def as_moment(value: Scalar) -> datetime:
    """A datetime with or without quotes."""
    if isinstance(value, str):
        return moment(value)
    if isinstance(value, datetime):
        return value
    raise ValueError(value)


def as_number(value: Scalar) -> int | float:
    """A number; true and false are none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ValueError(value)


def as_integer(value: Scalar) -> int | float:
    """A number without a fraction; `1e99` stays as it is, for a store's integers are shorter."""
    found = as_number(value)
    if found != int(found):
        raise ValueError(value)
    return found


def as_boolean(value: Scalar) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise ValueError(value)


def as_string(value: Scalar) -> str:
    """A string, which had quotes."""
    if isinstance(value, str):
        return value
    raise ValueError(value)


FIELD_TYPES: Mapping[str | None, FieldType] = {
    "date-time": FieldType("a datetime", as_moment),
    "number": FieldType("a number", as_number),
    "integer": FieldType("an integer", as_integer),
    "boolean": FieldType("true or false", as_boolean),
    "string": FieldType("a string in quotes", as_string),
}
"""By recorded format or type."""

ANY_TYPE = FieldType("a value", lambda value: value)
"""For the few fields of old revisions whose recorded type is none of these."""
