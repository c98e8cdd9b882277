"""Inspecting: the inspection that suits a target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from simulator.contract.foreign import NO_TIME, ForeignInspection
from simulator.contract.inspection import Inspection, Observer, Wire
from simulator.targets.target import Target
from simulator.vendor import Vendor


def inspection(
    target: Target,
    vendors: Sequence[Vendor],
    wire: Wire | None = None,
    observers: Sequence[Observer] = (),
    *,
    within: timedelta = NO_TIME,
) -> Inspection:
    """Of our own mapping each request is judged on its way; of others, what the server says it received."""
    if wire is not None and target.is_foreign:
        return ForeignInspection(vendors, wire, observers, place=target.place, within=within)
    return Inspection(vendors, wire, observers)
