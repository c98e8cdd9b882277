"""Campaign messages: what a campaign says, and the template and image that belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import message_definitions, send_strategies
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.generic import change, list_related, list_related_ids, require, require_same_id, written
from mock_klaviyo.resources.images import image_url
from mock_klaviyo.resources.own_templates import remove_copy, template_copy
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, one
from mock_klaviyo.resources.world import World, iso
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

WITH_IMAGES = ("sms", "mobile_push")
DEFINITION = "/data/attributes/definition"
TEMPLATE_FIELDS = ("name", "editor_type", "html", "text", "amp", "created", "updated")


def found(world: World, type: str, id: str | None) -> Row | None:
    """The resource that a message may lead to."""
    return world.store.row(type, id) if id else None


def definition(world: World, row: Row) -> Json:
    """What a message says, with the URL of a text message's image."""
    kept: Json = row.document["definition"]
    image = found(world, "image", row.document["image_id"]) if kept["channel"] == "sms" else None
    if image is None:
        return kept
    return kept | {"content": kept["content"] | {"media_url": image_url(world, image)}}


def send_times(world: World, row: Row) -> list[Json]:
    """When a message is sent or was; nothing before somebody sends its campaign."""
    campaign = world.store.row("campaign", row.document["campaign_id"])
    if campaign is None or campaign.document["send_time"] is None:
        return []
    is_local = send_strategies.is_local(campaign.document["send_strategy"])
    return [{"datetime": campaign.document["send_time"], "is_local": is_local}]


def part(name: str) -> Any:
    """A part of the definition as an attribute of its own, as one operation and old revisions show it."""
    return lambda world, row: definition(world, row).get(name)


def label(world: World, row: Row) -> str:
    """The name of a message; only emails have one of their own."""
    campaign = world.store.row("campaign", row.document["campaign_id"])
    return str(row.document["definition"].get("label") or (campaign.document["name"] if campaign else ""))


CAMPAIGN_MESSAGE = declare(
    Resource(
        type="campaign-message",
        make_id=lambda world: world.ids.ulid(world.now),
        relationships=(
            one("campaign", to="campaign", field="campaign_id"),
            one("template", to="template", field="template_id", is_known=False),
            one("image", to="image", field="image_id", is_known=False),
        ),
        fields=(Field("campaign_id", is_indexed=True),),
        computed={
            "definition": definition,
            "send_times": send_times,
            "label": label,
            "channel": part("channel"),
            "content": part("content"),
            "render_options": part("render_options"),
        },
        stamps=("created_at", "updated_at"),
        stamp=lambda world: iso(world.now),
        not_found="unknown_campaign",
        label="A message",
    )
)


def message_row(world: World, campaign: Row, given: Json, image_id: str | None = None) -> Row:
    """A new message of a campaign; an email is called as the campaign is when it has no name."""
    whole = message_definitions.whole(given)
    if "label" in whole:
        whole["label"] = whole["label"] or campaign.document["name"]
    now = CAMPAIGN_MESSAGE.stamp(world)
    document = {
        "definition": whole,
        "campaign_id": campaign.id,
        "template_id": None,
        "image_id": image_id,
        "created_at": now,
        "updated_at": now,
    }
    return Row(CAMPAIGN_MESSAGE.type, CAMPAIGN_MESSAGE.make_id(world), document)


def messages_of(world: World, campaign: Row) -> list[Row]:
    """The messages of a campaign."""
    return world.store.rows(CAMPAIGN_MESSAGE.type, campaign_id=campaign.id)


def remove_message(world: World, message: Row) -> None:
    """Remove a message with its own copy of a template."""
    remove_copy(world, message)
    world.store.delete(message)


@operation("update_campaign_message")
def update_campaign_message(call: Call) -> Reply:
    """A message of a draft with the parts of its definition changed that the body gives."""
    row = require(call, CAMPAIGN_MESSAGE.type, call.id)
    require_same_id(call)
    given = call.attributes.get("definition")
    raise_all(change_problems(call, row, given))
    kept = message_definitions.changed(row.document["definition"], given) if given else row.document["definition"]
    changed = change(call, CAMPAIGN_MESSAGE, row)
    changed.document["definition"] = kept
    call.world.store.update(changed)
    return written(call, changed)


def change_problems(call: Call, row: Row, given: Json | None) -> Iterator[Problem]:
    """Why a message cannot be changed so."""
    yield from sent_problems(call.world, row)
    channel = row.document["definition"]["channel"]
    if given and given["channel"] != channel:
        reason = f"The channel of this message is {channel} and cannot be changed."
        yield problem("invalid", reason=reason, pointer=f"{DEFINITION}/channel")
    if given:
        yield from message_definitions.problems(given, DEFINITION)
    if image_of(call.data) and channel not in WITH_IMAGES:
        yield problem("image_not_supported", pointer="/data/relationships/image")


def sent_problems(world: World, row: Row) -> Iterator[Problem]:
    """That a message's campaign is no draft any more."""
    campaign = world.store.row("campaign", row.document["campaign_id"])
    status = campaign.document["status"] if campaign else "Unknown"
    if status != "Draft":
        reason = f"A message can be changed while its campaign is a draft, this one is {status}."
        yield problem("invalid", reason=reason, pointer="/data")


def image_of(data: Json) -> str | None:
    """The id of the image that a message's body names."""
    image = ((data.get("relationships") or {}).get("image") or {}).get("data")
    return image["id"] if image else None


@operation("update_image_for_campaign_message")
def update_image_for_campaign_message(call: Call) -> Reply:
    """Give a message another image."""
    row = message_with_images(call)
    raise_all(sent_problems(call.world, row))
    require_image(call.world, call.data["id"], "/data/id")
    row.document |= {"image_id": call.data["id"], "updated_at": CAMPAIGN_MESSAGE.stamp(call.world)}
    call.world.store.update(row)
    return Reply(204)


@operation("get_image_for_campaign_message")
def get_image_for_campaign_message(call: Call) -> Reply:
    """The image of a message that can have one."""
    message_with_images(call)
    return list_related(call)


@operation("get_image_id_for_campaign_message")
def get_image_id_for_campaign_message(call: Call) -> Reply:
    """The image of a message that can have one, as an identifier."""
    message_with_images(call)
    return list_related_ids(call)


def message_with_images(call: Call) -> Row:
    """The message of the path, unless its channel has no images: then Klaviyo answers 400."""
    row = require(call, CAMPAIGN_MESSAGE.type, call.id)
    if row.document["definition"]["channel"] not in WITH_IMAGES:
        raise error("image_not_supported", pointer="/data")
    return row


def require_image(world: World, id: str, pointer: str) -> None:
    """Refuse an image that is not there."""
    if world.store.row("image", id) is None:
        raise error("related_not_found", type="Image", id=id, pointer=pointer)


@operation("assign_template_to_campaign_message")
def assign_template_to_campaign_message(call: Call) -> Reply:
    """Give a message its own copy of a template; the answer includes the copy, as it does live."""
    row = require(call, CAMPAIGN_MESSAGE.type, call.data["id"])
    template_id = call.data["relationships"]["template"]["data"]["id"]
    raise_all(assignment_problems(call.world, row, template_id))
    remove_copy(call.world, row)
    copy = template_copy(call.world, template_id, row)
    row.document |= {"template_id": copy.id, "updated_at": CAMPAIGN_MESSAGE.stamp(call.world)}
    call.world.store.update(row)
    fields = {**call.query.fields, "template": TEMPLATE_FIELDS}
    return single(replace(call, query=replace(call.query, include=("template",), fields=fields)), row, 200)


def assignment_problems(world: World, message: Row, template_id: str) -> Iterator[Problem]:
    """Why a template cannot be assigned to a message."""
    yield from sent_problems(world, message)
    if message.document["definition"]["channel"] != "email":
        yield problem("invalid", reason="Only email messages have templates.", pointer="/data/id")
    template = world.store.row("template", template_id)
    if template is None or template.document["owner_id"]:
        pointer = "/data/relationships/template/data/id"
        yield problem("related_not_found", type="Template", id=template_id, pointer=pointer)
