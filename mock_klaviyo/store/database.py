"""Database: one SQLite connection, in memory or on a file, and its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine, Executable, create_engine, event
from sqlalchemy.exc import DBAPIError, ResourceClosedError
from sqlalchemy.pool import NullPool

from mock_klaviyo.store.history import History
from mock_klaviyo.store.prepared import Prepared
from mock_klaviyo.store.tables import Tables

PRAGMAS = (
    "PRAGMA locking_mode = EXCLUSIVE",  # two servers on one file would give the same numbers twice
    "PRAGMA synchronous = NORMAL",
    "PRAGMA case_sensitive_like = ON",  # Klaviyo compares text with regard to case
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)
WRITE_AHEAD = "PRAGMA journal_mode = WAL"
"""With it, a commit survives the death of the process; it changes the file, so it comes after all checks."""

APPLICATION = int.from_bytes(b"mKla")
"""What tells our files from those of other programs."""

PATIENCE = 0.2
"""How many seconds to wait for a file that another program uses."""

KEPT_STATEMENTS = 512
"""How many statements a connection keeps ready to run."""


class StoreError(Exception):
    """The store cannot be opened; says why and what to do."""


class StoreClosed(RuntimeError):
    """The store was closed while somebody used it, as when a world ends."""


class Database:
    """A connection to the store; everything runs inside a transaction.

    SQLite's driver does not survive two threads on one connection, so whoever uses it holds the lock: here for each
    statement, and by its owner for all that belongs together.
    """

    def __init__(self, tables: Tables, file: Path | None = None) -> None:
        self.tables = tables
        self.lock = RLock()
        self.history: History | None = None
        if file is None:
            self._connection = memory().connect()
            self.clear()
            return
        connection: Connection | None = None
        try:
            connection = engine(f"sqlite:///{file}").connect()
            self._connection = self._prepared(connection)
        except (DBAPIError, sqlite3.Error, StoreError) as error:
            if connection is not None:
                connection.close()
            raise StoreError(f"{file} cannot be used as a store: {reason(error)}") from None

    def _prepared(self, connection: Connection) -> Connection:
        """A connection to a file whose tables are as they should be."""
        known = statements(connection)
        check(connection, known, self.tables)
        connection.exec_driver_sql(WRITE_AHEAD)
        make(connection.connection.driver_connection, self.tables, known)
        connection.commit()
        return connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything that happens inside is kept together, or not at all."""
        try:
            yield
        except BaseException:
            self._end(Connection.rollback, sqlite3.Connection.rollback)
            raise
        self._end(Connection.commit, sqlite3.Connection.commit)

    def _end(self, end: Callable[[Connection], None], end_driver: Callable[[sqlite3.Connection], None]) -> None:
        """End a transaction; SQLAlchemy knows nothing of one in which only prepared statements ran."""
        end(self._connection)
        if not self._connection.closed:
            end_driver(self._driver)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of a transaction that may fail alone: what happens inside is undone, the rest goes on."""
        # The driver begins a transaction only before it first writes; without one, a savepoint would commit.
        if not self._connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
            self._connection.exec_driver_sql("BEGIN")
        with self._connection.begin_nested():
            yield

    def run(self, statement: Executable | Prepared, parameters: Any = None) -> None:
        """Run a statement in the current transaction."""
        with self.lock, closing_is_told():
            self._result(statement, parameters)

    def fetch(self, statement: Executable | Prepared, parameters: Any = None) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        with self.lock, closing_is_told():
            return [tuple(row) for row in self._result(statement, parameters)]

    def value(self, statement: Executable | Prepared) -> Any:
        """The one value that a statement gives, None when it gives no row."""
        return next((row[0] for row in self.fetch(statement)), None)

    def _result(self, statement: Executable | Prepared, parameters: Any) -> Iterable[Iterable[Any]]:
        """What a statement gives; a prepared one goes to the driver at once."""
        if isinstance(statement, Prepared):
            return statement.run(self._driver, parameters)
        return self._connection.execute(statement, parameters)

    def copy(self) -> sqlite3.Connection:
        """A copy of everything, in memory."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        self._driver.backup(copy)
        return copy

    def restore(self, copy: sqlite3.Connection) -> None:
        """Make everything as it is in a copy; history begins anew."""
        self._end(Connection.rollback, sqlite3.Connection.rollback)
        copy.backup(self._driver)
        if self.history is not None:
            self.history.clear()

    def forget_history(self) -> None:
        """Forget what changes have replaced, in the current transaction."""
        if self.history is not None:
            self.history.empty()

    def keep_history(self) -> None:
        """Write down from now on what each change replaces."""
        self.history = History(self._driver, self.tables)

    @property
    def _driver(self) -> sqlite3.Connection:
        """SQLite's own connection."""
        driver: Any = self._connection.connection.driver_connection
        connection: sqlite3.Connection = driver
        return connection

    def clear(self) -> None:
        """Make everything as it is at first: tables without rows."""
        self.restore(pristine(self.tables))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class closing_is_told(AbstractContextManager[None]):
    """Inside, that the connection is closed is said in our words."""

    def __exit__(self, _kind: object, reason: BaseException | None, _trace: object) -> None:
        if isinstance(reason, ResourceClosedError):
            raise StoreClosed("the account or world ended while this was asked") from None


def engine(url: str) -> Engine:
    """What opens connections, and keeps the statements that it has compiled."""
    arguments = {"check_same_thread": False, "timeout": PATIENCE, "cached_statements": KEPT_STATEMENTS}
    made = create_engine(url, poolclass=NullPool, connect_args=arguments)
    event.listen(made, "connect", prepare)
    return made


@cache
def memory() -> Engine:
    """The engine of all stores in memory: each connection is a store of its own, compiled statements are shared."""
    return engine("sqlite://")


@cache
def pristine(tables: Tables) -> sqlite3.Connection:
    """Tables without rows; to copy them is much faster than to make them."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    make(connection, tables)
    return connection


def make(connection: Any, tables: Tables, known: Container[str] = ()) -> None:
    """Make the tables that a database does not have, and mark it as ours."""
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    for name, made in tables.statements.items():
        if name not in known:
            for statement in made:
                connection.execute(statement)


def prepare(connection: Any, _record: Any) -> None:
    """Set what each new connection needs."""
    for pragma in PRAGMAS:
        connection.execute(pragma)


def reason(error: Exception) -> str:
    """Why a file cannot be opened, and what to do."""
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    if "locked" in text:
        return "another program uses it; stop that, or name another file"
    return f"{' '.join(text.split())}; name another file, or move this one away"


def check(connection: Connection, known: Mapping[str, set[str]], tables: Tables) -> None:
    """Refuse a file that is not ours, that is damaged, or whose tables are those of another version."""
    if not known:
        return
    if connection.exec_driver_sql("PRAGMA application_id").scalar() != APPLICATION:
        raise StoreError("it is a database of another program")
    damage = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if damage != "ok":
        raise StoreError(f"it is damaged ({damage})")
    for name, expected in tables.statements.items():
        if name in known and known[name] != set(map(without_layout, expected)):
            raise StoreError(f"another version of mock-klaviyo wrote it, whose table {name!r} differs")


def statements(connection: Connection) -> dict[str, set[str]]:
    """What made each table of the file and its indexes."""
    found: dict[str, set[str]] = {}
    rows = connection.exec_driver_sql("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    for table, sql in rows:
        found.setdefault(table, set()).add(without_layout(sql))
    return found


def without_layout(sql: str) -> str:
    """A statement on one line."""
    return " ".join(sql.split())
