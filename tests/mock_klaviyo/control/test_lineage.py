"""Lineage: what events, requests and profiles came from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, channels, consent, event, profile, resource
from tests.conftest import START
from tests.mock_klaviyo.engine.flows.story import Story
from tests.mock_klaviyo.resources.test_flows import email, wait

ANNA = "anna@shop.example.org"
WHOLE = {"cause": "order-1", "target": "ours", "entry": "3"}
EARLIER = "2025-01-01T00:00:00Z"
HEADERS = {"x-mock-cause": "order-1", "x-mock-target": "ours", "x-mock-entry": "3"}


@pytest.fixture
def control(klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


def lineages(control, path):
    return [each["lineage"] for each in control.get(f"/__mock/{path}").json["data"]]


def send(client: Client, email=ANNA, headers=None, **attributes) -> None:
    client.call("POST", "/api/events", event("Bought", {"email": email, **attributes}, unique_id="1"), headers=headers)


def test_events_stored_and_dropped_and_requests_tell_where_they_came_from(control, client):
    send(client, headers=HEADERS)
    send(client, headers=HEADERS)

    assert [WHOLE, WHOLE] == lineages(control, "events")
    assert [WHOLE] == lineages(control, "events/dropped")
    assert [WHOLE, WHOLE] == lineages(control, "requests")


def test_what_is_not_said_is_null(control, client):
    send(client, headers={"x-mock-entry": "3"})
    send(client, "bert@shop.example.org")

    assert [{"cause": None, "target": None, "entry": "3"}, None] == lineages(control, "events")


def test_requests_that_say_nothing_get_what_was_put(control, client):
    control.put("/__mock/lineage", json=WHOLE)
    send(client)
    send(client, "bert@shop.example.org", {"x-mock-cause": "order-2"})
    control.delete("/__mock/lineage")
    send(client, "cleo@shop.example.org")

    assert [WHOLE, {"cause": "order-2", "target": None, "entry": None}, None] == lineages(control, "events")


def test_a_reset_ends_what_was_put(control):
    control.put("/__mock/lineage", json=WHOLE)
    control.post("/__mock/reset")

    assert {"lineage": None} == control.get("/__mock/lineage").json


@pytest.mark.parametrize("body", [{}, {"cause": 5}, {"cause": None}, {"because": "order-1"}, {"cause": ""}])
def test_a_lineage_that_tells_nothing_is_refused(control, body):
    assert 400 == control.put("/__mock/lineage", json=body).status_code


def test_a_long_lineage_is_cut(control, client):
    send(client, headers={"x-mock-target": "x" * 300})

    assert ["x" * 200] == [each["target"] for each in lineages(control, "events")]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/profiles", profile(email=ANNA)),
        ("POST", "/api/profile-import", profile(email=ANNA)),
        ("POST", "/api/events", event("Bought", {"email": ANNA})),
        (
            "POST",
            "/api/profile-bulk-import-jobs",
            resource("profile-bulk-import-job", profiles={"data": [profile(email=ANNA)["data"]]}),
        ),
        (
            "POST",
            "/api/profile-subscription-bulk-create-jobs",
            consent(
                {"email": ANNA, "subscriptions": channels(consented_at="2025-01-01T00:00:00Z")}, historical_import=True
            ),
        ),
    ],
)
def test_a_profile_tells_what_wrote_it_last(control, client, method, path, body):
    assert client.call(method, path, body, headers=HEADERS).status < 300

    assert [WHOLE] == lineages(control, "profiles")


def test_what_a_slow_job_writes_comes_from_where_the_job_came_from(control, client, klaviyo):
    klaviyo.delay(job_delay=timedelta(minutes=1))
    body = resource("profile-bulk-import-job", profiles={"data": [profile(email=ANNA)["data"]]})
    client.call("POST", "/api/profile-bulk-import-jobs", body, headers=HEADERS)
    assert [] == lineages(control, "profiles")

    klaviyo.move_clock(START + timedelta(minutes=2))
    assert [WHOLE] == lineages(control, "profiles")


def test_the_last_write_counts_and_an_event_alone_is_none(control, client):
    send(client, headers=HEADERS, first_name="Anna")
    client.track("Viewed", ANNA)
    assert [WHOLE] == lineages(control, "profiles")

    send(client, headers={"x-mock-cause": "order-2"}, first_name="Anne")
    client.call("POST", "/api/profile-import", profile(email=ANNA, last_name="Ager"))
    assert [None] == lineages(control, "profiles")


def test_events_of_one_batch_each_tell_their_own(control, client):
    for number in range(3):
        send(client, f"{number}@shop.example.org", {"x-mock-cause": str(number)}, first_name="A")

    assert ["0", "1", "2"] == [each["cause"] for each in lineages(control, "profiles")]


def test_a_profile_shows_nothing_of_it_to_clients(client):
    client.call("POST", "/api/profiles", profile(email=ANNA), headers=HEADERS)

    assert "lineage" not in client.get("/api/profiles")["data"][0]["attributes"]


def test_lineage_outlives_a_restart(tmp_path):
    config = Config(clock=START, data=tmp_path / "shop.sqlite")
    klaviyo = Klaviyo(config)
    send(Client(klaviyo), headers=HEADERS, first_name="Anna")
    klaviyo.close()
    klaviyo = Klaviyo(config)
    control = create_app(klaviyo=klaviyo).test_client()

    assert [[WHOLE], [WHOLE]] == [lineages(control, "events"), lineages(control, "profiles")]
    klaviyo.close()


def test_what_a_flow_sends_and_what_becomes_of_it_comes_from_the_event_that_began_it():
    story = Story()
    story.flow(wait("w", "e"), email("e"))
    story.subscribe("email", email="ana@shop.org")
    joined = event("Joined", {"email": "ana@shop.org"}, unique_id="1")
    story.client.call("POST", "/api/events", joined, headers=HEADERS)
    story.klaviyo.move_clock(story.klaviyo.clock.now + timedelta(days=3))
    (message,) = story.control.get("/__mock/messages").json["data"]
    story.control.post(f"/__mock/messages/{message['id']}/open")

    came_from = {each["metric"]: each["lineage"] for each in story.control.get("/__mock/events").json["data"]}
    assert WHOLE == message["lineage"] == came_from["Received Email"] == came_from["Opened Email"]


def test_consent_comes_from_the_request_that_gave_it(control, client):
    news = client.create("/api/lists", resource("list", name="News", opt_in_process="single_opt_in"))
    agreed = consent({"email": ANNA, "subscriptions": channels("email")}, list_id=news)
    client.call("POST", "/api/profile-subscription-bulk-create-jobs", agreed, headers=HEADERS)

    assert [WHOLE, WHOLE] == lineages(control, "events")
