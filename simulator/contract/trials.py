"""Trials: every event of a vendor on several seeded occasions, from single events and from lives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from simulator.chance import chance
from simulator.event import Occasion, VendorEvent
from simulator.population import people
from simulator.shop import shop
from simulator.vendor import Vendor

START = datetime(2026, 1, 1, tzinfo=UTC)
MEMBERS = 12
"""How many members have each event on its own."""

LIVES = 30
LIFETIME = timedelta(days=365)
FROM_LIVES = 8
"""How many events of a kind are taken from lives."""


def trials(vendor: Vendor, seed: int = 0) -> Iterator[VendorEvent]:
    """Events of each kind: some of members who have just joined, some out of lives."""
    yield from single_events(vendor, seed)
    yield from life_events(vendor, seed)


def single_events(vendor: Vendor, seed: int) -> Iterator[VendorEvent]:
    """Each event on its own, as `vendor-sim emit` makes it; the last member has no e-mail address."""
    where = shop(seed)
    for index, name in enumerate(vendor.events):
        first = 1 + index * MEMBERS
        *most, last = people(f"{vendor.name}-{index}", MEMBERS, seed, first_number=first)
        for person in (*most, replace(last, email="")):
            luck = chance(seed, "trial", vendor.name, name, person.number)
            at = START + timedelta(days=index, minutes=person.number, seconds=luck.randrange(60))
            yield vendor.event(vendor.join(person, where, luck, at), Occasion(at, name), luck)


def life_events(vendor: Vendor, seed: int) -> Iterator[VendorEvent]:
    """A few events of each kind as they come up in lives."""
    where = shop(seed)
    taken: Counter[str] = Counter()
    for person in people(f"{vendor.name}-life", LIVES, seed, first_number=100_000):
        luck = chance(seed, "trial life", vendor.name, person.number)
        member = vendor.join(person, where, luck, START)
        for event in vendor.life(member, START, START + LIFETIME, luck):
            if taken[event.name] < FROM_LIVES:
                taken[event.name] += 1
                yield event
