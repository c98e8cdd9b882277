"""How a scenario is played: in order, lazily, and every time the same."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from itertools import islice
from pathlib import Path

import pytest

from simulator.document import document
from simulator.scenario.asking import line
from simulator.scenario.run import changed, outgoing, run_of
from simulator.scenario.scenario import scenario

TEXT = """\
scenario: 1
name: Tea
seed: 7
clock: "2026-03-01T08:00:00Z"
population: {ana: {email: ana@example.org}, ben: {email: null}, crowd: {count: 20}, strangers: {count: 2, vendors: []}}
timeline:
  - {at: 1h, send: tea/cup.sold, for: ana, with: {cups: 3}}
  - {at: 10m..2h, send: tea/cup.sold, for: crowd, chance: 0.5, times: 1..3}
  - {at: 1d, live: tea, for: crowd, period: 20d}
"""


@pytest.fixture
def play(tea):
    def run(text: str = TEXT, **changes) -> list[bytes]:
        found = changed(scenario(document("tea.yaml", text), {"tea": tea}), **changes)
        return [line(one) for one in outgoing(found, {"tea": tea})]

    return run


@pytest.fixture
def events(tea):
    def run(text: str = TEXT):
        playing = run_of(scenario(document("tea.yaml", text), {"tea": tea}), {"tea": tea})
        return [happening.event for happening in playing.happenings() if happening.event]

    return run


def test_events_happen_in_order_of_time(events):
    times = [event.occurred_at for event in events()]

    assert sorted(times) == times


def test_the_same_seed_gives_the_same_requests(play):
    assert play() == play()


@pytest.mark.parametrize("entry", ["call: POST /api/lists, body: {}", "advance: 1d", "connect: tea"])
def test_profile_writes_that_wait_leave_before_what_happens_after_them(tea, entry):
    text = TEXT[: TEXT.index("  - {at: 10m")] + f"  - {{at: 2h, {entry}}}\n"
    playing = run_of(scenario(document("tea.yaml", text), {"tea": tea}), {"tea": tea})
    held: list[datetime] = []
    playing.world.hold = held.append
    _, write = islice(((happening.outgoing, list(held)) for happening in playing.happenings()), 2)

    assert ["/api/profile-import"] == [one.request.path for one in write[0]]
    assert [] == write[1]


def test_another_seed_gives_other_requests(play):
    assert play() != play(seed=8)


def test_an_entry_put_in_between_changes_no_other_entry(play):
    extra = "  - {at: 30m, send: tea/kettle.cleaned, for: crowd, times: 2}\n"
    more = TEXT.replace("timeline:\n", f"timeline:\n{extra}")

    assert play() == play(more)


def test_an_entry_moved_elsewhere_changes_nothing(play):
    *head, first, second, third = TEXT.splitlines(keepends=True)

    assert sorted(play()) == sorted(play("".join([*head, third, first, second])))


def test_two_entries_that_say_the_same_draw_apart(events):
    twice = TEXT.splitlines(keepends=True)
    found = events("".join([*twice[:6], twice[7], twice[7]]))
    times = [event.occurred_at for event in found]

    assert len(set(times)) > len(times) / 2


def test_an_entry_for_everybody_is_for_the_vendors_customers_only(events):
    found = events(TEXT.replace("for: ana, with: {cups: 3}", "times: 1").replace("chance: 0.5", "chance: 0"))
    soon = [event for event in found if event.occurred_at.hour == 9 and event.occurred_at.day == 1]

    assert 22 == len(soon)


def test_chance_and_times_decide_how_often(events):
    found = [event for event in events() if event.occurred_at.day == 1 and event.customer["email"] != "ana@example.org"]
    often = [found.count(event) for event in found]

    assert 5 <= len({event.customer["email"] for event in found}) <= 15
    assert set(often) == {1}


def test_a_window_spreads_its_events(events):
    found = [event for event in events() if event.occurred_at.day == 1]

    assert all("08:10" <= f"{event.occurred_at:%H:%M}" <= "10:00" for event in found)


def test_happenings_are_made_when_they_are_asked_for(tea):
    endless = TEXT.replace("period: 20d", "period: 9999d").replace("count: 20", "count: 500")
    playing = run_of(scenario(document("tea.yaml", endless), {"tea": tea}), {"tea": tea})

    assert 50 == len(list(islice(playing.happenings(), 50)))


def test_two_processes_send_the_same_bytes():
    command = [sys.executable, "-m", "simulator", "run", "scenarios/five_programmes.yaml", "--to", "-"]
    root = Path(__file__).parents[3]
    streams = [
        subprocess.run(command, cwd=root, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]

    assert streams[0].stdout == streams[1].stdout
    assert streams[0].stdout.count(b"\n") > 100
