"""Timeline: one function per kind of entry; its keyword arguments are the keys that a scenario writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from heapq import merge
from typing import Any, TypeAlias

from simulator.chance import Chance
from simulator.document import DocumentError, Part
from simulator.event import Occasion
from simulator.json import Json
from simulator.population import Person
from simulator.scenario.arguments import Amount, EventName, Share, VendorNames, Who
from simulator.scenario.moments import Moment
from simulator.scenario.overrides import OverrideError
from simulator.scenario.world import World
from simulator.targets.target import Handover, Happening
from simulator.vendor import Vendor

ONCE = Amount(1, 1)
ALWAYS = Share(1.0)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is due; `rank` orders steps of the same time, whatever order the entries stand in."""

    at: datetime
    rank: tuple[int, str, str, int]
    happen: Callable[[], Happening]


@dataclass(frozen=True)
class Stage:
    """What an entry works with: the world, its own time, and a key of its own for chance."""

    world: World
    at: Moment
    key: str
    part: Part

    @property
    def start(self) -> datetime:
        """When the entry begins."""
        return self.at.bounds(self.world.start)[0]

    @property
    def handover(self) -> Handover:
        """How its events are handed to the target: as they happen, for this entry."""
        return Handover(entry=str(self.part.place))

    def luck(self, *key: object) -> Chance:
        """A source of chance that no other entry draws from."""
        return self.world.luck(self.key, *key)

    def time(self, luck: Chance) -> datetime:
        """A time within the entry's window, to the second."""
        earliest, latest = self.at.bounds(self.world.start)
        return earliest + timedelta(seconds=int(luck.random() * (latest - earliest).total_seconds()))


Entry: TypeAlias = Callable[..., Iterator[Step]]
ENTRIES: dict[str, Entry] = {}
"""Every kind of timeline entry by its key."""

NOT_YET = {"journey", "save", "drop", "mutate", "from", "gap", "after", "rate", "stop", "call", "advance"}
"""Keys of the whole language that do not work yet."""


def entry(function: Entry) -> Entry:
    """Register a kind of entry under the function's name."""
    ENTRIES[function.__name__] = function
    return function


def steps_in_order(step: Step) -> tuple[datetime, tuple[int, str, str, int]]:
    """What steps are sorted by."""
    return (step.at, step.rank)


@entry
def send(
    stage: Stage,
    *,
    send: EventName,
    for_: Who | None = None,
    with_: Json | None = None,
    times: Amount = ONCE,
    chance: Share = ALWAYS,
) -> Iterator[Step]:
    """An event of a vendor: `{at: 5m, send: smile/Points Redeemed, for: ana, with: {points_spent: 500}}`."""
    vendor = stage.world.vendors[send.vendor]
    steps = [
        step
        for person in stage.world.cast.customers(for_, vendor.name)
        for step in sendings(stage, vendor, person, send.name, times=times, share=chance, overrides=with_)
    ]
    return iter(sorted(steps, key=steps_in_order))


def sendings(
    stage: Stage, vendor: Vendor, person: Person, event: str, *, times: Amount, share: float, overrides: Json | None
) -> Iterator[Step]:
    """The events of one person that one entry leads to."""
    luck = stage.luck(person.key)
    if luck.random() >= share:
        return
    for number in range(luck.randint(times.least, times.most)):
        occasion = Occasion(stage.time(luck), event)
        luck_of_one = stage.luck(person.key, number)
        happening = stage.world.happening(vendor, person, occasion, luck_of_one, handover=stage.handover)
        happen = partial(told, stage, happening, overrides) if overrides else happening
        yield Step(occasion.at, (person.number, vendor.name, stage.key, number), happen)


def told(stage: Stage, happening: Callable[..., Happening], overrides: Json) -> Happening:
    """A happening with the values that `with` tells; what it cannot take is refused with its place."""
    try:
        return happening(overrides=overrides)
    except OverrideError as error:
        raise DocumentError(stage.part.within(("with", error.path)), str(error)) from error


@entry
def live(stage: Stage, *, live: VendorNames, period: timedelta, for_: Who | None = None) -> Iterator[Step]:
    """Customers' lives at one or more vendors: `{at: 0s, live: smile, for: shoppers, period: 90d}`."""
    vendors = [stage.world.vendors[name] for name in live]
    lives = (
        life(stage, vendor, person, stage.start + period)
        for vendor in vendors
        for person in stage.world.cast.customers(for_, vendor.name)
    )
    return merge(*lives, key=steps_in_order)


def life(stage: Stage, vendor: Vendor, person: Person, end: datetime) -> Iterator[Step]:
    """One customer's life at one vendor; each occasion is found out when the one before has happened."""
    luck = stage.luck("life", vendor.name, person.key)
    member: Any = stage.world.member(vendor, person)
    for number, occasion in enumerate(vendor.live(member, stage.start, end, luck)):
        happen = stage.world.happening(vendor, person, occasion, luck, handover=stage.handover)
        yield Step(occasion.at, (person.number, vendor.name, stage.key, number), happen)


@entry
def connect(stage: Stage, *, connect: VendorNames, for_: Who | None = None) -> Iterator[Step]:
    """A shop connects vendors, which import the customers that they have: `{at: 0s, connect: smile, for: members}`."""
    for number, name in enumerate(connect):
        vendor = stage.world.vendors[name]
        people = stage.world.cast.customers(for_, name)
        happen = partial(stage.world.connect, vendor, people, stage.start)
        yield Step(stage.start, (0, name, stage.key, number), happen)
