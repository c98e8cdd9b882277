"""Timeline: one function per kind of entry; its keyword arguments are the keys that a scenario writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from heapq import merge
from typing import Any, TypeAlias

from simulator.chance import Chance
from simulator.document import DocumentError
from simulator.event import Occasion
from simulator.json import Json
from simulator.population import Person
from simulator.scenario.calls import CallPlan, called
from simulator.scenario.kinds import Include, JsonFile, RawCall, VendorNames, Who
from simulator.scenario.matchers import Matcher
from simulator.scenario.overrides import OverrideError
from simulator.scenario.plans import EntryPlan, Turn
from simulator.scenario.saved import NothingSaved
from simulator.scenario.savings import keep
from simulator.scenario.shaping import Mutation, Shape
from simulator.scenario.words import EventName
from simulator.scenario.world import World
from simulator.targets.target import Happening
from simulator.vendor import Vendor

Rank: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is due, and for whom; `rank` orders steps of the same time: as the entries stand."""

    at: datetime
    rank: Rank
    happen: Callable[[], Iterable[Happening]]
    person: Person | None = None


@dataclass(frozen=True)
class Scope:
    """One person's way through a journey: who, since when, and a key of its own for chance."""

    person: Person
    start: datetime
    key: str
    rank: Rank


@dataclass(frozen=True)
class Stage:
    """What an entry works with: the world, its plan, the entries beside it, and the journey that it is part of."""

    world: World
    plan: EntryPlan
    beside: Sequence[EntryPlan]
    scope: Scope | None = None

    @property
    def key(self) -> str:
        """The entry's key for chance."""
        return f"{self.scope.key}/{self.plan.key}" if self.scope else self.plan.key

    @property
    def entry(self) -> str:
        """Where the entry stands."""
        return str(self.plan.part.place)

    def people(self, who: str | None, vendor: str | None = None) -> list[Person]:
        """Whom the entry is for."""
        if self.scope:
            return [self.scope.person] if self.world.cast.is_customer(self.scope.person, vendor) else []
        return self.world.cast.customers(who, vendor)

    def luck(self, *key: object) -> Chance:
        """A source of chance that no other entry draws from."""
        return self.world.luck(self.key, *key)

    def origin(self, person: Person | None = None) -> datetime | None:
        """What the entry's offsets count from; None when that never happens to the person."""
        if self.plan.after is None:
            return self.scope.start if self.scope else self.world.start
        found = self._times[self.plan.after]
        return found.get(person.key if person else None, found.get(None))

    def start(self, person: Person | None = None) -> datetime | None:
        """When the entry begins."""
        origin = self.origin(person)
        return None if origin is None else self.plan.at.bounds(origin)[0]

    def time(self, luck: Chance, person: Person | None = None) -> datetime | None:
        """A time within the entry's window, to the second."""
        origin = self.origin(person)
        if origin is None:
            return None
        earliest, latest = self.plan.at.bounds(origin)
        return earliest + timedelta(seconds=int(luck.random() * (latest - earliest).total_seconds()))

    def turns(self, people: Sequence[Person | None]) -> Iterator[Turn]:
        """When the entry happens, and to whom."""
        rhythm = self.plan.rhythm
        if rhythm.rate is not None:
            yield from self._paced(people, rhythm.rate)
            return
        for person in people:
            yield from self._turns_of(person)

    def rank(self, person: Person | None, number: int = 0) -> Rank:
        """Where steps of the same time stand."""
        above = self.scope.rank if self.scope else ()
        return (*above, self.plan.number, person.number if person else 0, number)

    def say(self, at: datetime, person: Person | None) -> None:
        """Save when the entry happened, `{{id.at}}`."""
        if self.plan.id:
            self.world.saved.put(f"{self.plan.id}.at", at.isoformat(), person.key if person else None)

    @cached_property
    def _times(self) -> dict[str, dict[str | None, datetime]]:
        return {plan.id: last_times(replace(self, plan=plan)) for plan in self.beside if plan.id == self.plan.after}

    def _turns_of(self, person: Person | None) -> Iterator[Turn]:
        """One person's turns."""
        rhythm, luck = self.plan.rhythm, self.luck(person.key if person else "")
        if luck.random() >= rhythm.chance:
            return
        at: datetime | None = None
        for number in range(luck.randint(rhythm.times.least, rhythm.times.most)):
            if rhythm.gap is None or at is None:
                at = self.time(luck, person)
            else:
                at += rhythm.gap.draw(luck, self.plan.typical_gap)
            if at is None:
                return
            yield Turn(person, number, at)

    def _paced(self, people: Sequence[Person | None], apart: timedelta) -> Iterator[Turn]:
        """Turns at a steady rate: as long as the window, whoever chance chooses; without one, everybody in turn."""
        origin = self.origin()
        if origin is None or not people:
            return
        earliest, latest = self.plan.at.bounds(origin)
        if latest > earliest:
            chosen: Iterable[Person | None] = (
                self.luck("rate", number).choice(people) for number in range(int((latest - earliest) / apart))
            )
        else:
            chosen = (person for _ in range(self.plan.rhythm.times.most) for person in people)
        for number, person in enumerate(chosen):
            yield Turn(person, number, earliest + apart * number)


def last_times(stage: Stage) -> dict[str | None, datetime]:
    """When an entry has happened to each person for the last time; None stands for everybody."""
    period: timedelta | None = stage.plan.arguments.get("period")
    if period is not None:
        begin = stage.start()
        return {} if begin is None else {None: begin + period}
    found: dict[str | None, datetime] = {}
    for step in stage.plan.steps(stage):
        found[step.person.key if step.person else None] = step.at
    if len(found) == 1 and stage.scope is None and stage.plan.is_of_one(stage.world.cast):
        found[None] = next(iter(found.values()))
    return found


Entry: TypeAlias = Callable[..., Iterator[Step]]
ENTRIES: dict[str, Entry] = {}
"""Every kind of timeline entry by its key."""

LAST = 10**9
"""The rank of what comes after everything else of its time."""

REPEATED = ("send", "journey", "call")
"""Kinds of entries that may happen by chance and several times."""


def entry(function: Entry) -> Entry:
    """Register a kind of entry under the function's name."""
    ENTRIES[function.__name__] = function
    return function


def steps_in_order(step: Step) -> tuple[datetime, Rank]:
    """What steps are sorted by."""
    return (step.at, step.rank)


@entry
def send(  # every argument is a key of the language
    stage: Stage,
    *,
    send: EventName,
    for_: Who | None = None,
    with_: Json | None = None,
    drop: list[str] | None = None,
    mutate: Mutation | None = None,
    from_: JsonFile | None = None,
    save: dict[str, str] | None = None,
) -> Iterator[Step]:
    """An event of a vendor: `{at: 5m, send: smile/Points Redeemed, for: ana, with: {points_spent: 500}}`."""
    vendor = stage.world.vendors[send.vendor]
    shape = Shape(with_ or {}, tuple(drop or ()), mutate, from_)
    steps = [
        Step(
            turn.at,
            stage.rank(turn.person, turn.number),
            partial(sent, stage, turn, (vendor, send.name), shape=shape, save=save or {}),
            turn.person,
        )
        for turn in stage.turns(stage.people(for_, vendor.name))
    ]
    return iter(sorted(steps, key=steps_in_order))


def sent(
    stage: Stage, turn: Turn, named: tuple[Vendor, str], *, shape: Shape, save: dict[str, str]
) -> Iterator[Happening]:
    """Let an event happen; what it cannot take is refused with its place."""
    vendor, name = named
    world, person = stage.world, turn.somebody
    luck = stage.luck(person.key, turn.number)
    try:
        told = replace(shape, overrides=world.fill(shape.overrides, person))
        event = world.event(vendor, person, Occasion(turn.at, name), luck, told)
    except OverrideError as error:
        raise DocumentError(stage.plan.part.within(("with", error.path)), str(error)) from error
    except NothingSaved as error:
        raise DocumentError(stage.plan.part.place, str(error)) from error
    stage.say(turn.at, person)
    keep(world.saved, save, event, stage.plan.part.place, person)
    return world.tell(event, stage.entry)


@entry
def live(stage: Stage, *, live: VendorNames, period: timedelta, for_: Who | None = None) -> Iterator[Step]:
    """Customers' lives at one or more vendors: `{at: 0s, live: smile, for: shoppers, period: 90d}`."""
    vendors = [stage.world.vendors[name] for name in live]
    lives = (life(stage, vendor, person, period) for vendor in vendors for person in stage.people(for_, vendor.name))
    return merge(*lives, key=steps_in_order)


def life(stage: Stage, vendor: Vendor, person: Person, period: timedelta) -> Iterator[Step]:
    """One customer's life at one vendor; each occasion is found out when the one before has happened."""
    start = stage.start(person)
    if start is None:
        return
    luck = stage.luck("life", vendor.name, person.key)
    member: Any = stage.world.member(vendor, person)
    place = list(stage.world.vendors).index(vendor.name)
    for number, occasion in enumerate(vendor.live(member, start, start + period, luck)):
        happen = partial(lived, stage, vendor, person, occasion=occasion, luck=luck)
        yield Step(occasion.at, (*stage.rank(person, place), number), happen, person)


def lived(stage: Stage, vendor: Vendor, person: Person, *, occasion: Occasion, luck: Chance) -> Iterator[Happening]:
    """Let an event of a life happen."""
    return stage.world.tell(stage.world.event(vendor, person, occasion, luck), stage.entry)


@entry
def connect(stage: Stage, *, connect: VendorNames, for_: Who | None = None) -> Iterator[Step]:
    """A shop connects vendors, which import the customers that they have: `{at: 0s, connect: smile, for: members}`."""
    at = stage.start()
    if at is None:
        return
    for number, name in enumerate(connect):
        happen = partial(connected, stage, stage.world.vendors[name], for_, at=at)
        yield Step(at, stage.rank(None, number), happen)


def connected(stage: Stage, vendor: Vendor, who: str | None, *, at: datetime) -> Iterator[Happening]:
    """Let a shop connect a vendor."""
    yield from stage.world.release(at)
    stage.say(at, None)
    yield stage.world.connect(vendor, stage.people(who, vendor.name), at)


@entry
def journey(stage: Stage, *, journey: Include, for_: Who | None = None) -> Iterator[Step]:
    """Entries of a file, for each person from a time of their own: `{at: 2d, journey: redeem.yaml, for: shoppers}`."""
    del journey
    return merge(*(way(stage, turn) for turn in stage.turns(stage.people(for_))), key=steps_in_order)


def way(stage: Stage, turn: Turn) -> Iterator[Step]:
    """One person's way through a journey."""
    plans, person = stage.plan.inner, turn.somebody
    key = f"{stage.key} {person.key} {turn.number}"
    scope = Scope(person, turn.at, key, (stage.plan.number, person.number))
    stage.say(turn.at, person)
    return merge(*(plan.steps(Stage(stage.world, plan, plans, scope)) for plan in plans), key=steps_in_order)


@entry
def call(
    stage: Stage,
    *,
    call: RawCall,
    body: Json | None = None,
    for_: Who | None = None,
    expect_status: Matcher | None = None,
    save: dict[str, str] | None = None,
) -> Iterator[Step]:
    """A call of Klaviyo's API as it stands: `{at: 1h, call: POST /api/events, body: {…}, expect_status: 400}`."""
    plan = CallPlan(*call, body or {}, expect_status, save or {})
    people: list[Person | None] = list(stage.people(for_)) if for_ or stage.scope else [None]
    steps = [
        Step(turn.at, stage.rank(turn.person, turn.number), partial(calling, stage, plan, turn), turn.person)
        for turn in stage.turns(people)
    ]
    return iter(sorted(steps, key=steps_in_order))


def calling(stage: Stage, plan: CallPlan, turn: Turn) -> Iterator[Happening]:
    """Make a call."""
    yield from stage.world.release(turn.at)
    stage.say(turn.at, turn.person)
    yield called(stage.world, plan, turn, stage.plan.part)


@entry
def advance(stage: Stage, *, advance: timedelta) -> Iterator[Step]:
    """Nothing happens for a while, only Klaviyo's clock goes on: `{at: 5d, advance: 2d}` brings it to day seven."""
    at = stage.start()
    if at is not None:
        yield Step(at + advance, stage.rank(None), partial(hold, stage, at + advance))


@entry
def stop(stage: Stage, *, stop: bool) -> Iterator[Step]:
    """The end: what is due later does not happen, and Klaviyo's clock stands then: `{at: 5d, stop: true}`."""
    at = stage.start()
    if at is not None and stop:
        yield Step(at, (LAST, *stage.rank(None)), partial(hold, stage, at))


def hold(stage: Stage, at: datetime) -> Iterator[Happening]:
    """Bring Klaviyo's clock to a time; whatever is due there by then happens."""
    yield from stage.world.due(at)
    yield from stage.world.release(at)
    stage.say(at, None)
    stage.world.hold(at)
