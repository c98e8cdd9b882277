"""Store: resources as rows, the links between them, and a few numbers that must outlive a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import delete, false, func, or_, select, update

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.store import prepared
from mock_klaviyo.store.database import Database
from mock_klaviyo.store.history import History
from mock_klaviyo.store.links import Links
from mock_klaviyo.store.prepared import LIMIT, fields_of
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Position, Selection, Statement
from mock_klaviyo.store.tables import TableForm, tables
from mock_klaviyo.store.watching import Watcher

Copy: TypeAlias = sqlite3.Connection
"""Everything that a store kept at a time."""


@dataclass(frozen=True)
class Page:
    """A page of rows, and the positions from which the next and the previous page are reached."""

    rows: list[Row]
    next: Position | None = None
    previous: Position | None = None


class Store:
    """Everything that is kept: on a file when one is given, else in memory."""

    def __init__(self, forms: Iterable[TableForm], file: Path | None = None, *, keeps_history: bool = False) -> None:
        self._tables = tables(tuple(forms))
        self._database = Database(self._tables, file)
        self.lock = self._database.lock
        if keeps_history:
            self._database.keep_history()
        self.watchers: list[Watcher] = []
        self.links = Links(self._database, self.watchers)

    def transaction(self) -> AbstractContextManager[None]:
        """Everything that happens inside is kept together, or not at all."""
        return self._database.transaction()

    def attempt(self) -> AbstractContextManager[None]:
        """A part of a transaction that may fail alone: what happens inside is undone, the rest goes on."""
        return self._database.attempt()

    def clear(self) -> None:
        """Forget everything."""
        self._database.clear()

    def copy(self) -> Copy:
        """A copy of everything, to be restored later."""
        return self._database.copy()

    def restore(self, copy: Copy) -> None:
        """Make everything as it is in a copy."""
        self._database.restore(copy)

    @property
    def history(self) -> History | None:
        """What each change replaced, when that is kept."""
        return self._database.history

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # rows

    def insert(self, *rows: Row) -> None:
        """Add rows of one type; a number of 0 means the next free one."""
        if rows:
            values = [
                {"number": row.number or None, "id": row.id, "document": json.written(row.document).decode()}
                for row in rows
            ]
            self._database.run(prepared.insertion(self._tables.resources[rows[0].type]), values)
            self._tell(rows)

    def update(self, *rows: Row) -> None:
        """Keep the documents of rows of one type."""
        if rows:
            values = [{"row_id": row.id, "text": json.written(row.document).decode()} for row in rows]
            self._database.run(prepared.change(self._tables.resources[rows[0].type]), values)
            self._tell(rows)

    def _tell(self, rows: Sequence[Row]) -> None:
        """Tell the watchers of written rows."""
        for watcher in self.watchers:
            watcher.rows_written(rows)

    def delete(self, row: Row) -> None:
        """Remove a row and all its links."""
        table = self._tables.resources[row.type]
        self._database.run(delete(table).where(table.c.id == row.id))
        form = self._tables.forms[row.type]
        self.links.forget(row.id, foreign_lefts=form.foreign_lefts, foreign_rights=form.foreign_rights)
        for watcher in self.watchers:
            watcher.row_removed(row)

    def delete_where(self, type: str, **fields: Any) -> None:
        """Remove the rows whose fields have these values; a list of values means any of them."""
        self._database.run(prepared.removal(self._tables.resources[type], fields_of(fields)), fields)
        for watcher in self.watchers:
            watcher.fields_written(type, fields)

    def set_field(self, type: str, name: str, before: str, after: str) -> None:
        """Change a field wherever it has a value; rows that would then stand twice stay as they are."""
        table = self._tables.resources[type]
        document = func.json_set(table.c.document, f'$."{name}"', after)
        self._database.run(
            update(table).prefix_with("OR IGNORE").where(table.c[name] == before).values(document=document)
        )
        for watcher in self.watchers:
            watcher.fields_written(type, {name: after})

    def row(self, type: str, id: str) -> Row | None:
        """The row of an id."""
        return self.first(type, id=id)

    def first(self, type: str, **fields: Any) -> Row | None:
        """The oldest row whose fields have these values."""
        return next(iter(self.rows(type, limit=1, **fields)), None)

    def rows(self, type: str, *, limit: int | None = None, **fields: Any) -> list[Row]:
        """The rows whose fields have these values, oldest first; a list of values means any of them."""
        statement = prepared.lookup(self._tables.resources[type], fields_of(fields))
        found = self._database.fetch(statement, {**fields, LIMIT: -1 if limit is None else limit})
        return [Row(type, id, json.read(document), number) for number, id, document in found]

    def after(self, type: str, number: int, limit: int) -> list[Row]:
        """The rows of greater numbers, in order."""
        found = self._database.fetch(prepared.following(self._tables.resources[type]), {"after": number, LIMIT: limit})
        return [Row(type, id, json.read(document), at) for at, id, document in found]

    def least(self, type: str, name: str) -> Row | None:
        """The row of the least value of a field, the oldest of several."""
        found = self._database.fetch(prepared.least(self._tables.resources[type], name))
        return next((Row(type, id, json.read(document), number) for number, id, document in found), None)

    def values(self, type: str, name: str, wanted: Sequence[str], shown: tuple[str, ...]) -> set[tuple[Any, ...]]:
        """Some fields of the rows of which one field has any of the wanted values."""
        statement = prepared.lookup(self._tables.resources[type], ((name, True),), shown)
        return set(self._database.fetch(statement, {name: wanted, LIMIT: -1}))

    def is_any(self, type: str, **fields: Any) -> bool:
        """Whether there is a row whose fields have these values."""
        return self.first(type, **fields) is not None

    def mentioning(self, type: str, words: Iterable[str]) -> list[Row]:
        """The rows in whose ids or documents any of the words stands, in whatever case."""
        table = self._tables.resources[type].c
        texts = [func.lower(table.id), func.lower(table.document)]
        holding = [func.instr(text, word.lower()) > 0 for word in words for text in texts]
        found = self._database.fetch(select(table.number, table.id, table.document).where(or_(false(), *holding)))
        return [Row(type, id, json.read(document), number) for number, id, document in found]

    # selections

    def page(self, selection: Selection, size: int, position: Position | None = None) -> Page:
        """A page of a selection."""
        found = self._database.fetch(Statement(self._tables, selection).page(size, position))
        is_more, kept = len(found) > size, found[:size]
        if position is not None and position.is_backward:
            kept = kept[::-1]
        rows = [Row(selection.type, each[1], json.read(each[2]), each[0], each[3]) for each in kept]
        if not rows:
            return Page([])
        ends = Position(kept[-1][4], kept[-1][0]), Position(kept[0][4], kept[0][0], is_backward=True)
        is_backward = position is not None and position.is_backward
        has_next = is_backward or is_more
        has_previous = is_more if is_backward else position is not None
        return Page(rows, ends[0] if has_next else None, ends[1] if has_previous else None)

    def every(self, selection: Selection) -> Iterator[Row]:
        """All rows of a selection, fetched a thousand at a time."""
        position: Position | None = None
        while True:
            page = self.page(selection, 1000, position)
            yield from page.rows
            if page.next is None:
                return
            position = page.next

    def count(self, selection: Selection) -> int:
        """How many rows a selection has."""
        return int(self._database.value(Statement(self._tables, selection).count()))

    # intake: events that are accepted and not yet processed

    def take_in(self, number: int, events: Sequence[Json]) -> None:
        """Keep accepted events; the first has this number."""
        lot = {"number": number, "events": json.written(events).decode()}
        self._database.run(prepared.intake_addition(self._tables.intake), lot)

    def taken_in(self, limit: int) -> list[tuple[int, list[Json]]]:
        """The oldest accepted events, about `limit` of them, with the number of the first of each lot."""
        found = self._database.fetch(prepared.oldest_intake(self._tables.intake), {LIMIT: limit})
        return [(number, json.read(events)) for number, events in found]

    def forget_intake(self, upto: int) -> None:
        """Remove processed events from the intake."""
        self._database.run(prepared.intake_removal(self._tables.intake), {"upto": upto})

    def rewrite_intake(self, words: Iterable[str], change: Callable[[Json], Json]) -> None:
        """Change the events that wait in the lots in which any of the words stands."""
        table = self._tables.intake
        holding = [func.instr(func.lower(table.c.events), word.lower()) > 0 for word in words]
        for number, text in self._database.fetch(select(table.c.number, table.c.events).where(or_(false(), *holding))):
            events = json.written([change(event) for event in json.read(text)]).decode()
            self._database.run(update(table).where(table.c.number == number).values(events=events))

    def forget_history(self) -> None:
        """Forget what changes have replaced."""
        self._database.forget_history()

    def intake_size(self) -> int:
        """How many events wait in the intake."""
        first = self._database.value(select(func.min(self._tables.intake.c.number)))
        return self.last_taken_in() - int(first) + 1 if first is not None else 0

    def last_taken_in(self) -> int:
        """The number of the last event in the intake, 0 when it is empty."""
        table = self._tables.intake.c
        last = self._database.fetch(select(table.number, table.events).order_by(table.number.desc()).limit(1))
        return sum(number + len(json.read(events)) - 1 for number, events in last)

    def last_number(self, *types: str) -> int:
        """The greatest number in use among types."""
        numbers = [self._database.value(prepared.greatest(self._tables.resources[type])) or 0 for type in types]
        return max(numbers, default=0)

    # settings

    def setting(self, name: str) -> str | None:
        """A kept setting."""
        found = self._database.fetch(prepared.setting(self._tables.settings), {"wanted": name})
        return str(found[0][0]) if found else None

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a setting."""
        self._database.run(prepared.setting_kept(self._tables.settings), {"name": name, "value": value})
