"""Conversations: what is written back and forth with a profile on one channel."""

from __future__ import annotations

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

CHANNELS = ("sms", "whatsapp", "instagram")
HIERARCHY = "/data/attributes/message_hierarchy"

CONVERSATION = declare(
    Resource(
        type="conversation",
        make_id=lambda world: world.ids.ulid(world.now),
        relationships=(one("profile", to="profile", field="profile_id"),),
        fields=(Field("profile_id", is_indexed=True), Field("channel")),
    )
)
MESSAGE = declare(
    Resource(
        type="conversation-message",
        make_id=lambda world: world.ids.ulid(world.now),
        fields=(Field("conversation_id", is_indexed=True), Field("profile_id", is_indexed=True)),
    )
)
"""What was written; `direction` is inbound or outbound. No operation of Klaviyo's reads it."""


@operation("create_conversation_message")
def create_conversation_message(call: Call) -> Reply:
    """Write to a profile in a conversation."""
    id = call.data["relationships"]["conversation"]["data"]["id"]
    conversation = call.world.store.row(CONVERSATION.type, id)
    if conversation is None:
        pointer = "/data/relationships/conversation/data/id"
        raise error("related_not_found", type="Conversation", id=id, pointer=pointer)
    raise_all(hierarchy_problems(call.attributes.get("message_hierarchy")))
    write(call.world, conversation, "outbound", call.attributes)
    return Reply(202)


def hierarchy_problems(hierarchy: list[Json] | None) -> list[Problem]:
    """What is wrong with a pair of messages: it is RCS first, and SMS for those that cannot receive it."""
    formats = [each.get("message_format", "RCS" if "rich_content" in each else "SMS") for each in hierarchy or ()]
    if not hierarchy or formats == ["RCS", "SMS"]:
        return []
    reason = "message_hierarchy must hold an RCS message and then an SMS message."
    return [problem("invalid", reason=reason, pointer=HIERARCHY)]


def receive(world: World, profile: Row, channel: str, body: str) -> Row:
    """Take in what a profile writes; the conversation begins when there is none yet. Gives the message."""
    return write(world, conversation_row(world, profile.id, channel), "inbound", {"body": body})


def conversation_row(world: World, profile_id: str, channel: str) -> Row:
    """The conversation with a profile on a channel; made when there is none."""
    known = world.store.first(CONVERSATION.type, profile_id=profile_id, channel=channel)
    if known is not None:
        return known
    row = Row(CONVERSATION.type, CONVERSATION.make_id(world), {"profile_id": profile_id, "channel": channel})
    world.store.insert(row)
    return row


def write(world: World, conversation: Row, direction: str, attributes: Json) -> Row:
    """Keep a message of a conversation."""
    document = {
        "conversation_id": conversation.id,
        "profile_id": conversation.document["profile_id"],
        "direction": direction,
        "created": world.second,
        "body": attributes["body"],
        "message_hierarchy": attributes.get("message_hierarchy"),
    }
    row = Row(MESSAGE.type, MESSAGE.make_id(world), document)
    world.store.insert(row)
    return row
