"""Intake: events that were accepted wait here until they are processed, in order and in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

from mock_klaviyo.ids import event_uuid
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers, webhook_deliveries
from mock_klaviyo.resources.events import is_for_placeholder, stored_properties
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.merging import united
from mock_klaviyo.resources.metrics import known_properties, learn_properties, metric_row
from mock_klaviyo.store.rows import Row

if TYPE_CHECKING:
    from mock_klaviyo.resources.world import World

BATCH = 1000
"""How many events are processed in one transaction; also how many may wait before somebody must work."""

DROPPED = "dropped-event"
"""The type under which events are kept that were accepted and then dropped."""

Lot: TypeAlias = tuple[int, list[Json]]
"""Events that were accepted together, and the number of the first."""

Key: TypeAlias = tuple[str, str, str]
"""What makes an event the same as another: its metric's id, its profile's id, its unique_id."""


class Intake:
    """The events that wait."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._next = max(world.store.last_number("event", DROPPED), world.store.last_taken_in()) + 1
        self._waiting = world.store.intake_size()
        self._metrics = MetricsSeen(world)

    def remember(self) -> int:
        """The number of the event that comes next."""
        return self._next

    def recall(self, state: int) -> None:
        """Number on from there."""
        self._next = state

    def take(self, events: list[Json]) -> None:
        """Keep accepted events; they are safe once the transaction ends."""
        if events:
            first, *others = events
            received = {"received": self._world.now.isoformat()} if self._world.processing_delay else {}
            self._world.store.take_in(self._next, [first | received, *others])
        self._next += len(events)
        self._waiting += len(events)

    @property
    def is_full(self) -> bool:
        """Whether enough wait to make a batch."""
        return self._waiting >= BATCH

    def catch_up(self) -> None:
        """Process all that waits and has waited long enough, a transaction a batch."""
        while self._waiting:
            try:
                processed = self._process_batch()
            except BaseException:
                self._metrics = MetricsSeen(self._world)  # the transaction has undone what it learned
                raise
            if not processed:
                return
            self._waiting -= processed

    def _process_batch(self) -> int:
        """Process the oldest events; gives how many."""
        store = self._world.store
        with store.transaction():
            lots = list(takewhile(self._is_due, store.taken_in(BATCH)))
            for part in one_by_one(lots) if store.history else [lots] if lots else []:
                Processing(self._world, self._metrics).process(part)
                if store.history:
                    store.history.mark(part[0][0], self._world.now)
            if lots:
                store.forget_intake(lots[-1][0])
        return sum(len(events) for _, events in lots)

    def _is_due(self, lot: Lot) -> bool:
        """Whether a lot has waited as long as the world lets accepted events wait."""
        received = lot[1][0].get("received")
        return not received or datetime.fromisoformat(received) + self._world.processing_delay <= self._world.now


def one_by_one(lots: list[Lot]) -> Iterator[list[Lot]]:
    """Lots of one event each, so that there is a state after each event."""
    for first, events in lots:
        yield from ([(first + index, [event])] for index, event in enumerate(events))


class MetricsSeen:
    """The metrics that events have named so far, and the properties that they have carried."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows: dict[tuple[str, str | None], Row] = {}
        self.properties: set[tuple[str, str]] = set()

    def row(self, name: str, service: str | None) -> Row:
        """The metric of a name and service; made when it is new."""
        key = (name, service)
        if key not in self._rows:
            self._rows[key] = metric_row(self._world, name, service)
            self.properties |= known_properties(self._world, self._rows[key].id)
        return self._rows[key]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event whose profile and metric are known, and that may still be a duplicate."""

    number: int
    event: Json
    profile: Row
    metric: Row
    at: datetime
    unique_id: str

    @property
    def key(self) -> Key:
        """What makes it the same as another."""
        return (self.metric.id, self.profile.id, self.unique_id)


class Processing:
    """One batch: profiles and metrics are found or made, duplicates dropped, the rest stored."""

    def __init__(self, world: World, metrics: MetricsSeen) -> None:
        self._world = world
        self._profiles = Profiles(world)
        self._metrics = metrics
        self._dropped: list[Row] = []

    def process(self, lots: list[Lot]) -> None:
        """Process lots of events in order."""
        numbered = [(first + index, event) for first, events in lots for index, event in enumerate(events)]
        self._profiles.fetch(identifiers.identifiers(event["profile"], event["profile_id"]) for _, event in numbered)
        candidates = [each for number, event in numbered if (each := self._candidate(number, event))]
        candidates = [self._with_current_profile(each) for each in candidates]
        seen = self._known_keys(candidates)
        stored = []
        for candidate in candidates:
            if candidate.key in seen:
                self._drop(candidate.number, candidate.event, duplicate(candidate), candidate.profile)
                continue
            seen.add(candidate.key)
            stored.append(self._stored(candidate))
        self._world.lineage = None
        self._profiles.keep()
        self._world.store.insert(*stored)
        webhook_deliveries.plan(self._world, stored)
        self._world.store.insert(*self._dropped)

    def _candidate(self, number: int, event: Json) -> Candidate | None:
        """An event with its profile and metric; None when it is dropped right away."""
        self._world.lineage = event.get("lineage")
        if self._world.drops_placeholder_domains and is_for_placeholder(event):
            self._drop(number, event, "Klaviyo drops events for placeholder domains such as @example.com")
            return None
        profile = self._profile(event)
        if profile is None:
            self._drop(number, event, f"there is no profile with id {event['profile_id']}")
            return None
        at = datetime.fromisoformat(event["time"]).astimezone(UTC)
        unique_id = event["unique_id"] or str(int(at.timestamp()))
        return Candidate(number, event, profile, self._metrics.row(event["metric"], event["service"]), at, unique_id)

    def _with_current_profile(self, candidate: Candidate) -> Candidate:
        """A candidate with the profile that its own has become part of since."""
        profile = self._profiles.current(candidate.profile)
        return candidate if profile is candidate.profile else replace(candidate, profile=profile)

    def _known_keys(self, candidates: list[Candidate]) -> set[Key]:
        """The keys of events in the store that candidates may repeat."""
        unique_ids = list({candidate.unique_id for candidate in candidates})
        return self._world.store.values("event", "unique_id", unique_ids, ("metric_id", "profile_id", "unique_id"))

    def _stored(self, candidate: Candidate) -> Row:
        """The row of an event; its profile and metric learn what it tells."""
        event, metric, at = candidate.event, candidate.metric, candidate.at
        if event["value"] is not None and not metric.document.get("has_value"):
            metric.document["has_value"] = True
            self._world.store.update(metric)
        self._move_last_event_date(candidate.profile, at)
        learn_properties(self._world, metric.id, event["properties"], self._metrics.properties)
        has_value = bool(metric.document.get("has_value"))
        document = {
            "metric_id": metric.id,
            "profile_id": candidate.profile.id,
            "timestamp": int(at.timestamp()),
            "datetime": at.isoformat(),
            "uuid": event_uuid(at, candidate.number),
            "unique_id": candidate.unique_id,
            "is_backfill": event["is_backfill"],
            "cause": event["cause"],
            "lineage": event.get("lineage"),
            "event_properties": stored_properties(event, candidate.unique_id, metric_has_value=has_value),
        }
        return Row("event", self._world.ids.event(), document, candidate.number)

    def _profile(self, event: Json) -> Row | None:
        """The profile of an event, found or made, with the event's profile attributes."""
        given = event["profile"]
        if given.get("phone_number") and not identifiers.is_phone_number(given["phone_number"]):
            given = {name: value for name, value in given.items() if name != "phone_number"}
        named = identifiers.identifiers(given, event["profile_id"])
        row = united(self._world, self._profiles, named) or self._profiles.find_or_create(named)
        if row is None:
            return None
        self._profiles.complete(row, named)
        rest = {name: value for name, value in given.items() if name not in identifiers.IDENTIFIERS}
        if rest or event["meta"]:
            self._profiles.write(row, rest, event["meta"])
        return row

    def _move_last_event_date(self, profile: Row, at: datetime) -> None:
        """Note that a profile did something."""
        last = profile.document["last_event_date"]
        if last is None or last < at.isoformat():
            profile.document["last_event_date"] = at.isoformat()
            self._profiles.change(profile)

    def _drop(self, number: int, event: Json, reason: str, profile: Row | None = None) -> None:
        """Keep an event among those that Klaviyo would have lost without a word."""
        document = event | {"reason": reason, "profile_id": profile.id if profile else event["profile_id"]}
        self._dropped.append(Row(DROPPED, f"dropped-{number}", document, number))


def duplicate(candidate: Candidate) -> str:
    """Why a repeated event is dropped."""
    without = "" if candidate.event["unique_id"] else " (its second, since it has no unique_id)"
    return f"duplicate of an event with unique_id {candidate.unique_id}{without}"
