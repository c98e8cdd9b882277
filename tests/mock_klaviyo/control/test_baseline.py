from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, profile
from tests.conftest import START


@pytest.fixture
def control(klaviyo) -> FlaskClient:
    return create_app(klaviyo=klaviyo).test_client()


def emails(client: Client) -> list[str]:
    return [each["attributes"]["email"] for each in client.get("/api/profiles")["data"]]


def test_a_reset_goes_back_to_the_baseline(control, client):
    client.post("/api/profiles", profile(email="ana@example.org"))
    client.track("Placed Order", "ana@example.org")
    control.put("/__mock/baseline")
    client.post("/api/profiles", profile(email="bob@example.org"))

    control.post("/__mock/reset")

    assert ["ana@example.org"] == emails(client)
    assert 1 == len(client.get("/api/events")["data"])


def test_a_reset_to_empty_forgets_the_baseline_for_once(control, client):
    client.post("/api/profiles", profile(email="ana@example.org"))
    control.put("/__mock/baseline")

    control.post("/__mock/reset?to=empty")
    assert [] == emails(client)

    control.post("/__mock/reset")
    assert ["ana@example.org"] == emails(client)


def test_each_reset_gives_the_same_ids(control, client):
    control.put("/__mock/baseline")

    ids = set()
    for _ in range(2):
        control.post("/__mock/reset")
        ids.add(client.post("/api/profiles", profile(email="ana@example.org"))["data"]["id"])

    assert 1 == len(ids)


def test_a_server_begins_with_the_baseline_of_a_file(tmp_path):
    file = tmp_path / "shop.sqlite"
    made = Klaviyo(Config(data=file, clock=START))
    Client(made).post("/api/profiles", profile(email="ana@example.org"))
    made.close()

    begun = Klaviyo(Config(baseline=file, clock=START))
    Client(begun).post("/api/profiles", profile(email="bob@example.org"))
    begun.reset()

    assert ["ana@example.org"] == emails(Client(begun))
    begun.close()


def test_a_baseline_does_not_touch_a_store_that_was_used_before(tmp_path):
    used = Klaviyo(Config(data=tmp_path / "used.sqlite", clock=START))
    Client(used).post("/api/profiles", profile(email="bob@example.org"))
    used.close()
    Klaviyo(Config(data=tmp_path / "empty.sqlite", clock=START)).close()

    again = Klaviyo(Config(data=tmp_path / "used.sqlite", baseline=tmp_path / "empty.sqlite", clock=START))

    assert ["bob@example.org"] == emails(Client(again))
    again.close()


def test_a_baseline_serves_a_store_on_a_file(tmp_path):
    klaviyo = Klaviyo(Config(data=tmp_path / "shop.sqlite", clock=START))
    client = Client(klaviyo)
    client.post("/api/profiles", profile(email="ana@example.org"))
    klaviyo.keep_baseline()
    client.post("/api/profiles", profile(email="bob@example.org"))
    klaviyo.reset()
    klaviyo.close()

    again = Klaviyo(Config(data=tmp_path / "shop.sqlite", clock=START))
    assert ["ana@example.org"] == emails(Client(again))
    again.close()


def test_events_wait_as_long_as_the_processing_delay(tmp_path):
    slow = Klaviyo(Config(clock=START, processing_delay=timedelta(minutes=5), data=tmp_path / "slow.sqlite"))
    client = Client(slow)
    client.track("Placed Order", "ana@example.org")

    slow.move_clock(START + timedelta(minutes=4))
    assert [] == client.get("/api/events")["data"]
    assert [] == emails(client)

    slow.move_clock(START + timedelta(minutes=5))
    assert 1 == len(client.get("/api/events")["data"])
    assert ["ana@example.org"] == emails(client)
    slow.close()


def test_events_that_wait_keep_their_order(tmp_path):
    slow = Klaviyo(Config(clock=START, processing_delay=timedelta(minutes=5)))
    client = Client(slow)
    client.track("First", "ana@example.org")
    slow.move_clock(START + timedelta(minutes=3))
    client.track("Second", "ana@example.org")

    slow.move_clock(START + timedelta(minutes=6))

    assert ["First"] == [each["attributes"]["name"] for each in client.get("/api/metrics")["data"]]
    slow.close()


def test_good_and_bad_events_are_told_apart(control, client):
    client.track("Placed Order", "ana@example.org")
    client.call("POST", "/api/events", {"data": {"type": "event", "attributes": {}}})

    assert ["Placed Order"] == [each["metric"] for each in control.get("/__mock/events/good").json["data"]]
    assert ["create_event"] == [each["operation"] for each in control.get("/__mock/events/bad").json["data"]]
