"""Flows that begin before a date of a profile. Source: help centre 360054240252 and 360002732652."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.calling import resource
from tests.mock_klaviyo.engine.flows.story import DAY, HOUR, Story
from tests.mock_klaviyo.resources.test_custom_objects import make_source
from tests.mock_klaviyo.resources.test_flows import email, groups, wait
from tests.mock_klaviyo.resources.test_object_records import related, send

NEW_YORK = {"timezone": "America/New_York"}


def birthday(**given):
    found = {"type": "date", "date_field_type": "profile-property", "date_profile_property": "Birthday"}
    found |= {"timedelta_value_before_date": 1, "timedelta_unit_before_date": "weeks"}
    return found | {"recurrence_frequency": "annually", "timezone": "profile", "trigger_time": "09:00:00", **given}


def target(id, then=None):
    data = {"timezone": "profile", "target_time": "09:00:00", "target_days": None}
    return {"temporary_id": id, "type": "target-date", "links": {"next": then}, "data": data}


def countdown(id, then=None, **given):
    data = {"unit": "days", "value": 3, "timezone": "profile", "delay_until_time": "09:00:00", **given}
    return {"temporary_id": id, "type": "countdown-delay", "links": {"next": then}, "data": data}


def tease(then="anchor"):
    return email("tease", then, subject_line="Soon", smart_sending_enabled=False)


WISH = email("wish", None, subject_line="Today", smart_sending_enabled=False)


def test_a_flow_begins_before_the_date_whatever_its_year_and_goes_on_at_the_date(story):
    story.person(properties={"Birthday": "1990-03-20"}, location=NEW_YORK)
    story.flow(tease(), target("anchor", "wish"), WISH, trigger=birthday())
    story.until("2026-12-31T00:00:00+00:00")

    assert [("2026-03-13T13:00", "Soon", None), ("2026-03-20T13:00", "Today", None)] == story.messages()


def test_it_comes_back_each_year(story):
    story.person(properties={"Birthday": "1990-03-20"})
    story.flow(tease(None), trigger=birthday())
    story.until("2029-01-01T00:00:00+00:00")

    assert ["2026-03-13T13:00", "2027-03-13T14:00", "2028-03-13T13:00"] == [at for at, _, _ in story.messages()]


@pytest.mark.parametrize(
    ("value", "recurrence", "expected"),
    [
        ("2024-02-29", "annually", ["2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2026-01-31", "monthly", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("2026-01-05", "weekly", ["2026-01-05", "2026-01-12", "2026-01-19"]),
        ("2026-02-10T23:30:00Z", "never", ["2026-02-10"]),
        ("2026-02-11T02:30:00+00:00", "never", ["2026-02-10"]),
        ("soon", "monthly", []),
    ],
)
def test_a_date_comes_back(value, recurrence, expected):
    story = Story(clock=datetime(2026, 1, 1, 12, tzinfo=UTC))
    trigger = birthday(timedelta_value_before_date=0, recurrence_frequency=recurrence)
    flow_id = story.flow(tease(None), trigger=trigger)
    story.person(properties={"Birthday": value})
    story.until("2028-12-31T00:00:00+00:00")

    assert expected == [run["trigger"]["date"] for run in story.runs(flow_id)][: len(expected) or 1]


def test_making_a_flow_live_leaves_out_whose_day_is_today(story):
    story.person("today", properties={"Birthday": "1990-03-09"})
    story.person("tomorrow", properties={"Birthday": "1990-03-10"})
    flow_id = story.flow(tease(None), trigger=birthday(timezone="UTC"))
    story.wait(DAY * 3)

    assert ["tomorrow@shop.org"] == [run["profile"]["email"] for run in story.runs(flow_id)]


def test_a_date_that_is_added_late_is_put_into_the_flow_where_it_stands(story):
    flow_id = story.flow(tease(), target("anchor", "wish"), WISH, trigger=birthday(timezone="UTC"))
    story.person(properties={"Birthday": "1990-03-05"})
    story.wait(DAY * 5)

    assert [("passed", "its time had passed"), ("waiting", None), ("sent", None)] == story.steps(flow_id)
    assert ["Today"] == story.sent()


def test_a_date_that_is_added_on_the_day_after_the_hour_loses_the_message_and_keeps_later_steps(story):
    later = email("later", None, subject_line="Later", smart_sending_enabled=False)
    wish = email("wish", "week", subject_line="Today")
    actions = (tease(), target("anchor", "wish"), wish, wait("week", "later", value=7), later)
    story.flow(*actions, trigger=birthday(timezone="UTC"))
    story.person(properties={"Birthday": "1990-03-02"}, location={"timezone": "UTC"})
    story.wait(DAY * 8)

    assert [("2026-03-09T09:00", "Later", None)] == story.messages()


def test_the_day_on_which_a_date_is_added_late_is_that_of_the_profile(story):
    flow_id = story.flow(tease(None), trigger=birthday(timedelta_value_before_date=0))
    story.until("2026-03-16T03:00:00+00:00")
    story.person(properties={"Birthday": "1990-03-15"}, location={"timezone": "America/Los_Angeles"})
    story.person("ben", properties={"Birthday": "1990-03-15"}, location={"timezone": "Europe/Prague"})
    story.klaviyo.catch_up()

    assert ["ana@shop.org"] == [run["profile"]["email"] for run in story.runs(flow_id)]


def test_a_changed_date_ends_the_run_and_begins_another(story):
    flow_id = story.flow(tease(), target("anchor", "wish"), WISH, trigger=birthday(timezone="UTC"))
    ana = story.person(properties={"Birthday": "1990-03-10"})
    story.wait(DAY * 2)
    story.change(ana, properties={"Birthday": "1990-04-10"})
    story.wait(DAY * 60)

    assert ["Date Changed", "Completed"] == [run["exit"] for run in story.runs(flow_id)]
    assert ["Soon", "Soon", "Today"] == story.sent()


@pytest.mark.parametrize(
    ("changes", "exits", "wished"),
    [
        (
            {"properties": {"Birthday": "1990-03-10T08:00:00"}},
            ["Completed"],
            ["2026-03-10T09:00"],
        ),  # its time: no matter
        ({"properties": {"Birthday": "1991-03-10"}}, ["Completed"], ["2026-03-10T09:00"]),  # yearly: its year as well
        ({"properties": {"Birthday": "1990-03-11"}}, ["Date Changed", "Completed"], ["2026-03-11T09:00"]),
        ({"properties": {"Birthday": "never"}}, ["Date Changed"], []),
        ({"location": NEW_YORK}, ["Date Changed", "Completed"], ["2026-03-10T13:00"]),  # the day of another place
        ({"location": {"city": "Brno"}}, ["Completed"], ["2026-03-10T09:00"]),
    ],
    ids=str,
)
def test_only_what_counts_of_a_date_changes_it_and_nobody_gets_a_message_twice(story, changes, exits, wished):
    flow_id = story.flow(tease(), target("anchor", "wish"), WISH, trigger=birthday())
    ana = story.person(properties={"Birthday": "1990-03-10"}, location={"timezone": "UTC"})
    story.until("2026-03-05T10:00:00+00:00")
    story.change(ana, **changes)
    story.wait(DAY * 30)

    assert exits == [run["exit"] for run in story.runs(flow_id)]
    assert wished == [at for at, subject, _ in story.messages() if subject == "Today"]


def test_the_run_of_a_merged_profile_is_the_only_one_for_its_date(story):
    flow_id = story.flow(tease(), target("anchor", "wish"), WISH, trigger=birthday(timezone="UTC"))
    ana, bob = story.person(properties={"Birthday": "1990-03-10"}), story.person("bob")
    story.wait(DAY * 3)
    story.merge(ana, bob)
    story.wait(DAY * 30)

    assert ([bob], ["Soon", "Today"]) == ([run["profile_id"] for run in story.runs(flow_id)], story.sent())


@pytest.mark.parametrize("value", ["0001-01-01", "0001-12-31T00:00:00+14:00", "9999-12-31"])
@pytest.mark.parametrize("recurrence", ["never", "annually", "monthly", "weekly"])
def test_a_date_at_the_edge_of_the_calendar_begins_nothing(story, value, recurrence):
    trigger = birthday(recurrence_frequency=recurrence, timedelta_unit_before_date="months")
    flow_id = story.flow(tease(None), trigger=trigger)
    story.person(properties={"Birthday": value})
    story.wait(DAY * 60)

    assert [] == story.runs(flow_id)


def test_a_countdown_waits_until_some_days_before_the_date(story):
    story.flow(tease("three"), countdown("three", "wish"), WISH, trigger=birthday(timezone="UTC"))
    story.person(properties={"Birthday": "1990-03-20"}, location=NEW_YORK)
    story.wait(DAY * 30)

    assert ["2026-03-13T09:00", "2026-03-17T13:00"] == [at for at, _, _ in story.messages()]


def test_a_flow_that_is_a_draft_again_begins_no_more(story):
    flow_id = story.flow(tease(None), trigger=birthday())
    story.person(properties={"Birthday": "1990-03-20"})
    story.wait(HOUR)
    story.client.patch(f"/api/flows/{flow_id}", resource("flow", flow_id, status="draft"))
    story.wait(DAY * 30)

    assert [] == story.runs(flow_id)


@pytest.fixture
def walk(story):
    """A data source of walks, and the trigger of a flow that begins a week before each; Ana walks."""
    source = make_source(story.client)
    type_id, relationship_id = related(story.client, source, update_strategy="additive")
    trigger = birthday(date_field_type="custom-object", custom_object_label="Walk", recurrence_frequency="never")
    del trigger["date_profile_property"]
    trigger |= {"custom_object_property_id": 1, "object_type_id": type_id, "timezone": "UTC"}
    story.person()
    return source, trigger | {"object_type_relationship_id": relationship_id}


def walks(story, source, *days):
    for day in days:
        send(story.client, source, {"id": day, "walkers": ["ana@shop.org"]})


def test_a_flow_begins_before_the_date_of_a_custom_object(story, walk):
    source, trigger = walk
    flow_id = story.flow(tease(None), trigger=trigger)
    walks(story, source, "2026-03-20", "2026-04-20", "none")
    story.wait(DAY * 60)

    assert ["2026-03-20", "2026-04-20"] == [run["trigger"]["date"] for run in story.runs(flow_id)]
    assert ["2026-03-13T09:00", "2026-04-13T09:00"] == [at for at, _, _ in story.messages()]


@pytest.mark.parametrize(("day", "expected"), [("2026-03-20", "On 2026-03-20"), ("2026-03-21", "Another: 2026-03-21")])
def test_messages_and_splits_know_the_object(story, walk, day, expected):
    """It is `object` to a template; there is no `event`."""
    source, trigger = walk
    is_first = {"type": "custom-object-property", "custom_object_label": "Walk", "field": "pet_id"}
    is_first |= {"filter": {"type": "string", "operator": "equals", "value": "2026-03-20"}}
    asked = {"trigger_filter": groups(is_first), "trigger_id": "W", "trigger_type": "date"}
    links = {"next_if_true": "yes", "next_if_false": "no"}
    split = {"temporary_id": "s", "type": "trigger-split", "links": links, "data": asked}
    yes, no = "On {{ object.pet_id }}{{ event.pet_id }}", "Another: {{ object.pet_id }}"
    story.flow(split, email("yes", subject_line=yes), email("no", subject_line=no), trigger=trigger)
    walks(story, source, day)
    story.wait(DAY * 60)

    assert [expected] == story.sent()
