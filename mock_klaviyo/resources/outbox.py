"""Outbox: every message that was sent, and every one that was not, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mock_klaviyo.json import Json
from mock_klaviyo.resources import own_events
from mock_klaviyo.resources.message_links import SHORT_LINK
from mock_klaviyo.resources.own_events import MESSAGE_METRICS, OwnEvent
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World, rounded
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

OUTBOX_MESSAGE = declare(
    Resource(
        type="outbox-message",
        make_id=lambda world: world.ids.ulid(world.now),
        fields=(
            Field("profile_id", is_indexed=True),
            Field("channel"),
            Field("attempted_at"),
            Field("message_id", is_indexed=True),
        ),
    )
)
"""Ours: no operation of Klaviyo's leads here. A message that was skipped has a reason and was never attempted."""

SMART_SENDING: Mapping[str, timedelta] = {
    "email": timedelta(hours=16),
    "sms": timedelta(hours=24),
    "mobile_push": timedelta(hours=24),
    "whatsapp": timedelta(hours=24),
}
"""How long after a message Smart Sending spares a profile further ones on the same channel.

https://help.klaviyo.com/hc/en-us/articles/115002779311
"""

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€")


@dataclass(frozen=True)
class Sending:
    """What the messages to many profiles have in common: where they come from, and what their events tell."""

    channel: str
    message_id: str
    origin: Json
    properties: Json
    uses_smart_sending: bool
    at: datetime


@dataclass(frozen=True)
class Letter:
    """What one profile gets to read, and what its receipt tells of it alone; a reason when it gets nothing.

    `id` is the id that the message will have, when its text names it; `to` an address that is not the profile's.
    """

    profile: Row
    content: Json
    skipped: str | None = None
    properties: Json = field(default_factory=dict)
    id: str | None = None
    to: str | None = None


def spared(world: World, profiles: Sequence[Row], sending: Sending) -> set[str]:
    """The ids of profiles that had a message on the channel too short a time ago."""
    if not sending.uses_smart_sending:
        return set()
    since = (sending.at - SMART_SENDING[sending.channel]).astimezone(UTC).isoformat()
    ids = [row.id for row in profiles]
    attempts = world.store.values("outbox-message", "profile_id", ids, ("profile_id", "channel", "attempted_at"))
    return {id for id, channel, at in attempts if channel == sending.channel and at is not None and at > since}


def post(world: World, sending: Sending, letters: Sequence[Letter]) -> int:
    """Put messages into the outbox and record their receipt; gives how many were sent."""
    rows = [outbox_row(world, sending, letter) for letter in letters]
    world.store.insert(*rows)
    world.store.insert(*short_links(rows))
    sent = [(row, letter) for row, letter in zip(rows, letters, strict=True) if letter.skipped is None]
    if sending.channel in RECEIVED:  # an internal alert is no message to a profile
        own_events.record(world, (receipt(sending, row, letter) for row, letter in sent))
    return len(sent)


def short_links(rows: Sequence[Row]) -> list[Row]:
    """Where the short links of messages lead to."""
    return [
        Row(SHORT_LINK.type, code, {"message": row.id, "url": url})
        for row in rows
        for code, url in row.document.get("short_links", {}).items()
    ]


def outbox_row(world: World, sending: Sending, letter: Letter) -> Row:
    """A message as it is kept."""
    at = rounded(sending.at)
    document = {
        "channel": sending.channel,
        "to": letter.to or address(sending.channel, letter.profile),
        "profile_id": letter.profile.id,
        "message_id": sending.message_id,
        "lineage": None,
        **sending.origin,
        **letter.content,
        "skipped": letter.skipped,
        "at": at,
        "attempted_at": None if letter.skipped else at,
    }
    return Row(OUTBOX_MESSAGE.type, letter.id or OUTBOX_MESSAGE.make_id(world), document)


def address(channel: str, profile: Row) -> str:
    """Where a message goes: to an address, a number, or whatever devices a profile has."""
    identifier = {"email": "email", "sms": "phone_number", "whatsapp": "phone_number"}.get(channel)
    return str(profile.document[identifier]) if identifier else profile.id


def receipt(sending: Sending, row: Row, letter: Letter) -> OwnEvent:
    """That a profile received a message."""
    metric = MESSAGE_METRICS[sending.channel]["received"]
    own = RECEIVED[sending.channel](row, letter)
    properties = {**sending.properties, **letter.properties, **own, "$message": sending.message_id}
    lineage = row.document["lineage"]
    return OwnEvent(metric, letter.profile.id, sending.at, f"{row.id}:received", properties, lineage)


def email_received(_row: Row, letter: Letter) -> Json:
    """What the receipt of an email tells."""
    domain = letter.profile.document["email"].rpartition("@")[2]
    return {"Subject": letter.content["subject"], "Email Domain": domain}


def sms_received(row: Row, letter: Letter) -> Json:
    """What the receipt of a text message tells."""
    segments = row.document["segment_count"]
    return {"To Number": letter.profile.document["phone_number"], "Segment Count": segments, "$usage_amount": segments}


RECEIVED: Mapping[str, Callable[[Row, Letter], Json]] = {
    "email": email_received,
    "sms": sms_received,
    "mobile_push": lambda _row, _letter: {},
    "whatsapp": lambda _row, letter: {"To Number": letter.profile.document["phone_number"]},
}
"""The channel → what its receipt tells beside what all of one sending share."""


def segment_count(text: str) -> int:
    """How many text messages a text takes: 160 characters of the GSM alphabet or 70 others fit into one.

    >>> segment_count("x" * 160), segment_count("x" * 161), segment_count("š" * 70), segment_count("š" * 71)
    (1, 2, 1, 2)
    """
    is_gsm = GSM.issuperset(text)
    size = len(text) + sum(character in GSM_EXTENDED for character in text) if is_gsm else units(text)
    single, joined = (160, 153) if is_gsm else (70, 67)
    return 1 if size <= single else -(-size // joined)


def units(text: str) -> int:
    """How many UTF-16 units a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
