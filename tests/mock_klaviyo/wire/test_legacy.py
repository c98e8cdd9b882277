"""The endpoints before revisions: gone, or as they were."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

import pytest

from mock_klaviyo import json
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.wire.messages import Request
from tests.calling import Client
from tests.conftest import START

EVENT = {
    "token": "MOCK01",
    "event": "Placed Order",
    "customer_properties": {"$email": "Anna@example.org", "$first_name": "Anna", "$city": "Brno", "tier": "gold"},
    "properties": {"$event_id": 17, "$value": 9.5, "items": ["tea"]},
    "time": 1767225600,
}
PERSON = {"token": "MOCK01", "properties": {"$email": "anna@example.org", "$last_name": "Nová", "tier": "gold"}}


@pytest.fixture
def old() -> Klaviyo:
    """A Klaviyo as it was before the endpoints were retired."""
    return Klaviyo(Config(clock=START, is_legacy=True))


def get(klaviyo: Klaviyo, path: str, value: Any) -> tuple[int, bytes]:
    """The answer to base64 in the query."""
    query = urlencode({"data": urlsafe_b64encode(json.written(value)).decode().rstrip("=")})
    response = klaviyo.answer(Request("GET", path, query))
    return response.status, response.body


def post(klaviyo: Klaviyo, path: str, body: bytes) -> tuple[int, bytes]:
    """The answer to a body."""
    response = klaviyo.answer(Request("POST", path, body=body))
    return response.status, response.body


@pytest.mark.parametrize("path", ["/api/track", "/api/identify/", "/api/v1/lists", "/api/v2/list/ABC/members"])
def test_the_oldest_endpoints_are_gone(klaviyo, path):
    response = klaviyo.answer(Request("POST", path, body=json.written(EVENT)))

    (problem,) = response.document["errors"]
    assert (410, 410, "gone") == (response.status, problem["status"], problem["code"])
    assert [] == Client(klaviyo).get("/api/events")["data"]


def test_other_paths_are_not_taken_for_old_ones(klaviyo):
    assert 200 == Client(klaviyo).call("GET", "/api/lists").status
    assert 404 == klaviyo.answer(Request("GET", "/api/trackers", headers=Client(klaviyo).headers)).status


@pytest.mark.parametrize(
    "body",
    [
        json.written(EVENT),
        urlencode({"data": json.written(EVENT).decode()}).encode(),
        urlencode({"data": b64encode(json.written(EVENT)).decode()}).encode(),
    ],
)
def test_an_event_may_come_in_several_wrappings(old, body):
    assert (200, b"1") == post(old, "/api/track", body)

    assert 1 == len(Client(old).get("/api/events")["data"])


def test_a_tracked_event_has_a_profile_and_properties(old):
    assert (200, b"1") == get(old, "/api/track", EVENT)

    found = Client(old).get("/api/events", include="metric,profile")
    (event,) = found["data"]
    assert "2026-01-01T00:00:00+00:00" == event["attributes"]["datetime"]
    assert {"items": ["tea"], "$event_id": "17", "$value": 9.5} == event["attributes"]["event_properties"]
    named = {each["type"]: each["attributes"] for each in found["included"]}
    assert "Placed Order" == named["metric"]["name"]
    assert ("anna@example.org", "Anna", "Brno", {"tier": "gold"}) == (
        named["profile"]["email"],
        named["profile"]["first_name"],
        named["profile"]["location"]["city"],
        named["profile"]["properties"],
    )


def test_an_event_that_comes_twice_is_kept_once(old):
    assert [(200, b"1"), (200, b"1")] == [get(old, "/api/track", EVENT) for _ in range(2)]

    assert 1 == len(Client(old).get("/api/events")["data"])


def test_a_person_is_identified(old):
    assert [(200, b"1"), (200, b"1")] == [get(old, "/api/identify", PERSON) for _ in range(2)]

    (profile,) = Client(old).get("/api/profiles")["data"]
    assert ("anna@example.org", "Nová") == (profile["attributes"]["email"], profile["attributes"]["last_name"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"data=!!!",
        b"data=" + b64encode(b"\xff\xfe"),
        b"[]",
        json.written(EVENT | {"token": ""}),
        json.written(EVENT | {"event": None}),
        json.written(EVENT | {"customer_properties": {"tier": "gold"}}),
        json.written(EVENT | {"customer_properties": ["x"]}),
        json.written(EVENT | {"properties": "x"}),
        json.written(EVENT | {"time": "yesterday"}),
        json.written(EVENT | {"time": 1e300}),
        b'{"token": "a", "event": "b", "properties": ' + b'{"a":' * 500 + b"1" + b"}" * 501,
        b'{"token": "a", "event": "b\\u0000", "customer_properties": {"$email": "a@b.cz"}}',
    ],
)
@pytest.mark.parametrize("path", ["/api/track", "/api/identify"])
def test_what_cannot_be_read_gets_a_zero_and_changes_nothing(old, path, body):
    if path == "/api/identify" and b'"token":"MOCK01"' in body:
        body = json.written({"token": "MOCK01", "properties": {"$email": "nobody"}})
    assert (200, b"0") == post(old, path, body)

    assert [] == Client(old).get("/api/events")["data"] == Client(old).get("/api/profiles")["data"]


def test_other_old_endpoints_stay_gone(old):
    assert 410 == get(old, "/api/v2/lists", {})[0]


def test_old_requests_stand_in_the_journal(old):
    get(old, "/api/track", EVENT)
    post(old, "/api/track", b"{")

    first, second = (entry.document() for entry in old.journal.entries())
    assert ("create_event", None) == (first["operation"], first["hint"])
    assert second["hint"]


@pytest.mark.parametrize("path", ["/api/v2/list/ABC/members", "/api/v1/lists"])
def test_a_hint_tells_that_legacy_does_not_bring_an_endpoint_back(old, path):
    response = old.answer(Request("POST", path))

    assert 410 == response.status
    assert "/api/track and /api/identify only" in response.headers["X-Mock-Hint"]


def test_a_hint_tells_how_the_oldest_endpoints_come_back(klaviyo):
    assert "--legacy" in klaviyo.answer(Request("POST", "/api/track")).headers["X-Mock-Hint"]
