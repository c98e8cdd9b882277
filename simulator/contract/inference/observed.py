"""Observed: what the values of one field were like, counted, and the JSON Schema that they suggest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from simulator.json import Json

ENUM_SIZE = 8
"""An enum is proposed for at most so many different texts…"""

ENUM_REPEATS = 5
"""…that came at least so many times each, on average."""

WORD = re.compile(r"[A-Za-z][A-Za-z_ -]{0,39}")


def parses(read: Callable[[str], Any]) -> Callable[[str], bool]:
    """A test of whether a text can be read."""

    def is_readable(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return is_readable


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": lambda text: len(text) == 10 and parses(date.fromisoformat)(text),
    "date-time": lambda text: len(text) > 10 and zoned(text),
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is not None,
    "uri": lambda text: re.fullmatch(r"https?://[^\s]+", text) is not None,
    "uuid": lambda text: len(text) == 36 and parses(UUID)(text),
}
"""The formats that are looked for."""


def zoned(text: str) -> bool:
    """Whether a text is a time with its offset."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def kind(value: Any) -> str:
    """The JSON Schema type of a value."""
    return TYPES[type(value)]


TYPES: Mapping[type, str] = {
    type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object",
}  # fmt: skip


@dataclass
class Observed:
    """Every value that a field had: how often, of which types, and what its fields or items were like."""

    count: int = 0
    types: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    formats: set[str] = field(default_factory=lambda: set(FORMATS))
    fields: dict[str, Observed] = field(default_factory=dict)
    items: Observed | None = None
    least: float | None = None

    def add(self, value: Any) -> None:
        """Take in a value."""
        self.count += 1
        self.types[kind(value)] += 1
        take = TAKES.get(type(value))
        if take is not None:
            take(self, value)

    def _text(self, text: str) -> None:
        self.formats -= {name for name in self.formats if not FORMATS[name](text)}
        if len(self.texts) <= ENUM_SIZE or text in self.texts:
            self.texts[text] += 1

    def _table(self, table: Json) -> None:
        for name, value in table.items():
            self.fields.setdefault(name, Observed()).add(value)

    def _list(self, values: list[Any]) -> None:
        self.items = self.items or Observed()
        for value in values:
            self.items.add(value)

    def _number(self, number: float) -> None:
        self.least = number if self.least is None else min(self.least, number)

    @property
    def enum(self) -> list[str]:
        """The words that came, when they are few and come again and again."""
        is_enum = (
            0 < len(self.texts) <= ENUM_SIZE
            and self.types["string"] >= ENUM_REPEATS * len(self.texts)
            and all(WORD.fullmatch(text) for text in self.texts)
        )
        return sorted(self.texts) if is_enum else []

    def schema(self) -> Json:
        """The JSON Schema that the values suggest."""
        found: Json = {"type": self.type}
        if self.enum:
            found["enum"] = [*self.enum, None] if self.types["null"] else self.enum
        elif self.types["string"] and self.formats:
            found["format"] = min(self.formats)
        if self.least is not None and self.least >= 0:
            found["minimum"] = 0
        if self.fields:
            found |= self.table()
        if self.items is not None and self.items.count:
            found["items"] = self.items.schema()
        return found

    @property
    def type(self) -> str | list[str]:
        """The type, or the types, of the values; a number that was once written as an integer is a number."""
        found = set(self.types)
        if "number" in found:
            found.discard("integer")
        return next(iter(found)) if len(found) == 1 else sorted(found)

    def table(self) -> Json:
        """The fields of an object: which there are, and which were always there."""
        times = self.types["object"]
        properties = {
            name: each.schema() | ({} if each.count == times else {"x-seen": round(each.count / times, 3)})
            for name, each in self.fields.items()
        }
        required = [name for name, each in self.fields.items() if each.count == times]
        return {**({"required": required} if required else {}), "properties": properties}


TAKES: Mapping[type, Callable[[Observed, Any], None]] = {
    str: Observed._text,
    dict: Observed._table,
    list: Observed._list,
    int: Observed._number,
    float: Observed._number,
}
"""What more there is to learn of a value of a type."""
