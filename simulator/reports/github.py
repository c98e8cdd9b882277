"""GitHub Actions: annotations at the lines of files, and a summary of the step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simulator.reports.finding import details, short, summary
from simulator.verdict import Finding, Verdict

MOST = 10
"""GitHub shows so many errors of a step and no more."""

LARGEST_SUMMARY = 1024 * 1024
ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
PROPERTY_ESCAPES = ESCAPES | {":": "%3A", ",": "%2C"}
"""https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts"""


def commands(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """A command for each failure; where there are more than GitHub shows, the last one tells of the rest."""
    failures = [(verdict, finding) for verdict in verdicts for finding in verdict.tally.failures]
    shown = failures if len(failures) <= MOST else failures[: MOST - 1]
    for verdict, finding in shown:
        yield command("error", finding, title=verdict.name)
    if len(failures) > len(shown):
        yield f"::error title=vendor-sim::{len(failures) - len(shown)} further failures; the summary lists them"
    for verdict in verdicts:
        for finding in verdict.tally.warnings[:MOST]:
            yield command("warning", finding, title=verdict.name)


def command(level: str, finding: Finding, *, title: str) -> str:
    """The workflow command of a finding."""
    place = finding.place
    properties = {"file": short(place.file), "line": str(place.line), "col": str(place.column), "title": title}
    told = ",".join(f"{name}={escaped(text, PROPERTY_ESCAPES)}" for name, text in properties.items())
    return f"::{level} {told}::{escaped(summary(finding), ESCAPES)}"


def escaped(text: str, escapes: Mapping[str, str]) -> str:
    """A text as GitHub reads it back."""
    return "".join(escapes.get(character, character) for character in text)


def step_summary(verdicts: Sequence[Verdict]) -> str:
    """The summary of a step, in Markdown: a table of scenarios, and what failed."""
    text = "\n".join(summary_lines(verdicts)) + "\n"
    return text if len(text.encode()) <= LARGEST_SUMMARY else text[: LARGEST_SUMMARY // 4] + "\n\n… cut\n"


def summary_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The lines of a step's summary."""
    passed = sum(verdict.is_passed for verdict in verdicts)
    yield f"### vendor-sim: {passed} of {len(verdicts)} scenarios passed"
    yield ""
    yield "| | scenario | seed | events | requests | expectations |"
    yield "| --- | --- | --: | --: | --: | --: |"
    for verdict in verdicts:
        total = verdict.tally.total
        mark = "✅" if verdict.is_passed else "❌"
        met = f"{verdict.met}/{verdict.expectations}"
        name = verdict.name.replace("|", "\\|")
        yield f"| {mark} | {name} | {verdict.seed} | {total.events:,} | {total.requests:,} | {met} |"
    for verdict in verdicts:
        yield from failure_lines(verdict)


def failure_lines(verdict: Verdict) -> Iterator[str]:
    """What failed in a scenario, and how to repeat it."""
    if not verdict.is_passed:
        yield ""
        yield f"#### {verdict.name}"
        yield "```"
        for finding in verdict.tally.failures:
            yield from details(finding)
        yield f"repeat: {verdict.repeat}"
        yield "```"
