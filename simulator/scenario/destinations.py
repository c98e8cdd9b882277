"""Destinations: where the events of a scenario's vendors go, `destinations: [klaviyo, omnisend]`."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.document import Part
from simulator.mapping.mapping import KLAVIYO
from simulator.mapping.omnisend import OMNISEND
from simulator.scenario.arguments import Reader
from simulator.scenario.words import nearest
from simulator.vendor import Vendor

DESTINATIONS = (KLAVIYO, OMNISEND)
"""Every destination; Klaviyo is always one."""


def check_destinations(reader: Reader, part: Part | None, told: Sequence[str], vendors: Sequence[Vendor]) -> None:
    """Gather destinations that are unknown, or that no vendor of the scenario sends to; and that Klaviyo is missing."""
    if part is None:
        return
    for name in told:
        if name not in DESTINATIONS:
            words = " or ".join(DESTINATIONS)
            reader.refuse(part.place, f"destinations: {name} must be {words}{nearest(name, DESTINATIONS)}")
        elif not any(name in vendor.mapping.destinations for vendor in vendors):
            reader.refuse(part.place, f"destinations: no vendor of this scenario sends to {name}")
    if KLAVIYO not in told:
        reader.refuse(part.place, f"destinations must hold {KLAVIYO}, where every scenario plays")
