"""Watching: who wants to know what is written to a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from mock_klaviyo.store.rows import Row


class Watcher(Protocol):
    """Is told of each write, before its transaction ends; a write that is then undone was told of too."""

    def rows_written(self, rows: Sequence[Row]) -> None:
        """Rows of one type were added or changed."""

    def row_removed(self, row: Row) -> None:
        """A row was removed, and all its links with it."""

    def fields_written(self, type: str, fields: Mapping[str, Any]) -> None:
        """Rows were changed or removed, unread; they have, or have now, these fields."""

    def links_made(self, name: str, left: str, rights: Sequence[str], since: str) -> None:
        """Links that were not there before were made from a left end to these right ones."""

    def links_written(self, name: str, rights: Sequence[str]) -> None:
        """Links to these right ends were made or removed."""
