"""Snapshots: states to go back to, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config, RateLimits
from mock_klaviyo.snapshots import MOST_SNAPSHOTS
from tests.calling import event, profile

HEADERS = {"Authorization": f"Klaviyo-API-Key {PRIVATE_KEY}", "revision": "2026-07-15"}
CONTRACT = {"metrics": {"Placed": {"properties": {"total": {"type": "number"}}}}}


@pytest.fixture
def http() -> Iterator[FlaskClient]:
    app = create_app(Config(clock=datetime(2026, 1, 1, tzinfo=UTC), rate_limits=RateLimits.REAL))
    yield app.test_client()
    app.extensions["accounts"].close()


def said(http: FlaskClient) -> list[Any]:
    """What a run of requests is answered, headers and all."""
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/api/profiles", profile(email="ana@shop.org")),
        ("POST", "/api/events", event("Placed", {"email": "bo@shop.org"}, properties={"total": "7"})),
        ("GET", "/api/events", None),
        ("GET", "/api/profiles", None),
        ("POST", "/__mock/clock/advance", {"by": "1d"}),
        ("GET", "/__mock/events", None),
        ("GET", "/__mock/requests", None),
        ("GET", "/__mock/violations", None),
    ]
    answers = [http.open(path, method=method, json=body, headers=HEADERS) for method, path, body in calls]
    return [(answer.status_code, dict(answer.headers), answer.data) for answer in answers]


def test_the_same_requests_get_the_same_bytes_after_a_restore(http: FlaskClient) -> None:
    http.put("/__mock/contracts", json=CONTRACT)
    http.post("/api/events", json=event("Placed", {"email": "first@shop.org"}), headers=HEADERS)
    http.post("/__mock/snapshots/before")
    once = said(http)
    http.put("/__mock/contracts", json={"metrics": {}})

    assert 200 == http.post("/__mock/snapshots/before/restore").status_code

    assert once == said(http)
    assert 200 == once[-1][0]
    assert b'"violations":1' in once[-1][2].replace(b" ", b"")


def test_numbers_of_events_that_were_deleted_are_not_given_again(http: FlaskClient) -> None:
    http.post("/api/events", json=event("Placed", {"email": "gone@shop.org"}), headers=HEADERS)
    erased = {"profile": {"data": {"type": "profile", "attributes": {"email": "gone@shop.org"}}}}
    job = {"data": {"type": "data-privacy-deletion-job", "attributes": erased}}
    assert 202 == http.post("/api/data-privacy-deletion-jobs", json=job, headers=HEADERS).status_code
    assert [] == http.get("/__mock/events").json["data"]
    http.post("/__mock/snapshots/one")

    http.post("/__mock/snapshots/one/restore")

    http.post("/api/events", json=event("Placed", {"email": "next@shop.org"}), headers=HEADERS)
    assert [2] == [each["number"] for each in http.get("/__mock/events").json["data"]]


def test_a_reset_leaves_snapshots_and_a_restore_undoes_it(http: FlaskClient) -> None:
    http.post("/api/profiles", json=profile(email="ana@shop.org"), headers=HEADERS)
    http.post("/__mock/snapshots/one")
    http.post("/__mock/reset")
    assert [] == http.get("/__mock/profiles").json["data"]

    http.post("/__mock/snapshots/one/restore")

    assert 1 == len(http.get("/__mock/profiles").json["data"])


def test_the_clock_goes_back_as_well(http: FlaskClient) -> None:
    http.post("/__mock/snapshots/one")
    http.post("/__mock/clock/advance", json={"by": "3d"})

    assert "2026-01-01T00:00:00+00:00" == http.post("/__mock/snapshots/one/restore").json["at"]

    assert "2026-01-01T00:00:00+00:00" == http.get("/__mock/clock").json["now"]


def test_snapshots_are_listed_and_removed(http: FlaskClient) -> None:
    http.post("/__mock/snapshots/one")
    http.post("/__mock/snapshots/two")

    assert 200 == http.delete("/__mock/snapshots/one").status_code

    assert ["two"] == [each["name"] for each in http.get("/__mock/snapshots").json["data"]]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/__mock/snapshots/no/restore"), ("DELETE", "/__mock/snapshots/no")]
)
def test_an_unknown_snapshot_is_refused_with_those_that_there_are(http: FlaskClient, method: str, path: str) -> None:
    http.post("/__mock/snapshots/one")

    answer = http.open(path, method=method)

    assert (404, "there is no snapshot 'no'; there are: one") == (answer.status_code, answer.json["error"])


def test_a_snapshot_too_many_is_refused_and_one_may_be_replaced(http: FlaskClient) -> None:
    for number in range(MOST_SNAPSHOTS):
        http.post(f"/__mock/snapshots/{number}")

    assert 400 == http.post("/__mock/snapshots/more").status_code
    assert 201 == http.post("/__mock/snapshots/0").status_code


def test_snapshots_belong_to_a_world(http: FlaskClient) -> None:
    http.post("/__mock/snapshots/one", headers={"X-Mock-World": "w"})

    assert [] == http.get("/__mock/snapshots").json["data"]


@pytest.mark.parametrize("name", ["a%0Ab", "%00", "a%1B[31m", "%20", "a/b", "a%2Fb", "%C3%A9", "x" * 201])
def test_names_that_would_break_headers_paths_or_screens_are_refused(http: FlaskClient, name: str) -> None:
    refused = http.post(f"/__mock/snapshots/{name}")

    assert 400 == refused.status_code
    assert "the name of a snapshot is 1 to 200 printable ASCII characters" in refused.json["error"]
    assert [] == http.get("/__mock/snapshots").json["data"]
    assert 404 == http.post(f"/__mock/snapshots/{name}/restore").status_code
