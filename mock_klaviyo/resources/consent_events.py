"""Consent events: what Klaviyo itself records when somebody subscribes or unsubscribes, perhaps from a list.

https://developers.klaviyo.com/en/docs/working_with_system_webhooks names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mock_klaviyo.json import Json
from mock_klaviyo.resources import own_events
from mock_klaviyo.resources.consent import CHANNELS, NEVER
from mock_klaviyo.resources.own_events import OwnEvent
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

METHOD = "API"
SUBSCRIBED: Mapping[str, str] = {
    "email": "Subscribed to Email Marketing",
    "sms": "Subscribed to SMS Marketing",
    "whatsapp": "Subscribed to WhatsApp Marketing",
}
UNSUBSCRIBED: Mapping[str, str] = {
    "email": "Unsubscribed from Email Marketing",
    "sms": "Unsubscribed from SMS Marketing",
    "whatsapp": "Unsubscribed from WhatsApp Marketing",
}
"""The channel → the metric of marketing consent that was given, or taken back."""

JOINED, LEFT = "Subscribed to List", "Unsubscribed from List"


def consents(profile: Row) -> dict[str, str]:
    """What a profile says about marketing on each channel."""
    kept = profile.document.get("subscriptions") or {}
    return {
        channel: ((kept.get(CHANNELS[channel]) or {}).get("marketing") or {}).get("consent", NEVER)
        for channel in SUBSCRIBED
    }


def note_change(world: World, profile: Row, before: Mapping[str, str], metrics: Mapping[str, str]) -> None:
    """Record on which channels a profile says something else now than before."""
    after = consents(profile)
    note(world, profile, (metrics[channel] for channel in metrics if after[channel] != before[channel]))


def note_list(world: World, profile: Row, metric: str, group: Row) -> None:
    """Record that a profile joined a list by subscribing, or left it."""
    note(world, profile, [metric], {"List": group.document["name"], "$list": group.id})


def note(world: World, profile: Row, metrics: Iterable[str], told: Json | None = None) -> None:
    """Record that a profile did something."""
    key = (told or {}).get("$list", "")
    own_events.record(
        world,
        [
            OwnEvent(metric, profile.id, world.now, f"{world.now.isoformat()}{key}", {"Method": METHOD, **(told or {})})
            for metric in metrics
        ],
    )
