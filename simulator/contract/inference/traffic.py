"""Traffic: what a recording shows of events, of profile writes and of vendors' webhooks, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.contract.inference.observed import Observed
from simulator.contract.rules import MEMBERS
from simulator.json import Json
from simulator.recording.exchange import Exchange

ACCEPTED = 400
"""A status below this one says that Klaviyo took a request."""


@dataclass
class Traffic:
    """What was seen: events by metric, profile writes, webhooks by topic; `refused` requests taught us nothing."""

    events: dict[str, Observed] = field(default_factory=dict)
    profiles: Observed = field(default_factory=Observed)
    webhooks: dict[str, Observed] = field(default_factory=dict)
    refused: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was seen that a contract could speak of."""
        return not (self.events or self.profiles.count or self.webhooks)

    def take(self, exchange: Exchange) -> None:
        """Learn from an exchange."""
        if exchange.status >= ACCEPTED:
            self.refused += 1
        elif exchange.is_for_klaviyo:
            self._take_request(exchange)
        elif exchange.body is not None:
            self.webhooks.setdefault(exchange.topic, Observed()).add(exchange.body)

    def _take_request(self, exchange: Exchange) -> None:
        """Learn from a request to Klaviyo."""
        for resource in resources(exchange.body):
            if resource["type"] == "event":
                name, values = event(resource)
                self.events.setdefault(name, Observed()).add(values)
            else:
                self.profiles.add(attributes(resource))


def traffic(exchanges: Iterable[Exchange]) -> Traffic:
    """What exchanges show."""
    seen = Traffic()
    for exchange in exchanges:
        seen.take(exchange)
    return seen


def resources(value: Any) -> Iterator[Json]:
    """The outermost events and profiles in a body, wherever they stand in it."""
    if isinstance(value, dict):
        if value.get("type") in ("event", "profile") and isinstance(value.get("attributes"), dict):
            yield value
            return
        if value.get("type") == "event-bulk-create":
            yield from bulk_events(value)
            return
        for each in value.values():
            yield from resources(each)
    elif isinstance(value, list):
        for each in value:
            yield from resources(each)


def bulk_events(value: Json) -> Iterator[Json]:
    """The events of one profile in a bulk, each with that profile."""
    profile = attributes(value).get("profile")
    for each in attributes(value)["events"]["data"]:
        yield {"type": "event", "attributes": {**attributes(each), "profile": profile}}


def attributes(value: Any) -> Any:
    """The attributes of a resource object, with or without its envelope."""
    known = value.get("data", value) if isinstance(value, dict) else {}
    return known.get("attributes", {}) if isinstance(known, dict) else {}


def event(resource: Json) -> tuple[str, Json]:
    """The metric of an event, and what a contract speaks of: profile, properties and the members beside them."""
    known = resource["attributes"]
    values: Json = {
        "profile": attributes(known.get("profile")),
        "properties": known.get("properties") or {},
    }
    values |= {name: known[name] for name in MEMBERS if known.get(name) is not None}
    return str(attributes(known.get("metric")).get("name", "")), values
