"""Subject: a profile as conditions see it, with what it did and which groups it is in, at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mock_klaviyo.engine.places import Places
from mock_klaviyo.json import Json
from mock_klaviyo.resources.lists import MEMBERS as LIST_MEMBERS
from mock_klaviyo.resources.segments import MEMBERS as SEGMENT_MEMBERS
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event as conditions see it."""

    at: datetime
    properties: Json
    number: int = 0

    @property
    def value(self) -> float:
        """What sums add up."""
        value = self.properties.get("$value")
        return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


@dataclass(frozen=True)
class Start:
    """How a profile began a flow: when, and the number of the event that it began with, or of the last one before.

    `key` is what chance is drawn by; `run_id` is none while it is asked whether the profile may begin.
    """

    at: datetime
    number: int
    flow_id: str
    key: str
    run_id: str | None = None
    metric_id: str | None = None
    properties: Json = field(default_factory=dict)
    outputs: Mapping[str, Json] = field(default_factory=dict)


@dataclass
class Subject:
    """A profile at a moment; `start` is how it began the flow that asks, if one does."""

    world: World
    profile: Row
    now: datetime
    occurrences: Mapping[str, list[Occurrence]] = field(default_factory=dict)
    groups: Mapping[str, datetime] = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    start: Start | None = None
    upto: int | None = None
    """The number of the last event that counts: those that came after what begins a flow, and with it, do not yet."""

    def occurred(self, metric_id: str) -> list[Occurrence]:
        """The events of a metric, oldest first."""
        found = self.occurrences.get(metric_id, [])
        return found if self.upto is None else [each for each in found if each.number <= self.upto]


@dataclass(frozen=True)
class Needs:
    """What must be read before definitions can be judged: events of these metrics, and lists and segments or not."""

    metrics: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        return Needs(self.metrics | other.metrics, self.groups | other.groups, self.types | other.types)


def needs(definition: Json) -> Needs:
    """What a definition asks about."""
    conditions = list(every_condition(definition))
    steps = [step for each in conditions for step in (each, *each.get("steps", ()))]
    return Needs(
        metrics=frozenset(step["metric_id"] for step in steps if step.get("metric_id")),
        groups=frozenset(id for each in conditions for id in each.get("group_ids", ())),
        types=frozenset(each["type"] for each in conditions),
    )


def every_condition(definition: Json) -> Iterator[Json]:
    """All conditions of a definition."""
    for group in definition["condition_groups"]:
        yield from group["conditions"]


def subjects(
    world: World, profiles: list[Row], now: datetime, needed: Needs, places: Places | None = None
) -> Iterator[Subject]:
    """Profiles with all that definitions need to know of them, read at once."""
    ids = [row.id for row in profiles]
    occurrences = occurrences_of(world, ids, needed.metrics) if needed.metrics else {}
    groups = groups_of(world, ids) if needed.groups else {}
    for row in profiles:
        yield Subject(
            world, row, now, occurrences.get(row.id, {}), groups.get(row.id, {}), places if places else Places()
        )


def occurrences_of(world: World, ids: list[str], metrics: Iterable[str]) -> dict[str, dict[str, list[Occurrence]]]:
    """What profiles did: profile → metric → events, oldest first."""
    found: dict[str, dict[str, list[Occurrence]]] = {}
    named: dict[str, Any] = {"profile_id": ids, "metric_id": sorted(metrics)}
    for row in world.store.rows("event", **named):
        document = row.document
        at = datetime.fromtimestamp(document["timestamp"], UTC)
        of_profile = found.setdefault(document["profile_id"], {})
        of_profile.setdefault(document["metric_id"], []).append(
            Occurrence(at, document["event_properties"], row.number)
        )
    for of_profile in found.values():
        for each in of_profile.values():
            each.sort(key=lambda occurrence: occurrence.at)
    return found


def groups_of(world: World, ids: list[str]) -> dict[str, dict[str, datetime]]:
    """The lists and segments that profiles are in: profile → group → since when."""
    found: dict[str, dict[str, datetime]] = {}
    for name in (LIST_MEMBERS, SEGMENT_MEMBERS):
        for group, id, since in world.store.links.joined(name, ids):
            found.setdefault(id, {})[group] = datetime.fromisoformat(since)
    return found
