"""Mapping: what a vendor's events become at Klaviyo, declared event by event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import iso_z
from simulator.mapping.requests import KlaviyoRequest, bulk_import_request, event_request, profile_request

KLAVIYO = "klaviyo"
"""The destination's name."""

Reading: TypeAlias = Callable[[VendorEvent], Any]
"""A function that reads one thing out of a vendor event."""


@dataclass(frozen=True)
class Metric:
    """A vendor event that becomes a Klaviyo event of this metric.

    `profile` overrides the mapping's own; events for which `when` says no are not sent. `syncs` is false when the
    event concerns somebody else than the customer, whose profile is left alone then.
    """

    name: str
    properties: Reading
    profile: Reading | None = None
    unique_id: Reading = lambda event: event.id
    value: Reading = lambda _: None
    value_currency: Reading = lambda _: None
    when: Callable[[VendorEvent], bool] = lambda _: True
    syncs: bool = True


@dataclass(frozen=True)
class Skip:
    """A vendor event that Klaviyo never hears of, and why."""

    reason: str


@dataclass(frozen=True)
class ProfileSync:
    """How a vendor keeps profiles up to date.

    `attributes` turns the vendor's record of a customer into profile attributes, or None when it cannot be synced;
    a write waits `debounce` for further changes; the first sync of a whole shop goes in batches.
    """

    attributes: Callable[[Json], Json | None]
    debounce: timedelta = timedelta(0)
    batch_size: int = 1000


@dataclass(frozen=True)
class VendorMapping:
    """A vendor's whole mapping.

    `profile` gives the identifiers of an event's profile, None when it has none; `destinations` are where the vendor
    sends its events.
    """

    vendor: str
    profile: Callable[[VendorEvent], Json | None]
    events: Mapping[str, Metric | Skip]
    sync: ProfileSync | None = None
    destinations: tuple[str, ...] = (KLAVIYO,)

    def event_requests(self, event: VendorEvent) -> Iterator[KlaviyoRequest]:
        """The request that tells Klaviyo of the event: one, or none when the rules say so."""
        metric = self.events[event.name]
        if isinstance(metric, Skip) or not metric.when(event):
            return
        profile = (metric.profile or self.profile)(event)
        if profile is None:
            return
        yield event_request(
            metric=metric.name,
            profile=profile,
            properties=metric.properties(event),
            time=iso_z(event.occurred_at),
            unique_id=metric.unique_id(event),
            value=metric.value(event),
            value_currency=metric.value_currency(event),
            cause=event.id,
        )

    def profile_write(self, event: VendorEvent) -> KlaviyoRequest | None:
        """The request that brings the customer's profile up to date after the event, if the vendor syncs any."""
        metric = self.events[event.name]
        if self.sync is None or event.customer is None or isinstance(metric, Skip) or not metric.syncs:
            return None
        attributes = self.sync.attributes(event.customer)
        return profile_request(attributes, cause=event.id) if attributes else None

    def first_sync(self, customers: Iterable[Json]) -> Iterator[KlaviyoRequest]:
        """The bulk imports that a newly connected shop begins with."""
        if self.sync is None:
            return
        batch: list[Json] = []
        for attributes in filter(None, map(self.sync.attributes, customers)):
            batch.append(attributes)
            if len(batch) == self.sync.batch_size:
                yield bulk_import_request(batch)
                batch = []
        if batch:
            yield bulk_import_request(batch)
