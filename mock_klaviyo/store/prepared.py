"""Prepared statements: those of everyday work, built and compiled once for each table.

SQLAlchemy takes several times as long to build a statement, and to find that it has compiled it before, as SQLite takes
to run it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import ClauseElement

LIMIT = "at most"
"""The parameter that tells how many rows a look-up gives; no field has such a name."""

ROW = ("number", "id", "document")

Fields: TypeAlias = tuple[tuple[str, bool], ...]
"""The fields that a statement looks at, and whether each may have any of several values."""


class Prepared:
    """A statement as SQLite's driver takes it, and the names of its parameters in their order."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled: Any = statement.compile(dialect=sqlite.dialect(paramstyle="qmark"))
        self._text = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._several = [name for name in self._names if place(name) in self._text]
        self._constants: Mapping[str, Any] = compiled.params

    def run(self, driver: sqlite3.Connection, parameters: Any = None) -> sqlite3.Cursor:
        """Run it with parameters, or once with each of several."""
        if isinstance(parameters, list):
            return driver.executemany(self._text, [self._values(each) for each in parameters])
        given = parameters or {}
        return driver.execute(self._text_for(given), self._values(given))

    def _text_for(self, given: Mapping[str, Any]) -> str:
        """The text with a place for each of several values."""
        text = self._text
        for name in self._several:
            text = text.replace(place(name), ",".join("?" * len(given[name])))
        return text

    def _values(self, given: Mapping[str, Any]) -> list[Any]:
        """The values of the parameters in their order."""
        constants = self._constants
        if not self._several:
            return [given[name] if name in given else constants[name] for name in self._names]
        found: list[Any] = []
        for name in self._names:
            value = given[name] if name in given else constants[name]
            found.extend(value if name in self._several else (value,))
        return found


def place(name: str) -> str:
    """What stands in a compiled text where several values belong."""
    return f"__[POSTCOMPILE_{name}]"


def is_several(value: Any) -> bool:
    """Whether a value stands for any of several."""
    return isinstance(value, list | tuple)


def fields_of(values: Mapping[str, Any]) -> Fields:
    """The fields that are looked at for values."""
    return tuple((name, is_several(value)) for name, value in values.items())


def equals(column: Column[Any], name: str, *, is_several: bool) -> ColumnElement[bool]:
    """That a column has the value of a parameter, or one of several."""
    value: BindParameter[Any] = bindparam(name, expanding=is_several)
    return column.in_(value) if is_several else column == value


def conditions(table: Table, fields: Fields) -> list[ColumnElement[bool]]:
    """That fields have the values of the parameters of their names."""
    return [equals(table.c[name], name, is_several=several) for name, several in fields]


@cache
def insertion(table: Table) -> Prepared:
    """Adds a row; one without a number gets the next free one."""
    return Prepared(insert(table).values({name: bindparam(name) for name in ROW}))


@cache
def change(table: Table) -> Prepared:
    """Changes the document of the row with the id `row_id`."""
    return Prepared(update(table).where(table.c.id == bindparam("row_id")).values(document=bindparam("text")))


@cache
def lookup(table: Table, fields: Fields, shown: tuple[str, ...] = ROW) -> Prepared:
    """Finds the rows whose fields have some values, the oldest first, at most `LIMIT` of them."""
    found = select(*(table.c[name] for name in shown)).where(*conditions(table, fields))
    return Prepared(found.order_by(table.c.number).limit(bindparam(LIMIT, type_=Integer)))


@cache
def least(table: Table, name: str) -> Prepared:
    """Finds the row of the least value of a field, the oldest of several."""
    return Prepared(select(*(table.c[each] for each in ROW)).order_by(table.c[name], table.c.number).limit(1))


@cache
def following(table: Table) -> Prepared:
    """Finds the rows of numbers greater than `after`, in order, at most `LIMIT` of them."""
    found = select(*(table.c[each] for each in ROW)).where(table.c.number > bindparam("after"))
    return Prepared(found.order_by(table.c.number).limit(bindparam(LIMIT, type_=Integer)))


@cache
def removal(table: Table, fields: Fields) -> Prepared:
    """Removes the rows whose fields have some values."""
    return Prepared(delete(table).where(*conditions(table, fields)))


@cache
def greatest(table: Table) -> Prepared:
    """Finds the greatest number in use."""
    return Prepared(select(func.max(table.c.number)))


# intake


@cache
def intake_addition(table: Table) -> Prepared:
    """Adds a lot of accepted events."""
    return Prepared(insert(table).values(number=bindparam("number"), events=bindparam("events")))


@cache
def oldest_intake(table: Table) -> Prepared:
    """Finds the lots whose numbers are less than `LIMIT` above the first."""
    oldest = select(func.min(table.c.number)).scalar_subquery()
    found = select(table.c.number, table.c.events).where(table.c.number < oldest + bindparam(LIMIT, type_=Integer))
    return Prepared(found.order_by(table.c.number))


@cache
def intake_removal(table: Table) -> Prepared:
    """Removes the lots up to a number."""
    return Prepared(delete(table).where(table.c.number <= bindparam("upto")))


# settings


@cache
def setting(table: Table) -> Prepared:
    """Finds a setting by its name."""
    return Prepared(select(table.c.value).where(table.c.name == bindparam("wanted")))


@cache
def setting_kept(table: Table) -> Prepared:
    """Keeps a setting in place of an earlier one."""
    kept = upsert(table).values(name=bindparam("name"), value=bindparam("value"))
    return Prepared(kept.on_conflict_do_update(index_elements=["name"], set_={"value": kept.excluded.value}))


# links


@cache
def link(table: Table) -> Prepared:
    """Makes a link unless there is one already."""
    made = upsert(table).values({name: bindparam(name) for name in ("name", "left", "right", "since")})
    return Prepared(made.on_conflict_do_nothing())


@cache
def links_made(table: Table) -> Prepared:
    """Finds the right ends of a left one's links of numbers greater than `before`, in order."""
    links = table.c
    found = select(links.right).where(links.number > bindparam("before"), *conditions(table, LEFT))
    return Prepared(found.order_by(links.number))


LEFT: Fields = (("name", False), ("left", False))
ONE: Fields = (*LEFT, ("right", False))
RIGHTS: Fields = (("name", False), ("right", True))


@cache
def ends(table: Table, near: str, far: str) -> Prepared:
    """Finds the ends that are opposite one end, in the order in which the links were made."""
    found = select(table.c[far]).where(*conditions(table, (("name", False), (near, False))))
    return Prepared(found.order_by(table.c.number))


@cache
def linked(table: Table) -> Prepared:
    """Finds the left ends, right ends and times of the links to some right ends."""
    links = table.c
    return Prepared(select(links.left, links.right, links.since).where(*conditions(table, RIGHTS)))
