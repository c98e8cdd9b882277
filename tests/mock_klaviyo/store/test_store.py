"""The store: rows, transactions, numbers, settings and files."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_klaviyo.store.database import StoreError
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.store import Store
from mock_klaviyo.store.tables import Field, TableForm

PLANT = TableForm("plant", (Field("name", is_indexed=True),), unique=("name",))
FORMS = [PLANT, TableForm("stone")]


@pytest.fixture
def store():
    made = Store(FORMS)
    yield made
    made.close()


def test_rows_are_kept_changed_and_removed(store):
    with store.transaction():
        store.insert(Row("plant", "a", {"name": "Ash"}))
        store.update(Row("plant", "a", {"name": "Oak"}))
    assert {"name": "Oak"} == store.row("plant", "a").document
    assert store.first("plant", name="Ash") is None

    with store.transaction():
        store.delete(Row("plant", "a", {}))
    assert store.row("plant", "a") is None


def insert_and_fail(store, context):
    with context:
        store.insert(Row("plant", "b", {"name": "Oak"}))
        raise RuntimeError


def test_a_transaction_that_fails_changes_nothing(store):
    with pytest.raises(RuntimeError):
        insert_and_fail(store, store.transaction())

    assert [] == store.rows("plant")


@pytest.mark.parametrize("reading", [lambda store: store.rows("plant"), lambda store: store.last_number("plant")])
def test_who_reads_in_another_thread_waits_for_who_holds_the_lock(store, reading):
    with ThreadPoolExecutor(1) as other:
        with store.lock:
            found = other.submit(reading, store)
            with pytest.raises(TimeoutError):
                found.result(timeout=0.05)
        assert not found.result()


def test_a_part_of_a_transaction_fails_alone(store):
    with store.transaction():
        store.insert(Row("plant", "a", {"name": "Ash"}))
        with pytest.raises(RuntimeError):
            insert_and_fail(store, store.attempt())

    assert ["a"] == [row.id for row in store.rows("plant")]


def test_rows_come_oldest_first_by_value_or_by_any_of_many(store):
    with store.transaction():
        store.insert(*(Row("plant", id, {"name": id}) for id in "cab"))

    assert ["c", "a", "b"] == [row.id for row in store.rows("plant")]
    assert ["c", "b"] == [row.id for row in store.rows("plant", name=["b", "c"])]
    assert ["a", "b"] == [row.id for row in store.after("plant", 1, 9)]
    assert {("a",)} == store.values("plant", "name", ["a", "x"], ("id",))
    assert (True, False) == (store.is_any("plant", name="a"), store.is_any("plant", name="x"))


def test_a_field_is_set_except_where_a_row_would_then_stand_twice(store):
    with store.transaction():
        store.insert(*(Row("plant", id, {"name": id}) for id in "ab"))
        store.set_field("plant", "name", "a", "b")
        store.set_field("plant", "name", "b", "c")

    assert ["a", "c"] == [row.document["name"] for row in store.rows("plant")]


def test_numbers_go_on_from_the_greatest(store):
    assert 0 == store.last_number("plant", "stone")

    with store.transaction():
        store.insert(Row("plant", "a", {}, 7))
        store.insert(Row("stone", "s", {}, 9))
    assert (7, 9) == (store.last_number("plant"), store.last_number("plant", "stone"))


def test_the_intake_keeps_lots_in_order_and_counts_their_events(store):
    with store.transaction():
        store.take_in(5, [{"n": 5}, {"n": 6}])
        store.take_in(7, [{"n": 7}])
    assert (3, 7) == (store.intake_size(), store.last_taken_in())
    assert [(5, [{"n": 5}, {"n": 6}]), (7, [{"n": 7}])] == store.taken_in(10)
    assert [(5, [{"n": 5}, {"n": 6}])] == store.taken_in(2)

    with store.transaction():
        store.forget_intake(5)
    assert (1, 7) == (store.intake_size(), store.last_taken_in())


def test_settings_are_kept_and_replaced(store):
    assert store.setting("x") is None

    for value in ("1", "2"):
        with store.transaction():
            store.keep_setting("x", value)
    assert "2" == store.setting("x")


def test_clearing_forgets_everything(store):
    with store.transaction():
        store.insert(Row("plant", "a", {}))
        store.links.add("grows", "a", ["b"], "2026-01-01")
        store.keep_setting("x", "1")
    store.clear()

    assert ([], [], None) == (store.rows("plant"), store.links.ids("grows", "a"), store.setting("x"))


# files


@pytest.fixture
def file(tmp_path):
    """A file with one plant in it."""
    path = tmp_path / "plants.sqlite"
    made = Store(FORMS, path)
    with made.transaction():
        made.insert(Row("plant", "a", {"name": "Ash"}))
    made.close()
    return path


def reason(path, forms=FORMS):
    with pytest.raises(StoreError) as refusal:
        Store(forms, path)
    text = str(refusal.value)
    assert text.startswith(f"{path} cannot be used as a store: ")
    return text


def test_a_file_keeps_what_was_written(file):
    store = Store(FORMS, file)

    assert ["a"] == [row.id for row in store.rows("plant")]
    store.close()


def test_a_file_gets_the_tables_that_are_new(file):
    store = Store([*FORMS, TableForm("tree")], file)

    assert [] == store.rows("tree")
    store.close()


def test_a_file_that_is_in_use_is_refused(file):
    store = Store(FORMS, file)

    assert "another program uses it" in reason(file)
    store.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("garbage " * 1000)

    assert "file is not a database" in reason(path)
    assert "garbage " * 1000 == path.read_text()


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE plant (name)")
    connection.close()
    before = path.read_bytes()

    assert "another program" in reason(path)
    assert before == path.read_bytes()


@pytest.mark.parametrize("change", [Field("height"), Field("name")], ids=["another column", "without its index"])
def test_a_file_of_another_version_is_refused(file, change):
    fields = (*PLANT.fields, change) if change.name == "height" else (change,)

    assert "another version of mock-klaviyo" in reason(file, [TableForm("plant", fields, PLANT.unique)])


def test_a_damaged_file_is_refused(file):
    content = bytearray(file.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    file.write_bytes(content)

    assert "name another file" in reason(file)


def test_a_file_that_cannot_be_made_is_refused(tmp_path):
    assert "unable to open" in reason(tmp_path / "nowhere" / "plants.sqlite")
    assert "unable to open" in reason(tmp_path)
