"""Ways: how somebody went through a flow, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulator.json import Json
from simulator.scenario.expectations.expectation import (
    AT_LEAST_ONE,
    AtTheEnd,
    Expectation,
    Outcome,
    Shape,
    Subject,
    expectation,
    identifiers,
    is_of,
)
from simulator.scenario.kinds import Count, Who
from simulator.scenario.matchers import ABSENT, Matcher, marks
from simulator.verdict import EXAMPLES, Finding

BRANCHES = {True: "yes", False: "no"}


@dataclass
class Ways(AtTheEnd):
    """Counts runs of a flow, of some people, that went some way."""

    subject: Subject
    flow: str
    known: frozenset[str] | None
    count: Matcher
    where: Mapping[str, Matcher]

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """That there are too few or too many."""
        runs = outcome.account.flow_runs(self.flow)
        if runs is None:
            yield self.subject.finding("", f"a flow {self.flow}", "none of that name", ("flow",))
            return
        theirs = [
            run | {"path": list(map(step, run["path"]))} for run in runs if is_of(run["profile"] or {}, self.known)
        ]
        meant = [run for run in theirs if all(each.accepts(run.get(name, ABSENT)) for name, each in self.where.items())]
        if not self.count.accepts(len(meant)):
            found = self.subject.finding("", f"count {self.count.text}", str(len(meant)))
            found.examples += [self._line(run) for run in theirs[:EXAMPLES]]
            yield found

    def _line(self, run: Json) -> str:
        whose = run["profile"] or {}
        values = [mark for name, each in self.where.items() for mark in marks(each, run.get(name, ABSENT), name)]
        return f"{run['entered_at']}  {whose.get('email') or whose.get('phone_number')}  {'  '.join(values)}".rstrip()


def step(taken: Json) -> str:
    """A step of a run in words.

    >>> step({"action_type": "conditional-split", "outcome": "branch", "branch": False})
    'conditional-split no'
    >>> step({"action_type": "send-email", "outcome": "skipped", "reason": "Person Suppressed"})
    'send-email skipped (Person Suppressed)'
    """
    branch = taken.get("branch")
    outcome = taken["outcome"] if branch is None else BRANCHES.get(branch, branch)
    reason = f" ({taken['reason']})" if taken.get("reason") else ""
    return f"{taken['action_type']} {outcome}{reason}"


@expectation(Shape.LIST)
def runs(  # every argument is a key of the language
    subject: Subject,
    *,
    flow: str,
    for_: Who | None = None,
    status: Matcher | None = None,
    exit: Matcher | None = None,
    entered_at: Matcher | None = None,
    path: Matcher | None = None,
    count: Count | None = None,
) -> Expectation:
    """How people went through a flow: `{flow: Welcome, for: ana, exit: Completed, path: [send-email sent]}`."""
    told = {"status": status, "exit": exit, "entered_at": entered_at, "path": path}
    wanted = {name: each for name, each in told.items() if each is not None}
    named = Subject(f"{subject.title} {flow}" + (f" for {for_}" if for_ else ""), subject.part, subject.cast)
    return Ways(named, flow, identifiers(subject.cast, for_), count or AT_LEAST_ONE, wanted)
