"""Klaviyo's own events: what it records itself, under its own integration and not that of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mock_klaviyo.json import Json
from mock_klaviyo.resources.lineage import Lineage
from mock_klaviyo.resources.world import World

SERVICE = "klaviyo"
"""The service whose metrics these are."""

MESSAGE_METRICS: Mapping[str, Mapping[str, str]] = {
    "email": {
        "received": "Received Email",
        "opened": "Opened Email",
        "clicked": "Clicked Email",
        "bounced": "Bounced Email",
        "dropped": "Dropped Email",
        "marked as spam": "Marked Email as Spam",
        "unsubscribed": "Unsubscribed from Email Marketing",
    },
    "sms": {
        "received": "Received SMS",
        "clicked": "Clicked SMS",
        "failed": "Failed to Deliver SMS",
        "unsubscribed": "Unsubscribed from SMS Marketing",
    },
    "mobile_push": {
        "received": "Received Push",
        "opened": "Opened Push",
        "bounced": "Bounced Push",
    },
    "whatsapp": {
        "received": "Received WhatsApp",
        "opened": "Read WhatsApp",
        "clicked": "Clicked WhatsApp",
        "failed": "Failed to Deliver WhatsApp",
        "unsubscribed": "Unsubscribed from WhatsApp Marketing",
    },
}
"""The channel of a message → what became of it → the metric; "Received SMS" is a message to the profile."""

FORM_METRICS: Mapping[str, str] = {
    "viewed_form": "Viewed Form",
    "closed_form": "Closed Form",
    "qualified_form": "Qualified Form",
    "submitted_form": "Submitted Form",
    "viewed_form_step": "Viewed Form Step",
    "submitted_form_step": "Submitted Form Step",
}
"""What somebody did with a form → the metric."""


@dataclass(frozen=True)
class OwnEvent:
    """Something that Klaviyo itself saw a profile do."""

    metric: str
    profile_id: str
    at: datetime
    unique_id: str
    properties: Json = field(default_factory=dict)
    lineage: Lineage | None = None
    """What it came from; that of the request at hand when it is not told."""


def record(world: World, events: Iterable[OwnEvent]) -> None:
    """Take Klaviyo's own events in, as all others are."""
    world.intake.take([accepted(event, event.lineage or world.lineage) for event in events])


def accepted(event: OwnEvent, lineage: Lineage | None) -> Json:
    """An event as it waits in the intake."""
    return {
        "metric": event.metric,
        "service": SERVICE,
        "profile_id": event.profile_id,
        "profile": {},
        "meta": None,
        "properties": event.properties,
        "time": event.at.replace(microsecond=0).isoformat(),
        "value": None,
        "value_currency": None,
        "unique_id": event.unique_id,
        "is_client": False,
        "is_backfill": False,
        "cause": None,  # which is for what was sent to us
        "lineage": lineage,
    }
