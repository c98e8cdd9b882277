"""The past: everything as it was just after an event, to read only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config
from tests.calling import event, profile, references, resource

HEADERS = {"Authorization": f"Klaviyo-API-Key {PRIVATE_KEY}", "revision": "2026-07-15"}
BIG = {
    "condition_groups": [
        {
            "conditions": [
                {
                    "type": "profile-property",
                    "property": "properties['tier']",
                    "filter": {"type": "string", "operator": "equals", "value": "gold"},
                }
            ]
        }
    ]
}


@pytest.fixture
def http() -> Iterator[FlaskClient]:
    app = create_app(Config(clock=datetime(2026, 1, 1, tzinfo=UTC), keeps_history=True))
    yield app.test_client()
    app.extensions["accounts"].close()


def call(http: FlaskClient, method: str, path: str, body: Any = None) -> Any:
    answer = http.open(path, method=method, json=body, headers=HEADERS)
    assert answer.status_code < 300, answer.json
    return answer.json if answer.data else None


def track(http: FlaskClient, *emails: str, **attributes: Any) -> None:
    """One request for each event, none of them read in between, so that they are processed together."""
    for email in emails:
        call(http, "POST", "/api/events", event("Placed", {"email": email} | attributes, unique_id=f"{attributes}"))


def emails(http: FlaskClient, path: str) -> list[str]:
    return [each["attributes"]["email"] for each in call(http, "GET", path)["data"]]


def test_each_event_has_its_own_state_also_when_many_are_processed_at_once(http: FlaskClient) -> None:
    track(http, "a@shop.org", "b@shop.org", "a@shop.org", "c@shop.org")

    found = {number: emails(http, f"/__mock/at/{number}/profiles") for number in (1, 2, 3, 4)}

    assert {
        1: ["a@shop.org"],
        2: ["a@shop.org", "b@shop.org"],
        3: ["a@shop.org", "b@shop.org"],
        4: ["a@shop.org", "b@shop.org", "c@shop.org"],
    } == found
    outcomes = [each["outcome"] for each in call(http, "GET", "/__mock/at/3/events")["data"]]
    assert ["stored", "stored", "dropped"] == outcomes


def test_changes_removals_and_the_clock_are_taken_back(http: FlaskClient) -> None:
    track(http, "a@shop.org", first_name="Ana")
    id = call(http, "GET", "/__mock/profiles")["data"][0]["id"]
    list_id = call(http, "POST", "/api/lists", resource("list", name="Friends"))["data"]["id"]
    call(http, "POST", f"/api/lists/{list_id}/relationships/profiles", references("profile", id))
    call(http, "POST", "/__mock/clock/advance", {"by": "1d"})
    track(http, "b@shop.org")
    call(
        http, "PATCH", f"/api/profiles/{id}", {"data": {"type": "profile", "id": id, "attributes": {"first_name": "X"}}}
    )
    call(http, "DELETE", f"/api/lists/{list_id}")
    track(http, "c@shop.org")

    names = [
        call(http, "GET", f"/__mock/at/{number}/profiles/{id}")["attributes"]["first_name"] for number in (1, 2, 3)
    ]
    lists = [call(http, "GET", f"/__mock/at/{number}/lists")["data"] for number in (1, 2, 3)]

    assert ["Ana", "Ana", "X"] == names
    assert [[], [[id]], []] == [[each["profiles"] for each in found] for found in lists]
    assert 404 == http.get("/__mock/at/1/profiles/nobody").status_code


def test_klaviyos_own_api_answers_for_the_past_and_its_links_stay_there(http: FlaskClient) -> None:
    track(http, "a@shop.org", "b@shop.org")

    then = call(http, "GET", '/__mock/at/1/api/profiles?page[size]=1&filter=equals(email,"a@shop.org")')

    assert ["a@shop.org"] == [each["attributes"]["email"] for each in then["data"]]
    assert "/__mock/at/1/api/profiles/" in then["data"][0]["links"]["self"]
    assert [] == call(http, "GET", '/__mock/at/1/api/profiles?filter=equals(email,"b@shop.org")')["data"]
    assert 404 == http.get("/__mock/at/1/api/nothing", headers=HEADERS).status_code
    assert 401 == http.get("/__mock/at/1/api/profiles").status_code


def test_members_of_a_segment_are_those_of_then(http: FlaskClient) -> None:
    call(http, "POST", "/api/segments", resource("segment", name="Gold", definition=BIG))
    track(http, "a@shop.org", properties={"tier": "gold"})
    track(http, "b@shop.org", properties={"tier": "gold"})

    sizes = [len(call(http, "GET", f"/__mock/at/{number}/segments")["data"][0]["profiles"]) for number in (1, 2)]

    assert [1, 2] == sizes


def test_reports_are_read_and_whatever_writes_is_refused(http: FlaskClient) -> None:
    track(http, "a@shop.org")
    metric = call(http, "GET", "/api/metrics")["data"][0]["id"]
    dates = ["greater-or-equal(datetime,2025-12-01T00:00:00)", "less-than(datetime,2026-02-01T00:00:00)"]
    asked = resource("metric-aggregate", metric_id=metric, measurements=["count"], filter=dates, interval="month")

    report = call(http, "POST", "/__mock/at/1/api/metric-aggregates", asked)
    refused = http.post("/__mock/at/1/api/profiles", json=profile(email="z@shop.org"), headers=HEADERS)

    assert 1 == sum(report["data"]["attributes"]["data"][0]["measurements"]["count"])
    assert 405 == refused.status_code
    assert "the past is to read only: POST /api/profiles would change it" in refused.json["error"]
    assert ["a@shop.org"] == emails(http, "/__mock/profiles") == emails(http, "/__mock/at/1/profiles")


def test_the_present_is_untouched_and_goes_on(http: FlaskClient) -> None:
    track(http, "a@shop.org", "b@shop.org")
    before = http.get("/api/profiles", headers=HEADERS).json

    call(http, "GET", "/__mock/at/1/profiles")

    assert before == http.get("/api/profiles", headers=HEADERS).json


def test_an_event_that_is_not_there_is_refused_with_how_far_the_history_reaches(http: FlaskClient) -> None:
    assert "has no event yet" in http.get("/__mock/at/1/events").json["error"]
    track(http, "a@shop.org", "b@shop.org")

    answer = http.get("/__mock/at/7/events")

    assert (404, "there is no event 7 in the history, which reaches from event 1 to 2") == (
        answer.status_code,
        answer.json["error"],
    )


def test_a_reset_begins_a_new_history(http: FlaskClient) -> None:
    track(http, "a@shop.org")
    assert ["a@shop.org"] == emails(http, "/__mock/at/1/profiles")
    call(http, "POST", "/__mock/reset")
    assert 404 == http.get("/__mock/at/1/profiles").status_code

    track(http, "z@shop.org")

    assert ["z@shop.org"] == emails(http, "/__mock/at/1/profiles")


def test_without_history_one_is_told_how_to_keep_it() -> None:
    app = create_app(Config())

    answer = app.test_client().get("/__mock/at/1/events")

    assert 404 == answer.status_code
    assert "serve --history" in answer.json["error"]
    app.extensions["accounts"].close()


def test_worlds_have_a_past_of_their_own(http: FlaskClient) -> None:
    track(http, "a@shop.org")
    http.post("/api/events", json=event("Placed", {"email": "w@shop.org"}), headers={**HEADERS, "X-Mock-World": "w"})

    found = http.get("/__mock/at/1/profiles", headers={"X-Mock-World": "w"}).json["data"]

    assert ["w@shop.org"] == [each["attributes"]["email"] for each in found]
