"""Foreign: targets of others; a receiver gets each event with its webhook, tried again as the vendor tries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.profile_writes import END_OF_TIME
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.surroundings import Surroundings
from simulator.targets.target import AS_IT_HAPPENS, FIRST_SYNC, Handover, Outgoing, TargetFault, cause_text
from simulator.webhook import Webhook, webhook


class Refused(TargetFault):
    """A webhook that was not taken; the vendor tries again."""


class Receiver(Protocol):
    """What gets the events: a function, a service or a program of the user."""

    @property
    def name(self) -> str:
        """What it is called, as `--target` writes it."""

    @property
    def place(self) -> str:
        """Where the user finds it: file and line as far as that is known."""

    def receive(self, event: VendorEvent, sent: Webhook, handover: Handover) -> Iterable[KlaviyoRequest]:
        """Let it have an event; gives the requests that it wants sent on its behalf.

        Raises a `TargetFault` for what it did wrong, `Refused` when the vendor would try again.
        """

    def close(self) -> None:
        """End it and what it holds."""


@dataclass(order=True)
class Delivery:
    """A webhook that is due: when, which in order of its making, and how often it was tried."""

    due: datetime
    rank: int
    event: VendorEvent = field(compare=False)
    handover: Handover = field(compare=False)
    tries: int = field(default=0, compare=False)


class Foreign:
    """Hands every event to a receiver, tells the mock whose doing it is, and delivers again what was refused."""

    is_foreign = True

    def __init__(self, receiver: Receiver, surroundings: Surroundings) -> None:
        self.name = receiver.name
        self.place = receiver.place
        self.destinations = surroundings.destinations
        self._receiver = receiver
        self._surroundings = surroundings
        self._due: list[Delivery] = []
        self._ranks = count()

    def first_sync(self, vendor: str, customers: Iterable[Json], at: datetime) -> Iterator[Outgoing]:
        """A shop connects a vendor: one event named FIRST_SYNC with the records of all its customers."""
        payload = {"customers": list(customers)}
        for one in self.take(VendorEvent(vendor, FIRST_SYNC, f"{vendor}-{FIRST_SYNC}", at, payload)):
            yield replace(one, event=None)

    def take(self, event: VendorEvent, handover: Handover = AS_IT_HAPPENS) -> Iterator[Outgoing]:
        """An event comes; what was refused before and is due again by then comes first."""
        heappush(self._due, Delivery(handover.at or event.occurred_at, next(self._ranks), event, handover))
        return self._until(handover.at or event.occurred_at)

    def flush(self, until: datetime = END_OF_TIME) -> Iterator[Outgoing]:
        """Deliver all that was refused and comes again until a time, or until it is taken or given up."""
        return self._until(until)

    def settle(self) -> None:
        """Nothing to wait for: a receiver has answered when `take` is through; later work is waited for by metric."""

    def close(self) -> None:
        """End the receiver; what comes later is nobody's doing."""
        self._receiver.close()
        if self._surroundings.control is not None:
            self._surroundings.control.end_lineage()

    def _until(self, time: datetime) -> Iterator[Outgoing]:
        while self._due and self._due[0].due <= time:
            yield from self._deliver(heappop(self._due))

    def _deliver(self, one: Delivery) -> Iterator[Outgoing]:
        event, vendor = one.event, self._surroundings.vendors[one.event.vendor]
        self._announce(one)
        secret = self._surroundings.secret(event.vendor)
        sent = webhook(vendor.webhook, event, secret=secret, signature=one.handover.signature)
        try:
            for request in self._receiver.receive(event, sent, one.handover):
                yield Outgoing(one.due, event.vendor, request, event, one.handover.entry)
        except Refused as fault:
            self._try_again(one, fault)

    def _announce(self, one: Delivery) -> None:
        """Hold the mock's clock at the time of a delivery, and tell it where the requests to come are from."""
        control = self._surroundings.control
        if control is not None:
            control.hold(max(one.due, control.now()))
            control.tell_lineage(cause_text(one.event, one.handover), self.name, one.handover.entry)

    def _try_again(self, one: Delivery, fault: Refused) -> None:
        """Let a webhook that was refused come again later, or tell that it was given up."""
        waits = list(self._surroundings.vendors[one.event.vendor].webhook.retry.waits())
        if one.tries >= len(waits):
            times = f"{fault.got}, {one.tries + 1} times" if one.tries else fault.got
            raise TargetFault(
                fault.expected, times, place=fault.place, lines=fault.lines, event=one.event, handover=one.handover
            )
        due = one.due + waits[one.tries]
        heappush(self._due, Delivery(due, next(self._ranks), one.event, one.handover, one.tries + 1))
