"""JUnit XML, as Jenkins, GitLab and GitHub read it: a suite for each file, a case for each expectation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simulator.reports.finding import details, short, summary
from simulator.verdict import Finding, Kind, Result, Verdict

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold. https://www.w3.org/TR/xml/#charsets"""

CONTRACT = "contract and delivery"
"""The name of the case for all that is checked without being asked for."""


def junit(verdicts: Sequence[Verdict]) -> str:
    """The report of a run."""
    root = Element("testsuites", name="vendor-sim")
    by_file = groupby(sorted(verdicts, key=lambda one: one.file), key=lambda one: one.file)
    for file, found in by_file:
        suite(root, file, list(found))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(each.get(name, "0")) for each in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def suite(root: Element, file: str, verdicts: Sequence[Verdict]) -> None:
    """The scenarios of a file."""
    seconds = sum(verdict.seconds for verdict in verdicts)
    made = SubElement(root, "testsuite", name=short(file), errors="0", time=f"{seconds:.3f}", hostname="localhost")
    cases = [case for verdict in verdicts for case in scenario_cases(made, verdict)]
    made.set("tests", str(len(cases)))
    made.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    made.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))


def scenario_cases(parent: Element, verdict: Verdict) -> Iterator[Element]:
    """The cases of a scenario: one for what is always checked, and one for each expectation."""
    told = {str(finding.place) for result in verdict.results for finding in result.findings}
    others = [one for one in verdict.tally.failures if not (one.kind is Kind.EXPECTATION and str(one.place) in told)]
    yield case(parent, verdict, CONTRACT, others, line=1)
    for result in verdict.results:
        yield expectation_case(parent, verdict, result)


def expectation_case(parent: Element, verdict: Verdict, result: Result) -> Element:
    """The case of an expectation; one that is soft, or waits for something, does not fail."""
    if result.is_soft and not result.is_passed:
        made = case(parent, verdict, result.title, (), line=result.place.line)
        SubElement(made, "skipped", message=clean(f"only warned: {summary(result.findings[0])}"))
        return made
    if result.pending and result.is_passed:
        made = case(parent, verdict, result.title, (), line=result.place.line)
        SubElement(made, "skipped", message=clean(f"pending: {result.pending}"))
        return made
    return case(parent, verdict, result.title, result.findings, line=result.place.line)


def case(parent: Element, verdict: Verdict, title: str, findings: Iterable[Finding], *, line: int) -> Element:
    """A case, failed when there are findings."""
    file = short(verdict.file)
    made = SubElement(
        parent, "testcase", classname=clean(verdict.name), name=clean(title), file=file, line=str(line), time="0"
    )
    for finding in findings:
        failure = SubElement(made, "failure", message=clean(summary(finding)), type=str(finding.kind))
        failure.text = clean("\n".join([*details(finding), f"seed {verdict.seed}", f"repeat: {verdict.repeat}"]))
    return made


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return FORBIDDEN.sub("�", text)
