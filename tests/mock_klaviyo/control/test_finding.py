"""Finding events, requests and profiles by what is known of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.control.finding import EVENTS, PROFILES, REQUESTS
from tests.calling import Client, event, profile
from tests.conftest import START

ANNA, BERT = "anna@shop.example.org", "bert@shop.example.org"
PHONE = "+14155550132"


@pytest.fixture
def control(klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


@pytest.fixture
def shop(klaviyo, client: Client):
    """Anna buys twice (the second is a duplicate) and looks, Bert looks, each an hour later; then a request fails."""
    anna = client.create("/api/profiles", profile(email=ANNA, phone_number=PHONE, external_id="A-1"))
    sends = [
        ("Bought", ANNA, "order-1"),
        ("Bought", ANNA, "order-1b"),
        ("Viewed", ANNA, "view-1"),
        ("Viewed", BERT, "v2"),
    ]
    for number, (metric, email, cause) in enumerate(sends, 1):
        klaviyo.move_clock(START + timedelta(hours=number))
        body = event(metric, {"email": email}, unique_id=metric)
        headers = {"x-mock-cause": cause, "x-mock-target": "ours", "x-mock-entry": str(number)}
        client.call("POST", "/api/events", body, headers=headers)
    klaviyo.faults.add([{"status": 503, "times": 1}], klaviyo.clock.now)
    client.check = lambda *_: None
    client.call("GET", "/api/lists")
    return anna


def numbers(control, path):
    answer = control.get(f"/__mock/{path}")
    assert 200 == answer.status_code, answer.json
    return [each["number"] for each in answer.json["data"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 3, 4]),
        (f"profile={ANNA}", [1, 2, 3]),
        ("profile=%2B14155550132", [1, 2, 3]),
        ("profile=A-1", [1, 2, 3]),
        (f"profile={BERT}", [4]),
        ("profile=nobody@shop.example.org", []),
        ("metric=Bought", [1, 2]),
        ("metric=Bought&outcome=stored", [1]),
        ("metric=Bought&outcome=dropped", [2]),
        ("unique_id=Viewed", [3, 4]),
        ("cause=order-1b", [2]),
        ("cause=view-1", [3]),
        ("target=ours", [1, 2, 3, 4]),
        ("target=theirs", []),
        ("entry=2", [2]),
        ("entry=3", [3]),
        ("since=2026-01-01T02:00:00Z", [2, 3, 4]),
        ("id=dropped-2", [2]),
        (f"metric=Viewed&profile={ANNA}", [3]),
        ("after=2&limit=1", [3]),
    ],
)
def test_events_are_found_by_what_is_known_of_them(control, shop, query, expected):
    assert expected == numbers(control, f"events?{query}")


def test_an_event_that_was_dropped_for_its_address_is_found_by_it(control, client):
    client.track("Bought", "ana@example.com")

    assert [1] == numbers(control, "events?profile=ana@example.com&outcome=dropped")
    assert [] == numbers(control, "events?profile=bo@example.com")


def test_an_event_is_found_by_its_id_its_profile_by_its_id_and_its_metric_by_its_id(control, client, shop):
    found = client.get("/api/events", filter='equals(metric_id,"{}")'.format(client.ids("/api/metrics")[0]))["data"][-1]
    metric = found["relationships"]["metric"]["data"]["id"]
    first = control.get(f"/__mock/events?id={found['id']}").json["data"][0]

    assert found["id"] == first["id"]
    assert [1, 2, 3] == numbers(control, f"events?profile={shop}")
    assert first["number"] in numbers(control, f"events?metric={metric}")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"total": 4, "stored": 3, "dropped": 1}),
        ("metric=Viewed", {"total": 2, "stored": 2, "dropped": 0}),
        ("outcome=dropped", {"total": 1, "stored": 0, "dropped": 1}),
    ],
)
def test_events_are_counted(control, shop, query, expected):
    assert expected == control.get(f"/__mock/events/count?{query}").json


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("method=post", [1, 2, 3, 4, 5]),
        ("path=/api/events", [2, 3, 4, 5]),
        ("path=/api/*&method=GET", [6]),
        ("status=503", [6]),
        ("operation=create_event", [2, 3, 4, 5]),
        ("fault=*", [6]),
        ("fault=fault-1", [6]),
        ("fault=fault-2", []),
        ("cause=order-1", [2]),
        ("target=ours&entry=4", [5]),
        ("since=2026-01-01T03:00:00Z", [4, 5, 6]),
    ],
)
def test_requests_are_found_by_what_is_known_of_them(control, shop, query, expected):
    assert expected == numbers(control, f"requests?{query}")


def test_a_request_is_found_by_the_id_that_its_answer_had(control, client):
    id = client.call("GET", "/api/lists").headers["X-Klaviyo-Req-Id"]
    client.call("GET", "/api/lists")

    assert [1] == numbers(control, f"requests?id={id}")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"email={ANNA}", [1]),
        ("phone_number=%2B14155550132", [1]),
        ("external_id=A-1", [1]),
        ("profile=A-1", [1]),
        (f"profile={BERT}", [2]),
        ("cause=v2", [2]),
        ("entry=4&target=ours", [2]),
        ("since=2026-01-01T04:00:00Z", [2]),
        ("id=nobody", []),
    ],
)
def test_profiles_are_found_by_what_is_known_of_them(control, shop, query, expected):
    assert expected == numbers(control, f"profiles?{query}")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("events?metrc=Bought", "(metric?)"),
        ("events?outcome=lost", "stored, dropped"),
        ("events?since=soon", "ISO 8601"),
        ("events/count?after=1", "takes no 'after'"),
        ("requests?metric=Bought", "takes no 'metric'"),
        ("profiles?unique_id=1", "email, phone_number"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_with_what_can(control, path, said):
    answer = control.get(f"/__mock/{path}")

    assert 400 == answer.status_code
    assert said in answer.json["error"]


@pytest.mark.parametrize(("path", "kind"), [("events", EVENTS), ("requests", REQUESTS), ("profiles", PROFILES)])
def test_everything_that_can_be_looked_for_is_looked_for(control, shop, path, kind):
    """None of the arguments is read and then forgotten: what nothing has is not found."""
    words = {"since": "2027-01-01T00:00:00Z", "status": "418", "outcome": "dropped&metric=none"}
    queries = [f"{each.name}={words.get(each.name, 'none')}" for each in kind.arguments]

    assert [] == [query for query in queries if numbers(control, f"{path}?{query}")]
