"""Many lives merged by time, lazily: memory grows with the customers and not with their events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge

from simulator.event import VendorEvent


def order(event: VendorEvent) -> tuple[datetime, str, str]:
    """What events are sorted by: time, then vendor and id, so that equal times have an order too."""
    return (event.occurred_at, event.vendor, event.id)


def stream(lives: Iterable[Iterator[VendorEvent]]) -> Iterator[VendorEvent]:
    """All events of all lives in order of time."""
    return merge(*lives, key=order)
