"""World: what a scenario plays in: its shop, its people, their memberships, and the target under test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from simulator.chance import Chance, chance
from simulator.event import Occasion, VendorEvent
from simulator.json import Json
from simulator.population import Person
from simulator.scenario.cast import Cast
from simulator.scenario.overrides import overridden
from simulator.shop import shop
from simulator.targets.builtin import Builtin
from simulator.targets.target import (
    AS_IT_HAPPENS,
    FIRST_SYNC,
    Handover,
    Happening,
    Target,
    farewell,
    introduction,
    reaction,
)
from simulator.vendor import Vendor


class World:
    """One run's own world; everything in it follows from name, seed and start."""

    def __init__(
        self,
        name: str,
        seed: int,
        start: datetime,
        *,
        vendors: Mapping[str, Vendor],
        cast: Cast,
        target: Target | None = None,
    ) -> None:
        self.seed = seed
        self.start = start
        self.vendors = vendors
        self.cast = cast
        self.now = start
        self._name = name
        self._shop = shop(seed)
        self._members: dict[tuple[str, str], Any] = {}
        self._target = target or Builtin({vendor.name: vendor.mapping for vendor in vendors.values()})

    def luck(self, *key: object) -> Chance:
        """A source of chance of this run, with a key of its own."""
        return chance(self.seed, self._name, *key)

    def member(self, vendor: Vendor, person: Person) -> Any:
        """A person's membership at a vendor; they join when they are first heard of."""
        key = vendor.name, person.key
        if key not in self._members:
            self._members[key] = vendor.join(person, self._shop, self.luck("join", *key), self.now)
        return self._members[key]

    def happening(
        self, vendor: Vendor, person: Person, occasion: Occasion, luck: Chance, *, handover: Handover = AS_IT_HAPPENS
    ) -> Callable[..., Happening]:
        """A function that lets an event happen and the target react to it; it takes `overrides`."""
        return partial(self._happen, vendor, person, occasion, luck, handover=handover)

    def _happen(  # one event in all its circumstances
        self,
        vendor: Vendor,
        person: Person,
        occasion: Occasion,
        luck: Chance,
        *,
        handover: Handover,
        overrides: Json | None = None,
    ) -> Happening:
        self.now = occasion.at
        member = self.member(vendor, person)
        if overrides:
            event = overridden(vendor, member, occasion, luck, overrides=overrides)
        else:
            event = vendor.event(member, occasion, luck)
        return reaction(self._target, event, handover)

    def connect(self, vendor: Vendor, people: Iterable[Person], at: datetime) -> Happening:
        """Let a shop connect a vendor: the customers it has are imported in bulk."""
        self.now = at
        records = [record for person in people if (record := vendor.record(self.member(vendor, person))) is not None]
        customers = [VendorEvent(vendor.name, FIRST_SYNC, "", at, {}, record) for record in records]
        return introduction(self._target, vendor.name, customers, at)

    def end(self) -> Happening:
        """What the target still does when everything has happened."""
        return farewell(self._target)
