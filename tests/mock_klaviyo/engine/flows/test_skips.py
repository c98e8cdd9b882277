"""Why a message is skipped, in Klaviyo's words and in the order of the checks.

Reasons: help centre 1260805003210. Consent: 360037101072. Smart Sending: 115002779311.
"""

from __future__ import annotations

import pytest

from tests.calling import resource
from tests.mock_klaviyo.engine.definitions import is_gold, segment
from tests.mock_klaviyo.engine.flows.story import DAY, HOUR, Story
from tests.mock_klaviyo.resources.test_flows import email, groups, text, wait

NUMBER = "+420601234567"


def push(id, then=None, **message):
    data = {"message": {"body": "Hello", **message}, "status": "live"}
    return {"temporary_id": id, "type": "send-mobile-push", "links": {"next": then}, "data": data}


def whatsapp(id, then=None, **message):
    return {"temporary_id": id, "type": "send-whatsapp", "links": {"next": then}, "data": {"message": message}}


def suppress(story):
    named = {"data": [{"type": "profile", "attributes": {"email": "ana@shop.org"}}]}
    body = resource("profile-suppression-bulk-create-job", profiles=named)
    story.client.post("/api/profile-suppression-bulk-create-jobs", body)


def with_token(story, status="AUTHORIZED"):
    attributes = {"token": "t1", "platform": "ios", "vendor": "apns", "enablement_status": status}
    who = {"data": {"type": "profile", "attributes": {"email": "ana@shop.org"}}}
    story.client.post("/api/push-tokens", resource("push-token", **attributes, profile=who))


def nothing(_story):
    """A profile with an email address, a phone number and no consent."""


CASES = [
    (email("m"), nothing, None),
    (email("m"), Story.unsubscribe, "Person Suppressed"),
    (email("m"), suppress, "Person Suppressed"),
    (email("m", transactional=True), Story.unsubscribe, None),
    (email("m", transactional=True), suppress, "Person Suppressed"),
    (email("m", additional_filters=groups(is_gold())), nothing, "Fails Additional Filters"),
    (email("m", subject_line="{{ first_name"), nothing, None),
    (email("m", subject_line="{% if %}"), nothing, "Email Syntax Error"),
    (email("m", subject_line="{% coupon_code 'NONE' %}"), nothing, "Coupon Code Doesn't Exist"),
    (text("m"), nothing, "Missing SMS Consent"),
    (text("m"), lambda story: story.subscribe("sms", phone_number=NUMBER), None),
    (text("m", body="{% if %}"), lambda story: story.subscribe("sms", phone_number=NUMBER), "Unable to Send SMS"),
    (push("m"), nothing, "Missing Push Token"),
    (push("m"), with_token, None),
    (push("m"), lambda story: with_token(story, "DENIED"), "Push Notifications Not Allowed"),
    (whatsapp("m"), nothing, "Missing WhatsApp Consent"),
]


NAMES = [f"{message['type']} {number}: {reason}" for number, (message, _, reason) in enumerate(CASES)]


@pytest.mark.parametrize(("message", "arrange", "reason"), CASES, ids=NAMES)
def test_a_message_is_skipped(story, message, arrange, reason):
    story.person(phone_number=NUMBER)
    flow_id = story.flow(message)
    arrange(story)
    story.happens()

    assert [("skipped" if reason else "sent", reason)] == story.steps(flow_id)
    assert [reason] == [skipped for _, _, skipped in story.messages()]


@pytest.mark.parametrize(
    ("message", "identifiers", "reason"),
    [
        (email("m"), {"phone_number": NUMBER}, "Missing Email"),
        (text("m"), {"email": "ana@shop.org"}, "Missing Phone Number"),
        (whatsapp("m"), {"email": "ana@shop.org"}, "Missing Phone Number"),
    ],
)
def test_a_message_without_an_address_is_skipped(story, message, identifiers, reason):
    flow_id = story.flow(message)
    body = {"properties": {}, "metric": {"data": {"type": "metric", "attributes": {"name": "Joined"}}}}
    body["profile"] = {"data": {"type": "profile", "attributes": identifiers}}
    story.client.post("/api/events", resource("event", **body))
    story.klaviyo.catch_up()

    assert [("skipped", reason)] == story.steps(flow_id)


def test_the_checks_come_in_their_order(story):
    news = story.list()
    filters = {"profile_filter": groups(is_gold()), "trigger": {"type": "list", "id": news}}
    additional = groups(is_gold("properties['Drink']", "tea"))
    flow_id = story.flow(wait("w", "m"), email("m", additional_filters=additional), email("x"), **filters)
    ana = story.person(properties={"Tier": "Gold"})
    story.join(news, ana)
    story.leave(news, ana)
    story.change(ana, properties={"Tier": "Silver"})
    story.unsubscribe()
    story.wait(DAY * 3)

    assert ("skipped", "Person No Longer in List") == story.steps(flow_id)[1]


@pytest.mark.parametrize(
    ("undone", "reason"),
    [
        ("list", "Fails Flow Filters"),
        ("tier", "Fails Additional Filters"),
        ("drink", "Person Suppressed"),
        ("suppression", "Smart Sending"),
        ("smart", None),
    ],
)
def test_when_one_reason_is_gone_the_next_in_order_is_told(story, undone, reason):
    order = ["list", "tier", "drink", "suppression", "smart"]
    still = order[order.index(undone) + 1 :]
    additional = groups(is_gold("properties['Drink']", "tea"))
    message = email("m", additional_filters=additional, smart_sending_enabled=True)
    story.flow(email("before", smart_sending_enabled=False))
    flow_id = story.flow(wait("w", "m", unit="hours"), message, profile_filter=groups(is_gold()))
    ana = story.person(properties={"Tier": "Gold"})
    story.happens()
    if "smart" not in still:
        story.wait(HOUR)
        story.klaviyo.store.delete_where("outbox-message", profile_id=ana)
    story.change(ana, properties={"Tier": "Silver" if "tier" in still else "Gold"})
    story.change(ana, properties={"Drink": "mate" if "drink" in still else "tea"})
    if "suppression" in still:
        story.unsubscribe()
    story.wait(HOUR * 3)

    assert ("skipped" if reason else "sent", reason) == story.steps(flow_id)[1]


@pytest.mark.parametrize(
    ("channel", "after", "is_spared"),
    [
        ("email", HOUR * 15, True),
        ("email", HOUR * 16, False),
        ("sms", HOUR * 21, True),
        ("sms", HOUR * 24, False),
        ("mobile_push", HOUR * 23, True),
        ("mobile_push", HOUR * 24, False),
    ],
)
def test_smart_sending_spares_a_profile_for_a_time_on_the_same_channel(story, channel, after, is_spared):
    story.person(phone_number=NUMBER, location={"timezone": "Europe/Prague"})
    story.subscribe("sms", phone_number=NUMBER)
    with_token(story)
    make = {"email": email, "sms": text, "mobile_push": push}[channel]
    quiet = {"sms_quiet_hours_enabled": False} if channel == "sms" else {}
    flow_id = story.flow(make("m", smart_sending_enabled=True, **quiet))
    story.happens()
    story.wait(after)
    story.happens()

    outcomes = [each["path"][-1]["outcome"] for each in story.runs(flow_id)]
    assert ["sent", "skipped" if is_spared else "sent"] == outcomes


def test_a_message_that_was_skipped_does_not_begin_the_time(story):
    story.flow(email("m", additional_filters=groups(is_gold())))
    story.flow(email("m", smart_sending_enabled=True))
    story.happens()

    assert ["Fails Additional Filters", None] == [skipped for _, _, skipped in story.messages()]


def test_a_message_without_smart_sending_begins_the_time_too(story):
    flow_id = story.flow(email("m", "n", smart_sending_enabled=False), email("n", smart_sending_enabled=True))
    story.happens()

    assert [("sent", None), ("skipped", "Smart Sending")] == story.steps(flow_id)


def test_who_fails_the_filters_walks_on_and_is_written_to_when_they_hold_again(story):
    actions = (
        email("a", "w", smart_sending_enabled=False),
        wait("w", "b"),
        email("b", "v"),
        wait("v", "c"),
        email("c"),
    )
    flow_id = story.flow(*actions, profile_filter=groups(is_gold()))
    ana = story.person(properties={"Tier": "Gold"})
    story.happens()
    story.change(ana, properties={"Tier": "Silver"})
    story.wait(DAY * 3)
    story.change(ana, properties={"Tier": "Gold"})
    story.wait(DAY * 3)

    outcomes = [each for each in story.steps(flow_id) if each[0] != "waiting"]
    assert [("sent", None), ("skipped", "Fails Flow Filters"), ("sent", None)] == outcomes
    assert "Silver" == story.run(flow_id)["path"][2]["verdicts"][0]["saw"]


def test_who_left_a_segment_is_still_updated(story):
    golden = story.client.create("/api/segments", segment(is_gold()))
    note = {"operator": "create", "property_type": "boolean", "property_key": "VIP", "property_value": True}
    update = {"temporary_id": "u", "type": "update-profile", "links": {"next": None}}
    update["data"] = {"profile_operations": [note], "status": "live"}
    story.flow(wait("w", "u"), update, trigger={"type": "segment", "id": golden})
    ana = story.person(properties={"Tier": "Gold"})
    story.klaviyo.catch_up()
    story.change(ana, properties={"Tier": "Silver"})
    story.wait(DAY * 3)

    assert story.client.get(f"/api/profiles/{ana}")["data"]["attributes"]["properties"]["VIP"]


def test_who_left_a_segment_is_skipped(story):
    golden = story.client.create("/api/segments", segment(is_gold()))
    flow_id = story.flow(wait("w", "m"), email("m"), trigger={"type": "segment", "id": golden})
    ana = story.person(properties={"Tier": "Gold"})
    story.klaviyo.catch_up()
    story.change(ana, properties={"Tier": "Silver"})
    story.wait(DAY * 3)

    assert ("skipped", "Person No Longer in List") == story.steps(flow_id)[-1]
