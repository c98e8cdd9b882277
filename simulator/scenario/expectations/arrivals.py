"""What arrived: how many events with which values, in which order, and exactly as in a golden file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator import json
from simulator.contract.received import ReceivedEvent, lineage_text
from simulator.json import Json
from simulator.scenario.expectations.expectation import (
    AT_LEAST_ONE,
    Expectation,
    Outcome,
    Shape,
    Subject,
    expectation,
    identifiers,
    is_of,
)
from simulator.scenario.kinds import Count, FilePath, Matchers, Who
from simulator.scenario.matchers import ABSENT, Matcher, marks
from simulator.scenario.savings import reached
from simulator.verdict import EXAMPLES, Finding

MEMBERS = ("value", "value_currency", "unique_id", "time")
SHOWN_LINES = 5


def value_of(event: ReceivedEvent, name: str) -> Any:
    """The value of a property by name or dotted path, else of a member such as `value`."""
    found = reached(event.properties, name)
    if found is ABSENT and name in MEMBERS:
        member = getattr(event, name)
        return ABSENT if member is None else member
    return found


@dataclass
class EventCount:
    """Counts the events of a metric, of some people, with some values; unique ids show what came twice."""

    subject: Subject
    metric: str
    who: str | None
    known: frozenset[str] | None
    wanted: Matcher
    where: Mapping[str, Matcher]
    is_strict: bool = False
    count: int = 0
    counted: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    waiting: list[ReceivedEvent] = field(default_factory=list)

    def take(self, event: ReceivedEvent) -> None:
        """Count the event if it is meant; what goes by saved values waits for the end."""
        if event.metric != self.metric or not is_of(event.profile, self.known):
            return
        if any(each.template is not None for each in self.where.values()):
            self.waiting.append(event)
        else:
            self._count(event, self.where)

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """That there are too few or too many."""
        where = {name: each.filled(outcome.saved, self.who) for name, each in self.where.items()}
        for event in self.waiting:
            self._count(event, where)
        self.waiting = []
        if not self.wanted.accepts(self.count):
            found = self.subject.finding("", f"count {self.wanted.text}", str(self.count))
            found.examples += [f"+ {line}" for line in self.counted] + [f"- {line}" for line in self.missed]
            found.why = self._why()
            yield found

    def _count(self, event: ReceivedEvent, where: Mapping[str, Matcher]) -> None:
        more = set(event.properties) - set(where) if self.is_strict else set()
        is_meant = not more and all(each.accepts(value_of(event, name)) for name, each in where.items())
        self.count += is_meant
        examples = self.counted if is_meant else self.missed
        if len(examples) < EXAMPLES:
            examples.append(self._line(event, where, sorted(more)))

    def _line(self, event: ReceivedEvent, where: Mapping[str, Matcher], more: Sequence[str]) -> str:
        values = [mark for name, each in where.items() for mark in marks(each, value_of(event, name), name)]
        values += [f"✗ more: {', '.join(more)}"] if more else []
        whose = event.profile.get("email") or event.profile.get("phone_number") or ""
        return f"{event.time}  {whose}  unique_id {event.unique_id}  {'  '.join(values)}".rstrip() + lineage_text(
            event.lineage
        )

    def _why(self) -> str:
        """What is known of the reason."""
        if not self.count and self.missed:
            return f"events of {self.metric} came, none with these values."
        if not self.count:
            return f"no event of {self.metric} came for them; look at rejected and dropped ones, and at the mapping."
        if self.count > 1 and self.wanted.accepts(self.count - 1):
            return "one too many: when an event comes again under another unique_id, Klaviyo keeps both."
        return ""


@expectation(Shape.LIST)
def events(
    subject: Subject,
    *,
    metric: str,
    for_: Who | None = None,
    count: Count | None = None,
    where: Matchers | None = None,
    strict: bool = False,
) -> Expectation:
    """How many events there are: `{metric: Points Redeemed, for: ana, count: 1, where: {points_spent: 500}}`."""
    named = Subject(
        f"{subject.title} {metric}" + (f" for {for_}" if for_ else ""), subject.part, subject.cast, subject.name
    )
    known = identifiers(subject.cast, for_)
    return EventCount(named, metric, for_, known, count or AT_LEAST_ONE, where or {}, strict)


@dataclass
class Order:
    """In which order events of some metrics came to each of some people, by their own time."""

    subject: Subject
    known: frozenset[str] | None
    metrics: Sequence[str]
    seen: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)

    def take(self, event: ReceivedEvent) -> None:
        """Note when the event was."""
        if event.metric in self.metrics and is_of(event.profile, self.known):
            whose = event.profile.get("email") or event.profile.get("phone_number") or ""
            line = (event.time or "", event.metric, lineage_text(event.lineage))
            self.seen.setdefault(whose, []).append(line)

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """Whose events are in another order, or not all there."""
        del outcome
        wrong = {
            whose: firsts for whose, events in self.seen.items() if not self._is_right(firsts := first_times(events))
        }
        if wrong or not self.seen:
            got = f"another order for {len(wrong)} of {len(self.seen)} people" if self.seen else "none of them"
            found = self.subject.finding("", " → ".join(self.metrics), got)
            found.examples += [f"{whose}: {in_words(times)}" for whose, times in list(wrong.items())[:EXAMPLES]]
            yield found

    def _is_right(self, firsts: Mapping[str, tuple[str, str]]) -> bool:
        times = [firsts.get(metric, ("", ""))[0] for metric in self.metrics]
        return "" not in times and times == sorted(times)


def first_times(events: Sequence[tuple[str, str, str]]) -> dict[str, tuple[str, str]]:
    """When each metric came first, and where from, in order of time."""
    firsts: dict[str, tuple[str, str]] = {}
    for time, metric, lineage in sorted(events):
        firsts.setdefault(metric, (time, lineage))
    return firsts


def in_words(firsts: Mapping[str, tuple[str, str]]) -> str:
    """Which metric came when, and where from."""
    return " → ".join(f"{metric} {time}{lineage}" for metric, (time, lineage) in firsts.items())


@expectation(Shape.LIST)
def order(subject: Subject, *, metrics: list[str], for_: Who | None = None) -> Expectation:
    """Which event comes before which, by the first of each metric: `{for: ana, metrics: [Card Issued, Card Used]}`."""
    return Order(subject, identifiers(subject.cast, for_), metrics)


@dataclass
class Golden:
    """Every event that Klaviyo kept, as a file of JSON lines tells."""

    subject: Subject
    file: FilePath
    lines: list[bytes] = field(default_factory=list)

    def take(self, event: ReceivedEvent) -> None:
        """Note the event."""
        self.lines.append(json.written(golden_line(event)))

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """Where the file says something else; it is written anew when that is asked for."""
        lines = sorted(self.lines)
        if outcome.is_updating:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_bytes(b"".join(line + b"\n" for line in lines))
            return
        if not self.file.exists():
            yield self.subject.finding("", f"a file {self.file}", "none; --update-golden writes it")
            return
        known = self.file.read_bytes().splitlines()
        if known != lines:
            yield self._difference(known, lines)

    def _difference(self, known: Sequence[bytes], lines: Sequence[bytes]) -> Finding:
        gone, new = sorted(set(known) - set(lines)), sorted(set(lines) - set(known))
        found = self.subject.finding(
            "", f"{len(known)} events as in the file", f"{len(lines)}, {len(new)} of them other"
        )
        found.examples += [f"- {line.decode()}" for line in gone[:SHOWN_LINES]]
        found.examples += [f"+ {line.decode()}" for line in new[:SHOWN_LINES]]
        found.why = "if the change is wanted, --update-golden writes the file anew."
        return found


def golden_line(event: ReceivedEvent) -> Json:
    """An event as a golden file holds it; ids that Klaviyo makes are left out."""
    profile = {name: value for name, value in event.profile.items() if name != "id"}
    return {
        "time": event.time,
        "metric": event.metric,
        "profile": profile,
        "unique_id": event.unique_id,
        "value": event.value,
        "value_currency": event.value_currency,
        "properties": event.properties,
    }


@expectation(Shape.VALUE)
def golden(subject: Subject, *, golden: FilePath) -> Expectation:
    """Exactly these events, as a file of JSON lines: `golden: golden/points.ndjson`; `--update-golden` writes it."""
    return Golden(subject, golden)
