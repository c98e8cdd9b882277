"""What each kind of condition says, and the value that it saw: a case for every one that the engine can judge.

Sources: the published definitions for the forms; help centre 115002779051 for where each looks.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_klaviyo.engine.conditions import CONDITIONS
from mock_klaviyo.engine.flow_plans import of_profile
from mock_klaviyo.engine.flow_verdicts import SAW, judged
from mock_klaviyo.engine.subject import Start, needs, subjects
from mock_klaviyo.resources.message_context import OBJECT_BY_ID
from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION
from tests.mock_klaviyo.engine.definitions import bought, in_group, is_gold
from tests.mock_klaviyo.engine.flows.story import DAY, START
from tests.mock_klaviyo.resources.test_custom_objects import make_source
from tests.mock_klaviyo.resources.test_flows import email, groups
from tests.mock_klaviyo.resources.test_object_records import related, send

NUMBER = "+420601234567"
ALLTIME = {"type": "date", "operator": "alltime"}
BEGUN = Start(START, 0, "FLOW01", "FLOW01:ana", properties={"n": 5, OBJECT_BY_ID: {"7": "park"}})
BEGUN = replace(BEGUN, outputs={"A1": {"status_code": 200}})


def equals(value, type="numeric", operator="equals"):
    return {"type": type, "operator": operator, "value": value}


def of_trigger(type, field="n", **more):
    return {"type": type, "field": field, "filter": equals(5), **more}


def consented(channel, subscription, *, can_receive=True):
    status = {"subscription": subscription, "filters": None}
    consent = {"channel": channel, "can_receive_marketing": can_receive, "consent_status": status}
    return {"type": "profile-marketing-consent", "consent": consent}


def reachable(status):
    permission = {"reachable_status": status, "filters": []}
    return {"type": "profile-permissions", "channel": "whatsapp_marketing", "permission": permission}


def predicted():
    return {"type": "profile-predictive-analytics", "dimension": "churn_probability", "filter": equals(1)}


def walked(metric):
    steps = [{"metric_id": metric, "metric_exists": True, "metric_filters": None}]
    frame = {"type": "date", "operator": "in-the-last", "unit": "day", "quantity": 9}
    return {
        "type": "profile-metric-funnel",
        "steps": steps,
        "timeframe_filter": frame,
        "completion_window_seconds": None,
    }


def never_sent(channel):
    return {"type": f"profile-not-sent-{channel}", "timeframe_filter": ALLTIME}


def near(code):
    asked = {"country_code": "CZ", "postal_code": code, "unit": "kilometers"}
    return {"type": "profile-postal-code-distance", **asked, "filter": equals(500, operator="less-than")}


def has_walks(known, least):
    asked = {"object_type_id": known["type"], "object_type_relationship_id": known["relationship"], "filters": []}
    return {"type": "profile-has-custom-object", **asked, "filter": equals(least, operator="greater-than-or-equal")}


CASES = [
    (lambda _: is_gold(), True, "Gold"),
    (lambda _: is_gold(value="Silver"), False, "Gold"),
    (lambda known: bought(known["metric"]), True, 1),
    (lambda known: bought(known["metric"], least=2), False, 1),
    (lambda known: walked(known["metric"]), True, [1]),
    (lambda known: in_group(known["list"]), True, {"list": "2026-03-02T12:00:00+00:00"}),
    (lambda known: in_group(known["list"], is_member=False), False, {"list": "2026-03-02T12:00:00+00:00"}),
    (lambda _: in_group("NOLIST"), False, {}),
    (lambda _: consented("sms", "subscribed"), True, "SUBSCRIBED"),
    (lambda _: consented("email", "never_subscribed"), True, "NEVER_SUBSCRIBED"),
    (lambda _: consented("email", "unsubscribed", can_receive=False), False, "NEVER_SUBSCRIBED"),
    (lambda _: reachable("explicitly_reachable"), False, None),
    (lambda _: reachable("implicitly_unreachable"), True, None),
    (lambda _: {"type": "profile-region", "region": "european_union", "in_region": True}, True, "Czechia"),
    (lambda _: {"type": "profile-region", "region": "united_states", "in_region": True}, False, "Czechia"),
    (lambda _: near("602 00"), True, 0.0),
    (lambda _: near("999 99"), False, None),
    (lambda _: predicted(), False, None),
    (lambda known: has_walks(known, 1), True, 1),
    (lambda known: has_walks(known, 2), False, 1),
    (lambda _: {"type": "profile-sample", "percentage": 24}, True, 23.65),
    (lambda _: {"type": "profile-sample", "percentage": 23}, False, 23.65),
    (lambda _: never_sent("email"), False, "2026-03-02T12:00:00+00:00"),
    (lambda _: never_sent("sms"), True, None),
    (lambda _: never_sent("push"), True, None),
    (lambda _: {"type": "profile-not-in-flow", "timeframe_filter": ALLTIME}, True, None),
    (lambda _: of_trigger("metric-property", metric_id=None), True, 5),
    (lambda _: of_trigger("metric-property", "m", metric_id=None), False, None),
    (lambda _: of_trigger("price-drop-property", metric_id=None), True, 5),
    (lambda _: of_trigger("low-inventory-property", metric_id=None), True, 5),
    (lambda _: of_trigger("custom-object-property", custom_object_label="Walk"), True, 5),
    (
        lambda _: {"type": "custom-object-trigger-property", "property_id": 7, "filter": equals("park", "string")},
        True,
        "park",
    ),
    (lambda _: of_trigger("action-output", "status_code", output_config_id="A1", filter=equals(200)), True, 200),
    (lambda _: of_trigger("action-output", "status_code", output_config_id="A1", filter=equals(500)), False, 200),
]


@pytest.fixture
def known(story):
    """The ids of what the cases ask about; Ana has done it all."""
    ids = {"list": story.list(story.person(properties={"Tier": "Gold"}, phone_number=NUMBER, location=BRNO))}
    story.subscribe("sms", phone_number=NUMBER)
    source = make_source(story.client)
    ids["type"], ids["relationship"] = related(story.client, source, update_strategy="additive")
    send(story.client, source, {"id": "park", "walkers": ["ana@shop.org"]})
    story.flow(email("e"))
    story.happens()
    return ids | {"metric": story.metric()}


BRNO = {"country": "Czechia", "zip": "60200", "latitude": 49.2, "longitude": 16.6}


@pytest.mark.parametrize(("condition", "is_true", "saw"), CASES, ids=lambda case: None if callable(case) else str(case))
def test_a_condition_tells_its_verdict_and_what_it_saw(story, known, condition, is_true, saw):
    definition = groups(condition(known))
    world, ana = story.klaviyo.world, story.klaviyo.store.first("profile", email="ana@shop.org")
    (subject,) = subjects(world, [ana], START + DAY, needs(of_profile(definition)))
    subject.start = BEGUN
    (verdict,) = judged(subject, definition).verdicts
    found = {known["list"]: "list"}
    seen = {found[id]: at for id, at in verdict["saw"].items()} if isinstance(saw, dict) else verdict["saw"]

    assert (is_true, saw) == (verdict["is_true"], seen)


def published():
    """The types of conditions that flows and segments can have, by the recording."""
    operations = recording(REVISION).operations
    schemas = [each for id in ("create_flow", "create_segment") for each in operations[id].request["$defs"].items()]
    return {
        type
        for name, schema in schemas
        if name.endswith("Condition")
        for type in schema.get("properties", {}).get("type", {}).get("enum", ())
    }


def test_every_condition_has_a_case_and_shows_what_it_saw():
    types = {condition({"list": "", "metric": "", "type": "", "relationship": ""})["type"] for condition, *_ in CASES}

    assert CONDITIONS.keys() == SAW.keys() == types == published()
