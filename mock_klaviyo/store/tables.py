"""Tables: one per resource type, made of a JSON document and columns that are read out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Column, Computed, Float, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeEngine

TYPES: dict[str, type[TypeEngine[Any]]] = {"string": Text, "number": Float, "integer": Integer, "boolean": Integer}


def json_path(name: str) -> str:
    """A dotted path as SQLite writes it.

    >>> json_path("integration.name")
    '$."integration"."name"'
    """
    return "$" + "".join(f'."{part}"' for part in name.split("."))


@dataclass(frozen=True)
class Field:
    """A part of a document that one can look up, filter and sort by; its name is the path within the document.

    A field that is `listed` stands in each member of the list that the rest of its path leads to. One with a `link`
    stands in no document: it is the id at the link's other end, its left one when the field `is_inverse`.
    """

    name: str
    type: str = "string"
    is_indexed: bool = False
    is_required: bool = False
    is_listed: bool = False
    link: str | None = None
    is_inverse: bool = False

    @property
    def path(self) -> str:
        """The path as SQLite writes it."""
        return json_path(self.name)

    @property
    def is_column(self) -> bool:
        """Whether there is one value in a document."""
        return not self.is_listed and self.link is None

    @property
    def list_name(self) -> str:
        """The path of the list that holds a listed field."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True)
class TableForm:
    """What the table of a resource type needs: its fields, and which of them together are unique.

    Ids may be the same in two types: the foreign ends are the links that have another type at their left or right.
    """

    type: str
    fields: tuple[Field, ...] = ()
    unique: tuple[str, ...] = ()
    foreign_lefts: frozenset[str] = frozenset()
    foreign_rights: frozenset[str] = frozenset()


def table(form: TableForm, metadata: MetaData) -> Table:
    """The table of a resource type: `number` counts up, `document` is JSON, fields are computed from it."""
    made = Table(
        form.type,
        metadata,
        Column("number", Integer, primary_key=True),
        Column("id", String, nullable=False, unique=True),
        Column("document", Text, nullable=False),
        *(computed(field) for field in form.fields if field.is_column),
    )
    for field in form.fields:
        if field.is_indexed:
            Index(f"{form.type} by {field.name}", made.c[field.name])
    if form.unique:
        Index(f"{form.type} once", *(made.c[name] for name in form.unique), unique=True)
    return made


def computed(field: Field) -> Column[Any]:
    """A field as a column that SQLite reads out of the document."""
    expression = f"json_extract(document, '{field.path}')"
    return Column(field.name, TYPES[field.type], Computed(expression, persisted=False))


class Tables:
    """All tables of a store: one per resource type, and those for links, intake, journal and settings."""

    def __init__(self, forms: Iterable[TableForm]) -> None:
        self.metadata = MetaData()
        self.forms = {form.type: form for form in forms}
        self.resources = {form.type: table(form, self.metadata) for form in self.forms.values()}
        self.links = Table(
            "links",
            self.metadata,
            Column("number", Integer, primary_key=True),
            Column("name", Text, nullable=False),
            Column("left", Text, nullable=False),
            Column("right", Text, nullable=False),
            Column("since", Text, nullable=False),
        )
        Index("links by left", self.links.c.name, self.links.c.left, self.links.c.right, unique=True)
        Index("links by right", self.links.c.name, self.links.c.right)
        self.intake = Table(
            "intake",
            self.metadata,
            Column("number", Integer, primary_key=True),
            Column("events", Text, nullable=False),
        )
        self.settings = Table(
            "settings",
            self.metadata,
            Column("name", Text, primary_key=True),
            Column("value", Text, nullable=False),
        )

    @cached_property
    def statements(self) -> Mapping[str, tuple[str, ...]]:
        """What makes each table and its indexes."""
        return {name: statements(table) for name, table in self.metadata.tables.items()}


@cache
def tables(forms: tuple[TableForm, ...]) -> Tables:
    """The tables of these forms; they hold no state, so stores share them."""
    return Tables(forms)


def statements(table: Table) -> tuple[str, ...]:
    """What makes a table and its indexes."""
    dialect = sqlite.dialect()
    indexes = sorted(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
    return (str(CreateTable(table).compile(dialect=dialect)), *indexes)
