"""What else a mock can tell: messages, flow runs, requests, and how often faults hit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.json import Json
from simulator.scenario.account import path_of
from simulator.scenario.expectations.expectation import (
    AT_LEAST_ONE,
    AtTheEnd,
    Expectation,
    Outcome,
    Shape,
    Subject,
    expectation,
    identifiers,
)
from simulator.scenario.kinds import Count, Matchers, Who
from simulator.scenario.matchers import ABSENT, Matcher, marks, matcher
from simulator.verdict import EXAMPLES, Finding

NAMES: Mapping[str, tuple[str, ...]] = {
    "body": ("html", "body", "text"),
    "flow": ("flow_name",),
    "campaign": ("campaign_name",),
}
"""Where a message keeps what scenarios call otherwise."""


@dataclass
class MessageCount(AtTheEnd):
    """Counts messages that were sent, to some people, with some content."""

    subject: Subject
    who: str | None
    known: frozenset[str] | None
    count: Matcher
    where: Mapping[str, Matcher]

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """That there are too few or too many."""
        where = {name: each.filled(outcome.saved, self.who) for name, each in self.where.items()}
        found = [message for message in outcome.account.messages() if self._is_theirs(message)]
        meant = [each for each in found if all(wanted.accepts(content(each, name)) for name, wanted in where.items())]
        if not self.count.accepts(len(meant)):
            finding = self.subject.finding("", f"count {self.count.text}", str(len(meant)))
            others = [each for each in found if each not in meant]
            finding.examples += [f"+ {line(each, where)}" for each in meant[:EXAMPLES]]
            finding.examples += [f"- {line(each, where)}" for each in others[:EXAMPLES]]
            yield finding

    def _is_theirs(self, message: Json) -> bool:
        return self.known is None or str(message.get("to") or "").casefold() in self.known


def content(message: Json, name: str) -> object:
    """What a message says under a name; `body` is whatever its channel calls the text."""
    return next((message[each] for each in NAMES.get(name, (name,)) if message.get(each) is not None), ABSENT)


def line(message: Json, where: Mapping[str, Matcher]) -> str:
    """A message as a report shows it."""
    values = [mark for name, each in where.items() for mark in marks(each, content(message, name), name)]
    reason = f"  skipped: {message['reason']}" if message.get("reason") else ""
    return f"{message['at']}  {message['channel']} to {message.get('to')}{reason}  {'  '.join(values)}".rstrip()


@expectation(Shape.LIST)
def messages(  # every argument is a key of the language
    subject: Subject,
    *,
    for_: Who | None = None,
    flow: Matcher | None = None,
    campaign: Matcher | None = None,
    channel: Matcher | None = None,
    subject_: Matcher | None = None,
    body: Matcher | None = None,
    skipped: bool = False,
    where: Matchers | None = None,
    count: Count | None = None,
) -> Expectation:
    """How many messages were sent: `{flow: Gold welcome, for: ana, channel: email, count: 1, subject: /Gold/}`."""
    told = {"flow": flow, "campaign": campaign, "channel": channel, "subject": subject_, "body": body}
    outcome = matcher("skipped" if skipped else "sent")
    wanted = {name: each for name, each in told.items() if each is not None} | dict(where or {}) | {"outcome": outcome}
    people = subject.cast.people.get(for_ or "", ())
    known = identifiers(subject.cast, for_)
    if known is not None:
        known |= {each.casefold() for person in people for each in (person.email, person.phone) if each}
    return MessageCount(subject, for_, known, count or AT_LEAST_ONE, wanted)


@dataclass
class FlowRuns(AtTheEnd):
    """How many runs of a flow there are, with some status."""

    subject: Subject
    count: Matcher
    where: Mapping[str, Matcher]

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """That there are too few or too many."""
        runs = outcome.account.flow_runs(self.subject.name)
        if runs is None:
            yield self.subject.finding("", "a flow", "none of that name")
            return
        meant = [run for run in runs if all(each.accepts(run.get(name, ABSENT)) for name, each in self.where.items())]
        yield from self.subject.check("runs", self.count, len(meant), ("runs",))


@expectation(Shape.BY_NAME)
def flows(subject: Subject, *, runs: Count | None = None, where: Matchers | None = None) -> Expectation:
    """How many runs a flow has: `Gold welcome: {runs: 1, where: {status: done}}`."""
    return FlowRuns(subject, runs or AT_LEAST_ONE, where or {})


@dataclass
class RequestCount(AtTheEnd):
    """How many requests reached Klaviyo."""

    subject: Subject
    wanted: Mapping[str, Matcher]
    by_path: Mapping[str, Matcher]

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """What there is too much or too little of."""
        found = outcome.requests or outcome.account.requests()
        for name, each in self.wanted.items():
            yield from self.subject.check(name, each, found[name], (name,))
        for path, each in self.by_path.items():
            yield from self.subject.check(path, each, found["by_path"].get(path, 0), ("by_path", path))
        if (self.by_path or "retried" in self.wanted) and found["kept"] < found["total"]:
            got = f"the latest {found['kept']} of {found['total']} requests"
            yield self.subject.finding("journal", "all requests; start the server with a larger --journal-size", got)


@expectation(Shape.TABLE)
def requests(
    subject: Subject,
    *,
    total: Count | None = None,
    rejected: Count | None = None,
    retried: Count | None = None,
    by_path: Matchers | None = None,
) -> Expectation:
    """How many requests reached Klaviyo: `{total: "<= 900", retried: ">= 1", by_path: {POST /api/events: 3}}`."""
    told = {"total": total, "rejected": rejected, "retried": retried}
    wanted = {name: each for name, each in told.items() if each is not None}
    return RequestCount(subject, wanted, {path_key(path): each for path, each in (by_path or {}).items()})


def path_key(text: str) -> str:
    """A method and a path as they are counted."""
    method, _, path = text.partition(" ")
    return f"{method} {path_of(path.strip())}"


@dataclass
class FaultHits(AtTheEnd):
    """How often faults hit: those of a name, or all together."""

    subject: Subject
    wanted: Mapping[str, Matcher]

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """Which hit too seldom or too often."""
        for name, each in self.wanted.items():
            got: Sequence[int] = (
                [count for key, count in outcome.hits.items() if key == name] if name else [outcome.hits.get("", 0)]
            )
            path = (name,) if name else ()
            if not got:
                known = ", ".join(sorted(filter(None, outcome.hits))) or "none"
                yield self.subject.finding(name, "a fault of that name", f"there are {known}", path)
            else:
                yield from self.subject.check(name, each, sum(got), path)


@expectation(Shape.VALUE)
def faults_hit(subject: Subject, *, faults_hit: Matcher) -> Expectation:
    """How often faults hit: all together `">= 1"`, or by id, preset or word: `{duplicate: ">= 1", outage: 3}`."""
    if faults_hit.parts:
        return FaultHits(subject, faults_hit.parts)
    return FaultHits(subject, {"": faults_hit})
