"""JUnit XML, as Jenkins, GitLab and GitHub read it: a suite for each file, a case for each expectation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simulator.reports.cases import FAILED, PENDING, SKIPPED, Case, cases
from simulator.reports.finding import details, short, summary
from simulator.verdict import Verdict

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold. https://www.w3.org/TR/xml/#charsets"""


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
    found = [element(made, case) for case in cases(verdicts)]
    made.set("tests", str(len(found)))
    made.set("failures", str(sum(each.find("failure") is not None for each in found)))
    made.set("skipped", str(sum(each.find("skipped") is not None for each in found)))


def element(parent: Element, case: Case) -> Element:
    """A case, failed or skipped when there is something to tell."""
    verdict, file, line = case.verdict, short(case.verdict.file), str(case.line)
    named = {"classname": clean(verdict.name), "name": clean(case.title)}
    made = SubElement(parent, "testcase", named, file=file, line=line, time="0")
    if case.status == SKIPPED:
        SubElement(made, "skipped", message=clean(f"{case.reason}: {summary(case.findings[0])}"))
    elif case.status == PENDING:
        SubElement(made, "skipped", message=clean(f"pending: {case.reason}"))
    for finding in case.findings if case.status == FAILED else ():
        failure = SubElement(made, "failure", message=clean(summary(finding)), type=str(finding.kind))
        failure.text = clean("\n".join([*details(finding), f"seed {verdict.seed}", f"repeat: {verdict.repeat}"]))
    return made


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return FORBIDDEN.sub("�", text)
