"""Builtin: our own mapping layer as a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import VendorMapping
from simulator.mapping.profile_writes import END_OF_TIME, ProfileWrites, identity
from simulator.mapping.requests import KlaviyoRequest

NO_TIME = timedelta(0)

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

    def first_sync(self, vendor: str, customers: Iterable[Json], at: datetime) -> Iterator[Outgoing]:
        """The bulk imports that a vendor begins with when a shop connects it."""
        for request in self._mappings[vendor].first_sync(customers):
            yield Outgoing(at, vendor, request)

    def take(self, event: VendorEvent) -> Iterator[Outgoing]:
        """The requests that leave when an event happens: profile writes that are due by then, then its own."""
        mapping = self._mappings[event.vendor]
        yield from self._due(event.occurred_at)
        for request in mapping.event_requests(event):
            yield Outgoing(event.occurred_at, event.vendor, request, event)
        write = mapping.profile_write(event)
        if write is not None and mapping.sync is not None:
            self._causes[event.vendor, identity(write.body["data"]["attributes"])] = event
            self._writes[event.vendor].add(write, event.occurred_at + mapping.sync.debounce)
            if not mapping.sync.debounce:
                yield from self._due(event.occurred_at)

    def flush(self) -> Iterator[Outgoing]:
        """Every profile write that still waits."""
        yield from self._due(END_OF_TIME)

    def _due(self, until: datetime) -> Iterator[Outgoing]:
        """The profile writes that leave until a time, of all vendors, in order of time."""
        found = [
            self._write(vendor, request) for vendor, writes in self._writes.items() for request in writes.due(until)
        ]
        yield from sorted(found, key=lambda one: one.at)

    def _write(self, vendor: str, request: KlaviyoRequest) -> Outgoing:
        cause = self._causes.pop((vendor, identity(request.body["data"]["attributes"])))
        sync = self._mappings[vendor].sync
        return Outgoing(cause.occurred_at + (sync.debounce if sync else NO_TIME), vendor, request, cause)
