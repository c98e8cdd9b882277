"""Contract: what Klaviyo must have received for each event of a vendor, and what it breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from simulator.contract.checking import EventChecker, ProfileChecker
from simulator.contract.expressions import facts
from simulator.contract.reading import contract_document, event_contracts, profile_contract, swaps
from simulator.contract.received import ReceivedEvent, ReceivedProfile
from simulator.contract.rules import ASSUMED, DOCUMENTED, EventContract, ProfileContract
from simulator.document import Place
from simulator.event import VendorEvent


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that is not as the contract says; one of an assumed field is only a note.

    `destination` is "" for Klaviyo.
    """

    vendor: str
    event: str
    field: str
    expected: str
    got: str
    provenance: str
    destination: str = ""

    @property
    def title(self) -> str:
        """The field, and at which destination unless that is Klaviyo."""
        return f"{self.destination} {self.field}".strip()

    @property
    def is_note(self) -> bool:
        """Whether it breaks only what we assume."""
        return self.provenance == ASSUMED


@dataclass(frozen=True)
class Contract:
    """A vendor's contract: its events by vendor-side name, and its profiles.

    `omnisend` tells what Omnisend gets instead of a property's value, None when the vendor sends it nothing.
    """

    vendor: str
    file: Path
    events: Mapping[str, EventContract]
    profile: ProfileContract | None
    omnisend: Mapping[str, Mapping[str, Any]] | None = None

    @cached_property
    def event_checkers(self) -> Mapping[str, EventChecker]:
        """The checker of each event."""
        return {name: EventChecker(contract) for name, contract in self.events.items()}

    @cached_property
    def profile_checker(self) -> ProfileChecker:
        """The checker of profile writes."""
        return ProfileChecker(self.profile)

    def violations(
        self, event: VendorEvent, events: Sequence[ReceivedEvent], profiles: Sequence[ReceivedProfile]
    ) -> list[Violation]:
        """What is wrong with that which Klaviyo received for an event of the vendor."""
        known = facts(event)
        found = [*self.event_checkers[event.name].breaches(known, events)]
        if profiles:
            found += self.profile_checker.breaches(self.events[event.name], known, profiles)
        return [Violation(self.vendor, event.name, *parts) for parts in found]

    def profile_violations(self, event: VendorEvent, profiles: Sequence[ReceivedProfile]) -> list[Violation]:
        """What is wrong with the profile writes that Klaviyo received for an event of the vendor."""
        found = self.profile_checker.breaches(self.events[event.name], facts(event), profiles)
        return [Violation(self.vendor, event.name, *parts) for parts in found]

    def forgotten_profile(self, event: VendorEvent) -> list[Violation]:
        """What is wrong when no profile write followed an event."""
        found = self.profile_checker.forgotten(self.events[event.name], facts(event))
        return [Violation(self.vendor, event.name, *parts) for parts in found]

    def is_due(self, event: VendorEvent) -> bool:
        """Whether one Klaviyo event must arrive for an event of the vendor."""
        return self.event_checkers[event.name].is_due(facts(event))

    def identity_of(self, profile: ReceivedProfile) -> str:
        """What tells the customer apart whom a profile write seems to be for; see `customer`."""
        return self.profile_checker.identity_of(profile)

    def customer(self, event: VendorEvent) -> str:
        """What tells the customer apart whose profile an event's write is for."""
        return self.profile_checker.identity(facts(event))

    def first_sync(
        self, customers: Iterable[VendorEvent], profiles: Iterable[ReceivedProfile]
    ) -> Iterator[tuple[VendorEvent, Violation]]:
        """What is wrong with the profiles of a first sync; each customer is told as an event named first sync."""
        owed = {self.customer(event): event for event in customers}
        for profile in profiles:
            event = owed.pop(self.profile_checker.identity_of(profile), None)
            if event is None:
                continue
            for parts in self.profile_checker.value_breaches(facts(event), profile):
                yield event, Violation(self.vendor, event.name, *parts)
        for event in owed.values():
            for parts in self.profile_checker.owed(facts(event), DOCUMENTED):
                yield event, Violation(self.vendor, event.name, *parts)

    def event_place(self, name: str) -> Place:
        """Where the contract speaks of an event."""
        return contract_document(self.file).within(("events", name))

    def place(self, violation: Violation) -> Place:
        """Where the contract says what a violation breaks."""
        first, *rest = violation.field.split(".")
        above: tuple[str | int, ...] = ("events", violation.event)
        if first == "profile" and (rest[:1] == ["properties"] or violation.field == "profile write"):
            return contract_document(self.file).within(("profile", "properties", *joined(rest[1:])))
        if first == "properties":
            return contract_document(self.file).within((*above, "properties", *joined(rest)))
        return contract_document(self.file).within((*above, first, *rest))


def joined(steps: Sequence[str]) -> tuple[str, ...]:
    """The steps below a table of properties in a contract."""
    return ("properties", *steps) if steps else ()


@cache
def load(file: Path) -> Contract:
    """The contract in a file."""
    root = contract_document(file)
    return Contract(
        vendor=str(root.value["vendor"].value),
        file=file,
        events=event_contracts(root),
        profile=profile_contract(root.value.get("profile")),
        omnisend=swaps(root.value.get("omnisend")),
    )
