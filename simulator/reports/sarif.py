"""SARIF 2.1.0: findings at the lines of scenarios, contracts and mappings, for code scanning to show there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from simulator import json
from simulator.json import Json
from simulator.reports.finding import short, summary
from simulator.verdict import Finding, Kind, Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Kind.WARNING: "warning", Kind.NOTE: "note"}
"""How bad a finding is; all others are errors."""

MEANINGS = {
    Kind.EXPECTATION: "What a scenario expects is not so.",
    Kind.VIOLATION: "What Klaviyo received is not as the vendor's contract says.",
    Kind.REJECTED: "Klaviyo refused a request.",
    Kind.DROPPED: "Klaviyo accepted an event and dropped it silently.",
    Kind.CHANGED: "Klaviyo keeps something else than what was sent.",
    Kind.TARGET: "The mapping under test did not do its work.",
    Kind.LIMIT: "A scenario went beyond its limits.",
    Kind.WARNING: "What a scenario expects softly is not so.",
    Kind.NOTE: "What Klaviyo received is not as we assume.",
}
PLACED = re.compile(r"(?P<file>.+):(?P<line>\d+)")
"""How a finding names the line of a mapping."""


def sarif(verdicts: Sequence[Verdict]) -> str:
    """The report of a run."""
    rules = [{"id": str(kind), "shortDescription": {"text": text}} for kind, text in MEANINGS.items()]
    driver = {"name": "vendor-sim", "version": version("mock-klaviyo"), "rules": rules}
    results = [result(verdict, finding) for verdict in verdicts for finding in shown(verdict)]
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.written(document).decode() + "\n"


def shown(verdict: Verdict) -> Iterator[Finding]:
    """The findings of a scenario, those that break nothing last."""
    yield from verdict.tally.failures
    yield from verdict.tally.warnings
    yield from verdict.tally.notes


def result(verdict: Verdict, finding: Finding) -> Json:
    """A finding: at the mapping's line where one is known, else at the line that says what must be."""
    said = location(finding.place.file, finding.place.line, finding.place.column)
    mapping = PLACED.fullmatch(finding.mapping)
    made = location(mapping["file"], int(mapping["line"])) if mapping else None
    text = f"{summary(finding)} ({verdict.name}, seed {verdict.seed})"
    return {
        "ruleId": str(finding.kind),
        "level": LEVELS.get(finding.kind, "error"),
        "message": {"text": "\n".join([text, *finding.examples, *filter(None, [finding.why])])},
        "locations": [made or said],
        **({"relatedLocations": [{**said, "message": {"text": "what must be"}}]} if made else {}),
        "occurrenceCount": max(finding.times, 1),
    }


def location(file: str, line: int, column: int = 1) -> Json:
    """A line of a file, which code scanning wants to be relative to the checkout."""
    region = {"startLine": max(line, 1), "startColumn": max(column, 1)}
    return {"physicalLocation": {"artifactLocation": {"uri": short(file)}, "region": region}}
