"""Prepared statements: they run in the same transactions as all others, and find the same."""

from __future__ import annotations

import sqlite3

import pytest

from mock_klaviyo.store.database import StoreClosed
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.store import Store
from mock_klaviyo.store.tables import Field, TableForm

FORM = TableForm("thing", (Field("name", is_indexed=True), Field("size", type="integer")))
IDS = ("plain", 'with "quotes"', "with 'apostrophe'", "š", "[1]", "")


def store() -> Store:
    """A store with a thing of each id."""
    made = Store((FORM,))
    with made.transaction():
        made.insert(*(Row("thing", id, {"name": id, "size": len(id)}) for id in IDS))
    return made


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("field", ["id", "name"])
def test_a_row_is_found_by_one_value_and_by_several(field: str, id: str) -> None:
    known = store()
    assert [row.id for row in known.rows("thing", **{field: id})] == [id]
    assert [row.id for row in known.rows("thing", **{field: [id, "nobody"]})] == [id]
    assert known.values("thing", field, [id], ("id", "size")) == {(id, len(id))}


def test_an_id_with_a_zero_is_found_among_several() -> None:
    known = store()
    known.insert(Row("thing", "with\0zero", {"name": "zero", "size": 1}))
    assert [row.id for row in known.rows("thing", id=["with\0zero", "plain"])] == ["plain", "with\0zero"]


def test_nothing_is_found_by_no_values() -> None:
    assert store().rows("thing", id=[]) == []


def test_many_values_find_all_rows_in_their_order() -> None:
    assert [row.id for row in store().rows("thing", id=[*reversed(IDS), *map(str, range(20_000))])] == [*IDS]


def remove_and_fail(known: Store) -> None:
    """Remove things, and then add one that is there already."""
    with known.transaction():
        known.delete_where("thing", id=["plain", "š"])
        known.insert(Row("thing", "", {"name": "again", "size": 1}))


def test_what_only_prepared_statements_wrote_is_undone_too() -> None:
    known = store()
    with pytest.raises(sqlite3.IntegrityError):
        remove_and_fail(known)
    assert [row.id for row in known.rows("thing")] == [*IDS]


def test_a_part_of_a_transaction_is_undone_alone() -> None:
    known = store()
    with known.transaction():
        known.insert(Row("thing", "first", {"name": "first", "size": 1}))
        with pytest.raises(sqlite3.IntegrityError), known.attempt():
            known.insert(Row("thing", "second", {"name": "second", "size": 1}), Row("thing", "first", {}))
    assert [row.id for row in known.rows("thing")] == [*IDS, "first"]


def test_the_least_is_the_oldest_of_several() -> None:
    known = store()
    assert known.least("thing", "size") == known.row("thing", "")
    known.delete_where("thing", size=[0, 1])
    known.insert(Row("thing", "two", {"name": "two", "size": 3}))
    assert known.least("thing", "size") == known.row("thing", "[1]")


def test_a_closed_store_says_so() -> None:
    known = store()
    known.close()
    with pytest.raises(StoreClosed):
        known.rows("thing")
