"""Lives and events of any vendor, what of them reaches Klaviyo, and what its contract says to that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from simulator.chance import chance
from simulator.contract.contract import Contract, Violation, load
from simulator.contract.received import ReceivedEvent, ReceivedProfile, received
from simulator.event import Occasion, VendorEvent
from simulator.json import Json
from simulator.population import Person, people, person
from simulator.shop import Shop, shop
from simulator.vendor import Vendor
from simulator.vendors import vendors

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=365)
ABROAD = {"trifft": "EUR"}
"""Vendors whose shop is not in the United States, and its currency."""


def home(vendor: Vendor) -> Shop:
    """The shop that the vendor's members are customers of."""
    return shop(0, currency=ABROAD.get(vendor.name, "USD"))


def joined(vendor: Vendor, someone: Person, seed: int = 0) -> Any:
    """A person as a member."""
    return vendor.join(someone, home(vendor), chance(seed, "join", someone.key), START)


def alone(vendor: Vendor, name: str, seed: int) -> VendorEvent:
    """An event of a new member, with nothing before it."""
    member = joined(vendor, person("ana", 1, chance(seed, "ana")), seed)
    return vendor.event(member, Occasion(START, name), chance(seed, name))


def life(vendor: Vendor, someone: Person, seed: int = 0) -> Iterator[VendorEvent]:
    """A person's first year as a member."""
    return vendor.life(joined(vendor, someone, seed), START, END, chance(seed, "life", someone.key))


@cache
def lives_of(name: str, count: int, seed: int) -> list[list[VendorEvent]]:
    vendor = vendors()[name]
    return [list(life(vendor, someone, seed)) for someone in people("crowd", count, seed)]


def lives(vendor: Vendor, count: int = 50, seed: int = 0) -> list[list[VendorEvent]]:
    """The first years of a crowd, made once for all tests."""
    return lives_of(vendor.name, count, seed)


def every(vendor: Vendor, *names: str) -> list[VendorEvent]:
    """The events of these names in the crowd's lives."""
    return [event for one in lives(vendor) for event in one if event.name in names]


def names(one: list[VendorEvent]) -> list[str]:
    """The names of some events."""
    return [event.name for event in one]


def with_payload(event: VendorEvent, **changes: Any) -> VendorEvent:
    """The event with other values in its payload."""
    return replace(event, payload=event.payload | changes)


def contract(event: VendorEvent) -> Contract:
    """The contract that judges an event."""
    return load(vendors()[event.vendor].folder / "contract.yaml")


def all_sent(event: VendorEvent) -> list[ReceivedEvent]:
    """The events at Klaviyo that an event becomes."""
    requests = vendors()[event.vendor].mapping.event_requests(event)
    return [found for request in requests if isinstance(found := received(request), ReceivedEvent)]


def sent(event: VendorEvent) -> ReceivedEvent:
    """The one event at Klaviyo that an event becomes."""
    (only,) = all_sent(event)
    return only


def all_written(event: VendorEvent) -> list[ReceivedProfile]:
    """The writes to the customer's profile that follow an event."""
    request = vendors()[event.vendor].mapping.profile_write(event)
    return [] if request is None else [ReceivedProfile(request.body["data"]["attributes"])]


def written(event: VendorEvent) -> Json:
    """The attributes of the one profile write that follows an event."""
    (only,) = all_written(event)
    return only.attributes


def violations(event: VendorEvent) -> list[Violation]:
    """What our own mapping does wrong with an event."""
    return contract(event).violations(event, all_sent(event), all_written(event))


def event_breaches(event: VendorEvent, *arrived: ReceivedEvent) -> list[Violation]:
    """What is wrong when these events reach Klaviyo instead of the right one."""
    return contract(event).violations(event, arrived, [])


def profile_breaches(event: VendorEvent, **attributes: Any) -> list[Violation]:
    """What is wrong when the right event arrives, but attributes of its profile are changed."""
    return contract(event).violations(event, [sent(event)], [ReceivedProfile(written(event) | attributes)])


def is_caught(found: Iterable[Violation]) -> bool:
    """Whether something documented is broken."""
    return any(not one.is_note for one in found)


def another(value: Any) -> str:
    """Text that somebody else's value could be."""
    text = str(value)
    return text[::-1] if text[::-1] != text else f"{text}x"


def property_mutants(event: ReceivedEvent) -> Iterator[tuple[str, ReceivedEvent]]:
    """Mistakes of a mapping in the properties."""
    for name, value in event.properties.items():
        others = {key: kept for key, kept in event.properties.items() if key != name}
        yield f"without {name}", replace(event, properties=others)
        yield f"{name} renamed", replace(event, properties=others | {f"{name}_x": value})
        yield f"{name} of another type", replace(event, properties=others | {name: [value]})
        yield f"{name} of somebody else", replace(event, properties=others | {name: another(value)})


def survivors(event: VendorEvent, mutants: Iterable[tuple[str, ReceivedEvent]]) -> set[str]:
    """The mistakes that break nothing documented."""
    return {mutant for mutant, wrong in mutants if not is_caught(event_breaches(event, wrong))}
