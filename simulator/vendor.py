"""Vendor: what a vendor's folder declares, and how its events come about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.chance import Chance
from simulator.event import Occasion, VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import Metric, Skip, VendorMapping
from simulator.population import Person
from simulator.shop import Shop
from simulator.webhook import STANDARD, WebhookForm


@dataclass(frozen=True)
class EventKind:
    """One row of a vendor's event list.

    `payload` makes the vendor's raw body for a member on an occasion and changes the member's state accordingly;
    `when` says in words when the vendor fires it; `provenance` is documented or assumed.
    """

    name: str
    when: str
    provenance: str
    payload: Callable[[Any, Occasion, Chance], Json]


@dataclass(frozen=True)
class Vendor:
    """A vendor: its events, its customers' lives, its mapping and its contract.

    `join` makes a person a member (the vendor's own state of them), `live` tells what happens to a member between
    two times, `record` is the member as the vendor's API tells it (None: it knows no such customer), `event_id`
    finds or makes the id that stays the same on every retry, and `webhook` is how it posts events to others.
    """

    name: str
    title: str
    folder: Path
    events: Mapping[str, EventKind]
    mapping: VendorMapping
    join: Callable[[Person, Shop, Chance, datetime], Any]
    live: Callable[[Any, datetime, datetime, Chance], Iterator[Occasion]]
    record: Callable[[Any], Json | None]
    event_id: Callable[[Json, Chance], str]
    webhook: WebhookForm = STANDARD

    def event(self, member: Any, occasion: Occasion, luck: Chance) -> VendorEvent:
        """The event that the vendor tells of on an occasion; the member's state moves on."""
        payload = self.events[occasion.name].payload(member, occasion, luck)
        return VendorEvent(
            self.name, occasion.name, self.event_id(payload, luck), occasion.at, payload, self.record(member)
        )

    def life(self, member: Any, start: datetime, end: datetime, luck: Chance) -> Iterator[VendorEvent]:
        """A member's events between two times, in order; each is made when the one before has been taken."""
        for occasion in self.live(member, start, end, luck):
            yield self.event(member, occasion, luck)

    def metric(self, name: str) -> str | None:
        """The Klaviyo metric of an event, None when it is not mapped."""
        mapped = self.mapping.events[name]
        return mapped.name if isinstance(mapped, Metric) else None

    def skip_reason(self, name: str) -> str | None:
        """Why an event is not mapped, None when it is."""
        mapped = self.mapping.events[name]
        return mapped.reason if isinstance(mapped, Skip) else None

    def named(self, name: str) -> str | None:
        """The vendor-side name of the event that has this name or becomes this metric."""
        if name in self.events:
            return name
        return next((event for event in self.events if self.metric(event) == name), None)
