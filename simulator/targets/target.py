"""Target: what is under test; takes vendor events, and gives requests or calls Klaviyo itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from simulator.delivery import Delivered
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.profile_writes import END_OF_TIME
from simulator.mapping.requests import KlaviyoRequest
from simulator.verdict import Finding
from simulator.webhook import Signature

FIRST_SYNC = "first sync"
"""What stands in place of an event's name when a shop connects a vendor."""


@dataclass(frozen=True, slots=True)
class Handover:
    """How an event is handed to a target.

    `number` counts the deliveries of one event, `at` is when this one comes (None: when it happened), and `entry` is
    the place of the scenario entry that it is for.
    """

    number: int = 1
    signature: Signature = Signature.VALID
    at: datetime | None = None
    entry: str = ""

    @property
    def is_genuine(self) -> bool:
        """Whether a target may believe it."""
        return self.signature is Signature.VALID


AS_IT_HAPPENS = Handover()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, when it leaves, and the vendor and the event that it speaks for (None: a first sync).

    `entry` is the place of the scenario entry that it is for. `answered` judges the answer of a request that is
    nobody's doing but the scenario's; else it must be accepted.
    """

    at: datetime
    vendor: str
    request: KlaviyoRequest
    event: VendorEvent | None = None
    entry: str = ""
    answered: Callable[[Delivered], Iterable[Finding]] | None = None


class TargetFault(Exception):
    """What a target did wrong by itself: what it should have done, what it did, and where in the user's code.

    `event` and `handover` are those that it is about when that is not the event that was just handed over.
    """

    def __init__(
        self,
        expected: str,
        got: str,
        *,
        place: str = "",
        lines: Sequence[str] = (),
        event: VendorEvent | None = None,
        handover: Handover | None = None,
    ) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.event = event
        self.handover = handover
        self.expected = expected
        self.got = got
        self.place = place
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class Happening:
    """A vendor event, if any, and the requests that left when it happened.

    When a shop connects a vendor there is none; `customers` then has an event named FIRST_SYNC for each customer.
    `faults` are what the target did wrong, `handover` is how it got the event.
    """

    event: VendorEvent | None
    outgoing: Sequence[Outgoing]
    customers: Sequence[VendorEvent] = ()
    faults: Sequence[TargetFault] = ()
    handover: Handover = AS_IT_HAPPENS


class Target(Protocol):
    """What is under test; requests that it gives back are sent on its behalf, none when it calls Klaviyo itself.

    What it does wrong by itself (an exception, a bad answer, no answer) is a `TargetFault` raised on the way.
    """

    @property
    def name(self) -> str:
        """What it is called in reports, as `--target` writes it."""

    @property
    def place(self) -> str:
        """Where the user finds it: file and line as far as that is known."""

    @property
    def is_foreign(self) -> bool:
        """Whether it may call Klaviyo itself, so that what arrived is read from the server."""

    @property
    def destinations(self) -> Sequence[str]:
        """Where it is asked to send the events of vendors that send to several destinations."""

    def first_sync(self, vendor: str, customers: Iterable[Json], at: datetime) -> Iterable[Outgoing]:
        """A shop connects a vendor, which has these customers."""

    def take(self, event: VendorEvent, handover: Handover = AS_IT_HAPPENS) -> Iterable[Outgoing]:
        """An event happens; the requests that leave by then, of this event or of events before."""

    def flush(self, until: datetime = END_OF_TIME) -> Iterable[Outgoing]:
        """Every request that waited until a time; unless one is told, nothing happens any more."""

    def settle(self) -> None:
        """Return when it has done what it was asked for."""

    def close(self) -> None:
        """End it and what it holds."""


def cause_text(event: VendorEvent, handover: Handover = AS_IT_HAPPENS) -> str:
    """What requests come from, in words that tell one event apart from all others; one that is not genuine too."""
    told = f"{event.vendor} {event.name} {event.id}"
    return told if handover.is_genuine else f"{told} {handover.signature}"


def reaction(target: Target, event: VendorEvent, handover: Handover = AS_IT_HAPPENS) -> Happening:
    """An event happens and a target reacts to it."""
    outgoing, faults = gathered(lambda: target.take(event, handover))
    return Happening(event, outgoing, faults=faults, handover=handover)


def introduction(target: Target, vendor: str, customers: Sequence[VendorEvent], at: datetime) -> Happening:
    """A shop connects a vendor; `customers` are events named FIRST_SYNC with the vendor's record of each."""
    records = [one.customer for one in customers if one.customer is not None]
    outgoing, faults = gathered(lambda: target.first_sync(vendor, records, at))
    return Happening(None, outgoing, customers=customers, faults=faults)


def meanwhile(target: Target, until: datetime) -> Happening:
    """Time goes on: what a target had put off until then."""
    outgoing, faults = gathered(lambda: target.flush(until))
    return Happening(None, outgoing, faults=faults)


def farewell(target: Target) -> Happening:
    """Nothing happens any more: what a target still does, when it has done its work."""
    outgoing, faults = gathered(target.flush)
    try:
        target.settle()
    except TargetFault as fault:
        faults = [*faults, fault]
    return Happening(None, outgoing, faults=faults)


def gathered(requests: Callable[[], Iterable[Outgoing]]) -> tuple[list[Outgoing], list[TargetFault]]:
    """The requests of a target, and what it did wrong meanwhile."""
    outgoing: list[Outgoing] = []
    try:
        outgoing.extend(requests())
    except TargetFault as fault:
        return outgoing, [fault]
    return outgoing, []
