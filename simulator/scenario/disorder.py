"""Disorder: what goes wrong between a vendor and those who listen: twice, late, lost, shuffled, forged; seeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from heapq import heappop, heappush
from itertools import count
from typing import Any

from simulator.chance import Chance
from simulator.event import VendorEvent
from simulator.targets.target import Handover
from simulator.webhook import Signature

NO_TIME = timedelta(0)
AGAIN_WITHIN = timedelta(minutes=1)
"""How soon a second delivery comes, at most."""

Luck = Callable[..., Chance]


@dataclass(frozen=True)
class Disorder:
    """One fault at the vendors' side.

    `match` is a vendor or `vendor/event`, with `*`; each of `duplicate`, `late`, `lost`, `forged` and `unsigned` is the
    share of events that it meets; everything is delayed by up to `shuffle`.
    """

    name: str
    match: str = "*"
    duplicate: float = 0.0
    shuffle: timedelta = NO_TIME
    late: float = 0.0
    by: timedelta = timedelta(hours=1)
    lost: float = 0.0
    forged: float = 0.0
    unsigned: float = 0.0
    since: datetime | None = None
    until: datetime | None = None

    def meets(self, event: VendorEvent) -> bool:
        """Whether an event may be met."""
        pattern = self.match if "/" in self.match else f"{self.match}/*"
        is_in_time = (self.since is None or self.since <= event.occurred_at) and (
            self.until is None or event.occurred_at < self.until
        )
        return is_in_time and fnmatchcase(f"{event.vendor}/{event.name}", pattern)


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery on its way: the event, when it comes, how it is handed over, and its own key."""

    event: VendorEvent
    at: datetime
    handover: Handover


class Post:
    """Carries events to the target; counts for each disorder how often it was drawn for and how often it hit.

    Nothing is forged of vendors whose webhooks prove nothing: `unproved`.
    """

    def __init__(self, disorders: Sequence[Disorder], luck: Luck, unproved: Collection[str] = ()) -> None:
        self.draws: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self.disorders = disorders
        self._luck = luck
        self._unproved = unproved
        self._waiting: list[tuple[datetime, int, Letter]] = []
        self._numbers = count()

    def take(self, event: VendorEvent, entry: str = "") -> Iterator[Letter]:
        """An event happens: what is delivered at once; the rest waits."""
        letters = [Letter(event, event.occurred_at, Handover(entry=entry))]
        for disorder in self.disorders:
            if disorder.meets(event):
                self.draws[disorder.name] += 1
                letters = [each for letter in letters for each in self._met(disorder, letter)]
        for letter in letters:
            if letter.at <= event.occurred_at:
                yield letter
            else:
                heappush(self._waiting, (letter.at, next(self._numbers), letter))

    def due(self, until: datetime) -> Iterator[Letter]:
        """What is delivered until a time."""
        while self._waiting and self._waiting[0][0] <= until:
            yield heappop(self._waiting)[2]

    def rest(self) -> Iterator[Letter]:
        """Everything that still waits."""
        while self._waiting:
            yield heappop(self._waiting)[2]

    def _met(self, disorder: Disorder, letter: Letter) -> Iterator[Letter]:
        """What becomes of a delivery."""
        if self._strikes(disorder, letter, "lost"):
            return
        delay = disorder.shuffle * self._chance(disorder, letter, "shuffle").random()
        if self._strikes(disorder, letter, "late"):
            delay += disorder.by
        sent = delayed(letter, timedelta(seconds=int(delay.total_seconds())))
        yield sent
        if self._strikes(disorder, letter, "duplicate"):
            soon = AGAIN_WITHIN * self._chance(disorder, letter, "again").random()
            yield again(sent, timedelta(seconds=1 + int(soon.total_seconds())))
        if letter.event.vendor in self._unproved:
            return
        for word, signature in (("forged", Signature.FORGED), ("unsigned", Signature.UNSIGNED)):
            if self._strikes(disorder, letter, word):
                yield foreign(sent, signature)

    def _strikes(self, disorder: Disorder, letter: Letter, word: str) -> bool:
        """Whether a delivery is met; each word draws from a source of its own."""
        share: float = getattr(disorder, word)
        is_hit = self._chance(disorder, letter, word).random() < share
        self.hits[disorder.name] += is_hit
        self.hits[word] += is_hit
        return is_hit

    def _chance(self, disorder: Disorder, letter: Letter, word: str) -> Chance:
        event, handover = letter.event, letter.handover
        return self._luck("disorder", disorder.name, word, event.vendor, event.name, event.id, handover.number)


def delayed(letter: Letter, by: timedelta) -> Letter:
    """A delivery that comes later."""
    if not by:
        return letter
    at = letter.at + by
    return replace(letter, at=at, handover=replace(letter.handover, at=at))


def again(letter: Letter, after: timedelta) -> Letter:
    """The same event, delivered once more."""
    at = letter.at + after
    return replace(letter, at=at, handover=replace(letter.handover, at=at, number=letter.handover.number + 1))


def foreign(letter: Letter, signature: Signature) -> Letter:
    """An event that looks alike and that the vendor never sent."""
    event = replace(letter.event, id=f"{signature}-{letter.event.id}")
    return replace(letter, event=event, handover=replace(letter.handover, signature=signature))


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "at-least-once": {"duplicate": 0.1},
    "shuffled": {"shuffle": timedelta(minutes=2)},
    "late-webhooks": {"late": 0.1, "by": timedelta(hours=6)},
    "lossy": {"lost": 0.02},
    "forged": {"forged": 0.05},
    "unsigned": {"unsigned": 0.05},
}
"""Incidents at the vendors' side by name."""
