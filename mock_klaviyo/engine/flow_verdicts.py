"""Flow verdicts: how a definition was judged, condition by condition, with the value that each saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mock_klaviyo.engine import conditions, flow_conditions
from mock_klaviyo.engine.conditions import CONDITIONS, measure, property_of
from mock_klaviyo.engine.consents import CHANNELS, WHATSAPP
from mock_klaviyo.engine.subject import Subject
from mock_klaviyo.json import Json
from mock_klaviyo.resources.consent import subscriptions


@dataclass(frozen=True)
class Judgement:
    """Whether a profile satisfies a definition, and why."""

    is_true: bool
    verdicts: list[Json]


def judged(subject: Subject, definition: Json | None) -> Judgement:
    """How a profile is judged by a definition; everybody satisfies none."""
    verdicts, is_true = [], True
    for number, group in enumerate((definition or {}).get("condition_groups") or ()):
        found = [judged_by(subject, each) | {"group": number} for each in group["conditions"]]
        is_true = is_true and any(each["is_true"] for each in found)
        verdicts += found
    return Judgement(is_true, verdicts)


def judged_by(subject: Subject, condition: Json) -> Json:
    """How a profile is judged by one condition."""
    type = condition["type"]
    is_true = CONDITIONS[type](subject, condition).is_true
    return {"is_true": is_true, "condition": condition, "saw": SAW[type](subject, condition)}


def consent_seen(subject: Subject, condition: Json) -> Any:
    """What a profile said about marketing on a channel."""
    marketing = subscriptions(subject.world, subject.profile)[CHANNELS[condition["consent"]["channel"]]]["marketing"]
    reasons = [each["reason"] for each in marketing.get("suppression", ())]
    return {"consent": marketing["consent"], "suppression": reasons} if reasons else marketing["consent"]


def groups_seen(subject: Subject, condition: Json) -> Any:
    """Which of the lists and segments a profile is in, and since when."""
    return {id: subject.groups[id].isoformat() for id in condition["group_ids"] if id in subject.groups}


def country_seen(subject: Subject, _condition: Json) -> Any:
    """Where a profile lives."""
    return subject.profile.document["location"].get("country")


def sent_seen(subject: Subject, condition: Json) -> Any:
    """When a profile was sent something last."""
    return next((at.isoformat() for at in reversed(flow_conditions.sent_at(subject, condition))), None)


def entered_seen(subject: Subject, _condition: Json) -> Any:
    """When a profile was in the flow last."""
    return next((at.isoformat() for at in reversed(flow_conditions.entered_at(subject))), None)


def measured_seen(subject: Subject, condition: Json) -> Any:
    """How often a profile did something, or what that adds up to."""
    return measure(subject, condition)[0]


def distance_seen(subject: Subject, condition: Json) -> Any:
    """How far from a postal code a profile lives, in the unit that is asked for."""
    found = conditions.distance(subject, condition)
    return None if found is None else round(found, 1)


def whatsapp_seen(subject: Subject, condition: Json) -> Any:
    """What a profile said about messages by WhatsApp."""
    known = subscriptions(subject.world, subject.profile)["whatsapp"] or {}
    return known.get(WHATSAPP[condition["channel"]])


def objects_seen(subject: Subject, condition: Json) -> Any:
    """How many objects with certain properties a profile has."""
    return sum(each.is_true for each in conditions.verdicts_on_objects(subject, condition))


def steps_seen(subject: Subject, condition: Json) -> Any:
    """How often a profile took each step."""
    return [len(subject.occurred(step["metric_id"])) for step in condition["steps"]]


def predicted_seen(_subject: Subject, _condition: Json) -> Any:
    """What Klaviyo predicts of a profile, which is nothing here."""
    return None


def property_seen(subject: Subject, condition: Json) -> Any:
    """A property of a profile."""
    return property_of(subject.profile.document, condition["property"])


def sample_seen(subject: Subject, _condition: Json) -> Any:
    """Where chance puts a profile."""
    return round(flow_conditions.percentile(subject), 2)


SAW: Mapping[str, Callable[[Subject, Json], Any]] = {
    "profile-property": property_seen,
    "profile-metric": measured_seen,
    "profile-group-membership": groups_seen,
    "profile-marketing-consent": consent_seen,
    "profile-region": country_seen,
    "profile-sample": sample_seen,
    "profile-not-sent-email": sent_seen,
    "profile-not-sent-sms": sent_seen,
    "profile-not-sent-push": sent_seen,
    "profile-not-in-flow": entered_seen,
    "metric-property": flow_conditions.triggered,
    "price-drop-property": flow_conditions.triggered,
    "low-inventory-property": flow_conditions.triggered,
    "custom-object-property": flow_conditions.object_property,
    "custom-object-trigger-property": flow_conditions.object_property_by_id,
    "action-output": flow_conditions.output,
    "profile-has-custom-object": objects_seen,
    "profile-metric-funnel": steps_seen,
    "profile-permissions": whatsapp_seen,
    "profile-postal-code-distance": distance_seen,
    "profile-predictive-analytics": predicted_seen,
}
"""The type of each condition → the value that it saw."""
