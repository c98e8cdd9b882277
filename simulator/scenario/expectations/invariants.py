"""Invariants: what is true of any run, whoever did what."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jmespath

from simulator.contract.checking import shown
from simulator.contract.received import ReceivedEvent
from simulator.json import Json
from simulator.scenario.expectations.arrivals import golden_line
from simulator.scenario.expectations.expectation import Expectation, Outcome, Shape, Subject, expectation
from simulator.scenario.kinds import Expression
from simulator.scenario.matchers import is_number
from simulator.scenario.words import Mistake, nearest
from simulator.verdict import EXAMPLES, Finding

BALANCE = re.compile(r"(^|[_ ])(point|points|store_credit|card|wallet)?[_ ]?balance$", re.IGNORECASE)
ISSUED = "_ISSUED"
"""How activities end with which there is a card that was not there before."""

CENTS = 0.05
"""By how much rounded sums may differ."""

Events = Sequence[ReceivedEvent]
Invariant = Callable[[Events], Iterator[str]]
"""Gives a line for each event that breaks it."""

INVARIANTS: dict[str, Invariant] = {}
"""Every ready-made invariant by its words."""


def invariant(function: Invariant) -> Invariant:
    """Register an invariant under the function's name in words."""
    INVARIANTS[function.__name__.replace("_", " ")] = function
    return function


@invariant
def points_never_negative(events: Events) -> Iterator[str]:
    """No balance of points, credit or cards is ever below zero."""
    for event in events:
        for name, value in event.properties.items():
            if BALANCE.search(name) and is_number(value) and value < 0:
                yield line(event, f"{name} {value}")


@invariant
def card_balance_is_issued_minus_redeemed(events: Events) -> Iterator[str]:
    """What is on a gift card is what was put on it less what was spent."""
    known: dict[str, float] = {}
    for event in in_time(events):
        values = event.properties
        card, balance = values.get("card_number"), values.get("balance")
        if card is None or balance is None or "card_pin" not in values:
            continue
        if str(values.get("activity_type")).endswith(ISSUED):
            known.pop(card, None)  # its delivery may have been told before that it was issued
        change = float(values.get("amount") or 0) - float(values.get("redemption_amount") or 0)
        if card in known and abs(known[card] + change - float(balance)) > CENTS:
            yield line(event, f"card {card}: {known[card]:.2f} {change:+.2f} is not {balance}")
        known[card] = float(balance)


@invariant
def no_event_twice(events: Events) -> Iterator[str]:
    """No two events of a profile have metric, time and properties in common."""
    seen: defaultdict[str, list[ReceivedEvent]] = defaultdict(list)
    for event in events:
        same = seen[f"{event.metric} {event.time} {event.profile.get('id') or event.profile.get('email')}"]
        if any(other.properties == event.properties for other in same):
            yield line(event, f"unique_id {event.unique_id}, the same as {same[0].unique_id}")
        same.append(event)


@invariant
def every_event_has_a_unique_id(events: Events) -> Iterator[str]:
    """Without one, Klaviyo keeps one event a second and drops the others."""
    for event in events:
        if not event.unique_id:
            yield line(event, "has none")


def in_time(events: Events) -> list[ReceivedEvent]:
    """Events by their own time."""
    return sorted(events, key=lambda event: event.time or "")


def line(event: ReceivedEvent, what: str) -> str:
    """An event that breaks an invariant."""
    return f"{event.time}  {event.metric}  {event.profile.get('email') or event.profile.get('phone_number')}  {what}"


@dataclass
class Always:
    """An invariant that must hold."""

    subject: Subject
    name: str
    breaks: Invariant
    events: list[ReceivedEvent] = field(default_factory=list)

    def take(self, event: ReceivedEvent) -> None:
        """Keep the event."""
        self.events.append(event)

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        """How often it is broken, with examples."""
        del outcome
        lines = list(self.breaks(self.events))
        if lines:
            found = self.subject.finding(self.name, "always", f"broken {len(lines)} times")
            found.examples += lines[:EXAMPLES]
            yield found


def check(told: Mapping[str, Any]) -> None:
    """Refuse an invariant that is not known."""
    name = told.get("name")
    if told.get("always") is None and name not in INVARIANTS:
        known = ", ".join(INVARIANTS)
        raise Mistake(f"{name} is no invariant{nearest(str(name), INVARIANTS)}; there are {known}")


@expectation(Shape.LIST, short="name", check=check)
def invariants(
    subject: Subject, *, name: str | None = None, always: Expression | None = None, metric: str | None = None
) -> Expectation:
    """What is always true: `points never negative`, or of each event `{metric: Sale, always: "value > `0`"}`."""
    if always is not None:
        return Always(subject, name or always, holds(always, metric))
    return Always(subject, str(name), INVARIANTS[str(name)])


def holds(expression: str, metric: str | None) -> Invariant:
    """An invariant that a JMESPath expression states of each event (of a metric)."""
    compiled: Any = jmespath.compile(expression)

    def breaks(events: Events) -> Iterator[str]:
        for event in events:
            document: Json = golden_line(event)
            if metric in (None, event.metric) and not compiled.search(document):
                yield line(event, shown(event.properties))

    return breaks
