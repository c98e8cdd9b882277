"""TAP, version 14: a line for each case, and what is wrong as YAML below. https://testanything.org"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator import json
from simulator.reports.cases import FAILED, PASSED, SKIPPED, Case, cases
from simulator.reports.finding import short, summary
from simulator.verdict import Verdict


def tap(verdicts: Sequence[Verdict]) -> str:
    """The report of a run."""
    found = list(cases(verdicts))
    lines = [line for number, case in enumerate(found, start=1) for line in case_lines(number, case)]
    return "\n".join(["TAP version 14", f"1..{len(found)}", *lines, ""])


def case_lines(number: int, case: Case) -> Iterator[str]:
    """The lines of a case; `#` begins a directive, so a name must not hold one."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in case.name)
    name = shown.replace("\\", "\\\\").replace("#", "\\#")
    yield f"{'not ok' if case.status == FAILED else 'ok'} {number} - {name}{directive(case)}"
    if case.findings:
        yield "  ---"
        yield f"  at: {quoted(f'{short(case.verdict.file)}:{case.line}')}"
        yield f"  repeat: {quoted(case.verdict.repeat)}"
        yield "  findings:"
        yield from (f"    - {quoted(summary(finding))}" for finding in case.findings)
        yield "  ..."


def directive(case: Case) -> str:
    """Why a case that is not as expected is no failure."""
    if case.status in (PASSED, FAILED):
        return ""
    return f" # {'SKIP' if case.status == SKIPPED else 'TODO'} {case.reason}"


def quoted(text: str) -> str:
    """A text as YAML takes it: as JSON does."""
    return json.written(text).decode()
