"""World: what a scenario plays in: its shop, its people, their memberships, the post, and the target under test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from simulator.chance import Chance, chance
from simulator.event import Occasion, VendorEvent
from simulator.population import Person
from simulator.scenario.cast import Cast
from simulator.scenario.disorder import Disorder, Letter, Post
from simulator.scenario.saved import Saved, filled
from simulator.scenario.shaping import Shape, shaped
from simulator.shop import shop
from simulator.targets.builtin import Builtin
from simulator.targets.target import FIRST_SYNC, Happening, Target, farewell, introduction, meanwhile, reaction
from simulator.vendor import Vendor

PERSON = "person."
"""What templates about the person at hand begin with, `{{person.email}}`."""


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
        disorders: Sequence[Disorder] = (),
    ) -> None:
        self.seed = seed
        self.start = start
        self.vendors = vendors
        self.cast = cast
        self.now = start
        self.saved = Saved()
        self.hold: Callable[[datetime], None] = lambda _: None
        unproved = {vendor.name for vendor in vendors.values() if vendor.webhook.sign is None}
        self.post = Post(disorders, self.luck, unproved)
        self.target: Target = target or Builtin({vendor.name: vendor.mapping for vendor in vendors.values()})
        self._name = name
        self._shop = shop(seed)
        self._members: dict[tuple[str, str], Any] = {}

    def luck(self, *key: object) -> Chance:
        """A source of chance of this run, with a key of its own."""
        return chance(self.seed, self._name, *key)

    def member(self, vendor: Vendor, person: Person) -> Any:
        """A person's membership at a vendor; they join when they are first heard of."""
        key = vendor.name, person.key
        if key not in self._members:
            self._members[key] = vendor.join(person, self._shop, self.luck("join", *key), self.now)
        return self._members[key]

    def event(
        self, vendor: Vendor, person: Person, occasion: Occasion, luck: Chance, shape: Shape | None = None
    ) -> VendorEvent:
        """Let an event happen at a vendor."""
        self.now = occasion.at
        member = self.member(vendor, person)
        return shaped(vendor, member, occasion, luck, shape=shape) if shape else vendor.event(member, occasion, luck)

    def tell(self, event: VendorEvent, entry: str = "") -> Iterator[Happening]:
        """Let the target know of an event, as the post delivers it."""
        for letter in self.post.take(event, entry):
            yield self._delivered(letter)

    def due(self, until: datetime) -> Iterator[Happening]:
        """What the post delivers until a time."""
        for letter in self.post.due(until):
            yield self._delivered(letter)

    def release(self, at: datetime) -> Iterator[Happening]:
        """What the target has put off until a time; it leaves before anything else happens then."""
        found = meanwhile(self.target, at)
        if found.outgoing or found.faults:
            yield found

    def connect(self, vendor: Vendor, people: Iterable[Person], at: datetime) -> Happening:
        """Let a shop connect a vendor: the customers it has are imported in bulk."""
        self.now = at
        records = [record for person in people if (record := vendor.record(self.member(vendor, person))) is not None]
        customers = [VendorEvent(vendor.name, FIRST_SYNC, "", at, {}, record) for record in records]
        return introduction(self.target, vendor.name, customers, at)

    def end(self, until: datetime | None = None) -> Iterator[Happening]:
        """What is still delivered, and what the target still does, when everything has happened."""
        for letter in self.post.rest() if until is None else self.post.due(until):
            yield self._delivered(letter)
        yield farewell(self.target)

    def fill(self, value: Any, person: Person | None = None) -> Any:
        """A JSON value with saved values, and those of the person at hand, in place of templates."""

        def find(name: str) -> Any:
            if name.startswith(PERSON) and person is not None:
                return getattr(person, name.removeprefix(PERSON))
            return self.saved.find(name, person.key if person else None)

        return filled(value, find)

    def _delivered(self, letter: Letter) -> Happening:
        return reaction(self.target, letter.event, letter.handover)
