"""The clock's routes: how it runs, what is due next, and jumping there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mock_klaviyo.clock import Clock
from tests.mock_klaviyo.engine.flows.story import Story
from tests.mock_klaviyo.resources.test_flows import email, wait

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


class Wall:
    """A wall clock that tests move."""

    now = NEW_YEAR

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def story():
    """Ana waits two days for an email, and Ben, who joined a day later, too."""
    told = Story()
    told.flow(wait("w", "e", unit="days", value=2), email("e", smart_sending_enabled=False))
    told.happens(name="ana")
    told.wait(timedelta(days=1))
    told.happens(name="ben")
    yield told
    told.klaviyo.close()


def post(story: Story, path: str, **body: object):
    return story.control.post(f"/__mock/clock/{path}", json=body)


def test_a_scaled_clock_runs_faster_than_life():
    wall = Wall()
    clock = Clock(wall=wall)
    clock.scale(1440)
    wall.now += timedelta(minutes=1)

    assert NEW_YEAR + timedelta(days=1) == clock.now
    assert ("scaled", 1440) == (clock.mode, clock.rate)


def test_a_scaled_clock_goes_on_where_it_was_remembered():
    wall = Wall()
    clock = Clock(wall=wall)
    clock.scale(60)
    wall.now += timedelta(minutes=1)
    state = clock.remember()
    wall.now += timedelta(days=9)
    clock.restart(state)

    assert NEW_YEAR + timedelta(hours=1) == clock.now


def test_a_scaled_clock_stops_at_the_end_of_time():
    wall = Wall()
    clock = Clock(wall=wall)
    clock.scale(1_000_000)
    wall.now += timedelta(days=365 * 50)

    assert 9000 == clock.now.year


def test_a_clock_that_runs_runs_on_after_a_jump(story):
    story.control.put("/__mock/clock", json={"mode": "scaled", "rate": 2})
    post(story, "advance", by="3d")

    found = story.control.get("/__mock/clock").json
    assert ("scaled", 2, True) == (found["mode"], found["rate"], found["now"] > "2026-03-06T12:00:00")


def test_a_scaled_clock_is_frozen_at_the_very_time_that_is_named(story):
    story.control.put("/__mock/clock", json={"mode": "scaled", "rate": 1_000_000})

    found = story.control.put("/__mock/clock", json={"now": "2030-03-01T08:00:00Z"}).json

    assert {"now": "2030-03-01T08:00:00+00:00", "mode": "frozen", "rate": 0.0} == found


def test_the_next_due_thing_is_done_and_nothing_further(story):
    assert "2026-03-04T12:00:00+00:00" == post(story, "next").json["now"]
    assert 1 == len(story.sent())


def test_the_next_message_to_somebody_passes_others_by(story):
    found = post(story, "next-message", profile="ben@shop.org").json

    assert ("2026-03-05T12:00:00+00:00", "ben@shop.org") == (found["now"], found["message"]["to"])
    assert 2 == len(story.sent())


def test_without_a_message_to_come_the_clock_stays(story):
    story.person("eve")
    response = post(story, "next-message", profile="eve@shop.org")

    assert (400, "no message is sent within 366 days") == (response.status_code, response.json["error"])
    assert "2026-03-03T12:00:00+00:00" == story.control.get("/__mock/clock").json["now"]
    assert [] == story.sent()


def test_everything_happens_until_nothing_is_due(story):
    found = post(story, "idle").json

    assert (True, "2026-03-05T12:00:00+00:00") == (found["is_idle"], found["now"])
    assert 2 == len(story.sent())


def test_idleness_that_takes_too_long_is_told(story):
    found = post(story, "idle", within="1d").json

    assert (False, "2026-03-04T12:00:00+00:00") == (found["is_idle"], found["now"])


def test_what_is_due_next_is_listed_in_order(story):
    found = story.control.get("/__mock/clock/due").json["data"]

    assert ["2026-03-04T12:00:00+00:00", "2026-03-05T12:00:00+00:00"] == [each["due"] for each in found]


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("", {"mode": "fast"}, "real, frozen, scaled"),
        ("", {}, "now or mode is missing"),
        ("", {"mode": "scaled", "rate": 0}, "up to 1,000,000 times"),
        ("", {"mode": "scaled", "rate": "fast"}, "rate must be a number"),
        ("", {"mode": "real", "now": "2027-01-01T00:00:00Z"}, "leave now out"),
        ("/next", {"within": "soon"}, "duration"),
        ("/next", {"within": "1h"}, "nothing is due"),
        ("/next-message", {"profile": "nobody"}, "there is no profile 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_refused(story, path, body, word):
    method = story.control.post if path else story.control.put
    response = method(f"/__mock/clock{path}", json=body)

    assert (400, True) == (response.status_code, word in response.json["error"]), response.json


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "clock", {"now": "2030-01-01T00:00:00Z", "mode": "real"}),
        ("PUT", "clock", {"now": "2030-01-01T00:00:00Z", "mode": "scaled", "rate": 0}),
        ("PUT", "clock", {"now": "2030-01-01T00:00:00Z", "mode": "scaled", "rate": "x"}),
        ("POST", "reset", {"clock": "0001-01-01T00:00:00Z"}),
    ],
    ids=str,
)
def test_what_is_refused_leaves_everything_as_it_was(story, method, path, body):
    def now():
        return story.control.get("/__mock/clock").json, story.control.get("/__mock/profiles").json

    before = now()
    assert 400 == story.control.open(f"/__mock/{path}", method=method, json=body).status_code
    assert before == now()
