"""Expecting: reads what a scenario expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from simulator.document import Part
from simulator.scenario.arguments import Reader, arguments, only
from simulator.scenario.cast import Cast
from simulator.scenario.expectations import EXPECTATIONS, Expectation, Shape, Subject
from simulator.scenario.moments import duration
from simulator.scenario.words import nearest

WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Terms:
    """How strictly something is expected: `soft` only warns, what is `pending` must fail, `within` how much time."""

    soft: bool = False
    pending: str = ""
    within: timedelta | None = None


def terms(*, soft: bool = False, pending: str = "", within: timedelta | None = None) -> Terms:
    """Terms of any expectation: `soft: true` only warns, `pending: JIRA-12` must fail, `within: 10s` of real time."""
    return Terms(soft, pending, within)


TERMS = tuple(arguments(terms))


@dataclass(frozen=True)
class Wanted:
    """An expectation that has been read: what it is called, its part of the file, its terms, and what makes it."""

    title: str
    part: Part
    terms: Terms
    make: Callable[[Cast], Expectation]


@dataclass(frozen=True)
class Expecting:
    """Reads the kinds of one shape each: gives the items of a part as titles, names and parts."""

    reader: Reader

    def wanted(self, section: Part | None) -> Iterator[Wanted]:
        """Everything that is expected."""
        if section is None:
            return
        if not isinstance(section.value, dict):
            self.reader.refuse(section.place, f"expect must be a table of {', '.join(EXPECTATIONS)}")
            return
        self.reader.strict(section, "expect", known=[*EXPECTATIONS, WITHIN])
        for key, part in section.value.items():
            if key in EXPECTATIONS:
                for title, name, item in ITEMS[EXPECTATIONS[key].shape](self.reader, key, part):
                    yield self._one(key, title, name, item)

    def _one(self, key: str, title: str, name: str, item: Part) -> Wanted:
        """One expectation."""
        kind = EXPECTATIONS[key]
        is_value = kind.shape is Shape.VALUE
        if kind.short and isinstance(item.value, str):
            item = Part({kind.short: item}, item.place, {kind.short: item.place})
        table = Part({key: item}, item.place, {key: item.place}) if is_value else item
        path = "expect" if is_value else f"expect.{title}"
        told = self.reader.read(kind.make, table, path, besides=() if is_value else TERMS)
        try:
            kind.check(told)
        except ValueError as error:
            self.reader.refuse(item.place, f"{path}: {error}")
        how = terms() if is_value else terms(**self.reader.read(terms, only(table, TERMS), path))
        return Wanted(title, item, how, maker(kind.make, told, title, name, item))


def maker(
    make: Callable[..., Expectation], told: dict[str, Any], title: str, name: str, part: Part
) -> Callable[[Cast], Expectation]:
    """What makes an expectation for a cast."""
    return lambda cast: make(Subject(title, part, cast, name), **told)


def value_items(_reader: Reader, key: str, part: Part) -> Iterator[tuple[str, str, Part]]:
    """The one value, or the one table."""
    yield key, "", part


def list_items(_reader: Reader, key: str, part: Part) -> Iterator[tuple[str, str, Part]]:
    """The items of a list; what is no list stands for a list of it."""
    if not isinstance(part.value, list):
        yield key, "", part
        return
    for index, item in enumerate(part.value):
        yield f"{key}[{index}]", "", item


def person_items(reader: Reader, key: str, part: Part) -> Iterator[tuple[str, str, Part]]:
    """The items of a table by person."""
    if not isinstance(part.value, dict):
        reader.refuse(part.place, f"expect.{key} must be a table by person")
        return
    for name, item in part.value.items():
        if name in reader.words.persons:
            yield f"{key}.{name}", name, item
            continue
        why = "is a crowd, not a person" if name in reader.words.names else "is nobody in the population"
        reader.refuse(part.keys[name], f"expect.{key}.{name} {why}{nearest(name, reader.words.persons)}")


def name_items(reader: Reader, key: str, part: Part) -> Iterator[tuple[str, str, Part]]:
    """The items of a table by name; a plain value stands for a count."""
    if not isinstance(part.value, dict):
        reader.refuse(part.place, f"expect.{key} must be a table by name")
        return
    for name, item in part.value.items():
        plain = "runs" if key == "flows" else "count"
        table = item if isinstance(item.value, dict) else Part({plain: item}, item.place, {plain: item.place})
        for who in (*named(table, "members"), *named(table, "not")):
            if who.value not in reader.words.names:
                near = nearest(str(who.value), reader.words.names)
                reader.refuse(who.place, f"expect.{key}.{name}: {who.value} is nobody in the population{near}")
        yield f"{key}.{name}", name, table


def named(table: Part, key: str) -> list[Part]:
    """The people that a key names."""
    part = table.value.get(key)
    if part is None:
        return []
    return part.value if isinstance(part.value, list) else [part]


ITEMS = {
    Shape.VALUE: value_items,
    Shape.TABLE: value_items,
    Shape.LIST: list_items,
    Shape.BY_PERSON: person_items,
    Shape.BY_NAME: name_items,
}
"""How expectations of each shape are found in their part."""


def patience(reader: Reader, section: Part | None) -> timedelta:
    """How much real time everything that is expected may take, `within: 10s`; none unless it is told."""
    told = section.value.get(WITHIN) if section is not None and isinstance(section.value, dict) else None
    if told is None:
        return timedelta(0)
    try:
        return duration(str(told.value))
    except ValueError as error:
        reader.refuse(told.place, f"expect.within: {error}")
        return timedelta(0)
