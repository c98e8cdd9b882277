"""Publishing: makes the publication of a party."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulator.contract.publishing.publication import Publication, Side
from simulator.contract.publishing.sides import mapping_gives, mapping_needs, merchant_needs, vendor_gives
from simulator.contract.verify import verification, wire_of
from simulator.targets.aim import Aim
from simulator.vendor import Vendor


def published(
    vendors: Sequence[Vendor],
    *,
    participant: str,
    version: str,
    side: str,
    flows: Sequence[Path],
    seed: int,
    aim: Aim,
    **way: Any,
) -> Publication:
    """The publication of a vendor, of a mapping, which is verified, or of a merchant."""
    kind = Side(side)
    if kind is Side.VENDOR:
        return Publication(participant, version, kind, gives=vendor_gives(vendors, seed))
    if kind is Side.MERCHANT:
        return Publication(participant, version, kind, needs=merchant_needs(flows))
    return Publication(
        participant,
        version,
        kind,
        gives=mapping_gives(vendors),
        needs=mapping_needs(vendors),
        failures=failures(vendors, seed, aim, **way),
    )


def failures(vendors: Sequence[Vendor], seed: int, aim: Aim, *, to: str | None, key: str | None) -> tuple[str, ...]:
    """What a mapping breaks."""
    with wire_of(to, key, is_offline=False) as wire:
        found = verification(vendors, seed, wire, aim)
    broken = [f"{each.what}: expected {each.expected}, got {each.got}" for each in found.tally.failures]
    unheard = [f"{row.vendor} {row.event} never happened" for row in found.tally.rows.values() if not row.events]
    return (*broken, *unheard)
