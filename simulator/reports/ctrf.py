"""CTRF: the common test report format, JSON that dashboards of many tools read. https://ctrf.io"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from simulator import json
from simulator.json import Json
from simulator.reports.cases import FAILED, PASSED, PENDING, SKIPPED, Case, cases
from simulator.reports.finding import details, short, summary
from simulator.verdict import Verdict


def ctrf(verdicts: Sequence[Verdict]) -> str:
    """The report of a run; it begins at 0, so that the same run gives the same report but for how long it took."""
    found = list(cases(verdicts))
    counts = Counter(case.status for case in found)
    numbers = {status: counts[status] for status in (PASSED, FAILED, PENDING, SKIPPED)}
    stop = sum(milliseconds(verdict) for verdict in verdicts)
    result = {
        "tool": {"name": "vendor-sim"},
        "summary": {"tests": len(found), **numbers, "other": 0, "start": 0, "stop": stop},
        "tests": [test(case) for case in found],
    }
    return json.written({"reportFormat": "CTRF", "specVersion": "0.0.0", "results": result}).decode() + "\n"


def test(case: Case) -> Json:
    """A case; the first of a scenario has the scenario's time, since they are judged together."""
    told: Json = {
        "name": case.name,
        "status": case.status,
        "duration": milliseconds(case.verdict) if case.line == 1 else 0,
        "suite": [short(case.verdict.file), case.verdict.name],
        "filePath": short(case.verdict.file),
        "line": case.line,
        "extra": {"seed": case.verdict.seed, "repeat": case.verdict.repeat},
    }
    if case.findings:
        told["message"] = summary(case.findings[0])
        told["trace"] = "\n".join(line for finding in case.findings for line in details(finding))
    return told


def milliseconds(verdict: Verdict) -> int:
    """How long a scenario took."""
    return round(verdict.seconds * 1000)
