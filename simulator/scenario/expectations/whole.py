"""What holds for the whole run: clean, notes, mapping, and checks of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from simulator.contract.checking import shown
from simulator.contract.received import ReceivedEvent
from simulator.json import Json
from simulator.scenario.expectations.arrivals import golden_line
from simulator.scenario.expectations.expectation import AtTheEnd, Expectation, Outcome, Shape, Subject, expectation
from simulator.scenario.kinds import Count, Expression, Unmapped
from simulator.scenario.matchers import Matcher, matcher
from simulator.verdict import Finding

NOTE_EXAMPLES = 10


@dataclass
class Clean(AtTheEnd):
    """Stands for `clean` in the count of expectations; what breaks it are findings of their own."""

    is_wanted: bool

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """Nothing: the inspection's findings speak for themselves."""
        del outcome
        return iter(())


@expectation(Shape.VALUE)
def clean(_subject: Subject, *, clean: bool) -> Expectation:
    """Whether no request may be rejected and no event dropped: `clean: true`, which is the default."""
    return Clean(clean)


@dataclass
class NoteCount(AtTheEnd):
    """How often what we assume may be broken."""

    subject: Subject
    wanted: Matcher

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """That there are too many notes or too few, with the first ones as examples."""
        count = sum(note.times for note in outcome.notes)
        for finding in self.subject.check("", self.wanted, count):
            lines = [f"{note.place}  {note.what}: expected {note.expected}, got {note.got}" for note in outcome.notes]
            finding.examples += lines[:NOTE_EXAMPLES]
            yield finding


@expectation(Shape.VALUE)
def notes(subject: Subject, *, notes: Count) -> Expectation:
    """How often an assumed fact may be broken, which else breaks nothing: `notes: 0`."""
    return NoteCount(subject, notes)


@dataclass
class MappingCoverage(AtTheEnd):
    """How many fields of the vendors may reach nothing at Klaviyo."""

    subject: Subject
    most: Matcher
    allowed: tuple[str, ...]

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """That there are too many, and which."""
        lost = [field for field in outcome.unmapped() if not self._is_allowed(field)]
        for finding in self.subject.check("unmapped_fields", self.most, len(lost), ("unmapped_fields",)):
            finding.examples += lost[:NOTE_EXAMPLES]
            yield finding

    def _is_allowed(self, field: str) -> bool:
        path = field.rpartition(": ")[2]
        return any(fnmatchcase(path, pattern) or fnmatchcase(field, pattern) for pattern in self.allowed)


@expectation(Shape.TABLE)
def mapping(subject: Subject, *, unmapped_fields: Unmapped) -> Expectation:
    """How many vendor fields may reach nothing: `{unmapped_fields: {max: 3, allow: [raw.*]}}`."""
    return MappingCoverage(subject, matcher(f"0..{unmapped_fields.most}"), unmapped_fields.allowed)


@dataclass
class EventCheck:
    """Looks at all events together, in whatever way."""

    subject: Subject
    look: Callable[[list[Json]], Any]
    wanted: str
    events: list[Json] = field(default_factory=list)

    def take(self, event: ReceivedEvent) -> None:
        """Keep the event."""
        self.events.append(golden_line(event))

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """What the look says, unless it is pleased."""
        del outcome
        try:
            found = self.look(self.events)
        except (JMESPathError, AssertionError, LookupError, TypeError, ValueError, AttributeError) as error:
            yield self.subject.finding("", self.wanted, f"{type(error).__name__}: {error}")
            return
        if found is not True and found is not None:
            yield self.subject.finding("", self.wanted, shown(found))


@expectation(Shape.LIST, short="that")
def check(subject: Subject, *, that: Expression) -> Expectation:
    """A JMESPath expression about all events that is true: `check: "length(events[?value > `100`]) == `2`"`."""
    compiled = jmespath.compile(that)
    return EventCheck(subject, lambda events: compiled.search({"events": events}), f"{that} to be true")


@expectation(Shape.LIST, short="function")
def python(subject: Subject, *, function: str) -> Expectation:
    """A function of yours that gets all events: `python: "acme.checks:once"`; it returns what is wrong, or raises."""
    return EventCheck(subject, lambda events: called(function, events), f"{function} to find nothing wrong")


def called(path: str, events: list[Json]) -> Any:
    """What a function says of the events: nothing, true, or what is wrong."""
    module, _, name = path.partition(":")
    try:
        function = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{path} cannot be imported: {error}") from error
    return function(events)
