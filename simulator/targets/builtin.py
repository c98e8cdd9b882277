"""Builtin: our own mapping layer as a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import VendorMapping
from simulator.mapping.profile_writes import END_OF_TIME, ProfileWrites, identity
from simulator.mapping.requests import KlaviyoRequest

FIRST_SYNC = "first sync"
"""What stands in place of an event's name when a shop connects a vendor."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, when it leaves, and the vendor and the event that it speaks for (None: a first sync)."""

    at: datetime
    vendor: str
    request: KlaviyoRequest
    event: VendorEvent | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """A vendor event, if any, and the requests that left when it happened.

    When a shop connects a vendor there is none; `customers` then has an event named FIRST_SYNC for each customer.
    """

    event: VendorEvent | None
    outgoing: Sequence[Outgoing]
    customers: Sequence[VendorEvent] = ()


class Builtin:
    """Turns the events of vendors into requests; profile writes wait for further changes as each vendor's do."""

    def __init__(self, mappings: Mapping[str, VendorMapping]) -> None:
        self._mappings = mappings
        self._writes = {vendor: ProfileWrites() for vendor in mappings}
        self._causes: dict[tuple[str, str], VendorEvent] = {}
        self._now = END_OF_TIME

    def first_sync(self, vendor: str, customers: Iterable[Json], at: datetime) -> Iterator[Outgoing]:
        """The bulk imports that a vendor begins with when a shop connects it."""
        for request in self._mappings[vendor].first_sync(customers):
            yield Outgoing(at, vendor, request)

    def take(self, event: VendorEvent) -> Iterator[Outgoing]:
        """The requests that leave when an event happens: profile writes that are due by then, then its own."""
        mapping = self._mappings[event.vendor]
        self._now = event.occurred_at
        yield from self._due(self._now)
        for request in mapping.event_requests(event):
            yield Outgoing(event.occurred_at, event.vendor, request, event)
        write = mapping.profile_write(event)
        if write is not None and mapping.sync is not None:
            self._causes[event.vendor, identity(write.body["data"]["attributes"])] = event
            self._writes[event.vendor].add(write, event.occurred_at + mapping.sync.debounce)
            if not mapping.sync.debounce:
                yield from self._due(self._now)

    def flush(self) -> Iterator[Outgoing]:
        """Every profile write that still waits."""
        yield from self._due(END_OF_TIME)

    def _due(self, until: datetime) -> Iterator[Outgoing]:
        for vendor, writes in self._writes.items():
            for request in writes.due(until):
                cause = self._causes.pop((vendor, identity(request.body["data"]["attributes"])))
                yield Outgoing(self._now, vendor, request, cause)
