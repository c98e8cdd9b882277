"""What `vendor-sim run` and its neighbours do with whole files: several at a time, smaller, saved, and far away."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli import main
from simulator.contract.inspection import Wire
from simulator.delivery import Delivery, Destination
from simulator.document import document
from simulator.scenario.judging import Options, judged
from simulator.scenario.remote import remote_wire
from simulator.scenario.scenario import played
from simulator.server import mock
from simulator.vendors import vendors
from simulator.verdict import Kind

TEXT = """\
scenario: 1
name: "{name}"
tags: [{name}]
population: {{ana: {{email: ana@example.org}}, crowd: {{count: 6, vendors: [smile]}}}}
timeline:
  - {{at: 1h, send: smile/Points Earned on Order, for: crowd}}
  - {{at: 2h, send: smile/Points Redeemed, for: ana, with: {{points_spent: 500}}}}
  - {{at: 1d, send: smile/Points Expiring, for: crowd}}
expect: {{events: [{{metric: Points Redeemed, count: {count}}}, {{metric: Points Expiring, count: 6}}]}}
"""


@pytest.fixture
def call():
    def run(*arguments: str) -> Result:
        return CliRunner(env={"MOCK_KLAVIYO_URL": None}).invoke(main, arguments)

    return run


@pytest.fixture
def file(tmp_path):
    def make(name: str = "one", count: int = 1) -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(TEXT.format(name=name, count=count))
        return path

    return make


@pytest.fixture(scope="module")
def wire():
    with mock() as (delivery, control):
        yield Wire(delivery, control)


def read(text: str):
    return next(played(document("one.yaml", text), vendors(), {}))


def test_several_at_a_time_come_to_the_same_verdicts_in_order(call, file):
    for number in range(4):
        file(f"s{number}", count=number % 2)
    folder = str(file("s4").parent)
    alone, together = (json.loads(call("run", folder, "--json", "-j", jobs).stdout) for jobs in ("1", "3"))

    assert [False, True, False, True, True] == [each["passed"] for each in alone["scenarios"]]
    for each in (*alone["scenarios"], *together["scenarios"]):
        each.pop("seconds")
    assert [(one["name"], one["failures"], one["counts"]) for one in alone["scenarios"]] == [
        (one["name"], one["failures"], one["counts"]) for one in together["scenarios"]
    ]


def test_the_smallest_scenario_that_fails_is_written(call, file, tmp_path):
    smallest = tmp_path / "smallest.yaml"
    found = call("run", str(file(count=0)), "--minimize", str(smallest))
    again = document(smallest).plain

    assert (1, True) == (found.exit_code, "1 of 3 entries still fail" in found.output)
    assert ["smile/Points Redeemed"] == [entry["send"] for entry in again["timeline"]]
    assert {"ana"} == set(again["population"])
    assert [0] == [each["count"] for each in again["expect"]["events"]]
    assert 1 == call("run", str(smallest)).exit_code


def test_what_passes_is_not_made_smaller(call, file, tmp_path):
    found = call("run", str(file()), "--minimize", str(tmp_path / "smallest.yaml"))

    assert (0, True) == (found.exit_code, "nothing to make smaller" in found.output)
    assert not (tmp_path / "smallest.yaml").exists()


def test_a_value_can_be_set(call, file):
    assert 1 == call("run", str(file()), "--set", "timeline.1.times=2").exit_code
    found = call("run", str(file()), "--set", "timeline.9.times=2")

    assert 3 == found.exit_code
    assert "timeline.9.times: there is no 9 among 3 entries" in found.output


def test_a_failure_tells_how_to_repeat_it(call, file):
    path = str(file(count=2))
    found = call("run", path, "--set", "expect.events.0.count=3", "--until", "1d")

    assert f"repeat: vendor-sim run {path} --seed 0 --set expect.events.0.count=3 --until 86400s" in found.output


def test_the_run_ends_where_it_is_told_to(call, file):
    lines = call("run", str(file()), "--dry-run", "--until", "2h").output.splitlines()

    assert 8 == len(lines)
    assert lines[-1].strip().startswith("2026-01-01T02:00:00Z  smile/Points Redeemed")
    assert lines[-1].endswith("one.yaml:7:5")


SAVING = """scenario: 1
name: saving
timeline:
  - {call: POST /api/lists, body: {data: {type: list, attributes: {name: VIP}}}, save: {vip: data.id}}
  - {call: "DELETE /api/lists/{{vip}}"}
"""


@pytest.mark.parametrize("way", [("--dry-run",), ("--to", "-")])
def test_what_an_answer_would_have_told_stays_a_template_where_nobody_answers(call, tmp_path, way):
    scenario = tmp_path / "saving.yaml"
    scenario.write_text(SAVING)

    found = call("run", str(scenario), *way)

    assert 0 == found.exit_code, found.output
    assert "DELETE" in found.output.splitlines()[-1]
    assert "/api/lists/{{vip}}" in found.output


def test_only_what_is_tagged_runs_and_nothing_ends_with_5(call, file):
    folder = str(file("one").parent)
    file("two")

    found = json.loads(call("run", folder, "--only", "two", "--json").stdout)

    assert ["two"] == [each["name"] for each in found["scenarios"]]
    assert 5 == call("run", folder, "--only", "three").exit_code


def test_every_request_is_saved_for_replay(call, file, tmp_path):
    kept = tmp_path / "run.ndjson"
    call("run", str(file()), "--save-run", str(kept))
    lines = [json.loads(line) for line in kept.read_text().splitlines()]

    assert {"/api/events", "/api/profile-import"} == {line["path"] for line in lines}
    assert all(line["recording"] == 1 for line in lines)


def test_a_golden_file_is_written_and_compared(call, tmp_path):
    path = tmp_path / "one.yaml"
    path.write_text(TEXT.format(name="one", count=1).replace("expect: {", "expect: {golden: golden.ndjson, "))

    assert 1 == call("run", str(path)).exit_code
    assert 0 == call("run", str(path), "--update-golden").exit_code
    assert 0 == call("run", str(path)).exit_code
    assert 1 == call("run", str(path), "--seed", "3").exit_code


def test_a_limit_of_real_time_ends_with_124(call, file):
    found = call("run", str(file()), "--set", 'limits={"real_time": "0s"}')

    assert 124 == found.exit_code
    assert "limits.real_time" in found.output


def test_files_are_validated_without_running(call, file):
    assert "1 scenarios in 1 files are valid" in call("validate", str(file())).output


def test_the_schema_is_printed(call):
    assert "https://json-schema.org/draft/2020-12/schema" == json.loads(call("schema").output)["$schema"]


def test_what_happened_becomes_a_scenario_that_passes(call, wire, tmp_path):
    judged(read(TEXT.format(name="one", count=1)), vendors(), wire)
    saved = tmp_path / "happened.yaml"
    found = call("save-scenario", str(saved), "--to", wire.control.url)

    assert found.exit_code == 0, found.output
    assert 0 == call("run", str(saved)).exit_code
    text = saved.read_text()
    saved.write_text(text.replace("count: 6", "count: 7"))
    assert text != saved.read_text()
    assert 1 == call("run", str(saved)).exit_code


def test_time_may_pass_in_real_time(wire):
    text = TEXT.format(name="one", count=1).replace("population:", "clock: {mode: 3600x}\npopulation:")
    waits: list[float] = []
    judged(read(text), vendors(), wire, options=Options(sleep=waits.append))

    assert max(waits) == pytest.approx(24, abs=2)


def test_the_virtual_clock_waits_for_nothing_while_klaviyo_stumbles(wire):
    faults = "faults: [{match: POST /api/events, status: 503, from: 118m, to: 125m}]\nexpect: {"
    verdict = judged(read(TEXT.format(name="one", count=1).replace("expect: {", faults)), vendors(), wire)

    assert [] == [one.got for one in verdict.tally.failures]
    assert verdict.seconds < 20


def test_each_expectation_has_a_result(wire):
    verdict = judged(read(TEXT.format(name="one", count=2)), vendors(), wire)

    assert [("events[0]", False), ("events[1]", True)] == [(one.title, one.is_passed) for one in verdict.results]
    assert (1, 2) == (verdict.met, verdict.expectations)


def test_real_klaviyo_is_read_back_over_its_public_api(wire):
    """The mock stands for it; neither its headers nor its own routes are used."""
    wire.control.reset(read(TEXT.format(name="one", count=1)).start)
    where = wire.delivery.destination
    profile = "expect: {profiles: {ana: {properties: {Smile State: member}}}, "
    text = TEXT.format(name="one", count=1).replace("expect: {", profile)
    with closing(Delivery(Destination(where.url, where.key), wait=lambda _: None)) as delivery:
        verdict = judged(read(text), vendors(), remote_wire(delivery))
        faulty = judged(read(text.replace("count: 6}]", "count: 6}], within: 1s")), vendors(), remote_wire(delivery))

    assert [] == [(one.what, one.got) for one in verdict.tally.failures]
    assert Kind.EXPECTATION not in {one.kind for one in faulty.tally.failures}


def test_one_asks_before_anything_reaches_real_klaviyo(call, file):
    found = call("run", str(file()), "--to", "https://a.klaviyo.com", "--key", "pk_x")

    assert 1 == found.exit_code
    assert "is real Klaviyo" in found.output
