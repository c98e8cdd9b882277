"""History: what each change of a store replaced, so that a copy of the store can be taken back to an earlier event.

SQLite's triggers write it down, into temporary tables that end with the connection and are no part of the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Table

from mock_klaviyo.store.tables import Tables

LONGEST = 200_000
"""How many changes are kept; when there are more, the oldest tenth is forgotten."""

MOST_VALUES = 4
"""How many values a row has at most beside its number."""

VALUES = tuple(f"value{number}" for number in range(MOST_VALUES))
TABLES = (
    f"CREATE TEMP TABLE history (step INTEGER PRIMARY KEY, kind TEXT, name TEXT, key INTEGER, {', '.join(VALUES)})",
    "CREATE TEMP TABLE marks (event INTEGER PRIMARY KEY, step INTEGER, at TEXT)",
)


class UnknownEventError(LookupError):
    """The history does not reach to an event; says how far it reaches."""


class History:
    """The changes of a store since it was opened or last made as it was."""

    def __init__(self, connection: sqlite3.Connection, tables: Tables) -> None:
        self._connection = connection
        self._columns = {name: columns(table) for name, table in tables.metadata.tables.items()}
        for statement in (*TABLES, *(each for name, kept in self._columns.items() for each in triggers(name, kept))):
            connection.execute(statement)

    def mark(self, event: int, at: datetime) -> None:
        """Note that an event has just been processed."""
        step = "(SELECT coalesce(max(step), 0) FROM history)"
        self._connection.execute(f"INSERT OR REPLACE INTO marks VALUES (?, {step}, ?)", (event, at.isoformat()))
        if event % (LONGEST // 10) == 0:
            self._shorten()

    def _shorten(self) -> None:
        """Forget the oldest changes when there are too many."""
        (last,) = self._connection.execute("SELECT coalesce(max(step), 0) FROM history").fetchone()
        self._connection.execute("DELETE FROM history WHERE step <= ?", (last - LONGEST,))
        self._connection.execute("DELETE FROM marks WHERE step < ?", (last - LONGEST,))

    def empty(self) -> None:
        """Forget everything, in the current transaction."""
        self._connection.execute("DELETE FROM history")
        self._connection.execute("DELETE FROM marks")

    def clear(self) -> None:
        """Forget everything."""
        self.empty()
        self._connection.commit()

    def at(self, event: int) -> datetime:
        """When an event was processed."""
        return datetime.fromisoformat(self._mark(event)[1])

    def take_back(self, copy: sqlite3.Connection, event: int) -> None:
        """Make a copy of the store as the store was just after an event."""
        for statement, values in self._statements(self._mark(event)[0]):
            copy.execute(statement, values)
        copy.commit()

    def _mark(self, event: int) -> tuple[int, str]:
        """The last change that an event made, and when."""
        found = self._connection.execute("SELECT step, at FROM marks WHERE event = ?", (event,)).fetchone()
        if found is None:
            first, last = self._connection.execute("SELECT min(event), max(event) FROM marks").fetchone()
            reach = f"reaches from event {first} to {last}" if first else "has no event yet"
            raise UnknownEventError(f"there is no event {event} in the history, which {reach}")
        step, at = found
        return int(step), str(at)

    def _statements(self, after: int) -> Iterator[tuple[str, tuple[object, ...]]]:
        """What undoes each change after a step, the latest first."""
        changes = self._connection.execute("SELECT * FROM history WHERE step > ? ORDER BY step DESC", (after,))
        for _, kind, name, key, *values in changes.fetchall():
            kept = self._columns[name]
            before = tuple(values[: len(kept)])
            if kind == "insert":
                yield f'DELETE FROM "{name}" WHERE rowid = ?', (key,)
            elif kind == "update":
                yield f'UPDATE "{name}" SET {", ".join(f"{each} = ?" for each in kept)} WHERE rowid = ?', (*before, key)
            else:
                places = ", ".join("?" * (len(kept) + 1))
                yield f'INSERT INTO "{name}" (rowid, {", ".join(kept)}) VALUES ({places})', (key, *before)


def columns(table: Table) -> tuple[str, ...]:
    """The columns of a table that are kept in it: neither its number nor what is computed."""
    return tuple(f'"{each.name}"' for each in table.columns if each.computed is None and each.name != "number")


def triggers(name: str, kept: tuple[str, ...]) -> Iterator[str]:
    """What writes down each change of a table."""
    old = "".join(f", old.{each}" for each in kept)
    into = f"INSERT INTO history (kind, name, key{''.join(f', {each}' for each in VALUES[: len(kept)])})"
    yield trigger(name, "insert", f"INSERT INTO history (kind, name, key) VALUES ('insert', '{name}', new.rowid)")
    for kind in ("update", "delete"):
        yield trigger(name, kind, f"{into} VALUES ('{kind}', '{name}', old.rowid{old})")


def trigger(name: str, kind: str, statement: str) -> str:
    """A temporary trigger."""
    return f'CREATE TEMP TRIGGER "{name} {kind}" AFTER {kind} ON main."{name}" BEGIN {statement}; END'
