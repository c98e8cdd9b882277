"""Reactions: what recipients do with messages: each is an event of Klaviyo's own, and changes what it changes there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from mock_klaviyo.json import Json
from mock_klaviyo.resources import consent, own_events
from mock_klaviyo.resources.events import sent_properties
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.own_events import MESSAGE_METRICS, OwnEvent
from mock_klaviyo.resources.world import World, rounded
from mock_klaviyo.store.rows import Row

HARD = "Hard"
BOUNCES = (HARD, "Soft")
PREFERENCES = "Updated Email Preferences"
SUBSCRIBED = {"email": "Subscribed to Email Marketing", "sms": "Subscribed to SMS Marketing"}


class ReactionError(ValueError):
    """Nobody can do that with the message; says why."""


@dataclass(frozen=True)
class Reaction:
    """Something that a recipient does, and what its event tells beside what the message's receipt told."""

    kind: str
    properties: Json


def react(world: World, message: Row, reaction: Reaction) -> Row:
    """Let the recipient of a message do something with it; gives the message, which remembers it."""
    profile = recipient(world, message)
    metric = metric_of(message, reaction.kind)
    known = message.document.get("reactions", [])
    receipt = world.store.first("event", unique_id=f"{message.id}:received", profile_id=profile.id)
    told = sent_properties(receipt.document["event_properties"]) if receipt else {"$message": known_message(message)}
    told = {name: value for name, value in told.items() if name not in ("$usage_amount", "Segment Count")}
    unique_id = f"{message.id}:{reaction.kind}:{len(known)}"
    lineage = message.document.get("lineage")
    own_events.record(world, [OwnEvent(metric, profile.id, world.now, unique_id, told | reaction.properties, lineage)])
    CONSEQUENCES.get(reaction.kind, nothing)(world, profile, message, reaction)
    seen = {"what": reaction.kind, "at": rounded(world.now), **reaction.properties}
    message.document["reactions"] = [*known, seen]
    world.store.update(message)
    return message


def recipient(world: World, message: Row) -> Row:
    """Who got a message; a message that nobody got has none."""
    if message.document["skipped"]:
        raise ReactionError(f"the message was skipped ({message.document['skipped']}), so nobody has it")
    found = world.store.row("profile", message.document["profile_id"])
    if found is None:
        raise ReactionError("its recipient does not exist any more")
    return found


def metric_of(message: Row, kind: str) -> str:
    """The metric that a recipient's doing counts under."""
    channel = message.document["channel"]
    kinds = MESSAGE_METRICS.get(channel, {})
    if kind not in kinds:
        possible = ", ".join(each for each in kinds if each != "received") or "nothing"
        raise ReactionError(f"Klaviyo knows no {kind!r} of {channel} messages; it knows {possible}")
    return kinds[kind]


def known_message(message: Row) -> str:
    """The id of the campaign's or flow's message that a message is of."""
    return str(message.document["message_id"])


def nothing(_world: World, _profile: Row, _message: Row, _reaction: Reaction) -> None:
    """What follows from most reactions."""


def bounced(world: World, profile: Row, _message: Row, reaction: Reaction) -> None:
    """A hard bounce suppresses; a soft one does not."""
    if reaction.properties.get("Bounce Type") == HARD:
        change(world, profile, lambda row: consent.suppress(row, "HARD_BOUNCE", world.second))


def complained(world: World, profile: Row, _message: Row, _reaction: Reaction) -> None:
    """Who calls a message spam gets no more."""
    change(world, profile, lambda row: consent.suppress(row, "SPAM_COMPLAINT", world.second))


def unsubscribed(world: World, profile: Row, message: Row, _reaction: Reaction) -> None:
    """Take consent back on the channel of the message."""
    channel = message.document["channel"]
    change(world, profile, lambda row: consent.unsubscribe(row, channel, "marketing", world.second))


Consequence = Callable[[World, Row, Row, Reaction], None]

CONSEQUENCES: Mapping[str, Consequence] = {
    "bounced": bounced,
    "marked as spam": complained,
    "unsubscribed": unsubscribed,
}
"""What a recipient does → what it changes beside the event."""


def change(world: World, profile: Row, how: Callable[[Row], object]) -> None:
    """Change a profile."""
    profiles = Profiles(world)
    row = profiles.named("id", profile.id) or profile
    how(row)
    profiles.change(row)
    profiles.keep()


def set_property(world: World, message: Row, name: str, value: str) -> None:
    """Write a property of the recipient, as a link of the message does."""
    profile = recipient(world, message)
    properties = profile.document["properties"] | {name: value}
    change(world, profile, lambda row: row.document.update(properties=properties))


def prefer(world: World, message: Row, wanted: Mapping[str, bool]) -> None:
    """Set the recipient's consent to marketing on some channels; what changes is told by events."""
    profile = recipient(world, message)
    before = {channel: is_subscribed(world, profile, channel) for channel in wanted}
    changed = {channel: wish for channel, wish in wanted.items() if wish != before[channel]}
    for channel, wish in changed.items():
        change(world, profile, partial(set_consent, world, channel=channel, wish=wish))
    unique_id = f"{message.id}:preferences:{rounded(world.now)}"
    metrics = [PREFERENCES, *(consent_metric(channel, wish=wish) for channel, wish in changed.items())]
    told = {"$message": known_message(message)}
    own_events.record(
        world, [OwnEvent(metric, profile.id, world.now, f"{unique_id}:{metric}", told) for metric in metrics]
    )


def is_subscribed(world: World, profile: Row, channel: str) -> bool:
    """Whether a profile may get marketing on a channel: by email also who never said anything."""
    found = consent.subscriptions(world, profile)[channel]["marketing"]
    return bool(found[consent.MAY_RECEIVE[channel, "marketing"]])


def set_consent(world: World, row: Row, *, channel: str, wish: bool) -> None:
    """Give or take back consent."""
    if wish:
        consent.subscribe(row, channel, "marketing", consent.Grant(world.second, "PREFERENCE_PAGE"))
    else:
        consent.unsubscribe(row, channel, "marketing", world.second)


def consent_metric(channel: str, *, wish: bool) -> str:
    """The metric under which a change of consent counts."""
    return SUBSCRIBED[channel] if wish else MESSAGE_METRICS[channel]["unsubscribed"]


def message_row(world: World, id: str) -> Row | None:
    """The message of an id."""
    return world.store.row(OUTBOX_MESSAGE.type, id)
