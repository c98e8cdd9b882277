"""Groupings: what is known of a sent message, and by which a report groups and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mock_klaviyo.json import Json
from mock_klaviyo.resources import audiences
from mock_klaviyo.resources.attribution import Send
from mock_klaviyo.resources.flows import message_definition
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

SEND_CHANNELS = {"mobile_push": "push-notification"}
"""The channel → what reports call it, where that differs."""

TEXT_CHANNELS = ("sms", "whatsapp")
TAG_NAMES = ("tag_id", "tag_name")

Tag: TypeAlias = tuple[str | None, str | None]
"""A tag's id and name."""

NO_TAG: Tag = (None, None)


@dataclass(frozen=True)
class Known:
    """What is known of a sent message: one value for each grouping, but for tags, of which it may have several."""

    values: Json
    tags: Sequence[Tag] = field(default_factory=tuple)

    def keys(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The groups that it falls into: one, or one for each tag when tags are asked for."""
        tags = self.tags or (NO_TAG,) if set(names) & set(TAG_NAMES) else (NO_TAG,)
        found = (self.values | dict(zip(TAG_NAMES, tag, strict=True)) for tag in tags)
        yield from dict.fromkeys(tuple(each.get(name) for name in names) for each in found)

    @property
    def sets(self) -> Mapping[str, Set[Any]]:
        """The values of each grouping, as filters see them."""
        tags = {name: {tag[index] for tag in self.tags} for index, name in enumerate(TAG_NAMES)}
        return {name: {value} for name, value in self.values.items()} | tags


Reader: TypeAlias = Callable[[World, Send], Known | None]
"""What is known of a sent message; nothing when it belongs to another report."""


def of_any(send: Send) -> Json:
    """What is known of a message wherever it came from."""
    is_text = send.channel in TEXT_CHANNELS
    return {
        "send_channel": SEND_CHANNELS.get(send.channel, send.channel),
        "text_message_format": send.properties.get("Message Format", "SMS") if is_text else None,
        "variation": send.properties.get("$variation"),
        "variation_name": send.properties.get("Variation Name"),
    }


def of_campaign(world: World, send: Send) -> Known | None:
    """What is known of a campaign's message."""
    message = None if send.flow_id else world.store.row("campaign-message", send.message_id)
    campaign = message and world.store.row("campaign", message.document["campaign_id"])
    if not message or not campaign:
        return None
    group = next(iter(groups(world, campaign, send)), NO_TAG)
    values = of_any(send) | {
        "campaign_id": campaign.id,
        "campaign_message_id": message.id,
        "campaign_message_name": message.document["definition"].get("label") or campaign.document["name"],
        "group": group[0],
        "group_name": group[1],
    }
    return Known(values, tags(world, "tag-campaigns", campaign))


def groups(world: World, campaign: Row, send: Send) -> Iterator[Tag]:
    """The list or segment through which the reader of a message was reached."""
    for id in campaign.document["audiences"]["included"]:
        group = audiences.group(world, id)
        if group is not None and group.document["name"] == send.properties.get("List"):
            yield group.id, group.document["name"]


def of_flow(world: World, send: Send) -> Known | None:
    """What is known of a flow's message."""
    flow = world.store.row("flow", send.flow_id) if send.flow_id else None
    if flow is None:
        return None
    values = of_any(send) | {
        "flow_id": flow.id,
        "flow_name": flow.document["name"],
        "flow_message_id": send.message_id,
        "flow_message_name": flow_message_name(world, send.message_id),
    }
    return Known(values, tags(world, "tag-flows", flow))


def flow_message_name(world: World, id: str) -> str | None:
    """How a flow's message is called."""
    row = world.store.row("flow-message", id)
    definition = message_definition(world, row) if row else None
    return definition.get("name") if definition else None


def tags(world: World, link: str, row: Row) -> list[Tag]:
    """The tags of a campaign or a flow."""
    ids = world.store.links.ids(link, row.id, is_inverse=True)
    return [(tag.id, tag.document["name"]) for tag in world.store.rows("tag", id=ids)]
