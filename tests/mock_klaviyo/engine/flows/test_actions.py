"""What each type of action does. Every type of the recorded schema has an action here."""

from __future__ import annotations

from collections import Counter

import pytest

from mock_klaviyo.engine.flow_steps import ACTIONS
from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION
from tests.mock_klaviyo.engine.definitions import bought, in_group, is_gold
from tests.mock_klaviyo.engine.flows.story import DAY, Story
from tests.mock_klaviyo.resources.test_flows import branches, email, groups, split, text, trial, wait


def action(type, id="a", then=None, **data):
    return {"temporary_id": id, "type": type, "links": {"next": then}, "data": data}


def profile_action(*operations, then="e"):
    return action("update-profile", then=then, profile_operations=[*operations], status="live")


def operation(operator, type, key, value, **more):
    return {"operator": operator, "property_type": type, "property_key": key, "property_value": value, **more}


ALLTIME = {"type": "date", "operator": "alltime"}
LAST_DAY = {"type": "date", "operator": "in-the-last", "unit": "day", "quantity": 1}


def types():
    """The types of actions that flows can have, by the recording: those whose links say how they lead on."""
    schemas = recording(REVISION).operations["create_flow"].request["$defs"].values()
    members = [schema.get("properties", {}) for schema in schemas]
    return {
        name for each in members if {"temporary_id", "type"} <= each.keys() for name in each["type"].get("enum", ())
    }


def test_every_type_of_the_recording_is_done():
    assert (20, types()) == (len(ACTIONS), set(ACTIONS))


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (operation("create", "string", "Tier", "Platinum"), {"Tier": "Platinum", "Tags": ["a"]}),
        (operation("update", "numeric", "Points", 5), {"Tier": "Gold", "Tags": ["a"], "Points": 5}),
        (operation("create", "boolean", "VIP", value=True), {"Tier": "Gold", "Tags": ["a"], "VIP": True}),
        (operation("create", "date", "Since", "2026-01-31"), {"Tier": "Gold", "Tags": ["a"], "Since": "2026-01-31"}),
        (operation("create", "date", "Since", "today"), {"Tier": "Gold", "Tags": ["a"], "Since": "2026-03-02"}),
        (operation("update", "list", "Tags", "b", property_operation="add"), {"Tier": "Gold", "Tags": ["a", "b"]}),
        (operation("update", "list", "Tags", "a", property_operation="add"), {"Tier": "Gold", "Tags": ["a"]}),
        (operation("update", "list", "Tags", "a", property_operation="remove"), {"Tier": "Gold", "Tags": []}),
        (operation("update", "list", "Tier", "x", property_operation="add"), {"Tier": ["Gold", "x"], "Tags": ["a"]}),
        (operation("create", "list", "Tags", "z"), {"Tier": "Gold", "Tags": ["z"]}),
        ({"operator": "delete", "property_key": "Tier"}, {"Tags": ["a"]}),
        ({"operator": "delete", "property_key": "None"}, {"Tier": "Gold", "Tags": ["a"]}),
    ],
    ids=str,
)
def test_a_profile_is_updated(story, operation, expected):
    ana = story.person(properties={"Tier": "Gold", "Tags": ["a"]})
    story.flow(profile_action(operation, then=None))
    story.happens()

    assert expected == story.client.profile(ana)["properties"]


def test_a_split_sees_what_the_action_before_it_wrote(story):
    gold = operation("create", "string", "Tier", "Gold")
    story.flow(profile_action(gold, then="s"), split("s", "yes"), email("yes", subject_line="Gold"))
    story.happens()

    assert ["Gold"] == story.sent()


def test_an_update_is_skipped_in_other_words_than_a_message(story):
    gold = operation("create", "string", "Tier", "Gold")
    flow_id = story.flow(wait("w", "a"), profile_action(gold, then=None), profile_filter=groups(is_gold()))
    ana = story.person(properties={"Tier": "Gold"})
    story.happens()
    story.change(ana, properties={"Tier": "Silver"})
    story.wait(DAY * 3)

    assert ("skipped", "Fails Flow Conditions") == story.steps(flow_id)[-1]
    assert {"Tier": "Silver"} == story.client.profile(ana)["properties"]


@pytest.mark.parametrize("is_added", [True, False])
def test_a_list_is_updated_and_starts_its_flow(story, is_added):
    ana, news = story.person(), story.list()
    story.join(news, *([] if is_added else [ana]) or [story.person("bob")])
    listed = story.flow(email("l", subject_line="Welcome"), trigger={"type": "list", "id": news})
    story.flow(action("list-update", name="News", list_id=news, on_execution=is_added, status="live"))
    story.happens()

    assert is_added is (ana in story.client.ids(f"/api/lists/{news}/profiles"))
    assert (["Welcome"] if is_added else []) == story.sent()
    assert is_added is bool(story.runs(listed))


def test_a_list_that_is_gone_is_passed_over(story):
    flow_id = story.flow(
        action("list-update", then="e", name="x", list_id=None, on_execution=True, status="live"), email("e")
    )
    story.happens()

    assert [("passed", "the list is not configured"), ("sent", None)] == story.steps(flow_id)


def test_a_split_sees_the_list_that_the_action_before_it_joined(story):
    news = story.list()
    is_member = {**split("s", "yes"), "data": {"profile_filter": groups(in_group(news))}}
    join = action("list-update", then="s", name="x", list_id=news, on_execution=True, status="live")
    story.flow(join, is_member, email("yes"))
    story.happens()

    assert ["Hello"] == story.sent()


@pytest.mark.parametrize(("tier", "expected"), [("Gold", ["yes"]), ("Silver", ["no"]), (None, ["no"])])
def test_a_conditional_split_leads_on_and_tells_what_it_saw(story, tier, expected):
    story.person(properties={"Tier": tier} if tier else {})
    flow_id = story.flow(split("s", "y", "n"), email("y", subject_line="yes"), email("n", subject_line="no"))
    story.happens()

    step = story.run(flow_id)["path"][0]
    assert expected == story.sent()
    assert [("branch", tier == "Gold", tier)] == [(step["outcome"], step["branch"], step["verdicts"][0]["saw"])]


def of_event(metric, value, field="tier"):
    filter = {"type": "string", "operator": "equals", "value": value}
    return groups({"type": "metric-property", "metric_id": metric, "field": field, "filter": filter})


def trigger_split(metric, yes, no):
    links = {"next_if_true": yes, "next_if_false": no}
    data = {"trigger_filter": of_event(metric, "Gold"), "trigger_id": metric, "trigger_type": "metric"}
    data["trigger_subtype"] = None
    return {"temporary_id": "s", "type": "trigger-split", "links": links, "data": data}


@pytest.mark.parametrize(
    ("properties", "expected"), [({"tier": "Gold"}, ["yes"]), ({"tier": "x"}, ["no"]), ({}, ["no"])]
)
def test_a_trigger_split_looks_at_the_event(story, properties, expected):
    entry = trigger_split(story.metric(), "y", "n")
    story.flow(wait("w", "s"), entry, email("y", subject_line="yes"), email("n", subject_line="no"))
    story.happens(properties=properties)
    story.happens(properties={"tier": "other"}, unique_id="2", name="bob")
    story.wait(DAY * 3)

    assert expected == story.sent()[:1]


@pytest.mark.parametrize(("tier", "expected"), [("Gold", "b0"), ("Silver", "b1"), ("Bronze", "b2")])
def test_the_first_branch_that_fits_is_taken_else_that_of_everyone_else(story, tier, expected):
    metric, many = story.metric(), branches("m", "e0", "e1", "e2")
    found = many["data"]["branches"]
    found[0] |= {"order": 0, "branch_filter": of_event(metric, "Gold")}
    found[1] |= {"order": 1, "branch_filter": groups(is_gold(value="Silver"))}
    found[2] |= {"order": 2, "branch_filter": None}
    many["data"]["branches"] = [found[2], found[1], found[0]]
    flow_id = story.flow(many, *(email(f"e{n}", subject_line=f"{n}") for n in range(3)))
    story.person(properties={"Tier": tier})
    story.happens(properties={"tier": tier})

    assert (expected, [expected[1]]) == (story.run(flow_id)["path"][0]["branch"], story.sent())


def test_split_ways_can_meet_again(story):
    story.person(properties={"Tier": "Gold"})
    end = email("end", subject_line="end", smart_sending_enabled=False)
    story.flow(split("s", "y", "n"), email("y", "end", subject_line="y"), email("n", "end"), end)
    story.happens()

    assert ["y", "end"] == story.sent()


def test_a_test_gives_each_run_one_variation_by_chance_that_a_seed_repeats(story):
    def counted(told):
        tried = trial("t")
        tried["data"]["status"] = "live"
        for part in (tried["data"]["main_action"], *tried["data"]["current_experiment"]["variations"]):
            part["data"]["status"] = "live"
        told.flow(tried)
        for number in range(40):
            told.client.track("Joined", f"p{number}@shop.org")
        events = [row.document["event_properties"] for row in told.klaviyo.rows("event", 0, 1000)]
        return [each["$variation"] for each in events if "$variation" in each]

    first = counted(story)

    assert 40 == len(first)
    assert all(10 < count < 30 for count in Counter(first).values())
    assert first == counted(Story())


@pytest.mark.parametrize(
    ("allocations", "expected"), [({"A": 0, "B": 100}, {"B"}), ({"x": 1, "y": 0}, {"A"}), (None, {"A", "B"})]
)
def test_variations_are_allocated(story, allocations, expected):
    tried = trial("t")
    tried["data"]["current_experiment"]["allocations"] = allocations
    story.flow(tried)
    for number in range(20):
        story.client.track("Joined", f"p{number}@shop.org")
    events = [row.document["event_properties"] for row in story.klaviyo.rows("event", 0, 1000)]

    assert expected == {each["Variation Name"] for each in events if "$variation" in each}


def test_when_a_test_is_over_everybody_gets_what_won(story):
    flow_id = story.flow(trial("t"))
    story.revise(flow_id, 0, experiment_status="completed")
    story.happens()
    (event,) = [row for row in story.klaviyo.rows("event", 0, 1000) if "$flow" in row.document["event_properties"]]

    assert "$variation" not in event.document["event_properties"]
    assert "A" == event.document["event_properties"]["Message Name"]


def test_an_alert_goes_to_the_accounts_own_people_and_is_no_message_to_the_profile(story):
    message = {"from_email": "a@shop.org", "from_label": "Shop", "to_emails": ["crm@shop.org", "b@shop.org"]}
    message |= {"subject_line": "{{ person.email }} joined"}
    story.flow(action("send-internal-alert", message=message, status="live"))
    story.unsubscribe()
    story.happens()

    (row,) = story.klaviyo.rows("outbox-message", 0, 10)
    assert ("crm@shop.org, b@shop.org", "ana@shop.org joined") == (row.document["to"], row.document["subject"])
    names = {each["attributes"]["name"] for each in story.client.get("/api/metrics")["data"]}
    assert {"Joined", "Unsubscribed from Email Marketing"} == names


@pytest.mark.parametrize("type", ["internal-service", "code"])
def test_what_only_klaviyo_can_run_is_passed_and_said_so(story, type):
    data = {"service_configuration": {"service_method_type": "unknown"}} if type == "internal-service" else None
    passed = {"temporary_id": "a", "type": type, "links": {"next": "e"}, "data": data}
    flow_id = story.flow(passed, email("e"))
    story.happens()

    assert [("passed", "it runs at Klaviyo only"), ("sent", None)] == story.steps(flow_id)


@pytest.mark.parametrize(("status", "outcome"), [("draft", "passed"), ("manual", "needs review"), ("live", "sent")])
def test_an_action_is_done_as_its_status_says(story, status, outcome):
    flow_id = story.flow(email("a", "b"), email("b", smart_sending_enabled=False))
    story.set_status(flow_id, 0, status)
    story.happens()

    assert [outcome, "sent"] == [each for each, _ in story.steps(flow_id)]


def test_two_drafts_with_a_delay_are_left_out(story):
    flow_id = story.flow(email("a", "w"), wait("w", "b"), email("b"))
    story.set_status(flow_id, 2, "draft")
    story.happens()

    assert ["sent"] == [each for each, _ in story.steps(flow_id)]


@pytest.mark.parametrize(("percentage", "least", "most"), [(0, 0, 0), (50, 8, 32), (100, 40, 40)])
def test_a_sample_is_drawn(story, percentage, least, most):
    sample = {
        **split("s", "y"),
        "data": {"profile_filter": groups({"type": "profile-sample", "percentage": percentage})},
    }
    story.flow(sample, email("y"))
    for number in range(40):
        story.client.track("Joined", f"p{number}@shop.org")

    story.klaviyo.catch_up()
    assert least <= len(story.sent()) <= most


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"type": "profile-not-sent-email", "timeframe_filter": ALLTIME}, ["first", "no"]),
        ({"type": "profile-not-sent-sms", "timeframe_filter": ALLTIME}, ["first", "yes"]),
        ({"type": "profile-not-sent-email", "timeframe_filter": LAST_DAY}, ["first", "yes"]),
    ],
)
def test_a_split_knows_what_was_sent(story, condition, expected):
    story.flow(email("f", subject_line="first"))
    story.happens()
    story.wait(DAY * 3)
    asked = {**split("s", "y", "n"), "data": {"profile_filter": groups(condition)}}
    story.flow(
        asked,
        email("y", subject_line="yes"),
        email("n", subject_line="no"),
        trigger={"type": "metric", "id": story.metric("Asked")},
    )
    story.happens("Asked")

    assert expected == story.sent()


def test_who_has_been_in_the_flow_is_told_apart(story):
    condition = {"type": "profile-not-in-flow", "timeframe_filter": {"type": "date", "operator": "alltime"}}
    flow_id = story.flow(wait("w", "e"), email("e"), profile_filter=groups(condition))
    story.happens()
    story.wait(DAY * 3)
    story.happens()

    assert ["Completed", "Fails Flow Filters"] == [each["exit"] for each in story.runs(flow_id)]
    assert ["Hello"] == story.sent()


def test_events_in_between_are_counted_at_a_split(story):
    asked = {
        **split("s", "y", "n"),
        "data": {"profile_filter": groups(bought(story.metric("Ordered"), operator="in-the-last"))},
    }
    flow_id = story.flow(wait("w", "s"), asked, email("y", subject_line="yes"), email("n", subject_line="no"))
    story.happens()
    story.wait(DAY)
    story.happens("Ordered")
    story.wait(DAY * 2)

    assert (["yes"], 1) == (story.sent(), story.run(flow_id)["path"][1]["verdicts"][0]["saw"])


def test_messages_know_the_event_and_what_was_empty(story):
    story.flow(text("t", body="{{ event.n }} of {{ event.of }}", add_org_prefix=False, add_info_link=False))
    story.person(phone_number="+420601234567")
    story.subscribe("sms", phone_number="+420601234567")
    story.happens(properties={"n": 5})

    (row,) = story.klaviyo.rows("outbox-message", 0, 10)
    assert ("5 of ", ["event.of"]) == (
        row.document["body"],
        [each["variable"] for each in row.document["empty_variables"]],
    )
