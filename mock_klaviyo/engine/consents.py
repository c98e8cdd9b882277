"""Consents: what conditions ask about a profile's subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_klaviyo.engine.filters import matched
from mock_klaviyo.engine.subject import Subject
from mock_klaviyo.engine.verdict import FALSE, TRUE, Verdict, all_of, any_of
from mock_klaviyo.json import Json
from mock_klaviyo.resources.consent import NEVER, SUBSCRIBED, UNSUBSCRIBED, subscriptions

CHANNELS = {"email": "email", "sms": "sms", "push": "mobile_push"}
STATUSES = {"subscribed": SUBSCRIBED, "unsubscribed": UNSUBSCRIBED, "never_subscribed": NEVER}
SUPPRESSIONS = {
    "bounce_date": "HARD_BOUNCE",
    "manual_suppression_date": "USER_SUPPRESSED",
    "invalid_email_date": "INVALID_EMAIL",
}
"""The field of a consent filter → the reason of the suppression whose time it asks about."""

DEFAULT_METHOD = "API"
"""How somebody unsubscribed when that is not on record: here there is no other way."""


def can_receive(subject: Subject, channel: str, marketing: Json) -> bool:
    """Whether one may send marketing to a profile through a channel."""
    document = subject.profile.document
    if channel == "email":
        return bool(document.get("email")) and bool(marketing["can_receive_email_marketing"])
    if channel == "sms":
        return bool(document.get("phone_number")) and marketing["consent"] == SUBSCRIBED
    return bool(marketing["can_receive_push_marketing"])


def marketing_consent(subject: Subject, consent: Json) -> Verdict:
    """Whether a profile can receive marketing through a channel or not, with the asked subscription and filters."""
    channel, status = consent["channel"], consent["consent_status"]
    marketing = subscriptions(subject.world, subject.profile)[CHANNELS[channel]]["marketing"]
    if can_receive(subject, channel, marketing) is not consent["can_receive_marketing"]:
        return FALSE
    wanted = STATUSES.get(status["subscription"])
    if wanted is not None and marketing["consent"] != wanted:
        return FALSE
    return all_of(filtered(subject, marketing, each) for each in status.get("filters") or [])


def filtered(subject: Subject, subscription: Json, filter: Json) -> Verdict:
    """Whether a subscription satisfies one filter of a consent condition."""
    field = filter["field"]
    if field in SUPPRESSIONS:
        times = [each["timestamp"] for each in subscription["suppression"] if each["reason"] == SUPPRESSIONS[field]]
        return any_of(matched(time, filter["filter"], subject.now) for time in times)
    return FIELDS[field](subject, subscription, filter)


def dated(*names: str) -> Callable[[Subject, Json, Json], Verdict]:
    """A filter on the first time that is known of some."""

    def judge(subject: Subject, subscription: Json, filter: Json) -> Verdict:
        value = next((subscription[name] for name in names if subscription.get(name)), None)
        return matched(value, filter["filter"], subject.now)

    return judge


def valued(name: str, default: Any = None) -> Callable[[Subject, Json, Json], Verdict]:
    """A filter on a member of a subscription."""

    def judge(subject: Subject, subscription: Json, filter: Json) -> Verdict:
        value = subscription.get(name)
        return matched(default if value is None else value, filter["filter"], subject.now)

    return judge


def method(subject: Subject, subscription: Json, filter: Json) -> Verdict:
    """A filter on how consent was given or taken back, and on the form, key, page or user that did it."""
    if filter["method"] not in methods(subscription):
        return FALSE
    detail = filter.get("filter")
    return TRUE if detail is None else matched(detailed(subscription, filter), detail, subject.now)


def methods(subscription: Json) -> Iterator[str]:
    """The names of the way in which consent was given or taken back."""
    known = subscription.get("method") or DEFAULT_METHOD
    yield "_".join(known.lower().split())
    if known.lower() in INTEGRATIONS:
        yield "integration"


INTEGRATIONS = ("shopify", "constant_contact")


def detailed(subscription: Json, filter: Json) -> Any:
    """What is known beside the method."""
    if filter["method"] == "integration":
        return str(subscription.get("method")).lower()
    return subscription.get("method_detail")


FIELDS: Mapping[str, Callable[[Subject, Json, Json], Verdict]] = {
    "status_date": dated("consent_timestamp"),
    "effective_date": dated("consent_timestamp"),
    "recorded_date": dated("created_timestamp", "last_updated"),
    "is_double_opt_in": valued("double_optin", default=False),
    "is_rcs_capable": valued("is_rcs_capable", default=False),
    "custom_source": valued("custom_method_detail"),
    "method": method,
    "subscribe_method": method,
}
"""The field of a consent filter → how it is judged; those about suppressions are in `SUPPRESSIONS`."""

WHATSAPP = {"whatsapp_marketing": "marketing", "whatsapp_transactional": "transactional"}


def permission(subject: Subject, channel: str, asked: Json) -> Verdict:
    """Whether a profile can be reached by WhatsApp, or cannot, because it said so (explicitly) or not."""
    known = subscriptions(subject.world, subject.profile)["whatsapp"]
    subscription = (known or {}).get(WHATSAPP[channel]) or {"consent": NEVER, "can_receive": False}
    is_reachable = bool(subscription["can_receive"])
    manner, _, reach = asked["reachable_status"].rpartition("_")
    if is_reachable is not (reach == "reachable"):
        return FALSE
    if manner != "implicitly_or_explicitly" and (manner == "explicitly") is (subscription["consent"] == NEVER):
        return FALSE
    return all_of(filtered(subject, subscription, each) for each in asked.get("filters") or [])
