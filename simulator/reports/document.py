"""The report as JSON, in a form with a version and a schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from simulator import json, report
from simulator.document import Place
from simulator.json import Json
from simulator.verdict import Result, Verdict, total

VERSION = 1
"""Goes up when a program that reads reports would have to change."""

SCHEMA = Path(__file__).with_name("report.schema.json")


def text(verdicts: Sequence[Verdict]) -> str:
    """The report of a run as text."""
    return json.written(document(verdicts)).decode() + "\n"


def document(verdicts: Sequence[Verdict]) -> Json:
    """The report of a run."""
    passed = sum(verdict.is_passed for verdict in verdicts)
    return {
        "version": VERSION,
        "passed": passed == len(verdicts),
        "summary": {"scenarios": len(verdicts), "passed": passed, "failed": len(verdicts) - passed},
        "total": report.tally_json(total(verdicts)),
        "scenarios": [scenario(verdict) for verdict in verdicts],
    }


def scenario(verdict: Verdict) -> Json:
    """What came of a scenario."""
    return {
        "name": verdict.name,
        "file": verdict.file,
        "seed": verdict.seed,
        "passed": verdict.is_passed,
        "expectations": {"all": verdict.expectations, "met": verdict.met},
        "results": [result(each) for each in verdict.results],
        "seconds": round(verdict.seconds, 3),
        "repeat": verdict.repeat,
        **report.tally_json(verdict.tally),
    }


def result(one: Result) -> Json:
    """What came of an expectation."""
    return {
        "title": one.title,
        "place": place(one.place),
        "passed": one.is_passed,
        "soft": one.is_soft,
        "pending": one.pending,
        "findings": [report.finding_json(finding) for finding in one.findings],
    }


def place(where: Place) -> Json:
    """A place in a file."""
    return asdict(where)
