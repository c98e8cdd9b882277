"""Segment changes: how many profiles joined and left a segment, and when; what its reports are worked out of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection
from mock_klaviyo.store.tables import Field

SEGMENT_CHANGE = declare(
    Resource(
        type="segment-change",
        make_id=lambda world: world.ids.uuid(),
        fields=(Field("segment_id", is_indexed=True), Field("at", is_indexed=True)),
    )
)
"""Ours: no operation of Klaviyo's leads here."""


@dataclass(frozen=True)
class Change:
    """How many joined and left at a time."""

    at: datetime
    added: int
    removed: int


def note(world: World, segment_id: str, at: datetime, *, added: int, removed: int) -> None:
    """Note that profiles joined or left a segment."""
    if added or removed:
        document = {"segment_id": segment_id, "at": at.isoformat(), "added": added, "removed": removed}
        world.store.insert(Row(SEGMENT_CHANGE.type, SEGMENT_CHANGE.make_id(world), document))


def forget(world: World, segment_id: str) -> None:
    """Forget how a segment grew."""
    world.store.delete_where(SEGMENT_CHANGE.type, segment_id=segment_id)


def changes(world: World, segment_id: str, since: datetime) -> Iterator[Change]:
    """What changed in a segment since a time."""
    comparisons = (Comparison("equals", "segment_id", segment_id), Comparison("greater-or-equal", "at", since))
    for row in world.store.every(Selection(SEGMENT_CHANGE.type, comparisons)):
        known = row.document
        yield Change(datetime.fromisoformat(known["at"]), known["added"], known["removed"])
