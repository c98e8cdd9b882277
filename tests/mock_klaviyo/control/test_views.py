"""The control routes: state, clock, and what became of requests and events."""

from __future__ import annotations

import pytest

from mock_klaviyo import __version__
from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, event, profile

ANNA = "anna@shop.example.org"


@pytest.fixture
def control(klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


def get(control, path):
    response = control.get(f"/__mock/{path}")
    assert 200 == response.status_code, response.json
    return response.json


@pytest.mark.parametrize("path", ["health", "ready"])
def test_a_server_that_answers_is_well(control, path):
    assert {"status": "ok"} == get(control, path)


def test_the_version_is_told(control):
    assert {"version": __version__} == get(control, "version")


def test_a_client_learns_all_it_needs(control, klaviyo):
    found = get(control, "config")

    assert (klaviyo.config.private_key, "MOCK01") == (found["private_key"], found["public_key"])
    assert ("http://localhost", "2026-07-15") == (found["url"], found["revision"])
    assert "2024-10-15" in found["revisions"]


# reset


def test_a_reset_forgets_everything_and_begins_as_a_fresh_start(control, client):
    first = client.create("/api/profiles", profile(email=ANNA))
    client.track("Bought", ANNA)

    assert 200 == control.post("/__mock/reset").status_code

    assert ([], []) == (client.ids("/api/profiles"), client.ids("/api/events"))
    assert 2 == get(control, "requests/count")["total"]
    assert first == client.create("/api/profiles", profile(email=ANNA))


def test_a_reset_goes_back_to_the_first_time_or_to_another(control, klaviyo):
    control.put("/__mock/clock", json={"now": "2026-05-01T00:00:00Z"})

    assert "2026-01-01T00:00:00+00:00" == control.post("/__mock/reset?to=empty").json["now"]
    assert "2025-03-01T08:00:00+00:00" == control.post("/__mock/reset", json={"clock": "2025-03-01T08:00"}).json["now"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("reset?to=heaven", None),
        ("reset", {"clock": "soon"}),
        ("reset", {"clock": 5}),
        ("reset", {"clock": "9999-12-31T00:00:00Z"}),
    ],
)
def test_a_reset_to_nowhere_is_refused(control, path, body):
    response = control.post(f"/__mock/{path}", json=body) if body else control.post(f"/__mock/{path}")

    assert (400, True) == (response.status_code, bool(response.json["error"]))


# clock


def test_the_clock_is_told_held_and_advanced(control):
    assert {"now": "2026-01-01T00:00:00+00:00", "mode": "frozen", "rate": 0.0} == get(control, "clock")

    control.put("/__mock/clock", json={"now": "2026-03-01T08:00:00Z"})
    assert "2026-03-01T08:00:00+00:00" == get(control, "clock")["now"]

    control.post("/__mock/clock/advance", json={"by_seconds": 90})
    assert "2026-03-01T08:01:30+00:00" == get(control, "clock")["now"]


@pytest.mark.parametrize(
    ("by", "now"),
    [
        ("3d", "2026-01-04T00:00:00"),
        ("1w", "2026-01-08T00:00:00"),
        ("1h 30m", "2026-01-01T01:30:00"),
        ("2h5s", "2026-01-01T02:00:05"),
        ("0s", "2026-01-01T00:00:00"),
    ],
)
def test_the_clock_is_advanced_by_a_duration_in_words(control, by, now):
    assert f"{now}+00:00" == control.post("/__mock/clock/advance", json={"by": by}).json["now"]


@pytest.mark.parametrize("body", [{}, {"by": 3}, {"by": "3 moons"}, {"by": ""}, {"by": "-1d"}, {"by": "999999999w"}])
def test_a_duration_that_is_none_is_refused(control, body):
    assert 400 == control.post("/__mock/clock/advance", json=body).status_code


@pytest.mark.parametrize("seconds", [-1, True, "5", None, 10**10, 1e300])
def test_seconds_that_are_none_are_refused(control, seconds):
    assert 400 == control.post("/__mock/clock/advance", json={"by_seconds": seconds}).status_code


@pytest.mark.parametrize("now", ["2025-12-31T00:00:00Z", "noon", None, "1969-01-01T00:00:00Z", "9999-01-01T00:00:00Z"])
def test_the_clock_does_not_go_back_nor_out_of_reach(control, now):
    assert 400 == control.put("/__mock/clock", json={"now": now}).status_code
    assert "2026-01-01T00:00:00+00:00" == get(control, "clock")["now"]


def test_events_that_came_before_the_clock_moves_keep_their_time(control, client):
    client.track("Bought", ANNA)
    control.put("/__mock/clock", json={"now": "2026-03-01T08:00:00Z"})

    assert "2026-01-01T00:00:00+00:00" == client.get("/api/profiles")["data"][0]["attributes"]["created"]


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"5"])
def test_a_body_that_is_no_object_is_refused(control, content):
    assert 400 == control.put("/__mock/clock", data=content).status_code


# requests


def test_requests_are_told_in_order_with_what_came_of_them(control, client):
    client.post("/api/profiles", profile(email=ANNA))
    client.error("POST", "/api/profiles", profile(email="wrong"))

    first, second = get(control, "requests")["data"]
    assert (1, "POST", 201, "create_profile") == tuple(
        first[name] for name in ("number", "method", "status", "operation")
    )
    assert (400, "Invalid email address") == (second["status"], second["errors"][0]["detail"])
    assert '"wrong"' in second["body"]


def test_rejected_requests_are_told_apart(control, client):
    client.post("/api/profiles", profile(email=ANNA))
    client.error("GET", "/api/nothing")

    assert ["/api/nothing"] == [
        each["url"].removeprefix("https://a.klaviyo.com") for each in get(control, "rejected")["data"]
    ]


def test_counts_are_exact_though_the_journal_is_bounded():
    client = Client(Klaviyo(Config(journal_size=2)))
    control = create_app(klaviyo=client.klaviyo).test_client()
    for _ in range(5):
        client.get("/api/profiles")
    client.error("GET", "/api/nothing")

    expected = {"total": 6, "accepted": 5, "rejected": 1, "by_status": {"200": 5, "404": 1}}
    assert expected == get(control, "requests/count")
    assert [4, 5, 6] == [each["number"] for each in get(control, "requests")["data"]]


def test_control_requests_are_not_recorded(control):
    get(control, "clock")

    assert 0 == get(control, "requests/count")["total"]


def test_pages_go_on_after_a_number(control, client):
    for _ in range(3):
        client.get("/api/profiles")

    first = get(control, "requests?limit=2")
    assert ([1, 2], 2) == ([each["number"] for each in first["data"]], first["next"])
    second = get(control, f"requests?limit=2&after={first['next']}")
    assert ([3], None) == ([each["number"] for each in second["data"]], second["next"])


@pytest.mark.parametrize("query", ["after=x", "limit=-1", "after=1.5", "limit=", "after=9999999999999999999"])
def test_a_page_that_is_none_is_refused(control, query):
    assert 400 == control.get(f"/__mock/requests?{query}").status_code


# events and profiles


def test_stored_and_dropped_events_are_told_in_the_order_of_acceptance(control, client):
    client.track("Bought", ANNA, unique_id="1", value=5, properties={"brand": "Acme"})
    client.track("Bought", ANNA, unique_id="1")
    client.post("/api/events", event("Bought", {"email": "guest@example.com"}))

    stored, repeated, placeholder = get(control, "events")["data"]
    assert (1, "stored", "Bought", "1", 5) == tuple(
        stored[n] for n in ("number", "outcome", "metric", "unique_id", "value")
    )
    assert ({"brand": "Acme"}, ANNA) == (stored["properties"], stored["profile"]["email"])
    assert ("dropped", "duplicate of an event with unique_id 1") == (repeated["outcome"], repeated["reason"])
    assert ("dropped", "guest@example.com") == (placeholder["outcome"], placeholder["profile"]["email"])


def test_dropped_events_are_told_apart(control, client):
    client.track("Bought", ANNA, unique_id="1")
    client.track("Bought", ANNA, unique_id="1")

    assert [2] == [each["number"] for each in get(control, "events/dropped")["data"]]


def test_profiles_are_told_with_their_lists(control, client):
    anna = client.create("/api/profiles", profile(email=ANNA))

    (found,) = get(control, "profiles")["data"]
    assert (anna, ANNA, []) == (found["id"], found["attributes"]["email"], found["lists"])


def test_an_unknown_control_route_is_not_found(control):
    response = control.get("/__mock/nothing")

    assert (404, "not_found") == (response.status_code, response.json["errors"][0]["code"])
