"""TRIFFT as a vendor."""

from __future__ import annotations

from pathlib import Path

from simulator.chance import Chance, uuid
from simulator.json import Json
from simulator.vendor import Vendor
from simulator.vendors.trifft.events import EVENTS
from simulator.vendors.trifft.lives import live
from simulator.vendors.trifft.mapping import MAPPING
from simulator.vendors.trifft.member import join, record
from simulator.vendors.trifft.webhook import WEBHOOK


def event_id(_: Json, luck: Chance) -> str:
    """Payloads carry no id; TRIFFT surely has one inside."""
    return uuid(luck)


VENDOR = Vendor(
    name="trifft",
    title="TRIFFT",
    folder=Path(__file__).parent,
    events=EVENTS,
    mapping=MAPPING,
    join=join,
    live=live,
    record=record,
    event_id=event_id,
    webhook=WEBHOOK,
)
