"""99minds: gift cards, store credit, points and all around them, for Klaviyo and Omnisend."""

from __future__ import annotations

from pathlib import Path

from simulator.vendor import Vendor
from simulator.vendors.ninetynine_minds.events import EVENTS, transaction_id
from simulator.vendors.ninetynine_minds.lives import live
from simulator.vendors.ninetynine_minds.mapping import MAPPING
from simulator.vendors.ninetynine_minds.member import join, record

VENDOR = Vendor(
    name="99minds",
    title="99minds",
    folder=Path(__file__).parent,
    events=EVENTS,
    mapping=MAPPING,
    join=join,
    live=live,
    record=record,
    event_id=transaction_id,
)
