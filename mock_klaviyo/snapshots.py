"""Snapshots: how an account was at a time, by name, to go back to exactly that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from mock_klaviyo.clock import State
from mock_klaviyo.naming import fault_of
from mock_klaviyo.store.store import Copy

if TYPE_CHECKING:
    from mock_klaviyo.klaviyo import Klaviyo

MOST_SNAPSHOTS = 50
"""How many an account keeps; each holds a copy of the whole store in memory."""


class SnapshotError(ValueError):
    """A snapshot cannot be kept or does not exist; says what would be right."""


class Memory(Protocol):
    """What knows things that decide how requests are answered."""

    def remember(self) -> Any:
        """All that it knows now."""

    def recall(self, state: Any) -> None:
        """Know what it knew then, and no more."""


@dataclass(frozen=True)
class Snapshot:
    """An account at a time: its store, its clock, and what everything else knew."""

    copy: Copy
    clock: State
    at: datetime
    states: Mapping[str, Any]


class Snapshots:
    """The snapshots of one account."""

    def __init__(self, klaviyo: Klaviyo) -> None:
        self._klaviyo = klaviyo
        self._kept: dict[str, Snapshot] = {}

    def __iter__(self) -> Iterator[tuple[str, Snapshot]]:
        return iter(self._kept.items())

    def keep(self, name: str) -> Snapshot:
        """Keep how things are now; a snapshot of the same name is replaced."""
        if fault := fault_of(name, "a snapshot", without="/"):
            raise SnapshotError(fault)
        if name not in self._kept and len(self._kept) >= MOST_SNAPSHOTS:
            raise SnapshotError(
                f"{MOST_SNAPSHOTS} snapshots are kept already; DELETE /__mock/snapshots/NAME removes one"
            )
        earlier, self._kept[name] = self._kept.get(name), self._klaviyo.remember()
        if earlier is not None:
            earlier.copy.close()
        return self._kept[name]

    def restore(self, name: str) -> Snapshot:
        """Go back to a snapshot, which stays kept."""
        found = self._named(name)
        self._klaviyo.recall(found)
        return found

    def remove(self, name: str) -> None:
        """Forget a snapshot."""
        self._named(name)
        self._kept.pop(name).copy.close()

    def close(self) -> None:
        """Forget all snapshots."""
        for snapshot in self._kept.values():
            snapshot.copy.close()
        self._kept.clear()

    def _named(self, name: str) -> Snapshot:
        """The snapshot of a name."""
        if name not in self._kept:
            known = ", ".join(self._kept) or "none"
            raise SnapshotError(f"there is no snapshot {name!r}; there are: {known}")
        return self._kept[name]
