"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def call():
    def run(*arguments: str, **environment: str) -> Result:
        return CliRunner(env={"MOCK_KLAVIYO_URL": None, **environment}).invoke(main, arguments)

    return run


def test_vendors_are_listed(call):
    found = call("vendors")

    assert 0 == found.exit_code
    names = {line.split()[0] for line in found.output.splitlines()[1:]}
    assert {"99minds", "influence", "jericommerce", "smile", "trifft"} == names


def test_events_are_listed_as_json_too(call):
    rows = json.loads(call("events", "trifft", "--json").output)

    assert 17 == len(rows)
    assert {"vendor_event", "metric", "when", "provenance"} == set(rows[0])


def test_an_unknown_vendor_is_a_usage_error_with_the_nearest_word(call):
    found = call("events", "smil")

    assert 2 == found.exit_code
    assert "smil is no vendor (smile?)" in found.output


def test_emit_prints_requests_as_json_lines(call):
    found = call(
        "emit", "smile", "Points Redeemed", "--profile", "ana@example.org", "--set", "points_spent=500", "--to", "-"
    )
    event, profile = map(json.loads, found.output.splitlines())

    assert 500 == event["body"]["data"]["attributes"]["properties"]["points_spent"]
    assert "ana@example.org" == profile["body"]["data"]["attributes"]["email"]


def test_emit_is_the_same_every_time(call):
    first, second = (call("emit", "trifft", "Coupon assigned", "--count", "5", "--to", "-").output for _ in range(2))

    assert first == second
    assert 5 == len(
        {json.loads(line)["body"]["data"]["attributes"].get("unique_id") for line in first.splitlines()} - {None}
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("smile", "Points Redeemd", "--to", "-"), "(Points Redeemed?)"),
        (("smile", "Points Redeemed"), "say --to URL"),
        (("smile", "Points Redeemed", "--to", "-", "--set", "nonsense"), "say PATH=VALUE"),
        (
            ("smile", "Points Redeemed", "--to", "-", "--set", "custmer_id=1"),
            "with.custmer_id is unknown (customer_id?)",
        ),
        (("smile", "Points Redeemed", "--to", "-", "--start", "soon"), "--start: 'soon' is no time"),
        (
            ("smile", "Points Redeemed", "--destination", "omnisend"),
            "smile does not send to Omnisend; only 99minds does",
        ),
    ],
)
def test_emit_refuses_what_makes_no_sense(call, arguments, message):
    found = call("emit", *arguments)

    assert 2 == found.exit_code
    assert message in " ".join(found.output.replace("Say", "say").split())


def test_emit_writes_omnisends_events(call):
    found = call("emit", "99minds", "GiftcardIssued", "--destination", "omnisend", "--count", "2")

    assert ["GiftcardIssued"] * 2 == [json.loads(line)["eventName"] for line in found.output.splitlines()]


def test_a_scenario_that_is_wrong_ends_with_3(call, tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text("scenario: 1\nnam: Wrong\n")
    found = call("run", str(file))

    assert 3 == found.exit_code
    assert f"{file}:2:1: nam is unknown (name?)\n  nam: Wrong\n  ^\n" in found.output


def test_the_caret_stands_below_the_place_in_a_long_line_too(call, tmp_path):
    file = tmp_path / "long.yaml"
    file.write_text(f"scenario: 1\nname: Long\ntimeline: [{{at: 0s, send: smile/{'x' * 300}, fro: ana}}]\n")
    *_, shown, caret = call("validate", str(file)).output.partition("fro is unknown")[2].splitlines()[:3]

    assert "fro: ana" == shown[caret.index("^") :][:8]
    assert 120 > len(shown)


def test_a_value_that_an_event_cannot_take_ends_with_3(call, tmp_path):
    file = tmp_path / "wrong.yaml"
    send = "{send: smile/Points Redeemed, for: ana, with: {points_spnt: 1}}"
    file.write_text(f"scenario: 1\nname: W\npopulation: {{ana: {{email: ana@example.org}}}}\ntimeline: [{send}]\n")
    found = call("run", str(file), "--dry-run")

    assert 3 == found.exit_code
    assert f"{file}:4:59: with.points_spnt is unknown (points_spent?)" in found.output


def test_a_server_that_does_not_answer_ends_with_4(call):
    found = call("run", str(ROOT / "scenarios" / "smile.yaml"), "--to", "http://127.0.0.1:9")

    assert 4 == found.exit_code
    assert "http://127.0.0.1:9 does not answer" in found.output


def test_the_server_can_be_named_by_the_environment(call):
    assert 4 == call("contract", "verify", "smile", MOCK_KLAVIYO_URL="http://127.0.0.1:9").exit_code


def test_no_scenario_at_all_ends_with_5(call, tmp_path):
    assert 5 == call("run", str(tmp_path)).exit_code


def test_verify_works_without_a_server(call):
    found = call("contract", "verify", "smile", "--offline")

    assert 0 == found.exit_code
    assert "8/8 vendor rows handled (8 sent, 0 deliberately not)" in found.output


def test_mutants_are_told_as_json(call):
    found = json.loads(call("contract", "mutants", "influence", "--json").output)

    assert found["passed"]
    assert found["mutants"] == found["killed"] > 300


def test_help_tells_the_exit_codes_and_loads_nothing_heavy():
    code = "import sys; from simulator.cli import main; main(['--help'], standalone_mode=False); print([*sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "3  a scenario file is invalid" in found
    assert not [name for name in ("faker", "rich", "urllib3", "ruamel", "jsonschema_rs") if f"'{name}'" in found]


def test_a_run_against_a_server_of_its_own_passes_and_reports(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(
        "scenario: 1\nname: Small\npopulation: {ana: {email: ana@example.org}}\n"
        "timeline: [{send: smile/Points Redeemed, for: ana, with: {points_spent: 500}}]\n"
        "expect: {events: [{metric: Points Redeemed, for: ana, count: 2}]}\n"
    )
    command = [sys.executable, "-m", "simulator", "run", str(file), "--json"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    (scenario,) = json.loads(found.stdout)["scenarios"]

    assert 1 == found.returncode
    assert "count 2" == scenario["failures"][0]["expected"]
    assert {"file": str(file), "line": 5, "column": 19} == scenario["failures"][0]["place"]
    assert f"repeat: vendor-sim run {file} --seed 0" in found.stderr


def test_an_event_that_the_mapping_cannot_take_is_told_as_such(call):
    found = call("emit", "smile", "Points Redeemed", "--mutate", "points_spent=missing", "--to", "-")

    assert 1 == found.exit_code
    assert "the mapping fails at an event: expected requests, or none, got KeyError: 'points_spent'" in found.output


def test_a_target_that_is_not_there_ends_with_4(call):
    found = call("run", "scenarios/smile.yaml", "--target", "http://127.0.0.1:9/hooks")

    assert 4 == found.exit_code
    assert "the target http://127.0.0.1:9/hooks cannot be reached" in found.output


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [("KeyboardInterrupt()", 130, "interrupted"), ("ZeroDivisionError('x')", 6, "a fault of vendor-sim itself")],
)
def test_an_interruption_and_a_fault_of_ours_have_codes_of_their_own(error, code, words):
    program = f"""
import sys, click
from simulator.cli import main
@main.command()
def broken(): raise {error}
sys.argv = ["vendor-sim", "broken"]
main()
"""
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert code == found.returncode
    assert words in found.stderr
