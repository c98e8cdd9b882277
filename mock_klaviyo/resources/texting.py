"""Texting: what follows when a profile writes: an event of Klaviyo's own, and consent that is given or taken back.

"Sent SMS" is what the profile sent. https://help.klaviyo.com/hc/en-us/articles/360035345572
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mock_klaviyo.resources import consent, conversations, own_events
from mock_klaviyo.resources.consent_events import SUBSCRIBED, UNSUBSCRIBED, consents
from mock_klaviyo.resources.own_events import OwnEvent
from mock_klaviyo.resources.reactions import change
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

SMS = "sms"
TEXTED = "Sent SMS"


def receive(world: World, profile: Row, channel: str, body: str) -> Row:
    """Take in what a profile writes; gives the message."""
    message = conversations.receive(world, profile, channel, body)
    if channel == SMS:
        told = {"From Number": profile.document["phone_number"], "Message Body": body}
        metrics = [TEXTED, *WORDS.get(body.strip().upper(), nothing)(world, profile)]
        events = (OwnEvent(each, profile.id, world.now, f"{message.id}:{each}", told) for each in metrics)
        own_events.record(world, events)
    return message


def stop(world: World, profile: Row) -> list[str]:
    """Take consent back; gives the metrics of what that changes."""
    return changed(world, profile, lambda row: consent.unsubscribe(row, SMS, "marketing", world.second), UNSUBSCRIBED)


def start(world: World, profile: Row) -> list[str]:
    """Give consent; gives the metrics of what that changes."""
    grant = consent.Grant(world.second, "INBOUND_MESSAGE")
    return changed(world, profile, lambda row: consent.subscribe(row, SMS, "marketing", grant), SUBSCRIBED)


def changed(world: World, profile: Row, how: Callable[[Row], None], metrics: Mapping[str, str]) -> list[str]:
    """Change a profile's consent; gives the metric of that, unless the profile said so before."""
    before = consents(profile)[SMS]
    change(world, profile, how)
    after = consents(world.store.row("profile", profile.id) or profile)[SMS]
    return [metrics[SMS]] if after != before else []


def nothing(_world: World, _profile: Row) -> list[str]:
    """What most messages change."""
    return []


WORDS: Mapping[str, Callable[[World, Row], list[str]]] = {
    **dict.fromkeys(("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"), stop),
    **dict.fromkeys(("START", "YES", "UNSTOP"), start),
}
"""A text message that is nothing but this word → what it does."""
