"""The reports of a real run, asked for on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.cli.reporting import NAMES
from simulator.reports.document import SCHEMA
from simulator.reports.writing import FORMS

SCENARIO = """\
scenario: 1
name: Ana spends points
clock: "2026-03-01T08:00:00Z"
population: {ana: {email: ana@example.org, vendors: [smile]}}
timeline: [{at: 1h, send: smile/Points Redeemed, for: ana}]
expect: {events: [{metric: Points Redeemed, for: ana, count: 7}]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a failed run with all reports leaves behind."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "ana.yaml").write_text(SCENARIO)
    asked = [word for name in NAMES for word in ("--report", name)]
    words = ["run", str(folder / "ana.yaml"), *asked, "--report-dir", str(folder / "out"), "--json"]
    words += ["--github", "--github-summary", str(folder / "summary.md"), "--junit-xml", str(folder / "own.xml")]
    result = CliRunner().invoke(main, words)
    assert 1 == result.exit_code, result.output
    (folder / "stdout").write_text(result.stdout)
    (folder / "stderr").write_text(result.stderr)
    return folder


def test_the_options_name_every_form():
    assert set(NAMES) == set(FORMS)


def test_every_report_is_there(folder):
    assert {form.file for form in FORMS.values()} == {file.name for file in (folder / "out").iterdir()}
    assert (folder / "own.xml").read_text().startswith("<?xml")


def test_what_is_printed_keeps_the_schema_and_is_what_is_written(folder):
    printed, written = json.loads((folder / "stdout").read_text()), json.loads((folder / "out/report.json").read_text())

    jsonschema.validate(printed, json.loads(SCHEMA.read_text()))
    assert printed == written
    assert ["events[0]"] == [each["title"] for each in printed["scenarios"][0]["results"] if not each["passed"]]


def test_the_page_draws_the_event(folder):
    page = (folder / "out/report.html").read_text()

    assert "<title>2026-03-01 09:00 Points Redeemed</title>" in page
    assert "expected count 7, got 1" in page


def test_github_gets_an_annotation_and_a_summary(folder):
    assert "::error file=" in (folder / "stderr").read_text()
    assert "0 of 1 scenarios passed" in (folder / "summary.md").read_text()


@pytest.mark.parametrize(
    ("count", "last"),
    [
        ("1", "PASS  2 scenarios passed: 2 of 2 expectations met"),
        ("7", "FAIL  1 of 2 scenarios failed: 1 of 2 expectations met; 1 expectation not met"),
    ],
)
def test_the_last_line_is_the_verdict(tmp_path, count, last):
    good = SCENARIO.replace("count: 7", "count: 1").replace("Ana spends", "Ben spends")
    (tmp_path / "both.yaml").write_text(f"{good}---\n{SCENARIO.replace('count: 7', f'count: {count}')}")

    result = CliRunner().invoke(main, ["run", str(tmp_path / "both.yaml")])

    assert last == result.stdout.splitlines()[-1]
    assert ("FAIL  Ana spends points: 1 expectation not met" in result.stdout) == (count == "7")


def test_what_is_not_met_and_breaks_nothing_is_shown(tmp_path):
    soft = SCENARIO.replace("count: 7", "count: 7, soft: true").replace(
        "}]}\n", "}, {metric: Points Redeemed, count: 9, pending: JIRA-12}]}\n"
    )
    (tmp_path / "soft.yaml").write_text(soft)

    result = CliRunner().invoke(main, ["run", str(tmp_path / "soft.yaml")])

    assert "PASS  1 scenario passed: 1 of 2 expectations met" == result.stdout.splitlines()[-1]
    assert "  warning " in result.stdout
    assert "expected count 7, got 1" in result.stdout
    assert "  pending JIRA-12  " in result.stdout
