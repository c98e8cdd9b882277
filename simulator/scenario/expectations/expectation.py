"""Expectation: something that must be true at the end; the registry of all kinds, and what they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from simulator.contract.received import ReceivedEvent
from simulator.document import Part
from simulator.json import Json
from simulator.population import Person
from simulator.scenario.account import Account
from simulator.scenario.cast import Cast
from simulator.scenario.matchers import Matcher, matcher, told
from simulator.scenario.saved import Saved
from simulator.verdict import Finding, Kind

AT_LEAST_ONE = matcher(">= 1")


@dataclass(frozen=True)
class Outcome:
    """What can be looked at in the end: the account, what was saved, notes, what went wrong on purpose, coverage.

    `hits` are how often each fault hit, by name; `unmapped` are vendor fields that reached nothing, by event.
    """

    account: Account
    saved: Saved = field(default_factory=Saved)
    notes: Sequence[Finding] = ()
    hits: Mapping[str, int] = field(default_factory=dict)
    unmapped: Callable[[], Sequence[str]] = tuple
    requests: Json = field(default_factory=dict)
    is_updating: bool = False


class Expectation(Protocol):
    """Something that must be true at the end; told of each event that Klaviyo kept."""

    def take(self, event: ReceivedEvent) -> None:
        """Look at an event that Klaviyo kept."""

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """What is not as expected."""


class AtTheEnd:
    """What all expectations share that look at the end alone."""

    def take(self, event: ReceivedEvent) -> None:
        """Nothing: only the end counts."""


class Shape(StrEnum):
    """How a kind of expectation stands in `expect`."""

    VALUE = "value"
    TABLE = "table"
    LIST = "list"
    BY_PERSON = "table by person"
    BY_NAME = "table by name"


@dataclass(frozen=True)
class Subject:
    """What an expectation is about: its title in reports, its part of the file, the cast, and a name of a table."""

    title: str
    part: Part
    cast: Cast
    name: str = ""

    @property
    def folder(self) -> Path:
        """The folder of the scenario."""
        return Path(self.part.place.file).parent

    @property
    def person(self) -> Person:
        """The person that a table by person names."""
        return self.cast.people[self.name][0]

    def finding(self, what: str, wanted: str, got: str, path: tuple[str | int, ...] = ()) -> Finding:
        """That something is not as expected, at the place of what a path leads to."""
        title = f"{self.title} {what}".strip()
        return Finding(Kind.EXPECTATION, self.part.within(path), title, wanted, got)

    def check(self, what: str, wanted: Matcher, got: Any, path: tuple[str | int, ...] = ()) -> Iterator[Finding]:
        """A finding when a value does not match."""
        if not wanted.accepts(got):
            yield self.finding(what, wanted.text, told(got), path)


@dataclass(frozen=True)
class ExpectationKind:
    """A kind of expectation: its function, and how it stands in `expect`.

    An item of a list that is a text stands for a table of `short` alone; `check` raises a `Mistake` for arguments that
    make no sense.
    """

    make: Callable[..., Expectation]
    shape: Shape
    short: str = ""
    check: Callable[[Mapping[str, Any]], None] = lambda _: None


EXPECTATIONS: dict[str, ExpectationKind] = {}
"""Every kind of expectation by its key."""

Make = Callable[..., Expectation]


def expectation(
    shape: Shape, *, short: str = "", check: Callable[[Mapping[str, Any]], None] = lambda _: None
) -> Callable[[Make], Make]:
    """Register a kind of expectation under the function's name."""

    def register(function: Make) -> Make:
        EXPECTATIONS[function.__name__] = ExpectationKind(function, shape, short, check)
        return function

    return register


def identities(people: Sequence[Person]) -> Iterator[str]:
    """What tells people's profiles apart: e-mail addresses, phone numbers of those who have none."""
    for person in people:
        yield person.email or person.phone


def identifiers(cast: Cast, who: str | None) -> frozenset[str] | None:
    """What the profiles of some people are known by, in small letters; None for everybody."""
    return None if who is None else frozenset(filter(None, map(str.casefold, identities(cast.people[who]))))


def is_of(profile: Json, known: frozenset[str] | None) -> bool:
    """Whether a profile is one of those known."""
    if known is None:
        return True
    return any(str(profile.get(name) or "").casefold() in known for name in ("email", "phone_number"))
