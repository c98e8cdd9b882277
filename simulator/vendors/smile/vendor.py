"""Smile.io as a vendor."""

from __future__ import annotations

from pathlib import Path

from simulator.chance import Chance
from simulator.json import Json
from simulator.vendor import Vendor
from simulator.vendors.smile.events import EVENTS
from simulator.vendors.smile.lives import live
from simulator.vendors.smile.mapping import MAPPING
from simulator.vendors.smile.member import join, record


def event_id(_payload: Json, luck: Chance) -> str:
    """A number of its own for each event: Smile gives none, and two events of a referral share the object's."""
    return f"{luck.getrandbits(96):024x}"


VENDOR = Vendor(
    name="smile",
    title="Smile.io",
    folder=Path(__file__).parent,
    events=EVENTS,
    mapping=MAPPING,
    join=join,
    live=live,
    record=record,
    event_id=event_id,
)
