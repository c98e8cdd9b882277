"""Influence.io as a vendor."""

from __future__ import annotations

from pathlib import Path

from simulator.chance import Chance, uuid
from simulator.json import Json
from simulator.vendor import Vendor
from simulator.vendors.influence.events import EVENTS
from simulator.vendors.influence.lives import live
from simulator.vendors.influence.mapping import MAPPING
from simulator.vendors.influence.member import join, record


def event_id(_payload: Json, luck: Chance) -> str:
    """The webhook's id, as its X-Webhook-Id header tells it on every try."""
    return uuid(luck)


VENDOR = Vendor(
    name="influence",
    title="Influence.io",
    folder=Path(__file__).parent,
    events=EVENTS,
    mapping=MAPPING,
    join=join,
    live=live,
    record=record,
    event_id=event_id,
)
