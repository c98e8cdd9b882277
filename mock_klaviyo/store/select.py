"""Select: which rows of a type are wanted, in which order, and which page of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, exists, func, literal, literal_column, or_, select, true

from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.store.operators import OPERATORS
from mock_klaviyo.store.tables import Field, TableForm, Tables, json_path

JOINED = "joined_group_at"
"""The field that stands for the time at which a link was made."""


@dataclass(frozen=True)
class Through:
    """Rows are wanted that a link joins to another resource."""

    link: str
    anchor: str
    is_inverse: bool = False


@dataclass(frozen=True)
class Selection:
    """Rows of a type: those that satisfy all comparisons, perhaps only those linked to something, in an order."""

    type: str
    comparisons: tuple[Comparison, ...] = ()
    sort: Sort | None = None
    through: Through | None = None


@dataclass(frozen=True)
class Position:
    """A place in the order of a selection: the sort value and number of the row there."""

    value: Any
    number: int
    is_backward: bool = False


@dataclass
class Statement:
    """A selection as SQL."""

    tables: Tables
    selection: Selection
    _form: TableForm = field(init=False)

    def __post_init__(self) -> None:
        self._form = self.tables.forms[self.selection.type]
        self.table = self.tables.resources[self.selection.type]

    def page(self, size: int, position: Position | None) -> Select[Any]:
        """One page and the row after it: number, id, document, time of joining, sort value."""
        value, is_descending = self.order()
        is_descending ^= bool(position and position.is_backward)
        statement = self.rows(value).limit(size + 1)
        if position is not None:
            statement = statement.where(self.beyond(value, position, is_descending=is_descending))
        directions = [value, self.table.c.number] if self.selection.sort else [self.table.c.number]
        return statement.order_by(*(way.desc() if is_descending else way.asc() for way in directions))

    def count(self) -> Select[Any]:
        """How many rows there are."""
        return select(func.count()).select_from(self.source()).where(*self.conditions())

    def rows(self, value: ColumnElement[Any]) -> Select[Any]:
        """All rows, in no order."""
        joined = self.tables.links.c.since if self.selection.through else literal(None)
        table = self.table.c
        return (
            select(table.number, table.id, table.document, joined, value)
            .select_from(self.source())
            .where(*self.conditions())
        )

    def source(self) -> Any:
        """The table, joined to the links when the selection goes through one."""
        through, links = self.selection.through, self.tables.links
        if through is None:
            return self.table
        near = links.c.left if through.is_inverse else links.c.right
        return self.table.join(links, near == self.table.c.id)

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What every row must satisfy."""
        yield true()
        through, links = self.selection.through, self.tables.links
        if through is not None:
            yield links.c.name == through.link
            yield (links.c.right if through.is_inverse else links.c.left) == through.anchor
        listed: dict[str, list[Comparison]] = {}
        for comparison in self.selection.comparisons:
            form_field = self.field(comparison.field)
            if form_field is not None and form_field.link:
                yield self.linked_condition(form_field, comparison)
            elif form_field is not None and form_field.is_listed:
                listed.setdefault(form_field.list_name, []).append(comparison)
            else:
                yield condition(comparison, self.column(comparison.field))
        for name, comparisons in listed.items():
            yield self.listed_condition(name, comparisons)

    def linked_condition(self, linked: Field, comparison: Comparison) -> ColumnElement[bool]:
        """That a link leads to something whose id satisfies a comparison."""
        links = self.tables.links.alias().c
        near, far = (links.right, links.left) if linked.is_inverse else (links.left, links.right)
        is_joined = and_(links.name == linked.link, near == self.table.c.id)
        return exists(select(1).where(is_joined, condition(comparison, far)))

    def listed_condition(self, list_name: str, comparisons: Iterable[Comparison]) -> ColumnElement[bool]:
        """That one member of a list satisfies all comparisons."""
        members = func.json_each(self.table.c.document, json_path(list_name)).table_valued("value")
        return exists(
            select(1)
            .select_from(members)
            .where(
                *(
                    condition(each, func.json_extract(members.c.value, json_path(each.field.rpartition(".")[2])))
                    for each in comparisons
                )
            )
        )

    def order(self) -> tuple[ColumnElement[Any], bool]:
        """What rows are sorted by, and whether downwards; by number when nothing else is asked for."""
        sort = self.selection.sort
        if sort is None:
            return self.table.c.number, False
        form_field = self.field(sort.field)
        if form_field is None or form_field.is_required:
            return self.column(sort.field), sort.is_descending
        if form_field.is_listed:
            return self.latest(form_field), sort.is_descending
        return func.coalesce(self.column(sort.field), ""), sort.is_descending

    def latest(self, listed: Field) -> ColumnElement[Any]:
        """The greatest value of a listed field, empty text when its list is empty."""
        members = func.json_each(self.table.c.document, json_path(listed.list_name)).table_valued("value")
        value = func.json_extract(members.c.value, json_path(listed.name.rpartition(".")[2]))
        return func.coalesce(select(func.max(value)).select_from(members).scalar_subquery(), "")

    def beyond(self, value: ColumnElement[Any], position: Position, *, is_descending: bool) -> ColumnElement[bool]:
        """That a row comes after a position."""
        number = self.table.c.number
        step = number < position.number if is_descending else number > position.number
        if self.selection.sort is None:
            return step
        further = value < position.value if is_descending else value > position.value
        return or_(further, and_(value == position.value, step))

    def field(self, name: str) -> Field | None:
        """The declared field of a name."""
        return next((each for each in self._form.fields if each.name == name), None)

    def column(self, name: str) -> ColumnElement[Any]:
        """The column of a field; one that is not declared is read out of the document."""
        if name == JOINED and self.selection.through is not None:
            return self.tables.links.c.since
        if name in self.table.c:
            column: Column[Any] = self.table.c[name]
            return column
        return func.json_extract(self.table.c.document, literal_column(f"'{json_path(name)}'"))


def condition(comparison: Comparison, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """The comparison as SQL."""
    return OPERATORS[comparison.operator](column, stored(comparison.value))


def stored(value: Any) -> Any:
    """A value as documents hold it: times are ISO text in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list | tuple):
        return [stored(each) for each in value]
    return value
