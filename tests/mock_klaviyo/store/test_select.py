"""Selections: operators, order, pages and links, on plain rows."""

from __future__ import annotations

from itertools import chain

import pytest

from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection, Through
from mock_klaviyo.store.store import Store
from mock_klaviyo.store.tables import Field, TableForm

PLANT = TableForm(
    "plant",
    (
        Field("name", is_indexed=True),
        Field("height", type="number"),
        Field("origin.country"),
        Field("harvests.year", is_listed=True),
        Field("harvests.kind", is_listed=True),
    ),
)
PLANTS = [
    {"name": "Ash", "height": 20.5, "origin": {"country": "CZ"}, "free": "x"},
    {"name": "ash", "height": 3, "harvests": [{"year": "2020", "kind": "seed"}, {"year": "2024", "kind": "wood"}]},
    {"name": "100% oak_tree", "height": None, "harvests": []},
    {"name": None, "height": 20.5, "origin": {"country": "DE"}},
    {"name": "Žito", "harvests": [{"year": "2022", "kind": "seed"}]},
]


@pytest.fixture
def store():
    made = Store([PLANT, TableForm("garden")])
    with made.transaction():
        made.insert(*(Row("plant", f"p{number}", each) for number, each in enumerate(PLANTS)))
    yield made
    made.close()


def found(store, *comparisons, **selection):
    asked = Selection("plant", tuple(Comparison(*each) for each in comparisons), **selection)
    return "".join(row.id[1:] for row in store.page(asked, 100).rows)


@pytest.mark.parametrize(
    ("comparison", "ids"),
    [
        (("equals", "name", "Ash"), "0"),
        (("equals", "name", ("Ash", "ash")), "01"),
        (("equals", "name", None), "3"),
        (("any", "name", ("Ash", "Žito")), "04"),
        (("any", "name", ()), ""),
        (("contains", "name", "sh"), "01"),
        (("contains", "name", "SH"), ""),
        (("contains", "name", "%"), "2"),
        (("contains", "name", "k_t"), "2"),
        (("contains", "name", "h_"), ""),
        (("starts-with", "name", "A"), "0"),
        (("starts-with", "name", "100%"), "2"),
        (("starts-with", "name", "_"), ""),
        (("ends-with", "name", "sh"), "01"),
        (("ends-with", "name", "o"), "4"),
        (("less-than", "height", 20.5), "1"),
        (("less-or-equal", "height", 20.5), "013"),
        (("greater-than", "height", 3), "03"),
        (("greater-or-equal", "height", 3), "013"),
        (("greater-than", "height", 1e300), ""),
        (("has", "height"), "013"),
        (("equals", "origin.country", "CZ"), "0"),
        (("has", "origin.country"), "03"),
        (("equals", "free", "x"), "0"),
        (("equals", "harvests.year", "2020"), "1"),
        (("greater-than", "harvests.year", "2021"), "14"),
        (("has", "harvests.year"), "14"),
    ],
    ids=str,
)
def test_an_operator_finds_what_it_says(store, comparison, ids):
    assert ids == found(store, comparison)
    assert len(ids) == store.count(Selection("plant", (Comparison(*comparison),)))


def test_comparisons_all_hold(store):
    assert "0" == found(store, ("contains", "name", "sh"), ("greater-than", "height", 10))


def test_comparisons_of_a_list_hold_for_one_member_together(store):
    assert "1" == found(store, ("equals", "harvests.year", "2024"), ("equals", "harvests.kind", "wood"))
    assert "" == found(store, ("equals", "harvests.year", "2024"), ("equals", "harvests.kind", "seed"))


@pytest.mark.parametrize(
    ("field", "ids"),
    [
        ("name", "32014"),
        ("height", "10324"),
        ("origin.country", "12403"),
        ("harvests.year", "02341"),
        ("free", "12340"),
    ],
)
def test_rows_are_sorted_both_ways_with_ties_by_number(store, field, ids):
    assert ids == found(store, sort=Sort(field))
    assert ids[::-1] == found(store, sort=Sort(field, is_descending=True))


def pages(store, selection, size, *, is_backward=False):
    """The ids on all pages, from the first to the last or, from the last one's links, back."""
    shown, page = [], store.page(selection, size)
    while page.next:
        shown.append([row.id for row in page.rows])
        page = store.page(selection, size, page.next)
    shown.append([row.id for row in page.rows])
    if not is_backward:
        return shown
    back = [shown[-1]]
    while page.previous:
        page = store.page(selection, size, page.previous)
        back.append([row.id for row in page.rows])
    return back[::-1]


@pytest.mark.parametrize("field", [None, "name", "height", "origin.country", "harvests.year"])
@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_show_every_row_once_in_both_directions(store, field, is_descending, size):
    selection = Selection("plant", sort=Sort(field, is_descending) if field else None)
    whole = [row.id for row in store.page(selection, 100).rows]

    assert whole == list(chain(*pages(store, selection, size)))
    assert whole == list(chain(*pages(store, selection, size, is_backward=True)))


def test_a_page_tells_whether_there_are_others(store):
    first = store.page(Selection("plant"), 3)
    last = store.page(Selection("plant"), 3, first.next)

    assert (None, True) == (first.previous, first.next is not None)
    assert (True, None) == (last.previous is not None, last.next)


def test_every_row_is_found_beyond_a_thousand(store):
    with store.transaction():
        store.insert(*(Row("plant", f"q{number}", {}) for number in range(2500)))

    assert 2505 == len(list(store.every(Selection("plant"))))


# links


GROWS = Through("grows", "g")


@pytest.fixture
def garden(store):
    with store.transaction():
        store.insert(Row("garden", "g", {}), Row("garden", "h", {}))
        store.links.add("grows", "g", ["p3", "p0"], "2026-01-01")
        store.links.add("grows", "g", ["p1"], "2026-01-02")
    return store


def test_rows_are_found_through_links_with_the_time_of_joining(garden):
    rows = garden.page(Selection("plant", through=GROWS), 10).rows

    assert {"p0": "2026-01-01", "p1": "2026-01-02", "p3": "2026-01-01"} == {row.id: row.joined_at for row in rows}


def test_links_are_read_from_the_other_end(garden):
    rows = garden.page(Selection("garden", through=Through("grows", "p0", is_inverse=True)), 10).rows

    assert ["g"] == [row.id for row in rows]
    assert ["g"] == garden.links.ids("grows", "p0", is_inverse=True)


def test_linked_rows_are_filtered_sorted_and_paged_by_the_time_of_joining(garden):
    late = Comparison("greater-than", "joined_group_at", "2026-01-01")
    sort = Sort("joined_group_at", is_descending=True)

    assert ["p1"] == [row.id for row in garden.page(Selection("plant", (late,), through=GROWS), 10).rows]
    assert [["p1"], ["p3"], ["p0"]] == pages(garden, Selection("plant", sort=sort, through=GROWS), 1)


def test_a_link_that_exists_keeps_its_time(garden):
    with garden.transaction():
        garden.links.add("grows", "g", ["p1"], "2026-01-09")

    rows = garden.page(Selection("plant", (Comparison("equals", "name", "ash"),), through=GROWS), 10).rows
    assert ["2026-01-02"] == [row.joined_at for row in rows]


def test_ids_come_in_the_order_of_joining(garden):
    assert ["p3", "p0", "p1"] == garden.links.ids("grows", "g")


def test_a_deleted_row_loses_its_links(garden):
    with garden.transaction():
        garden.delete(Row("plant", "p0", {}))

    assert ["p3", "p1"] == garden.links.ids("grows", "g")


def test_links_move_to_another_without_doubling(garden):
    with garden.transaction():
        garden.links.add("grows", "h", ["p0"], "2026-01-01")
        garden.links.move("grows", "p0", "p1")

    assert (["p3", "p1"], ["p1"]) == (garden.links.ids("grows", "g"), garden.links.ids("grows", "h"))


def test_the_left_ends_of_many_are_found_at_once(garden):
    assert {"p0": "g", "p3": "g"} == garden.links.lefts("grows", ["p0", "p3", "p4"])
    assert garden.links.has("grows", "g", "p0")
    assert not garden.links.has("grows", "h", "p0")
