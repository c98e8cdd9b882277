"""Campaigns: one-time sendings to lists and segments, with their messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import audiences, message_definitions, send_strategies, tasks
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.campaign_messages import (
    WITH_IMAGES,
    image_of,
    message_row,
    messages_of,
    remove_message,
    require_image,
)
from mock_klaviyo.resources.generic import list_, require, require_same_id
from mock_klaviyo.resources.own_templates import template_copy
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, many, many_by
from mock_klaviyo.resources.world import World, iso
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

ATTRIBUTES = "/data/attributes"
TAGS = "tag-campaigns"
CHANNELS = ("email", "sms", "mobile_push")
JOBS = ("campaign-send-job", "campaign-recipient-estimation-job", "campaign-recipient-estimation")
"""What is kept of a campaign under the campaign's own id."""

NEEDED_PARAMETERS = ("utm_source", "utm_medium")
SEND_OPTIONS: dict[str, Json] = {
    "email": {"use_smart_sending": True, "ignore_unsubscribes": False},
    "sms": {"use_smart_sending": True},
    "mobile_push": {"use_smart_sending": True},
}
"""The channel → the options of a campaign that names none; emails show one that is not published."""

LINK_TRACKING: Json = {"add_tracking_params": False, "custom_tracking_params": []}
TRACKING_OPTIONS: dict[str, Json | None] = {
    "email": LINK_TRACKING | {"is_tracking_clicks": True, "is_tracking_opens": True},
    "sms": LINK_TRACKING,
    "mobile_push": None,
}
"""The channel → how a campaign that says nothing tracks."""


def remove_all(call: Call, campaign: Row) -> None:
    """Remove what belongs to a campaign, and call off its sending."""
    for message in messages_of(call.world, campaign):
        remove_message(call.world, message)
    for type in JOBS:
        call.world.store.delete_where(type, id=campaign.id)
    tasks.call_off(call.world, campaign.id)


CAMPAIGN = declare(
    Resource(
        type="campaign",
        make_id=lambda world: world.ids.ulid(world.now),
        relationships=(
            many_by("campaign-messages", to="campaign-message", field="campaign_id", is_known=True),
            many("tags", to="tag", inverse_of=TAGS),
        ),
        fields=(
            Field("channel", is_indexed=True),
            Field("archived", type="boolean"),
            Field("scheduled_at"),
        ),
        aliases={"messages.channel": "channel"},
        stamps=("created_at", "updated_at"),
        stamp=lambda world: iso(world.now),
        not_found="unknown_campaign",
        before_delete=remove_all,
    )
)


@operation("get_campaigns")
def get_campaigns(call: Call) -> Reply:
    """Campaigns of the one channel that the filter must name."""
    channels = [each.value for each in call.query.filters if each.field == "messages.channel"]
    if not channels or any(channel not in CHANNELS for channel in channels):
        reason = f"messages.channel must equal one of {', '.join(CHANNELS)}"
        raise error("invalid_filter", reason=reason)
    return list_(call)


@operation("create_campaign")
def create_campaign(call: Call) -> Reply:
    """A draft with its message."""
    attributes = call.attributes
    raise_all(problems(call, attributes))
    (message,) = attributes["campaign-messages"]["data"]
    channel = message["attributes"]["definition"]["channel"]
    if image_id := image_of(message):
        place = f"{ATTRIBUTES}/campaign-messages/data/0/relationships/image"
        require_image(call.world, image_id, f"{place}/data/id")
    row = draft(call.world, channel, completed(channel, attributes))
    call.world.store.insert(row)
    call.world.store.insert(message_row(call.world, row, message["attributes"]["definition"], image_id))
    return single(call, row, 201)


def draft(world: World, channel: str, attributes: Json) -> Row:
    """A campaign that nobody has sent yet."""
    now = CAMPAIGN.stamp(world)
    own = {"channel": channel, "status": "Draft", "archived": False}
    times = {"created_at": now, "updated_at": now, "scheduled_at": None, "send_time": None}
    return Row(CAMPAIGN.type, CAMPAIGN.make_id(world), attributes | own | times)


def completed(channel: str, attributes: Json) -> Json:
    """The attributes of a campaign with everything that the body leaves to Klaviyo."""
    return {
        "name": attributes["name"],
        "audiences": audience(attributes["audiences"]),
        "send_options": present(attributes.get("send_options"), SEND_OPTIONS[channel]),
        "tracking_options": present(attributes.get("tracking_options"), TRACKING_OPTIONS[channel]),
        "send_strategy": send_strategies.kept(attributes.get("send_strategy")),
    }


def audience(given: Json, kept: Json | None = None) -> Json:
    """The included and excluded groups: those given, else those kept."""
    before = kept or {"included": [], "excluded": []}
    return {name: before[name] if given.get(name) is None else given[name] for name in before}


def present(given: Json | None, kept: Json | None) -> Any:
    """Options with those changed that are given and not null."""
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    return (kept or {}) | chosen if kept is not None or chosen else None


def problems(call: Call, attributes: Json) -> Iterator[Problem]:
    """What is wrong with a new campaign that its schema cannot tell."""
    yield from shared_problems(call.world, attributes)
    place, messages = f"{ATTRIBUTES}/campaign-messages/data", attributes["campaign-messages"]["data"]
    if len(messages) != 1:
        yield problem("invalid", reason="A campaign must have exactly one message.", pointer=place)
    for index, message in enumerate(messages):
        given = message["attributes"]["definition"]
        yield from message_definitions.problems(given, f"{place}/{index}/attributes/definition")
        if image_of(message) and given["channel"] not in WITH_IMAGES:
            yield problem("image_not_supported", pointer=f"{place}/{index}/relationships/image")


def shared_problems(world: World, attributes: Json) -> Iterator[Problem]:
    """What is wrong with attributes that can be given to a new and to a known campaign."""
    yield from audiences.problems(world, attributes.get("audiences") or {}, f"{ATTRIBUTES}/audiences")
    yield from send_strategies.problems(attributes.get("send_strategy"), f"{ATTRIBUTES}/send_strategy")
    tracking = attributes.get("tracking_options") or {}
    names = {parameter["name"] for parameter in tracking.get("custom_tracking_params") or []}
    if names and not names.issuperset(NEEDED_PARAMETERS):
        reason = f"custom_tracking_params must include {' and '.join(NEEDED_PARAMETERS)}."
        yield problem("invalid", reason=reason, pointer=f"{ATTRIBUTES}/tracking_options/custom_tracking_params")


@operation("update_campaign")
def update_campaign(call: Call) -> Reply:
    """A draft with the attributes changed that the body names; null leaves an attribute as it is."""
    row = require(call, CAMPAIGN.type, call.id)
    require_same_id(call)
    given = {name: value for name, value in call.attributes.items() if value is not None}
    raise_all(change_problems(call.world, row, given))
    if "audiences" in given:
        forget_estimation(call.world, row)
    if "name" in given:
        rename_messages(call.world, row, given["name"])
    row.document |= changed(row.document, given) | {"updated_at": CAMPAIGN.stamp(call.world)}
    call.world.store.update(row)
    return single(call, row)


def change_problems(world: World, row: Row, given: Json) -> Iterator[Problem]:
    """Why a campaign cannot be changed so; its name always can."""
    status = row.document["status"]
    if status != "Draft" and given.keys() - {"name"}:
        reason = f"Only the name of a campaign can be changed once it is no draft, this one is {status}."
        yield problem("invalid", reason=reason, pointer=ATTRIBUTES)
    yield from shared_problems(world, given)


def changed(kept: Json, given: Json) -> Json:
    """The attributes of a campaign that change."""
    found: Json = {}
    if "name" in given:
        found["name"] = given["name"]
    if "audiences" in given:
        found["audiences"] = audience(given["audiences"], kept["audiences"])
    if "send_strategy" in given:
        found["send_strategy"] = send_strategies.kept(given["send_strategy"])
    options = [name for name in ("send_options", "tracking_options") if name in given]
    return found | {name: present(given[name], kept[name]) for name in options}


def rename_messages(world: World, campaign: Row, name: str) -> None:
    """Call a campaign's emails as the campaign is called now, which Klaviyo does."""
    for message in messages_of(world, campaign):
        if "label" in message.document["definition"]:
            message.document["definition"]["label"] = name
            world.store.update(message)


def forget_estimation(world: World, campaign: Row) -> None:
    """Let nobody read how many recipients a campaign would have had before it changed."""
    for type in JOBS[1:]:
        world.store.delete_where(type, id=campaign.id)


@operation("create_campaign_clone")
def create_campaign_clone(call: Call) -> Reply:
    """A draft like another campaign, with copies of its messages and their templates."""
    original = require(call, CAMPAIGN.type, call.data["id"])
    name = call.attributes.get("new_name") or f"Copy of {original.document['name']}"
    strategy = send_strategies.restarted(original.document["send_strategy"], call.world.now)
    kept = {each: original.document[each] for each in ("audiences", "send_options", "tracking_options")}
    row = draft(call.world, original.document["channel"], {"name": name, **kept, "send_strategy": strategy})
    call.world.store.insert(row)
    for message in messages_of(call.world, original):
        call.world.store.insert(message_copy(call.world, message, row))
    for tag_id in call.world.store.links.ids(TAGS, original.id, is_inverse=True):
        call.world.store.links.add(TAGS, tag_id, [row.id], call.world.second)
    return single(call, row, 201)


def message_copy(world: World, message: Row, campaign: Row) -> Row:
    """A copy of a message for a copy of its campaign."""
    copy = message_row(world, campaign, message.document["definition"], message.document["image_id"])
    if message.document["template_id"]:
        copy.document["template_id"] = template_copy(world, message.document["template_id"], copy).id
    return copy
