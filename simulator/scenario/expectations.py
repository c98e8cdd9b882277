"""Expectations: one function per kind; its keyword arguments are the keys that a scenario writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import quote

from simulator.contract.checking import shown
from simulator.contract.received import ReceivedEvent
from simulator.document import Part
from simulator.json import Json
from simulator.population import Person
from simulator.scenario.arguments import Count, Matchers, Who
from simulator.scenario.cast import Cast
from simulator.scenario.matchers import ABSENT, Matcher, matcher
from simulator.verdict import EXAMPLES, Finding, Kind

AT_LEAST_ONE = Count(matcher(">= 1"))
NOTHING = Matchers({})
ANYTHING = matcher("any")
NOTE_EXAMPLES = 10

ProfileSource = Callable[[str], Json | None]
"""Gives the attributes of the profile that has an identifier (see `identities`), None when there is none."""


@dataclass(frozen=True)
class Outcome:
    """What can be looked at in the end: profiles at Klaviyo, and the notes that were taken."""

    profile_of: ProfileSource
    notes: Sequence[Finding] = ()


class Expectation(Protocol):
    """Something that must be true at the end; told of each event that Klaviyo kept."""

    def take(self, event: ReceivedEvent) -> None:
        """Look at an event that Klaviyo kept."""

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """What is not as expected."""


class Shape(StrEnum):
    """How a kind of expectation stands in `expect`: once, as a list, or as a table by person."""

    VALUE = "value"
    LIST = "list"
    BY_PERSON = "table by person"


@dataclass(frozen=True)
class ExpectationKind:
    """A kind of expectation: its function, and how it stands in `expect`."""

    make: Callable[..., Expectation]
    shape: Shape


EXPECTATIONS: dict[str, ExpectationKind] = {}
"""Every kind of expectation by its key."""

NOT_YET = {
    *("within", "order", "messages", "requests", "faults_hit", "mapping", "invariants", "golden", "check", "python"),
    *("segments", "lists", "soft", "pending", "strict"),
}
"""Keys of the whole language that do not work yet."""


def expectation(shape: Shape) -> Callable[[Callable[..., Expectation]], Callable[..., Expectation]]:
    """Register a kind of expectation under the function's name."""

    def register(function: Callable[..., Expectation]) -> Callable[..., Expectation]:
        EXPECTATIONS[function.__name__] = ExpectationKind(function, shape)
        return function

    return register


@dataclass
class EventCount:
    """Counts the events of a metric, of some people, with some values."""

    title: str
    part: Part
    metric: str
    identifiers: frozenset[str] | None
    wanted: Matcher
    where: Mapping[str, Matcher]
    count: int = 0
    counted: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def take(self, event: ReceivedEvent) -> None:
        """Count the event if it is meant."""
        if event.metric != self.metric or not self._is_of_them(event.profile):
            return
        is_meant = all(each.accepts(value_of(event, name)) for name, each in self.where.items())
        self.count += is_meant
        examples = self.counted if is_meant else self.missed
        if len(examples) < EXAMPLES:
            examples.append(self._line(event))

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """That there are too few or too many."""
        del outcome
        if not self.wanted.accepts(self.count):
            yield Finding(
                kind=Kind.EXPECTATION,
                place=self.part.place,
                what=self.title,
                expected=f"count {self.wanted.text}",
                got=str(self.count),
                examples=[f"+ {line}" for line in self.counted] + [f"- {line}" for line in self.missed],
            )

    def _is_of_them(self, profile: Json) -> bool:
        if self.identifiers is None:
            return True
        return any(str(profile.get(name, "")).casefold() in self.identifiers for name in ("email", "phone_number"))

    def _line(self, event: ReceivedEvent) -> str:
        values = "  ".join(f"{name}={told(value_of(event, name))}" for name in self.where)
        return f"{event.time}  {event.profile.get('email', '')}  unique_id {event.unique_id}  {values}".rstrip()


@expectation(Shape.LIST)
def events(
    title: str,
    part: Part,
    cast: Cast,
    *,
    metric: str,
    for_: Who | None = None,
    count: Count = AT_LEAST_ONE,
    where: Matchers = NOTHING,
) -> Expectation:
    """How many events there are: `{metric: Points Redeemed, for: ana, count: 1, where: {points_spent: 500}}`."""
    identifiers = None if for_ is None else frozenset(filter(None, map(str.casefold, identities(cast.people[for_]))))
    name = f"{title} {metric}" + (f" for {for_}" if for_ else "")
    return EventCount(name, part, metric, identifiers, count, where)


def identities(people: tuple[Person, ...]) -> Iterator[str]:
    """What tells people's profiles apart: e-mail addresses, phone numbers of those who have none."""
    for person in people:
        yield person.email or person.phone


def value_of(event: ReceivedEvent, name: str) -> Any:
    """The value of a property by name or dotted path, else of a member such as `value`."""
    found = reached(event.properties, name)
    if found is ABSENT and name in ("value", "value_currency", "unique_id", "time"):
        member = getattr(event, name)
        return ABSENT if member is None else member
    return found


def told(value: Any) -> str:
    """A value, or that there is none, as a report shows it."""
    return "absent" if value is ABSENT else shown(value)


def reached(values: Any, path: str) -> Any:
    """What a name or dotted path leads to, ABSENT when it leads nowhere."""
    if isinstance(values, dict) and path in values:
        return values[path]
    for step in path.split("."):
        if isinstance(values, dict) and step in values:
            values = values[step]
        elif isinstance(values, list) and step.isdecimal() and int(step) < len(values):
            values = values[int(step)]
        else:
            return ABSENT
    return values


@dataclass
class ProfileState:
    """What one person's profile must be at the end."""

    title: str
    part: Part
    identifier: str
    native: Mapping[str, Matcher]
    properties: Mapping[str, Matcher]

    def take(self, event: ReceivedEvent) -> None:
        """Nothing: only the end counts."""

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """Every attribute that is not as it must be."""
        attributes = outcome.profile_of(self.identifier)
        if attributes is None:
            yield self._finding("profile", f"a profile of {self.identifier}", "none", ())
            return
        for name, wanted in self.native.items():
            value = attributes.get(name)
            yield from self._check(name, wanted, ABSENT if value is None else value, (name,))
        for name, wanted in self.properties.items():
            where = "properties" if "properties" in self.part.value else "absent"
            value = reached(attributes.get("properties") or {}, name)
            yield from self._check(name, wanted, value, (where, name))

    def _check(self, name: str, wanted: Matcher, value: Any, path: tuple[str, ...]) -> Iterator[Finding]:
        if not wanted.accepts(value):
            yield self._finding(name, wanted.text, told(value), path)

    def _finding(self, name: str, wanted: str, got: str, path: tuple[str, ...]) -> Finding:
        place = self.part.within(path)
        return Finding(Kind.EXPECTATION, place, f"{self.title} {name}", wanted, got)


@expectation(Shape.BY_PERSON)
def profiles(
    title: str,
    part: Part,
    person: Person,
    *,
    properties: Matchers = NOTHING,
    absent: list[str] | None = None,
    attributes: Matchers = NOTHING,
) -> Expectation:
    """What a profile must be: `ana: {properties: {Smile State: member}, attributes: {locale: any}, absent: [ssn]}`."""
    wanted = dict(properties) | {name: matcher("absent") for name in absent or ()}
    return ProfileState(title, part, next(identities((person,))), attributes, wanted)


@dataclass
class Clean:
    """Stands for `clean` in the count of expectations; what breaks it are findings of their own."""

    is_wanted: bool

    def take(self, event: ReceivedEvent) -> None:
        """Nothing: the inspection sees to it."""

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """Nothing: the inspection's findings speak for themselves."""
        del outcome
        return iter(())


@expectation(Shape.VALUE)
def clean(_part: Part, *, clean: bool) -> Expectation:
    """Whether no request may be rejected and no event dropped: `clean: true`, which is the default."""
    return Clean(clean)


@dataclass
class NoteCount:
    """How often what we assume may be broken."""

    part: Part
    wanted: Matcher

    def take(self, event: ReceivedEvent) -> None:
        """Nothing: the inspection takes the notes."""

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """That there are too many notes or too few, with the first ones as examples."""
        count = sum(note.times for note in outcome.notes)
        if not self.wanted.accepts(count):
            lines = [f"{note.place}  {note.what}: expected {note.expected}, got {note.got}" for note in outcome.notes]
            yield Finding(
                kind=Kind.EXPECTATION,
                place=self.part.place,
                what="notes",
                expected=self.wanted.text,
                got=str(count),
                examples=lines[:NOTE_EXAMPLES],
            )


@expectation(Shape.VALUE)
def notes(part: Part, *, notes: Count) -> Expectation:
    """How often an assumed fact may be broken, which else breaks nothing: `notes: 0`."""
    return NoteCount(part, notes)


def profile_path(identifier: str) -> str:
    """The path that lists the profile of an e-mail address or a phone number.

    >>> profile_path("ana@example.org")
    '/api/profiles?filter=equals%28email%2C%22ana%40example.org%22%29'
    """
    name = "email" if "@" in identifier else "phone_number"
    text = identifier.replace("\\", "\\\\").replace('"', '\\"')
    return "/api/profiles?filter=" + quote(f'equals({name},"{text}")')
