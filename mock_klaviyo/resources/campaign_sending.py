"""Sending a campaign: the job that starts it, its recipients, its messages, and how many there may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import audiences, job_life, outbox, send_strategies, tasks
from mock_klaviyo.resources.audiences import Recipient
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.campaign_messages import definition, found, messages_of
from mock_klaviyo.resources.campaigns import CAMPAIGN
from mock_klaviyo.resources.generic import require, require_same_id
from mock_klaviyo.resources.letters import Text, letter
from mock_klaviyo.resources.link_parameters import of_campaign
from mock_klaviyo.resources.outbox import Letter, Sending
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World, iso
from mock_klaviyo.store.rows import Row

BEGIN, CHOOSE, CONTINUE = "campaign", "campaign recipients", "campaign batch"
"""The kinds of work that are put off: beginning a campaign, choosing its recipients, and sending to some of them."""

STOPPABLE = ("Scheduled", "Sending")
NO_RECIPIENTS = "Cancelled: No Recipients"
ALL_SPARED = "Cancelled: Smart Sending"
SMART_SENDING = "Smart Sending"


def never_made(_world: World) -> str:
    """The id of something that has the id of its campaign."""
    raise LookupError("its id is its campaign's")


SEND_JOB, ESTIMATION_JOB, ESTIMATION = (
    declare(Resource(type=type, make_id=never_made, not_found=not_found, label="A campaign"))
    for type, not_found in (
        ("campaign-send-job", "unknown_campaign"),
        ("campaign-recipient-estimation-job", "no_estimation"),
        ("campaign-recipient-estimation", "no_estimation"),
    )
)


@operation("send_campaign")
def send_campaign(call: Call) -> Reply:
    """Send a draft now, or schedule it for the time that its strategy names."""
    campaign = require(call, CAMPAIGN.type, call.data["id"])
    raise_all(sending_problems(call.world, campaign))
    world, strategy = call.world, campaign.document["send_strategy"]
    due = send_strategies.begins(strategy, world)
    announced = max(world.now, send_strategies.announced(strategy, world))
    if due < world.now and strategy["method"] == "static":
        call.hint("the time that the campaign was to be sent at has passed, so it is sent now")
    due = max(due, world.now) + world.job_delay / 2  # so long the job is queued
    keep(world, SEND_JOB, campaign.id, status="queued")
    job = Row(SEND_JOB.type, campaign.id, {"status": "queued"})
    note(world, campaign, status="Scheduled", scheduled_at=iso(world.now), send_time=iso(announced))
    if due <= world.now:
        begin(world, campaign, world.now)
    else:
        tasks.later(world, due, BEGIN, campaign.id, campaign_id=campaign.id)
    return single(call, job, 202)


def sending_problems(world: World, campaign: Row) -> Iterator[Problem]:
    """Why a campaign cannot be sent."""
    status = campaign.document["status"]
    if status != "Draft":
        yield problem("invalid", reason=f"Only a draft can be sent, this campaign is {status}.", pointer="/data/id")
    for message in messages_of(world, campaign):
        yield from (
            problem("invalid", reason=f"The campaign cannot be sent: {reason}.", pointer="/data/id")
            for reason in gaps(message)
        )


def gaps(message: Row) -> Iterator[str]:
    """What a message lacks to be sent."""
    definition, content = message.document["definition"], message.document["definition"].get("content") or {}
    if definition["channel"] == "email":
        if not content["subject"]:
            yield "its message has no subject"
        if not message.document["template_id"]:
            yield "its message has no template"
    elif definition.get("notification_type") != "silent" and not content["body"]:
        yield "its message has no body"


@tasks.task(BEGIN)
def begin_later(world: World, given: Json, due: datetime) -> None:
    """Begin to send a campaign that was scheduled."""
    campaign = world.store.row(CAMPAIGN.type, given["campaign_id"])
    if campaign is not None:
        begin(world, campaign, due)


def begin(world: World, campaign: Row, at: datetime) -> None:
    """Show that a campaign is being sent; as long as a job is processed, its recipients are chosen."""
    note(world, campaign, status="Sending")
    keep(world, SEND_JOB, campaign.id, status="processing")
    chosen = at + world.job_delay / 2
    if chosen <= world.now:
        choose(world, campaign, chosen)
    else:
        tasks.later(world, chosen, CHOOSE, campaign.id, campaign_id=campaign.id)


@tasks.task(CHOOSE)
def choose_later(world: World, given: Json, due: datetime) -> None:
    """Choose the recipients of a campaign, if it is still there."""
    campaign = world.store.row(CAMPAIGN.type, given["campaign_id"])
    if campaign is not None:
        choose(world, campaign, due)


def choose(world: World, campaign: Row, at: datetime) -> None:
    """Choose the recipients of a campaign, and send to those whose time has come."""
    recipients = audiences.recipients(world, campaign)
    profiles = [each.profile for each in recipients.values()]
    batches = send_strategies.batches(campaign.document["send_strategy"], world, profiles, at)
    waiting = [(due, ids) for due, ids in batches if due > world.now]
    for due, ids in batches:
        if due <= world.now:
            send(world, campaign, [recipients[id] for id in ids], due)
    for number, (due, ids) in enumerate(waiting, 1):
        is_last = number == len(waiting)
        tasks.later(world, due, CONTINUE, campaign.id, campaign_id=campaign.id, profile_ids=ids, is_last=is_last)
    if not waiting:
        finish(world, campaign)


@tasks.task(CONTINUE)
def go_on(world: World, given: Json, due: datetime) -> None:
    """Send a campaign to some more of its recipients; those who may not get it any more are left out."""
    campaign = world.store.row(CAMPAIGN.type, given["campaign_id"])
    if campaign is None:
        return
    recipients = audiences.recipients(world, campaign)
    send(world, campaign, [recipients[id] for id in given["profile_ids"] if id in recipients], due)
    if given["is_last"]:
        finish(world, campaign)


def send(world: World, campaign: Row, recipients: list[Recipient], at: datetime) -> None:
    """Send a campaign's message to profiles, sparing those who had one too short a time ago."""
    (message,) = messages_of(world, campaign)
    sending, text = sending_of(campaign, message, at), text_of(world, campaign, message, at)
    for first in range(0, len(recipients), audiences.AT_ONCE):
        some = recipients[first : first + audiences.AT_ONCE]
        spared = outbox.spared(world, [each.profile for each in some], sending)
        letters = [written(world, text, each, is_spared=each.profile.id in spared) for each in some]
        count = outbox.post(world, sending, letters)
        campaign.document["sent_count"] = campaign.document.get("sent_count", 0) + count
        campaign.document["spared_count"] = campaign.document.get("spared_count", 0) + len(spared)


def written(world: World, text: Text, recipient: Recipient, *, is_spared: bool) -> Letter:
    """What one recipient gets."""
    if is_spared:
        return Letter(recipient.profile, {}, skipped=SMART_SENDING)
    return replace(letter(world, text, recipient.profile), properties={"List": recipient.group})


def sending_of(campaign: Row, message: Row, at: datetime) -> Sending:
    """What all messages of a campaign have in common."""
    known = campaign.document
    return Sending(
        channel=known["channel"],
        message_id=message.id,
        origin={"campaign_id": campaign.id, "campaign_name": known["name"]},
        properties={"Campaign Name": known["name"], "$campaign_channel": known["channel"]},
        uses_smart_sending=bool(known["send_options"].get("use_smart_sending")),
        at=at,
    )


def text_of(world: World, campaign: Row, message: Row, at: datetime) -> Text:
    """What a message says, with its template and image."""
    whole = definition(world, message)
    template = found(world, "template", message.document["template_id"])
    media_url = (whole.get("content") or {}).get("media_url")
    day = f"{at.astimezone(ZoneInfo(world.account.timezone)):%Y-%m-%d}"
    tracking = of_campaign(campaign, whole["channel"], day)
    return Text(whole, template, media_url, message_id=message.id, tracking=tracking)


def finish(world: World, campaign: Row) -> None:
    """Close a campaign when its last message is out; it is cancelled when there was none."""
    counts = campaign.document
    unsent = ALL_SPARED if counts.get("spared_count") else NO_RECIPIENTS
    note(world, campaign, status="Sent" if counts.get("sent_count") else unsent)
    keep(world, SEND_JOB, campaign.id, status="complete" if counts.get("sent_count") else "cancelled")


@operation("cancel_campaign_send")
def cancel_campaign_send(call: Call) -> Reply:
    """Stop a campaign for good, or make it a draft again; what is out stays out."""
    require(call, SEND_JOB.type, call.id)
    require_same_id(call)
    campaign = require(call, CAMPAIGN.type, call.id)
    status, action = campaign.document["status"], call.attributes["action"]
    if status not in STOPPABLE:
        reason = f"A campaign that is {status} cannot be stopped any more."
        raise error("invalid", reason=reason, pointer="/data/attributes/action")
    tasks.call_off(call.world, campaign.id)
    keep(call.world, SEND_JOB, campaign.id, status="cancelled")
    if action == "cancel":
        note(call.world, campaign, status="Cancelled")
    else:
        note(call.world, campaign, status="Draft", scheduled_at=None, send_time=None)
    return Reply(204)


@operation("refresh_campaign_recipient_estimation")
def refresh_campaign_recipient_estimation(call: Call) -> Reply:
    """Count who would get a campaign now."""
    campaign = require(call, CAMPAIGN.type, call.data["id"])
    job = Row(ESTIMATION_JOB.type, campaign.id, {"status": "processing"})
    return single(call, job_life.start(call, job), 202)


@job_life.work("refresh_campaign_recipient_estimation")
def estimate(call: Call, job: Row) -> Json:
    """Count who would get a campaign now."""
    campaign = require(call, CAMPAIGN.type, job.id)
    count = len(audiences.recipients(call.world, campaign))
    keep(call.world, ESTIMATION, campaign.id, estimated_recipient_count=count)
    return {}


@operation("get_campaign_recipient_estimation")
def get_campaign_recipient_estimation(call: Call) -> Reply:
    """How many would get a campaign, as last counted."""
    require(call, CAMPAIGN.type, call.id)
    return single(call, require(call, ESTIMATION.type, call.id))


@operation("get_campaign_recipient_estimation_job")
def get_campaign_recipient_estimation_job(call: Call) -> Reply:
    """How far the counting is."""
    require(call, CAMPAIGN.type, call.id)
    return single(call, require(call, ESTIMATION_JOB.type, call.id))


def keep(world: World, resource: Resource, id: str, **document: object) -> None:
    """Keep what there is of a campaign under its id, in place of what was."""
    world.store.delete_where(resource.type, id=id)
    world.store.insert(Row(resource.type, id, document))


def note(world: World, campaign: Row, **changes: object) -> None:
    """Note how far a campaign is."""
    campaign.document |= {**changes, "updated_at": iso(world.now)}
    world.store.update(campaign)
