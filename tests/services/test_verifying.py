"""Every event of a vendor through a target of one's own, and mistakes in what it makes of them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from simulator.cli import main
from tests.services.conftest import SECRET

GOOD = "python:tests.services.mapping:to_klaviyo"
BAD = "python:tests.services.mistakes:wrong_metric_name"


@pytest.fixture
def run(wire):
    """Runs a command of `vendor-sim`; gives the exit code and what was printed."""

    def run(*arguments: str):
        found = CliRunner().invoke(main, [*arguments, "--to", wire.control.url, "--json"])
        return found.exit_code, json.loads(found.stdout)

    return run


@pytest.mark.parametrize("target", ["function", "flask", "node"], indirect=True)
def test_a_good_target_handles_every_event_of_a_vendor(run, target):
    code, found = run("contract", "verify", "jericommerce", "--target", target, "--webhook-secret", SECRET)

    assert (0, {"all": 18, "handled": 18}) == (code, {name: found["rows"][name] for name in ("all", "handled")})
    assert found["counts"]["requests"] > 500


def test_what_a_target_does_wrong_is_told_by_event(run):
    code, found = run("contract", "verify", "jericommerce", "--target", BAD)
    (failure,) = found["failures"]

    assert (1, "jericommerce Balance changed: metric") == (code, failure["what"])
    assert "tests/services/mistakes.py:" in failure["mapping"]


def test_a_target_that_gives_requests_is_verified_without_a_server():
    command = ["contract", "verify", "jericommerce", "--offline", "--target", GOOD]

    assert 0 == CliRunner().invoke(main, command).exit_code


def test_a_service_cannot_be_verified_without_a_server():
    command = ["contract", "verify", "jericommerce", "--offline", "--target", "http://127.0.0.1:9"]
    found = CliRunner().invoke(main, command)

    assert (2, True) == (found.exit_code, "calls Klaviyo itself" in found.output)


@pytest.mark.parametrize("target", ["function", "flask"], indirect=True)
def test_mistakes_in_what_a_target_sends_are_noticed(run, target):
    code, found = run("contract", "mutants", "jericommerce", "--target", target, "--webhook-secret", SECRET)

    assert (0, 1.0, []) == (code, found["score"], found["not_judged"])
    assert found["mutants"] > 1000


def test_a_target_that_is_wrong_before_is_not_scored(run):
    code, found = run("contract", "mutants", "jericommerce", "--target", BAD)
    (left_out,) = found["not_judged"]

    assert (1, "Balance changed") == (code, left_out["event"])
    assert left_out["why"].startswith("metric: expected 'Balance changed'")
