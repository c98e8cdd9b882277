"""Consent: subscribing, unsubscribing and suppressing, and what a profile's subscriptions look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_klaviyo.json import Json
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

NEVER = "NEVER_SUBSCRIBED"
SUBSCRIBED = "SUBSCRIBED"
UNSUBSCRIBED = "UNSUBSCRIBED"
LIFTED_BY_CONSENT = ("UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED")
"""Suppressions that a new subscription removes."""

CONSENT: Json = {"consent": NEVER, "consent_timestamp": None, "last_updated": None}
METHOD: Json = {"method": None, "method_detail": ""}
DATED: Json = CONSENT | {"created_timestamp": None, "metadata": None, "can_receive": False, "valid_until": None}

FRESH: Mapping[str, Mapping[str, Json]] = {
    "email": {
        "marketing": {
            "can_receive_email_marketing": True,
            **CONSENT,
            **METHOD,
            "custom_method_detail": None,
            "double_optin": None,
            "suppression": [],
            "list_suppressions": [],
        },
        "open_tracking": DATED | {"can_receive": True},
        "click_tracking": DATED | {"can_receive": True},
    },
    "sms": {
        "marketing": {"can_receive_sms_marketing": False, **CONSENT, **METHOD},
        "transactional": {"can_receive_sms_transactional": False, **CONSENT, **METHOD},
    },
    "mobile_push": {
        "marketing": {"can_receive_push_marketing": False, "consent": NEVER, "consent_timestamp": None},
    },
}
"""The subscriptions of a new profile."""

WHATSAPP: Mapping[str, Json] = {
    kind: DATED | {"phone_number": None} for kind in ("marketing", "transactional", "conversational")
}
"""WhatsApp's part, which is null until there is some."""

CHANNELS = {"email": "email", "sms": "sms", "whatsapp": "whatsapp", "push": "mobile_push"}
"""The channel's name in requests → in profiles."""

MAY_RECEIVE = {
    ("email", "marketing"): "can_receive_email_marketing",
    ("sms", "marketing"): "can_receive_sms_marketing",
    ("sms", "transactional"): "can_receive_sms_transactional",
    ("mobile_push", "marketing"): "can_receive_push_marketing",
}
"""The member that tells whether one may send; `can_receive` where it is not in this table."""


@dataclass(frozen=True)
class Grant:
    """How consent was given: when, through what, and whether it was confirmed."""

    at: str
    method: str = "API"
    detail: str = ""
    custom_detail: str | None = None
    is_confirmed: bool = False


def subscriptions(_world: World, row: Row) -> Json:
    """A profile's subscriptions: those of a new profile with what has changed since."""
    kept: Json = row.document.get("subscriptions") or {}
    whole: Json = {
        channel: {kind: fresh | (kept.get(channel) or {}).get(kind, {}) for kind, fresh in kinds.items()}
        for channel, kinds in FRESH.items()
    }
    whole["whatsapp"] = whatsapp(kept.get("whatsapp"))
    marketing = whole["email"]["marketing"]
    marketing["can_receive_email_marketing"] = not marketing["suppression"] and marketing["consent"] != UNSUBSCRIBED
    return whole


def whatsapp(kept: Json | None) -> Json | None:
    """The part of the subscriptions that is null until there is some."""
    return {kind: fresh | kept.get(kind, {}) for kind, fresh in WHATSAPP.items()} if kept else None


def entry(row: Row, channel: str, kind: str) -> Json:
    """The changeable part of one subscription of a profile; made when there is none yet."""
    kept: Json = row.document.setdefault("subscriptions", {})
    found: Json = kept.setdefault(channel, {}).setdefault(kind, {})
    return found


def consented(row: Row, channel: str, kind: str, consent: str, at: str) -> Json:
    """Change a subscription's consent, its times, and whether one may send."""
    changed = entry(row, channel, kind)
    known = (FRESH.get(channel) or WHATSAPP)[kind]
    values = {"consent": consent, "consent_timestamp": at, "last_updated": at, "created_timestamp": at}
    changed |= {name: value for name, value in values.items() if name in known}
    changed[MAY_RECEIVE.get((channel, kind), "can_receive")] = consent == SUBSCRIBED
    return changed


def subscribe(row: Row, channel: str, kind: str, grant: Grant) -> None:
    """Give consent for a channel and kind; email consent lifts the suppressions that a person can lift."""
    changed = consented(row, channel, kind, SUBSCRIBED, grant.at)
    if "method" in FRESH.get(channel, {}).get(kind, {}):
        changed |= {"method": grant.method, "method_detail": grant.detail}
    if (channel, kind) == ("email", "marketing"):
        changed |= {"custom_method_detail": grant.custom_detail, "double_optin": grant.is_confirmed}
        lift(row, LIFTED_BY_CONSENT)
        changed["list_suppressions"] = []


def unsubscribe(row: Row, channel: str, kind: str, at: str) -> None:
    """Take consent back; for email this suppresses."""
    consented(row, channel, kind, UNSUBSCRIBED, at)
    if (channel, kind) == ("email", "marketing"):
        suppress(row, "UNSUBSCRIBE", at)


def unsubscribe_from_list(row: Row, list_id: str, at: str) -> None:
    """Take consent back for one list only."""
    changed = entry(row, "email", "marketing")
    others = [each for each in changed.get("list_suppressions", []) if each["list_id"] != list_id]
    changed["list_suppressions"] = [*others, {"list_id": list_id, "reason": "UNSUBSCRIBE", "timestamp": at}]
    changed["last_updated"] = at


def suppress(row: Row, reason: str, at: str) -> bool:
    """Let nobody send email to a profile; says whether that changes anything."""
    changed = entry(row, "email", "marketing")
    suppression = changed.setdefault("suppression", [])
    if any(each["reason"] == reason for each in suppression):
        return False
    changed["suppression"] = [*suppression, {"reason": reason, "timestamp": at}]
    changed["last_updated"] = at
    return True


def lift(row: Row, reasons: tuple[str, ...]) -> bool:
    """Remove suppressions with these reasons; says whether there were any."""
    changed = entry(row, "email", "marketing")
    suppression = changed.get("suppression", [])
    changed["suppression"] = [each for each in suppression if each["reason"] not in reasons]
    return len(changed["suppression"]) < len(suppression)
