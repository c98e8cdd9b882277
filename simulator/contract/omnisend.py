"""Omnisend: the second destination's copy of each event, judged by the contract that Klaviyo's is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from simulator import json
from simulator.contract.breaches import Told, believed
from simulator.contract.contract import Contract, Violation
from simulator.contract.received import ReceivedEvent, lineage_text
from simulator.contract.rules import ASSUMED, EventContract, Rule
from simulator.document import Place
from simulator.json import Json
from simulator.mapping.formats import iso_z
from simulator.server import Control
from simulator.targets.target import Outgoing, cause_text
from simulator.verdict import Finding, Kind

NAME = "Omnisend"
OPERATION = "omnisend post_events"
"""What the journal of a mock calls a request to Omnisend."""

ROUTE = "/__mock/omnisend/events"
NAMES = {"phone": "phone_number", "firstName": "first_name", "lastName": "last_name"}
"""Omnisend's words for a contact → those of contracts, where they differ."""

EVENT_ID = Rule({"type": "string", "format": "uuid"}, ASSUMED)
"""What stands in place of Klaviyo's unique_id."""

MOST = 500
"""How many events may wait for their copies before these are read: what bounds memory."""

Judge = Callable[[Told, Iterable[Violation]], None]


def omnisend_contract(contract: Contract) -> Contract:
    """What Omnisend must get: the same, but for the values that the contract says are others there."""
    events = {name: event_contract(each, contract.omnisend or {}) for name, each in contract.events.items()}
    return replace(contract, events=events, profile=None)


def event_contract(contract: EventContract, swaps: Mapping[str, Mapping[str, Any]]) -> EventContract:
    """What Omnisend must get of one event; a property that differs may not be left out."""
    table = contract.properties
    rules = {name: swapped(rule, swaps[name]) if name in swaps else rule for name, rule in table.rules.items()}
    properties = replace(table, rules=rules, required=table.required | (swaps.keys() & rules.keys()))
    return replace(contract, members={**contract.members, "unique_id": EVENT_ID}, properties=properties)


def swapped(rule: Rule, values: Mapping[str, Any]) -> Rule:
    """The rule of a property that has other values at Omnisend."""
    equals = rule.equals or "got"
    for old, new in values.items():
        equals = f"swapped({equals}, `{json.written(old).decode()}`, `{json.written(new).decode()}`)"
    return replace(rule, schema={"anyOf": [rule.schema, {"enum": [*values.values()]}]}, equals=equals)


def kept_copy(kept: Json) -> ReceivedEvent:
    """An event of Omnisend's in the words of contracts."""
    return ReceivedEvent(
        metric=kept["eventName"],
        profile={NAMES.get(name, name): value for name, value in kept["contact"].items()},
        properties=kept.get("properties", {}),
        unique_id=kept.get("eventID"),
        time=iso_z(datetime.fromisoformat(kept["eventTime"]).astimezone(UTC)),
        lineage=kept.get("lineage"),
    )


@dataclass
class Awaited:
    """A vendor event and the copies of it that came."""

    told: Told
    copies: list[ReceivedEvent] = field(default_factory=list)


class Copies:
    """Awaits a copy of each event of the vendors that send to Omnisend too, and judges what came.

    What a target sends `at_once` is judged soon, so that few events wait; else all wait for the end.
    """

    def __init__(
        self,
        contracts: Mapping[str, Contract],
        control: Control | None,
        judge: Judge,
        find: Callable[[Finding], None],
        *,
        at_once: bool,
    ) -> None:
        self._contracts = {
            name: omnisend_contract(contract) for name, contract in contracts.items() if contract.omnisend is not None
        }
        self._control = control
        self._judge = judge
        self._find = find
        self._at_once = at_once
        self._awaited: dict[str, Awaited] = {}
        self._last_number = 0

    def expect(self, told: Told) -> None:
        """An event happens; one that comes again brings no further copy."""
        if told.event.vendor not in self._contracts or (self._at_once and told.handover.number > 1):
            return
        if self._at_once and len(self._awaited) >= MOST:
            self.close()
        self._awaited.setdefault(cause_text(told.event, told.handover), Awaited(told))

    def take(self, one: Outgoing) -> None:
        """A copy that is sent nowhere."""
        if one.event is not None:
            self._awaited[cause_text(one.event)].copies.append(kept_copy(one.request.body))

    def read_back(self) -> None:
        """Read what Omnisend keeps."""
        if self._control is None:
            return
        for kept in self._control.pages(ROUTE, self._last_number):
            self._last_number = kept["number"]
            copy = kept_copy(kept)
            awaited = self._awaited.get((copy.lineage or {}).get("cause") or "")
            if awaited is None:
                self._find(stray(copy))
            else:
                awaited.copies.append(copy)

    def close(self) -> None:
        """Judge all that wait."""
        self.read_back()
        for each in self._awaited.values():
            self._judge(each.told, self._violations(each))
        self._awaited.clear()

    def _violations(self, awaited: Awaited) -> list[Violation]:
        """What is wrong with the copies of an event."""
        told, copies = awaited.told, awaited.copies
        if told.handover.is_genuine:
            found = self._contracts[told.event.vendor].violations(told.event, copies, ())
        else:
            found = [believed(told, copies)] if copies else []
        return [replace(each, destination=NAME) for each in found]


def stray(copy: ReceivedEvent) -> Finding:
    """That Omnisend got what no event of a vendor, or none any more, led to."""
    found = Finding(Kind.VIOLATION, Place(ROUTE), f"{NAME} {copy.metric}", "one copy of each vendor event", "one more")
    found.examples += [f"{copy.time}  event {copy.unique_id}{lineage_text(copy.lineage)}"]
    return found
