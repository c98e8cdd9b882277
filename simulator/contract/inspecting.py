"""Inspecting: the inspection that suits a target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from simulator.contract.foreign import NO_TIME, ForeignInspection
from simulator.contract.inspection import Inspection, Observer, Wire
from simulator.mapping.omnisend import OMNISEND
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
    found = (
        ForeignInspection(vendors, wire, observers, place=target.place, target=target.name, within=within)
        if wire is not None and target.is_foreign
        else Inspection(vendors, wire, observers, target=target.name)
    )
    if OMNISEND in target.destinations:
        found.also_at_omnisend(at_once=not target.is_foreign)
    return found
