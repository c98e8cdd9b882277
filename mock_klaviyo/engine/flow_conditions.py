"""Flow conditions: those that only flows have, on what a run began with and on what the profile was sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from mock_klaviyo.engine.conditions import condition
from mock_klaviyo.engine.filters import matched
from mock_klaviyo.engine.moments import when
from mock_klaviyo.engine.subject import Start, Subject
from mock_klaviyo.engine.verdict import FALSE, TRUE, Verdict
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_runs import REFUSED
from mock_klaviyo.resources.message_context import OBJECT_BY_ID

CHANNELS: Mapping[str, str] = {
    "profile-not-sent-email": "email",
    "profile-not-sent-sms": "sms",
    "profile-not-sent-push": "mobile_push",
}


@condition("metric-property")
def metric_property(subject: Subject, condition: Json) -> Verdict:
    """A property of the event that began the run."""
    return matched(triggered(subject, condition), condition["filter"], subject.now)


@condition("price-drop-property")
@condition("low-inventory-property")
def product_property(subject: Subject, condition: Json) -> Verdict:
    """A property of the product that began the run."""
    return matched(triggered(subject, condition), condition["filter"], subject.now)


def triggered(subject: Subject, condition: Json) -> Any:
    """What a property of the trigger is; nothing when the condition asks about another metric's events."""
    start = subject.start
    if start is None or (condition.get("metric_id") and start.metric_id not in (None, condition["metric_id"])):
        return None
    return start.properties.get(condition["field"])


@condition("custom-object-trigger-property")
def custom_object_trigger_property(subject: Subject, condition: Json) -> Verdict:
    """A property, by its id, of the object that began the run."""
    return matched(object_property_by_id(subject, condition), condition["filter"], subject.now)


def object_property_by_id(subject: Subject, condition: Json) -> Any:
    """What a property, named by its id, of the object is that began the run."""
    properties = subject.start.properties.get(OBJECT_BY_ID, {}) if subject.start else {}
    return properties.get(str(condition["property_id"]))


@condition("custom-object-property")
def custom_object_property(subject: Subject, condition: Json) -> Verdict:
    """A property, by its name, of the object that began the run."""
    return matched(object_property(subject, condition), condition["filter"], subject.now)


def object_property(subject: Subject, condition: Json) -> Any:
    """What a property of the object is that began the run."""
    return subject.start.properties.get(condition["field"]) if subject.start else None


@condition("action-output")
def action_output(subject: Subject, condition: Json) -> Verdict:
    """Something that an action before gave."""
    return matched(output(subject, condition), condition["filter"], subject.now)


def output(subject: Subject, condition: Json) -> Any:
    """What an action before gave, by the id of its action; of an unknown one, what the last one gave."""
    outputs = subject.start.outputs if subject.start else {}
    last = next(reversed(list(outputs.values())), {})
    return outputs.get(str(condition.get("output_config_id")), last).get(condition["field"])


@condition("profile-sample")
def profile_sample(subject: Subject, condition: Json) -> Verdict:
    """Whether chance chooses a profile; within one flow always the same way."""
    return TRUE if percentile(subject) < condition["percentage"] else FALSE


def percentile(subject: Subject) -> float:
    """Where chance puts a profile, from 0 to just under 100."""
    return 100 * chance(subject.start.key if subject.start else subject.profile.id)


def chance(key: str) -> float:
    """A number from 0 to just under 1, always the same for a key."""
    return int.from_bytes(sha256(key.encode()).digest()[:6]) / 2**48


@condition("profile-not-sent-email")
@condition("profile-not-sent-sms")
@condition("profile-not-sent-push")
def profile_not_sent(subject: Subject, condition: Json) -> Verdict:
    """Whether a profile was sent nothing on a channel in a time."""
    sent = (when(at, condition["timeframe_filter"], subject.now) for at in sent_at(subject, condition))
    return FALSE if any(each.is_true for each in sent) else TRUE


def sent_at(subject: Subject, condition: Json) -> list[datetime]:
    """When a profile was sent something on a channel, the latest last."""
    channel, wanted = CHANNELS[condition["type"]], ("channel", "attempted_at")
    found = subject.world.store.values("outbox-message", "profile_id", [subject.profile.id], wanted)
    return sorted(datetime.fromisoformat(at) for kind, at in found if kind == channel and at)


@condition("profile-not-in-flow")
def profile_not_in_flow(subject: Subject, condition: Json) -> Verdict:
    """Whether a profile has not been in the flow before in a time."""
    before = (when(at, condition["timeframe_filter"], subject.now) for at in entered_at(subject))
    return FALSE if any(each.is_true for each in before) else TRUE


def entered_at(subject: Subject) -> list[datetime]:
    """When a profile began the flow, but for this run."""
    start = subject.start
    return sorted(entries(subject, start)) if start else []


def entries(subject: Subject, start: Start) -> list[datetime]:
    """When the other runs of a profile in a flow began."""
    rows = subject.world.store.rows("flow-run", profile_id=subject.profile.id, flow_id=start.flow_id)
    others = [row for row in rows if row.id != start.run_id and row.document["status"] != REFUSED]
    return [datetime.fromisoformat(row.document["entered_at"]) for row in others]
