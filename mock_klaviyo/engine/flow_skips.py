"""Flow skips: the checks before a message, in their order, and Klaviyo's words for what they find.

https://help.klaviyo.com/hc/en-us/articles/1260805003210 names the reasons; the order is not documented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TypeAlias

from mock_klaviyo.engine.flow_steps import Step
from mock_klaviyo.engine.flow_verdicts import judged
from mock_klaviyo.json import Json
from mock_klaviyo.resources.consent import SUBSCRIBED, subscriptions
from mock_klaviyo.resources.flow_actions import CHANNELS
from mock_klaviyo.resources.identifiers import is_phone_number
from mock_klaviyo.resources.lists import MEMBERS as LIST_MEMBERS
from mock_klaviyo.resources.outbox import SMART_SENDING
from mock_klaviyo.resources.segments import MEMBERS as SEGMENT_MEMBERS

GROUPS: Mapping[str, str] = {"list": LIST_MEMBERS, "segment": SEGMENT_MEMBERS}
"""The type of a trigger that is a group of profiles → the link to its members."""


@dataclass(frozen=True)
class Skip:
    """Why something is not done, and what the conditions saw that say so."""

    reason: str
    verdicts: list[Json] | None = None


Check: TypeAlias = Callable[[Step], Skip | None]
MessageCheck: TypeAlias = Callable[[Step, str, Json], Skip | None]
"""Looks at a step, the channel and the message; gives why it is not sent."""


def channel_of(step: Step) -> str | None:
    """The channel on which an action writes to a profile; None for any other action."""
    part = step.data.get("main_action") or step.action
    channel = CHANNELS.get(part["type"])
    return channel if channel in CONSENTS else None


def left(step: Step) -> Skip | None:
    """Whether a message is for a profile that is no longer in the list or segment that began the run."""
    trigger = step.run.trigger
    link, id = GROUPS.get(trigger["type"]), trigger.get("id")
    if link is None or id is None or channel_of(step) is None or step.world.store.links.has(link, id, step.profile.id):
        return None
    return Skip("Person No Longer in List")


def fails_flow_filters(step: Step) -> Skip | None:
    """Whether the flow is not for the profile any more."""
    return failing(step, step.plan.profile_filter, "Fails Flow Filters")


def failing(step: Step, definition: Json | None, reason: str) -> Skip | None:
    """The reason when the profile does not satisfy a definition."""
    found = judged(step.subject, definition) if definition else None
    return Skip(reason, found.verdicts) if found and not found.is_true else None


def fails_additional_filters(step: Step, _channel: str, message: Json) -> Skip | None:
    """Whether the message is not for the profile."""
    return failing(step, message.get("additional_filters"), "Fails Additional Filters")


def has_no_address(step: Step, channel: str, _message: Json) -> Skip | None:
    """Whether the profile cannot be reached on the channel at all."""
    document = step.profile.document
    if channel == "email":
        return None if document["email"] else Skip("Missing Email")
    if channel in ("sms", "whatsapp"):
        number = document["phone_number"]
        if not number:
            return Skip("Missing Phone Number")
        return None if is_phone_number(number) else Skip("Phone Number is Not Valid")
    return None if step.world.store.is_any("push-token", profile_id=step.profile.id) else Skip("Missing Push Token")


def may_not_be_sent(step: Step, channel: str, message: Json) -> Skip | None:
    """Whether the profile does not want the message, or is suppressed."""
    kind = "transactional" if message.get("transactional") else "marketing"
    return CONSENTS[channel](step, kind)


def email_consent(step: Step, kind: str) -> Skip | None:
    """Nobody need have subscribed; a transactional message also reaches those who unsubscribed, and nobody else.

    https://help.klaviyo.com/hc/en-us/articles/360037101072
    """
    marketing = subscriptions(step.world, step.profile)["email"]["marketing"]
    reasons = {each["reason"] for each in marketing["suppression"]}
    if kind == "transactional":
        return Skip("Person Suppressed") if reasons - {"UNSUBSCRIBE"} else None
    return None if marketing["can_receive_email_marketing"] else Skip("Person Suppressed")


def sms_consent(step: Step, kind: str) -> Skip | None:
    """A text message needs consent; to marketing, or to transactional ones."""
    known = subscriptions(step.world, step.profile)["sms"]
    wanted = {kind, "marketing"} if kind == "marketing" else {"marketing", "transactional"}
    has_consented = any(known[each]["consent"] == SUBSCRIBED for each in wanted)
    return None if has_consented else Skip("Missing SMS Consent")


def whatsapp_consent(step: Step, kind: str) -> Skip | None:
    """A WhatsApp message needs consent."""
    known = subscriptions(step.world, step.profile)["whatsapp"] or {}
    has_consented = bool((known.get(kind) or {}).get("can_receive"))
    return None if has_consented else Skip("Missing WhatsApp Consent")


def push_consent(step: Step, _kind: str) -> Skip | None:
    """A notification needs a device that allows it."""
    tokens = step.world.store.rows("push-token", profile_id=step.profile.id)
    is_allowed = any(token.document["enablement_status"] == "AUTHORIZED" for token in tokens)
    return None if is_allowed else Skip("Push Notifications Not Allowed")


CONSENTS: Mapping[str, Callable[[Step, str], Skip | None]] = {
    "email": email_consent,
    "sms": sms_consent,
    "whatsapp": whatsapp_consent,
    "mobile_push": push_consent,
}


def is_spared(step: Step, channel: str, message: Json) -> Skip | None:
    """Whether the profile had a message on the channel too short a time ago.

    https://help.klaviyo.com/hc/en-us/articles/115002779311
    """
    if not message.get("smart_sending_enabled"):
        return None
    last = step.walk.last_attempt(step.profile.id, channel)
    since = (step.at - SMART_SENDING[channel]).astimezone(UTC).isoformat()
    return Skip("Smart Sending") if last is not None and last > since else None


OF_ACTION: tuple[Check, ...] = (left, fails_flow_filters)
"""What is looked at before every action that does something."""

OF_MESSAGE: tuple[MessageCheck, ...] = (fails_additional_filters, has_no_address, may_not_be_sent, is_spared)
"""What is looked at before a message beside that; that a profile or an action is gone ends the run before."""


def first(found: Iterable[Skip | None]) -> Skip | None:
    """The first reason, if there is any."""
    return next((each for each in found if each is not None), None)


def of_action(step: Step) -> Skip | None:
    """Why an action is not done."""
    return first(check(step) for check in OF_ACTION)


def of_message(step: Step, channel: str, message: Json) -> Skip | None:
    """Why a message is not sent."""
    return first(check(step, channel, message) for check in OF_MESSAGE)
