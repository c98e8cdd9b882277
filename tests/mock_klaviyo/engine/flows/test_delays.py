"""Delays and quiet hours: until when runs wait, by the cases of tests/data/flows.yaml."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from mock_klaviyo.engine.flow_calendar import beginnings, day_of
from mock_klaviyo.engine.flow_delays import quiet_until, until
from tests.mock_klaviyo.engine.flows.story import DAY, HOUR
from tests.mock_klaviyo.resources.test_flows import email, text, wait

DATA = YAML(typ="safe").load(Path(__file__).parents[3] / "data" / "flows.yaml")
LOS_ANGELES = {"timezone": "America/Los_Angeles"}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("case", DATA["delays"], ids=str)
def test_a_delay_ends(case):
    zone = ZoneInfo(case.get("zone", "UTC"))

    assert at(case["until"]) == until(at(case["from"]), case["delay"], zone)


@pytest.mark.parametrize("case", DATA["quiet_hours"], ids=str)
def test_quiet_hours_end(case):
    expected = case["until"] and at(case["until"])

    assert expected == quiet_until(at(case["at"]), case["number"], ZoneInfo("UTC"))


@pytest.mark.parametrize("case", DATA["dates"], ids=str)
def test_a_flow_begins_before_a_date(case):
    amount, unit = case["before"].split()
    trigger = {"timedelta_value_before_date": int(amount), "timedelta_unit_before_date": unit}
    trigger |= {"recurrence_frequency": case["back"], "trigger_time": case["at"], "trigger_days": case.get("days")}
    zone, since = ZoneInfo(case["zone"]), at(case["since"])
    coming = (begins for begins, _ in beginnings(trigger, day_of(case["date"], zone), zone, since) if begins >= since)

    assert [at(each) for each in case["begins"]] == list(islice(coming, len(case["begins"])))


@pytest.mark.parametrize(
    ("location", "timezone", "expected"),
    [(LOS_ANGELES, "profile", "2026-03-03T18:00"), ({}, "profile", "2026-03-03T15:00"),
     (LOS_ANGELES, "Europe/Prague", "2026-03-03T09:00"), ({"timezone": "Atlantis"}, "profile", "2026-03-03T15:00")],
)  # fmt: skip
def test_the_time_of_day_is_the_profiles_or_else_the_accounts_or_that_of_a_named_zone(
    story, location, timezone, expected
):
    story.person(location=location)
    delay = wait("w", "e", value=1, delay_until_time="10:00:00", timezone=timezone)
    story.flow(delay, email("e"))
    story.happens()
    story.wait(DAY * 2)

    assert [expected] == [at for at, _, _ in story.messages()]


def test_who_waits_keeps_the_time_when_the_delay_is_changed(story):
    flow_id = story.flow(wait("w", "e", value=2), email("e"))
    story.happens()
    story.revise(flow_id, 0, value=5)
    story.happens(name="bob")
    story.wait(DAY * 6)

    assert ["2026-03-04T12:00", "2026-03-07T12:00"] == [at for at, _, _ in story.messages()]


def test_a_delay_after_which_nothing_is_done_is_left_out(story):
    flow_id = story.flow(email("e", "w"), wait("w", "d"), email("d"))
    story.set_status(flow_id, 2, "draft")
    story.happens()

    assert ("done", "Completed") == (story.run(flow_id)["status"], story.run(flow_id)["exit"])


def test_a_text_waits_for_the_end_of_quiet_hours_and_is_looked_at_again_then(story):
    for name, number in (("ana", "+420601234567"), ("bob", "+420601234568")):
        story.person(name, phone_number=number)
        story.subscribe("sms", phone_number=number)
    story.flow(text("t", body="Hi", smart_sending_enabled=False))
    story.wait(HOUR * 10)
    story.happens()
    story.happens(name="bob")
    story.unsubscribe_sms("+420601234568")
    story.wait(HOUR * 12)

    assert [("2026-03-03T07:00", None), ("2026-03-03T07:00", "Missing SMS Consent")] == [
        (at, skipped) for at, _, skipped in story.messages()
    ]
