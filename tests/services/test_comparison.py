"""Two targets on the same stream: what differs at Klaviyo in the end, field by field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import main

SCENARIO = str(Path(__file__).parent / "loyalty.yaml")
GOOD = "python:tests.services.mapping:to_klaviyo"


@pytest.fixture
def compare(wire):
    """Compares on the command line; gives the exit code and what was printed."""

    def compare(*arguments: str):
        found = CliRunner().invoke(main, ["compare", *arguments, "--to", wire.control.url])
        return found.exit_code, found.output

    return compare


def test_two_good_targets_are_the_same(compare):
    code, output = compare("builtin", GOOD, SCENARIO)

    assert (0, True) == (code, "SAME" in output)


@pytest.mark.parametrize(
    ("mistake", "of", "field", "a", "b"),
    [
        ("cents_as_units", "trifft onWalletWasCredited", "value", "7.06", "706"),
        ("wrong_metric_name", "jericommerce Balance changed", "metric", "'Balance changed'", "'Balance Changed'"),
        ("dropped_field", "Reward redeemed (online)", "properties.rewardTitle", "'Free shipping'", "absent"),
        ("consent_without_opt_in", "profile kim@example.org", "subscriptions.email", "", "SUBSCRIBED"),
        ("stale_profile", "profile mia@example.org", "properties.trifft_points", "7.06", "0"),
    ],
)
def test_a_mistake_is_shown_as_a_difference_of_its_field(compare, mistake, of, field, a, b):
    code, output = compare("builtin", f"python:tests.services.mistakes:{mistake}", SCENARIO, "--json")
    found = json.loads(output)["streams"][0]["differences"]

    assert 1 == code
    assert any(
        of in one["of"] and one["field"].startswith(field) and a in one["a"] and b in one["b"] for one in found
    ), found


def test_what_a_target_does_wrong_by_itself_is_shown(compare):
    code, output = compare("builtin", "python:tests.services.mistakes:crash_without_a_tier", SCENARIO)

    assert 1 == code
    assert "KeyError: 'tier'" in output
    assert "mistakes.py:" in output


def test_without_scenarios_every_event_of_a_vendor_is_compared(compare):
    code, output = compare("builtin", GOOD, "--vendor", "jericommerce")

    assert (0, True) == (code, "SAME  every event of jericommerce" in output), output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("bulitin", GOOD), "(builtin?)"), (("builtin", "python:no.such:thing"), "there is no no in")],
)
def test_a_target_that_makes_no_sense_is_a_mistake_of_the_command_line(compare, arguments, words):
    code, output = compare(*arguments, SCENARIO)

    assert (2, True) == (code, words in output)
