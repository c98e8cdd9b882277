"""What webhook actions send, and what comes of it.

Source: https://developers.klaviyo.com/en/docs/understanding_webhook_status_codes
"""

from __future__ import annotations

import pytest

from tests.mock_klaviyo.engine.flows.story import DAY, HOUR
from tests.mock_klaviyo.resources.test_flows import email, groups, wait
from tests.receiver import receiver


def webhook(url, then=None, **message):
    data = {
        "message": {"url": url, "headers": {"X-Key": "k"}, "body": '{"n": {{ event.n }}}', **message},
        "status": "live",
    }
    return {"temporary_id": "h", "type": "send-webhook", "links": {"next": then}, "data": data}


@pytest.mark.parametrize(
    ("statuses", "outcomes", "status"),
    [
        ([200], [200], "delivered"),
        ([429, 500, 204], [429, 500, 204], "delivered"),
        ([404], [404], "failed"),
        ([503] * 6, [503] * 6, "failed"),
    ],
)
def test_a_webhook_is_called_and_tried_again(story, statuses, outcomes, status):
    with receiver() as found:
        found.statuses = [*statuses]
        flow_id = story.flow(webhook(f"{found.url}/{{{{ person.email }}}}"))
        story.happens(properties={"n": 5})
        story.wait(HOUR * 42)

        assert b'{"n": 5}' == found.calls[0][1]
        assert "k" == found.calls[0][0]["X-Key"]
    (call,) = story.control.get(f"/__mock/flows/{flow_id}/calls").json["data"]
    assert (outcomes, status) == ([each["outcome"] for each in call["attempts"]], call["status"])


def test_a_webhook_is_called_at_its_own_time_within_a_jump(story):
    with receiver() as found:
        found.statuses = [200]
        flow_id = story.flow(wait("w", "h", value=2), webhook(found.url))
        story.happens(properties={"n": 1})
        at = []
        found.on_call = lambda: at.append(story.klaviyo.clock.now.isoformat())
        story.wait(DAY * 9)

    (call,) = story.control.get(f"/__mock/flows/{flow_id}/calls").json["data"]
    assert ["2026-03-04T12:00:00+00:00"] == [each["at"] for each in call["attempts"]] == at


def test_the_clock_stops_at_each_try_of_a_webhook_and_is_not_idle_before_the_last(story):
    with receiver() as found:
        found.statuses = [500, 200]
        story.flow(webhook(found.url))
        story.happens(properties={"n": 1})
        (due,) = story.control.get("/__mock/clock/due").json["data"]
        stops = [story.control.post("/__mock/clock/next", json={}).json["now"] for _ in range(2)]
        idle = story.control.post("/__mock/clock/idle", json={}).json

    assert ["2026-03-02T12:00:00+00:00", "2026-03-02T12:01:00+00:00"] == stops
    assert ("webhook call", stops[0], found.url) == (due["kind"], due["due"], due["given"]["url"])
    assert (True, stops[1], 2) == (idle["is_idle"], idle["now"], len(found.calls))


def test_a_webhook_that_leads_elsewhere_is_not_called(story):
    flow_id = story.flow(webhook("https://example.com/hook"))
    story.happens()
    story.wait(DAY)

    (call,) = story.control.get(f"/__mock/flows/{flow_id}/calls").json["data"]
    assert "failed" == call["status"]
    assert "--allow-host" in call["attempts"][0]["outcome"]


def test_a_webhook_that_cannot_be_rendered_is_skipped_with_the_place(story):
    flow_id = story.flow(webhook("http://127.0.0.1:1/", body="{% if %}"))
    story.happens()

    ((outcome, reason),) = story.steps(flow_id)
    assert ("skipped", True) == (outcome, "line 1, column 1" in reason)


@pytest.mark.parametrize(("status", "expected"), [(200, "yes"), (404, "no")])
def test_a_split_knows_what_the_webhook_answered(story, status, expected):
    filter = {"type": "boolean", "operator": "equals", "value": True}
    condition = {"type": "action-output", "output_config_id": 1, "field": "is_success", "filter": filter}
    split = {
        "temporary_id": "s",
        "type": "action-output-split",
        "links": {"next_if_true": "y", "next_if_false": "n"},
        "data": {"action_output_filter": groups(condition)},
    }
    with receiver() as found:
        found.statuses = [status]
        ways = (email("y", subject_line="yes"), email("n", subject_line="no"))
        story.flow(webhook(found.url, "w"), wait("w", "s"), split, *ways)
        story.happens(properties={"n": 1})
        story.wait(DAY * 3)

    assert [expected] == story.sent()
