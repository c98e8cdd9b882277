"""History: a copy of the store, taken back to an earlier event, is what the store was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_klaviyo.store import history
from mock_klaviyo.store.history import UnknownEventError
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.store import Store
from mock_klaviyo.store.tables import Field, TableForm

FORMS = [TableForm("plant", (Field("name", is_indexed=True),), unique=("name",)), TableForm("stone")]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store(FORMS, keeps_history=True)
    yield made
    made.close()


def insert(store: Store, id: str) -> None:
    if store.row("plant", id) is None:
        store.insert(Row("plant", id, {"name": id}))


def change(store: Store, id: str) -> None:
    store.update(Row("plant", id, {"name": id, "height": 3}))


CHANGES = {
    "insert": insert,
    "change": change,
    "delete": lambda store, id: store.delete(Row("plant", id, {})),
    "rename": lambda store, id: store.set_field("plant", "name", id, "Ash"),
    "join": lambda store, id: store.links.add("near", "stone", [id], "2026"),
    "part": lambda store, id: store.links.remove("near", "stone", [id]),
    "take in": lambda store, id: store.take_in(store.last_taken_in() + 1, [{"id": id}]),
    "forget": lambda store, _: store.forget_intake(store.last_taken_in()),
    "set": lambda store, id: store.keep_setting("last", id),
}


def content(copy: sqlite3.Connection) -> list[str]:
    return list(copy.iterdump())


@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.sampled_from(["a", "b", "c"])), max_size=30))
def test_every_change_is_taken_back(changes: list[tuple[str, str]]) -> None:
    store = Store(FORMS, keeps_history=True)
    then = []
    for number, (kind, id) in enumerate(changes):
        with store.transaction():
            CHANGES[kind](store, id)
            assert store.history
            store.history.mark(number, NOW)
        then.append(content(store.copy()))

    for number, expected in enumerate(then):
        copy = store.copy()
        store.history.take_back(copy, number)
        assert expected == content(copy)
    store.close()


def test_a_transaction_that_fails_leaves_no_history(store: Store) -> None:
    with suppress(RuntimeError), store.transaction():
        insert(store, "a")
        store.history.mark(1, NOW)
        raise RuntimeError

    with pytest.raises(UnknownEventError):
        store.history.at(1)


def test_history_is_no_part_of_a_copy_or_a_file(store: Store) -> None:
    with store.transaction():
        insert(store, "a")

    assert not [line for line in content(store.copy()) if "history" in line or "TRIGGER" in line]


def test_the_oldest_changes_are_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LONGEST", 20)
    for number in range(1, 101):
        with store.transaction():
            store.keep_setting("last", str(number))
            store.history.mark(number, NOW)

    with pytest.raises(UnknownEventError, match="reaches from event 80 to 100"):
        store.history.at(50)
