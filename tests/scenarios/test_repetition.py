"""Plays the same scenario twice, on two servers: the same seed gives the same messages byte for byte."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from simulator import json
from simulator.contract.inspection import Wire
from simulator.scenario.judging import Options, judged
from simulator.scenario.run import changed
from simulator.scenario.scenario import scenarios
from simulator.server import mock
from simulator.vendors import vendors

FILE = Path(__file__).parents[2] / "scenarios" / "eight_flows.yaml"
FLOWS = 7
"""How many of the eight flows write messages within the time that is played; birthdays are too rare."""


def messages(wire: Wire, seed: int) -> list[bytes]:
    """Every message of a run of two weeks, as the server tells it."""
    (scenario,) = scenarios(FILE, vendors())
    judged(changed(scenario, seed=seed), vendors(), wire, options=Options(until=timedelta(days=14)))
    return [json.written(each) for each in wire.control.pages("/__mock/messages")]


def test_the_same_seed_writes_the_same_messages_on_any_server():
    with mock() as first, mock() as second:
        once, again = messages(Wire(*first), 4711), messages(Wire(*second), 4711)

    assert first[1].url != second[1].url
    assert once == again
    assert FLOWS <= len({json.read(each)["flow_name"] for each in once})
    assert any(b"/__mock/links/" in each for each in once)
    assert any(b"/__mock/s/" in each for each in once)


def test_another_seed_writes_other_messages():
    with mock() as first, mock() as second:
        assert messages(Wire(*first), 4711) != messages(Wire(*second), 4712)
