"""Builtin: our own mapping layer as a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import KLAVIYO, VendorMapping
from simulator.mapping.omnisend import OMNISEND, omnisend_request
from simulator.mapping.profile_writes import END_OF_TIME, ProfileWrites, identity
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.target import AS_IT_HAPPENS, Handover, Outgoing, TargetFault

NO_TIME = timedelta(0)


class Builtin:
    """Turns the events of vendors into requests; profile writes wait for further changes as each vendor's do."""

    name = place = "builtin"
    is_foreign = False

    def __init__(self, mappings: Mapping[str, VendorMapping], destinations: Sequence[str] = (KLAVIYO,)) -> None:
        self._mappings = mappings
        self.destinations = destinations
        self._writes = {vendor: ProfileWrites() for vendor in mappings}
        self._causes: dict[tuple[str, str], tuple[VendorEvent, datetime, str]] = {}

    def first_sync(self, vendor: str, customers: Iterable[Json], at: datetime) -> Iterator[Outgoing]:
        """The bulk imports that a vendor begins with when a shop connects it."""
        for request in self._mappings[vendor].first_sync(customers):
            yield Outgoing(at, vendor, request)

    def take(self, event: VendorEvent, handover: Handover = AS_IT_HAPPENS) -> Iterator[Outgoing]:
        """The requests that leave when an event comes: profile writes that are due by then, then its own.

        What is not signed by the vendor is not believed.
        """
        at = handover.at or event.occurred_at
        mapping = self._mappings[event.vendor]
        yield from self._due(at)
        if not handover.is_genuine:
            return
        try:
            requests, write = list(self._requests(event)), mapping.profile_write(event)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise TargetFault("requests, or none", f"{type(error).__name__}: {error}") from error
        for request in requests:
            yield Outgoing(at, event.vendor, request, event, handover.entry)
        if write is not None and mapping.sync is not None:
            self._causes[event.vendor, identity(write.body["data"]["attributes"])] = event, at, handover.entry
            self._writes[event.vendor].add(write, at + mapping.sync.debounce)
            if not mapping.sync.debounce:
                yield from self._due(at)

    def _requests(self, event: VendorEvent) -> Iterator[KlaviyoRequest]:
        """What each destination is told of an event."""
        mapping = self._mappings[event.vendor]
        yield from mapping.event_requests(event)
        copy = omnisend_request(event, mapping) if OMNISEND in self.destinations else None
        if copy is not None:
            yield copy

    def flush(self, until: datetime = END_OF_TIME) -> Iterator[Outgoing]:
        """Every profile write that waits until a time."""
        yield from self._due(until)

    def settle(self) -> None:
        """Nothing to wait for: it works at once."""

    def close(self) -> None:
        """Nothing to end: it holds nothing."""

    def _due(self, until: datetime) -> Iterator[Outgoing]:
        """The profile writes that leave until a time, of all vendors, in order of time."""
        found = [
            self._write(vendor, request) for vendor, writes in self._writes.items() for request in writes.due(until)
        ]
        yield from sorted(found, key=lambda one: one.at)

    def _write(self, vendor: str, request: KlaviyoRequest) -> Outgoing:
        cause, at, entry = self._causes.pop((vendor, identity(request.body["data"]["attributes"])))
        sync = self._mappings[vendor].sync
        return Outgoing(at + (sync.debounce if sync else NO_TIME), vendor, request, cause, entry)
