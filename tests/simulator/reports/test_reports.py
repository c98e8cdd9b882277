"""Reports: what other programs read of a run."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from ruamel.yaml import YAML

from simulator.reports import github
from simulator.reports.ctrf import ctrf
from simulator.reports.document import SCHEMA
from simulator.reports.junit import junit
from simulator.reports.page import page
from simulator.reports.sarif import sarif
from simulator.reports.tap import tap
from simulator.reports.writing import FORMS, write
from simulator.verdict import Finding, Kind


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_expectation(verdicts):
    root = ElementTree.fromstring(junit(verdicts))

    assert ["scenarios/good.yaml", "scenarios/points.yaml"] == [suite.get("name") for suite in root]
    assert ("6", "2", "2") == tuple(root.get(name) for name in ("tests", "failures", "skipped"))
    assert 4 + 2 == len(root.findall(".//testcase"))


def test_a_failed_case_tells_what_why_and_how_to_repeat_it(verdicts):
    case = ElementTree.fromstring(junit(verdicts)).find(".//testcase[@line='29']")
    failure = case.find("failure")

    assert "scenarios/points.yaml" == case.get("file")
    assert "expected count 1, got 2" in failure.get("message")
    for told in ("why: the retry changed", "unique_id 7f0c", "mapping: acme/mapping.py:41", "seed 4711", "--seed 4711"):
        assert told in failure.text


def test_what_is_soft_or_pending_does_not_fail(verdicts):
    skipped = [each.get("message") for each in ElementTree.fromstring(junit(verdicts)).iter("skipped")]

    assert [True, True] == [skipped[0].startswith("only warned: "), skipped[1] == "pending: JIRA-12"]


def test_sarif_points_at_the_mapping_and_says_where_the_rule_is(verdicts):
    run = json.loads(sarif(verdicts))["runs"][0]
    wrong = run["results"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}

    assert {str(kind) for kind in Kind} == rules
    assert ["error", "error", "warning", "note"] == [each["level"] for each in run["results"]]
    assert ("acme/mapping.py", 41) == where(wrong["locations"][0])
    assert ("scenarios/points.yaml", 29) == where(wrong["relatedLocations"][0])
    assert "relatedLocations" not in run["results"][1]


def where(location):
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def test_json_keeps_its_schema(verdicts):
    schema = json.loads(SCHEMA.read_text())
    document = json.loads(FORMS["json"].rendering(verdicts))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    assert (False, 1, 4) == (
        document["passed"],
        document["summary"]["failed"],
        len(document["scenarios"][1]["results"]),
    )


class Tags(HTMLParser):
    """Counts what a page is made of, and gathers what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found, self.loaded = [], []

    def handle_starttag(self, tag, attributes):
        self.found.append(tag)
        self.loaded += [value for name, value in attributes if name in ("src", "href")]


def test_the_page_needs_nothing_beside_it_and_draws_the_time(verdicts):
    tags = Tags()
    tags.feed(page(verdicts))

    assert [] == tags.loaded
    assert (2, 1, 1) == (tags.found.count("section"), tags.found.count("svg"), tags.found.count("circle"))
    assert 1 + 41 <= tags.found.count("rect")
    assert "<c>" not in page(verdicts)
    assert "1 of 2 scenarios passed" in page(verdicts)


def test_annotations_stand_at_the_lines_and_escape_what_github_reads(verdicts):
    lines = list(github.commands(verdicts))

    assert 3 == len(lines)
    assert lines[0].startswith('::error file=scenarios/points.yaml,line=29,col=7,title=Bad a "b" <c> & %25 %2C %3A |')
    assert lines[-1].startswith("::warning ")
    assert all("\n" not in line for line in lines)


def test_more_failures_than_github_shows_are_counted(verdicts):
    for number in range(20):
        verdicts[1].tally.find(
            Finding(Kind.DROPPED, verdicts[1].results[0].place, f"event {number}", "kept", "dropped")
        )
    errors = [line for line in github.commands(verdicts) if line.startswith("::error")]

    assert (10, "13 further failures; the summary lists them") == (len(errors), errors[-1].rpartition("::")[2])


def test_the_summary_of_a_step_is_a_table_with_what_failed(verdicts):
    text = github.step_summary(verdicts)

    assert "1 of 2 scenarios passed" in text
    assert "| ✅ | Good | 1 | 3 | 0 | 0/0 |" in text
    assert "repeat: vendor-sim run scenarios/points.yaml --seed 4711" in text


@pytest.mark.parametrize("form", FORMS)
def test_a_report_is_written_whole(verdicts, form, tmp_path: Path):
    (file,) = write(verdicts, [form], tmp_path / "new" / "folder")

    assert [file] == list(file.parent.iterdir())
    assert FORMS[form].rendering(verdicts) == file.read_text()


@pytest.mark.parametrize("form", FORMS)
def test_a_report_of_nothing_is_a_report(form):
    assert FORMS[form].rendering([])


def test_ctrf_counts_what_junit_counts(verdicts):
    results = json.loads(ctrf(verdicts))["results"]
    failed = next(each for each in results["tests"] if each["line"] == 29)

    wanted = {"tests": 6, "passed": 2, "failed": 2, "pending": 1, "skipped": 1}
    assert wanted == {name: results["summary"][name] for name in wanted}
    assert ("failed", "scenarios/points.yaml") == (failed["status"], failed["filePath"])
    assert failed["message"].endswith("expected count 1, got 2")
    assert "why: the retry changed" in failed["trace"]


def test_tap_tells_of_each_case_and_below_a_failed_one_what_is_wrong(verdicts):
    lines = tap(verdicts).splitlines()
    told = [line for line in lines if line.startswith(("ok ", "not ok "))]
    below = YAML(typ="safe").load("\n".join(lines[lines.index("  ---") + 1 : lines.index("  ...")]))

    assert ["TAP version 14", "1..6"] == lines[:2]
    assert ["not ok"] * 2 == [line[:6] for line in told if line.startswith("not")]
    assert [True, True] == [any(mark in line for line in told) for mark in ("# SKIP only warned", "# TODO JIRA-12")]
    assert {"at", "repeat", "findings"} == below.keys()
