"""Rate limits: what answers tell of them, and what too many calls get."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mock_klaviyo.config import Config, RateLimits
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, resource
from tests.conftest import START


@pytest.fixture
def limited():
    return Client(Klaviyo(Config(clock=START, rate_limits=RateLimits.REAL)))


def wait(client, **time):
    client.klaviyo.move_clock(client.klaviyo.clock.now + timedelta(**time))


def limits(response):
    return {name: value for name, value in response.headers.items() if name.startswith("RateLimit")}


def test_every_answer_tells_its_limits_even_when_they_do_not_hold(client):
    for _ in range(2):
        found = limits(client.call("GET", "/api/profiles"))

        expected = {
            "RateLimit-Limit": "75, 75;w=1, 750;w=60",
            "RateLimit-Remaining": "74",
            "RateLimit-Reset": "0",
        }
        assert expected == found


def test_errors_of_an_operation_tell_its_limits_too(client):
    assert 3 == len(limits(client.call("GET", "/api/lists/invalid")))


def test_a_daily_limit_is_told_as_a_third_window(client):
    found = limits(client.call("POST", "/api/lists", resource("list", name="News")))

    assert "10, 10;w=1, 150;w=60, 150;w=86400" == found["RateLimit-Limit"]


def test_nothing_is_refused_unless_limits_hold(client):
    assert {200} == {client.call("GET", "/api/accounts").status for _ in range(20)}


def test_what_remains_goes_down(limited):
    assert ["74", "73"] == [limits(limited.call("GET", "/api/profiles"))["RateLimit-Remaining"] for _ in range(2)]


def test_a_call_too_many_is_answered_to_the_letter(limited):
    limited.call("GET", "/api/accounts")
    response = limited.call("GET", "/api/accounts")

    (error,) = response.document["errors"]
    assert (429, "1", {}) == (response.status, response.headers["Retry-After"], limits(response))
    expected = {
        "id": response.headers["X-Klaviyo-Req-Id"],
        "status": 429,
        "code": "throttled",
        "title": "Request was throttled.",
        "detail": "Request was throttled. Expected available in 1 second.",
        "source": {"pointer": "/data"},
        "links": {"type": "https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling#rate-limits"},
        "meta": {},
    }
    assert expected == error


def test_the_next_second_is_a_new_window(limited):
    limited.call("GET", "/api/accounts")
    wait(limited, seconds=1)

    assert 200 == limited.call("GET", "/api/accounts").status


def test_a_full_minute_is_waited_for_to_its_end(limited):
    for _ in range(15):
        assert 200 == limited.call("GET", "/api/accounts").status
        wait(limited, seconds=1)
    refused = limited.call("GET", "/api/accounts")

    assert (429, "45") == (refused.status, refused.headers["Retry-After"])
    assert "Expected available in 45 seconds." in refused.document["errors"][0]["detail"]
    wait(limited, seconds=45)
    assert 200 == limited.call("GET", "/api/accounts").status


def test_after_the_time_to_wait_no_window_is_full(limited):
    for _ in range(15):
        wait(limited, seconds=1)
        limited.call("GET", "/api/accounts")

    assert "45" == limited.call("GET", "/api/accounts").headers["Retry-After"]  # not 1, which the burst would allow


def test_a_full_day_is_waited_for_to_its_end(limited):
    for number in range(150):
        limited.post("/api/lists", resource("list", name=f"{number}"))
        wait(limited, seconds=6)
    refused = limited.call("POST", "/api/lists", resource("list", name="One more"))

    assert (429, str(86_400 - 900)) == (refused.status, refused.headers["Retry-After"])


def test_each_operation_has_windows_of_its_own(limited):
    limited.call("GET", "/api/accounts")

    assert 200 == limited.call("GET", "/api/accounts/MOCK01").status


def test_refused_keys_are_not_counted(limited):
    limited.call("GET", "/api/accounts", headers={"authorization": ""})

    assert 200 == limited.call("GET", "/api/accounts").status


def test_a_reset_empties_the_windows(limited):
    limited.call("GET", "/api/accounts")
    limited.klaviyo.reset()

    assert 200 == limited.call("GET", "/api/accounts").status
