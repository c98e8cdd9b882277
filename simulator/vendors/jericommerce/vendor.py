"""JeriCommerce as a vendor."""

from __future__ import annotations

from pathlib import Path

from simulator.chance import Chance
from simulator.json import Json
from simulator.vendor import Vendor
from simulator.vendors.jericommerce.events import EVENTS
from simulator.vendors.jericommerce.lives import live
from simulator.vendors.jericommerce.mapping import MAPPING
from simulator.vendors.jericommerce.member import join, record
from simulator.vendors.jericommerce.webhook import WEBHOOK


def event_id(payload: Json, _: Chance) -> str:
    """Every body carries its id, the same on every retry."""
    return str(payload["id"])


VENDOR = Vendor(
    name="jericommerce",
    title="JeriCommerce",
    folder=Path(__file__).parent,
    events=EVENTS,
    mapping=MAPPING,
    join=join,
    live=live,
    record=record,
    event_id=event_id,
    webhook=WEBHOOK,
)
