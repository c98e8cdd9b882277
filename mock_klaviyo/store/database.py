"""Database: one SQLite connection, in memory or on a file, and its transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, create_engine, event
from sqlalchemy.pool import StaticPool

from mock_klaviyo.store.tables import Tables

PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # a commit survives the death of the process
    "PRAGMA synchronous = NORMAL",
    "PRAGMA case_sensitive_like = ON",  # Klaviyo compares text with regard to case
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)


class StoreError(Exception):
    """The store cannot be opened; says why and what to do."""


class Database:
    """A connection to the store; everything runs inside a transaction."""

    def __init__(self, tables: Tables, file: Path | None = None) -> None:
        self.tables = tables
        url = f"sqlite:///{file}" if file else "sqlite://"
        self._engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        event.listen(self._engine, "connect", prepare)
        self._connection = self._engine.connect()
        tables.metadata.create_all(self._connection)
        self._connection.commit()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything that happens inside is kept together, or not at all."""
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of a transaction that may fail alone: what happens inside is undone, the rest goes on."""
        # The driver begins a transaction only before it first writes; without one, a savepoint would commit.
        if not self._connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
            self._connection.exec_driver_sql("BEGIN")
        with self._connection.begin_nested():
            yield

    def run(self, statement: Executable, parameters: Any = None) -> None:
        """Run a statement in the current transaction."""
        self._connection.execute(statement, parameters)

    def fetch(self, statement: Executable) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        return [tuple(row) for row in self._connection.execute(statement)]

    def value(self, statement: Executable) -> Any:
        """The one value that a statement gives, None when it gives no row."""
        return self._connection.execute(statement).scalar()

    def clear(self) -> None:
        """Empty every table."""
        for table in self.tables.metadata.tables.values():
            self._connection.execute(table.delete())
        self._connection.commit()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        self._engine.dispose()


def prepare(connection: Any, _record: Any) -> None:
    """Set what each new connection needs."""
    for pragma in PRAGMAS:
        connection.execute(pragma)
