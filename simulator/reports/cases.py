"""Cases: what every report in the form of tests tells: one for the contract, and one for each expectation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.verdict import Finding, Kind, Verdict

CONTRACT = "contract and delivery"
"""The name of the case for all that is checked without being asked for."""

PASSED, FAILED, SKIPPED, PENDING = "passed", "failed", "skipped", "pending"


@dataclass(frozen=True)
class Case:
    """Something that a scenario checks: its title and line, what came of it, and what is wrong or why nothing is."""

    verdict: Verdict
    title: str
    line: int
    status: str
    findings: Sequence[Finding] = ()
    reason: str = ""

    @property
    def name(self) -> str:
        """The scenario and the title."""
        return f"{self.verdict.name}: {self.title}"


def cases(verdicts: Sequence[Verdict]) -> Iterator[Case]:
    """The cases of all scenarios, in order."""
    for verdict in verdicts:
        told = {str(finding.place) for result in verdict.results for finding in result.findings}
        others = [
            one for one in verdict.tally.failures if one.kind is not Kind.EXPECTATION or str(one.place) not in told
        ]
        yield Case(verdict, CONTRACT, 1, FAILED if others else PASSED, others)
        for result in verdict.results:
            status, reason = PASSED if result.is_passed else FAILED, ""
            if result.is_soft and not result.is_passed:
                status, reason = SKIPPED, "only warned"
            elif result.pending and result.is_passed:
                status, reason = PENDING, result.pending
            yield Case(verdict, result.title, result.place.line, status, result.findings, reason)
