"""Chance in scenarios: keyed draws, and faults at the vendors' side that come as often as they are asked for."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.chance import chance
from simulator.document import document
from simulator.event import VendorEvent
from simulator.scenario.disorder import PRESETS, Disorder, Post
from simulator.scenario.run import run_of
from simulator.scenario.scenario import played
from tests.simulator.conftest import START

DRAWS = 10_000

ENTRIES = (
    "{at: 1h, send: tea/cup.sold, for: ana}",
    "{at: 10m..2h, send: tea/cup.sold, for: crowd, chance: 0.5, times: 1..3}",
    "{at: 1d..3d, id: again, send: tea/cup.sold, for: crowd, times: 2, gap: lognormal(30m)}",
    "{after: again, at: 1h..5h, send: tea/kettle.cleaned, for: crowd, chance: 0.7}",
    "{at: 2d, live: tea, for: crowd, period: 3d}",
    "{at: 4d..5d, send: tea/cup.sold, for: crowd, rate: 3/h}",
)
INSERTED = (
    "{at: 1m..5d, send: tea/kettle.cleaned, for: crowd, times: 0..4, chance: 0.4}",
    "{at: 30m, send: tea/kettle.cleaned, for: ana}",
    "{at: 1d, call: GET /api/profiles}",
    "{at: 1d, journey: [{send: tea/kettle.cleaned}], for: crowd, chance: 0.5}",
)
HEAD = """\
scenario: 1
name: Tea
seed: 7
population: {ana: {email: ana@example.org}, crowd: {count: 8}}
faults: [{side: vendor, duplicate: 0.2, shuffle: 30s, lost: 0.1}]
timeline: [
"""


@pytest.fixture
def events(tea):
    def of(entries) -> Counter:
        text = HEAD + ",\n".join(f"  {each}" for each in entries) + "\n]\n"
        (found,) = played(document("tea.yaml", text), {"tea": tea}, {})
        happenings = run_of(found, {"tea": tea}).happenings()
        return Counter(
            (one.event.occurred_at, one.event.name, one.event.id, one.handover.number, one.handover.at)
            for one in happenings
            if one.event
        )

    return of


def test_an_entry_put_anywhere_changes_no_other_draw(events):
    before = events(ENTRIES)

    @given(st.integers(0, len(ENTRIES)), st.sampled_from(INSERTED))
    @settings(max_examples=30)
    def check(position, entry):
        after = events([*ENTRIES[:position], entry, *ENTRIES[position:]])

        assert not before - after
        assert all(name == "kettle.cleaned" for _, name, *_ in after - before)

    check()


def test_entries_that_say_the_same_may_stand_anywhere(events):
    twice = events([*ENTRIES, ENTRIES[1]])

    assert not events(ENTRIES) - twice
    assert twice.total() > events(ENTRIES).total()


def numbered(number: int) -> VendorEvent:
    return VendorEvent("tea", "cup.sold", f"e{number}", START + timedelta(seconds=number), {}, {})


def post(**words) -> Post:
    return Post([Disorder("one", **words)], lambda *key: chance(4711, *key))


def delivered(by: Post) -> list:
    return [letter for number in range(DRAWS) for letter in by.take(numbered(number))] + list(by.rest())


@pytest.mark.parametrize("word", ["duplicate", "late", "lost", "forged", "unsigned"])
@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
def test_a_fault_comes_as_often_as_it_is_asked_for(word, rate):
    by = post(**{word: rate})
    delivered(by)

    assert abs(by.hits[word] / DRAWS - rate) < 0.01
    assert by.draws["one"] == DRAWS


def test_the_same_seed_gives_the_same_faults():
    first, second = (delivered(post(duplicate=0.1, shuffle=timedelta(minutes=1), lost=0.1)) for _ in range(2))

    assert first == second


def test_another_rate_leaves_the_other_draws_alone():
    few, many = ({letter.event.id for letter in delivered(post(lost=0.2, late=late))} for late in (0.1, 0.9))

    assert few == many


def test_what_comes_again_comes_later_under_its_number():
    first, second = delivered(post(duplicate=1))[0], delivered(post(duplicate=1))[-1]

    assert (1, 2) == (first.handover.number, second.handover.number)
    assert second.at > second.event.occurred_at


def test_shuffled_deliveries_change_places():
    by = post(shuffle=timedelta(seconds=30))
    arrivals: list[str] = []
    for number in range(100):
        arrivals += [letter.event.id for letter in by.due(numbered(number).occurred_at)]
        arrivals += [letter.event.id for letter in by.take(numbered(number))]
    arrivals += [letter.event.id for letter in by.rest()]

    assert sorted(arrivals) == sorted(f"e{number}" for number in range(100))
    assert arrivals != [f"e{number}" for number in range(100)]


def test_what_is_forged_comes_besides_under_another_id():
    found = [(letter.event.id, letter.handover.is_genuine) for letter in post(forged=1).take(numbered(1))]

    assert [("e1", True), ("forged-e1", False)] == found


@pytest.mark.parametrize(
    ("words", "is_met"),
    [
        ({"match": "tea"}, True),
        ({"match": "tea/cup.*"}, True),
        ({"match": "tea/kettle.*"}, False),
        ({"match": "coffee"}, False),
        ({"until": START}, False),
        ({"since": START}, True),
    ],
)
def test_a_fault_meets_only_whom_it_is_meant_for(words, is_met):
    assert is_met == Disorder("one", **words).meets(numbered(1))


@pytest.mark.parametrize("words", PRESETS.values(), ids=PRESETS)
def test_every_preset_hits(words):
    by = post(**words)
    letters = delivered(by)

    assert by.hits.total() or any(letter.handover.at for letter in letters)
