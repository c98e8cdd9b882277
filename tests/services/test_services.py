"""Three mapping services are driven by one scenario file; only the target changes."""

from __future__ import annotations

from pathlib import Path

import pytest

SCENARIO = Path(__file__).parent / "loyalty.yaml"


@pytest.mark.parametrize("target", ["function", "flask", "node"], indirect=True)
def test_each_service_passes_the_same_scenario(play, target):
    verdict = play(SCENARIO, target)

    assert [] == verdict.tally.failures
    assert (9, 9) == (verdict.met, verdict.expectations)


@pytest.mark.parametrize("target", ["function", "flask", "node"], indirect=True)
def test_every_event_knows_where_it_came_from(play, wire, target):
    play(SCENARIO, target)
    entries = SCENARIO.read_text().splitlines()
    kept = [event["lineage"] for event in wire.control.events(0)]

    assert 5 == len(kept)
    assert {target} == {each["target"] for each in kept}
    for each in kept:
        vendor, _, event = each["cause"].rpartition(" ")[0].partition(" ")
        file, line, _ = each["entry"].rsplit(":", 2)
        assert Path(file).name == SCENARIO.name
        assert f"send: {vendor}/{event}," in entries[int(line) - 1]
