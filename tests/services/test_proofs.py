"""Webhooks can be forged only of vendors that prove who they are."""

from __future__ import annotations

import pytest

from simulator.scenario.scenario import ScenarioErrors, scenarios
from simulator.vendors import vendors

SCENARIO = """\
scenario: 1
name: Forged
population: {leo: {email: leo@example.org}}
timeline: [{at: 1h, send: influence/points/earned, for: leo}]
faults: [{side: vendor, match: '%s', forged: 1.0}]
expect: {events: [{metric: Influence.io Points Earned, count: 1}]}
"""


@pytest.fixture
def file(tmp_path):
    def write(match: str):
        found = tmp_path / "forged.yaml"
        found.write_text(SCENARIO % match)
        return found

    return write


@pytest.mark.parametrize("match", ["influence", "influence/*"])
def test_a_vendor_that_proves_nothing_cannot_be_forged(file, match):
    with pytest.raises(ScenarioErrors, match=r"yaml:5:.*faults\[0\].forged: Influence.io's webhooks prove nothing"):
        list(scenarios(file(match), vendors()))


def test_among_all_vendors_it_is_left_out(play, file):
    assert [] == play(file("*"), "builtin").tally.failures
