"""Who begins a flow: metric, list and segment triggers, filters, re-entry, late and backfilled events, drafts.

Sources: help centre 115002779051 (filters), 360003040052 (re-entry), 12278373016603 (late events), 360017706091.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.calling import channels, consent, resource
from tests.mock_klaviyo.engine.definitions import bought, is_gold, segment
from tests.mock_klaviyo.engine.flows.story import DAY, HOUR, START, Story
from tests.mock_klaviyo.resources.test_flows import email, groups, text, wait

HELLO = email("e", smart_sending_enabled=False)


def entered(story, flow_id):
    return [(each["profile"]["email"].partition("@")[0], each["exit"]) for each in story.runs(flow_id)]


def never_since(metric):
    """The condition that somebody has not done something since starting the flow."""
    found = bought(metric)
    found["measurement_filter"] = {"type": "numeric", "operator": "equals", "value": 0}
    return found | {"timeframe_filter": {"type": "date", "operator": "flow-start"}, "metric_filters": None}


def of_trigger(metric, operator="equals", value=5, type="numeric", field="n"):
    filter = {"type": type, "operator": operator, "value": value}
    return groups({"type": "metric-property", "metric_id": metric, "field": field, "filter": filter})


@pytest.mark.parametrize(
    ("properties", "is_let_in"), [({"n": 5}, True), ({"n": 4}, False), ({}, False), ({"$extra": {"n": 5}}, False)]
)
def test_trigger_filters_look_at_top_level_properties_of_the_event(story, properties, is_let_in):
    trigger = {"type": "metric", "id": story.metric(), "trigger_filter": of_trigger(story.metric())}
    flow_id = story.flow(HELLO, trigger=trigger)
    story.happens(properties=properties)

    (run,) = story.runs(flow_id)
    assert (["Hello"] if is_let_in else []) == story.sent()
    assert [properties.get("n"), is_let_in] == [run["entry"][0]["saw"], run["entry"][0]["is_true"]]


def test_profile_filters_are_judged_at_the_entry_with_the_value_that_they_saw(story):
    story.person("ana", properties={"Tier": "Gold"})
    story.person("bob", properties={"Tier": "Silver"})
    flow_id = story.flow(HELLO, profile_filter=groups(is_gold()))
    story.happens(name="ana")
    story.happens(name="bob")

    assert [("ana", "Completed"), ("bob", "Fails Flow Filters")] == entered(story, flow_id)
    assert ["Gold", "Silver"] == [each["entry"][0]["saw"] for each in story.runs(flow_id)]


@pytest.mark.parametrize(
    ("criteria", "waits", "exits"),
    [
        (None, [HOUR], ["Completed", "Completed"]),
        ({"duration": 0, "unit": "alltime"}, [HOUR], ["Completed", "Completed"]),
        ({"duration": 1, "unit": "alltime"}, [DAY * 300], ["Completed", "Re-entry Criteria"]),
        ({"duration": 2, "unit": "day"}, [DAY * 2 - HOUR], ["Completed", "Re-entry Criteria"]),
        ({"duration": 2, "unit": "day"}, [DAY * 2], ["Completed", "Completed"]),
        ({"duration": 3, "unit": "hour"}, [HOUR * 3], ["Completed", "Completed"]),
        ({"duration": 1, "unit": "week"}, [DAY * 6], ["Completed", "Re-entry Criteria"]),
        # a refused event does not begin the time anew
        ({"duration": 2, "unit": "day"}, [DAY, DAY], ["Completed", "Re-entry Criteria", "Completed"]),
    ],
)
def test_a_profile_may_come_back_as_the_criteria_say(story, criteria, waits, exits):
    flow_id = story.flow(HELLO, reentry_criteria=criteria)
    story.happens()
    for each in waits:
        story.wait(each)
        story.happens()

    assert exits == [each["exit"] for each in story.runs(flow_id)]


def test_a_profile_may_be_in_a_metric_flow_several_times_at_once(story):
    flow_id = story.flow(wait("w", "e"), HELLO)
    story.happens(unique_id="1", properties={"n": 1})
    story.happens(unique_id="2", properties={"n": 2})

    assert ["waiting", "waiting"] == [each["status"] for each in story.runs(flow_id)]


@pytest.mark.parametrize(
    ("late", "config", "message", "exit"),
    [
        (HOUR * 6, {}, {}, "Completed"),
        (HOUR * 6 + timedelta(seconds=1), {}, {}, "Late Event"),
        (HOUR * 4, {"late_limit": HOUR * 3}, {}, "Late Event"),
        (DAY * 7, {}, {"transactional": True}, "Completed"),
        (DAY * 7 + timedelta(seconds=1), {}, {"transactional": True}, "Late Event"),
    ],
)
def test_an_event_that_comes_late_starts_nothing(late, config, message, exit):
    story = Story(**config)
    flow_id = story.flow(email("e", **message))
    story.happens(time=(START - late).isoformat())

    assert [("ana", exit)] == entered(story, flow_id)


def test_a_backfilled_event_starts_nothing(story):
    flow_id = story.flow(HELLO)
    story.happens(backfill=True)

    assert ([("ana", "Backfilled Event")], []) == (entered(story, flow_id), story.sent())


def test_an_event_that_is_dropped_starts_nothing(story):
    flow_id = story.flow(HELLO)
    story.happens(unique_id="1")
    story.happens(unique_id="1")

    assert [("ana", "Completed")] == entered(story, flow_id)


@pytest.mark.parametrize("status", ["draft", "manual", "live"])
def test_a_draft_lets_nobody_in(story, status):
    flow_id = story.flow(HELLO, status=status)
    story.happens()

    assert ([] if status == "draft" else [("ana", "Completed")]) == entered(story, flow_id)


def test_a_flow_of_drafts_lets_nobody_in_though_it_is_live_itself(story):
    flow_id = story.flow(HELLO)
    story.set_status(flow_id, 0, "draft")
    story.happens()

    assert [] == story.runs(flow_id)


def test_what_happened_before_a_flow_was_made_live_starts_nothing(story):
    flow_id = story.flow(HELLO, status="draft")
    story.happens()
    story.client.patch(f"/api/flows/{flow_id}", resource("flow", flow_id, status="live"))
    story.wait(DAY)

    assert [] == story.runs(flow_id)


@pytest.mark.parametrize("name", ["Received Email", "Opened Email", "Clicked Email"])
def test_what_klaviyo_measures_of_its_messages_starts_no_flow(story, name):
    story.flow(HELLO)
    story.happens()
    found = story.own_metric(name)
    flow_id = story.flow(HELLO, trigger={"type": "metric", "id": found})
    story.happens()

    assert [] == story.runs(flow_id)


def test_a_text_that_was_received_starts_another_flow(story):
    story.person(phone_number="+420601234567")
    story.subscribe("sms", phone_number="+420601234567")
    story.flow(text("t", body="Hi", add_info_link=False))
    flow_id = story.flow(HELLO, trigger={"type": "metric", "id": story.own_metric("Received SMS")})
    story.happens()

    assert ([("ana", "Completed")], ["Mock Shop: Hi", "Hello"]) == (entered(story, flow_id), story.sent()[-2:])


# lists and segments


def test_joining_a_list_starts_a_flow_once(story):
    news = story.list()
    flow_id = story.flow(HELLO, trigger={"type": "list", "id": news})
    ana = story.person()
    story.join(news, ana)
    story.join(news, ana)
    story.wait(DAY)
    story.leave(news, ana)
    story.join(news, ana)

    assert [("ana", "Completed"), ("ana", "Re-entry Criteria")] == entered(story, flow_id)


def test_who_is_on_the_list_already_does_not_begin(story):
    news = story.list(story.person())
    flow_id = story.flow(HELLO, trigger={"type": "list", "id": news})
    story.wait(DAY)

    assert [] == story.runs(flow_id)


def test_consent_that_puts_somebody_on_a_list_starts_a_flow_and_a_historical_one_does_not(story):
    news = story.list()
    flow_id = story.flow(HELLO, trigger={"type": "list", "id": news})
    agreed = {"email": "ana@shop.org", "subscriptions": channels()}
    old = {"email": "old@shop.org", "subscriptions": channels(consented_at="2020-01-01T00:00:00Z")}
    path = "/api/profile-subscription-bulk-create-jobs"
    story.client.post(path, consent(agreed, list_id=news))
    story.client.post(path, consent(old, list_id=news, historical_import=True))
    story.klaviyo.catch_up()

    assert [("ana", "Completed")] == entered(story, flow_id)


def test_merging_into_a_member_starts_nothing(story):
    news = story.list()
    ana, bob = story.person("ana"), story.person("bob")
    story.join(news, bob)
    flow_id = story.flow(HELLO, trigger={"type": "list", "id": news})
    story.merge(bob, ana)

    assert ([ana], []) == (story.client.ids(f"/api/lists/{news}/profiles"), story.runs(flow_id))


def test_a_change_that_makes_a_member_of_a_segment_starts_a_flow(story):
    golden = story.client.create("/api/segments", segment(is_gold()))
    flow_id = story.flow(HELLO, trigger={"type": "segment", "id": golden})
    ana = story.person(properties={"Tier": "Silver"})
    story.change(ana, properties={"Tier": "Gold"})

    assert [("ana", "Completed")] == entered(story, flow_id)


def test_merging_that_makes_a_member_of_a_segment_starts_nothing_and_a_later_change_does(story):
    golden = story.client.create("/api/segments", segment(is_gold()))
    ana, bob = story.person("ana", properties={"Tier": "Gold"}), story.person("bob")
    flow_id = story.flow(HELLO, trigger={"type": "segment", "id": golden})
    story.merge(ana, bob)
    before = story.runs(flow_id)
    for tier in ("Silver", "Gold"):
        story.change(bob, properties={"Tier": tier})

    assert [bob] == story.client.ids(f"/api/segments/{golden}/profiles")
    assert ([], [("bob", "Completed")]) == (before, entered(story, flow_id))


def test_making_and_editing_a_segment_starts_nothing(story):
    ana = story.person(properties={"Tier": "Gold"})
    golden = story.client.create("/api/segments", segment(is_gold(value="Silver")))
    flow_id = story.flow(HELLO, trigger={"type": "segment", "id": golden})
    definition = segment(is_gold())["data"]["attributes"]["definition"]
    story.client.patch(f"/api/segments/{golden}", resource("segment", golden, definition=definition))
    members = story.client.ids(f"/api/segments/{golden}/profiles")
    story.wait(DAY)

    assert ([ana], []) == (members, story.runs(flow_id))


def test_time_alone_makes_a_member_at_its_own_moment(story):
    quiet = story.client.create("/api/segments", segment(bought(story.metric("Ordered"), operator="at-least", days=3)))
    flow_id = story.flow(email("e"), trigger={"type": "segment", "id": quiet})
    story.happens("Ordered")
    story.wait(DAY * 30)

    assert [("2026-03-06T00:00", "Hello", None)] == story.messages()
    assert "2026-03-06T00:00:00+00:00" == story.run(flow_id)["entered_at"]


@pytest.mark.parametrize("kind", ["list", "segment", "metric"])
def test_a_flow_whose_trigger_is_deleted_lets_nobody_in(story, kind):
    ids = {"metric": story.metric(), "list": story.list()}
    ids["segment"] = story.client.create("/api/segments", segment(is_gold()))
    flow_id = story.flow(HELLO, trigger={"type": kind, "id": ids[kind]})
    if kind != "metric":
        story.client.delete(f"/api/{kind}s/{ids[kind]}")
    story.person(properties={"Tier": "Gold"})
    story.happens(metric="Joined" if kind == "metric" else "Other")

    assert (1 if kind == "metric" else 0) == len(story.runs(flow_id))


def test_flows_that_start_each_other_at_one_moment_end(story):
    story.person(phone_number="+420601234567")
    story.subscribe("sms", phone_number="+420601234567")
    story.flow(text("t", smart_sending_enabled=False))
    story.happens()
    flow_id = story.flow(
        text("t", smart_sending_enabled=False), trigger={"type": "metric", "id": story.own_metric("Received SMS")}
    )
    story.happens(unique_id="again")

    assert "Circular Flows" == story.runs(flow_id, limit="1000")[-1]["exit"]


def test_what_came_after_the_event_does_not_count_yet_when_the_profile_begins(story):
    none = never_since(story.metric("Ordered"))
    flow_id = story.flow(wait("w", "e"), HELLO, profile_filter=groups(none))
    story.client.track("Joined", "ana@shop.org")
    story.client.track("Ordered", "ana@shop.org")
    story.wait(DAY * 5)

    assert [("waiting", None), ("skipped", "Fails Flow Filters")] == story.steps(flow_id)


def test_the_event_that_began_the_flow_is_not_since_its_start(story):
    none = never_since(story.metric())
    story.flow(wait("w", "e"), HELLO, profile_filter=groups(none))
    story.happens()
    story.wait(DAY * 5)

    assert ["Hello"] == story.sent()
