"""Influence.io as a vendor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.chance import Chance, uuid
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.vendor import Vendor
from simulator.vendors.influence.events import EVENTS
from simulator.vendors.influence.lives import live
from simulator.vendors.influence.mapping import MAPPING
from simulator.vendors.influence.member import join, record
from simulator.webhook import WebhookForm


def event_id(_payload: Json, luck: Chance) -> str:
    """The webhook's id, as its X-Webhook-Id header tells it on every try."""
    return uuid(luck)


def topic(event: VendorEvent) -> Mapping[str, str]:
    """The headers of a webhook; nothing in it proves who sends it."""
    return {"x-webhook-topic": event.name, "x-webhook-id": event.id}


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
    webhook=WebhookForm(headers=topic),
)
