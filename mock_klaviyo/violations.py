"""Violations: what in an account's events and profiles is not as the contracts say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mock_klaviyo.contracts.contract import Breach, Contracts
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.events import sent_properties
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection


@dataclass(frozen=True)
class Violation:
    """An event or a profile that is not as a contract says; `metric` of an event is its metric's name."""

    row: Row
    breach: Breach
    metric: str | None = None


def violations(klaviyo: Klaviyo) -> list[Violation]:
    """What is not as the contracts say, oldest first, events before profiles."""
    return klaviyo.alter(lambda world: [*of_events(world, klaviyo.contracts), *of_profiles(world, klaviyo.contracts)])


def of_events(world: World, contracts: Contracts) -> Iterator[Violation]:
    """What is wrong with events."""
    metrics = {row.id: row.document["name"] for row in world.store.every(Selection("metric"))}
    for row in world.store.every(Selection("event")):
        metric, sent = metrics[row.document["metric_id"]], sent_properties(row.document["event_properties"])
        yield from (Violation(row, each, metric) for each in contracts.event_breaches(metric, sent))


def of_profiles(world: World, contracts: Contracts) -> Iterator[Violation]:
    """What is wrong with profiles."""
    for row in world.store.every(Selection("profile")):
        yield from (Violation(row, each) for each in contracts.profile_breaches(row.document["properties"]))
