"""Nobody: no target at all, so that only the raw calls of a scenario reach Klaviyo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import KLAVIYO
from simulator.mapping.profile_writes import END_OF_TIME
from simulator.targets.target import AS_IT_HAPPENS, Handover, Outgoing, TargetFault


class Nobody:
    """Takes nothing; an event of a vendor is a mistake then."""

    name = place = "none"
    is_foreign = False
    destinations = (KLAVIYO,)

    def first_sync(self, vendor: str, customers: Iterable[Json], at: datetime) -> Iterable[Outgoing]:
        """Nobody imports the customers."""
        del customers, at
        raise TargetFault("a target that takes events", f"target none, though the timeline connects {vendor}")

    def take(self, event: VendorEvent, handover: Handover = AS_IT_HAPPENS) -> Iterable[Outgoing]:
        """Nobody takes the event."""
        del handover
        raise TargetFault("a target that takes events", f"target none, though the timeline sends {event.vendor} events")

    def flush(self, until: datetime = END_OF_TIME) -> Iterable[Outgoing]:
        """Nothing waits."""
        del until
        return ()

    def settle(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to end."""
