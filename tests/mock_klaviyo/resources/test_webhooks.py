"""Webhooks: topics, subscriptions, and the signed calls that tell of events."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest

from mock_klaviyo import json
from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.webhook_deliveries import RETRIES
from mock_klaviyo.serving import Server
from tests.calling import Client, reference, resource
from tests.conftest import START
from tests.receiver import Receiver, receiver

SECRET = "a secret of 24 characters"
EARNED, REDEEMED = "event:api.points_earned", "event:api.card_redeemed"


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def control(klaviyo: Klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


def topics(*ids: str):
    return {"webhook-topics": [reference("webhook-topic", id) for id in ids]}


def body(*ids: str, **attributes: object):
    given = {"name": "Hook", "endpoint_url": "https://shop.org/hooks/1?k=v", "secret_key": SECRET} | attributes
    return resource("webhook", None, topics(*ids) if ids else {"webhook-topics": []}, **given)


def earn(client: Client, number: int = 1, metric: str = "Points Earned") -> None:
    client.track(metric, "anna@shop.org", unique_id=str(number), properties={"points": number})


def hook(client: Client, shop: Receiver, *ids: str, **attributes: object) -> str:
    """A webhook that is told of Points Earned, which somebody did before."""
    earn(client, 0)
    url = f"{shop.url}/hook"
    return str(client.post("/api/webhooks", body(*(ids or (EARNED,)), endpoint_url=url, **attributes))["data"]["id"])


def told(shop: Receiver) -> list[list[int]]:
    """The points of the events of each call."""
    return [
        [each["payload"]["data"]["attributes"]["event_properties"]["points"] for each in json.read(body)["data"]]
        for _, body in shop.calls
    ]


# resources


def test_a_webhook_lives_from_creation_to_deletion(client):
    made = client.post("/api/webhooks", body("event:klaviyo.sent_sms"))["data"]
    path = f"/api/webhooks/{made['id']}"
    changed = client.patch(path, resource("webhook", made["id"], enabled=False, description="Texts", name=None))["data"]
    listed = client.get("/api/webhooks")["data"]
    client.delete(path)

    assert {"name": "Hook", "description": None, "enabled": True}.items() <= made["attributes"].items()
    assert {"name": "Hook", "description": "Texts", "enabled": False}.items() <= changed["attributes"].items()
    assert [changed] == listed
    assert 404 == client.error("GET", path)[0]


def test_nobody_reads_the_secret_or_the_whole_address(client):
    id = client.post("/api/webhooks", body("event:klaviyo.sent_sms"))["data"]["id"]
    found = client.call("GET", f"/api/webhooks/{id}")

    assert "https://shop.org/*****" == found.document["data"]["attributes"]["endpoint_url"]
    assert SECRET.encode() not in found.body


def test_a_webhook_names_its_topics_without_links(client):
    made = client.post("/api/webhooks", body("event:klaviyo.sent_sms"))["data"]
    data = [reference("webhook-topic", "event:klaviyo.sent_sms")]

    assert {"webhook-topics": {"data": data}} == made["relationships"]
    assert ["event:klaviyo.sent_sms"] == [
        each["id"] for each in client.get(f"/api/webhooks/{made['id']}", include="webhook-topics")["included"]
    ]


def test_a_change_of_topics_replaces_them(client):
    id = client.post("/api/webhooks", body("event:klaviyo.sent_sms"))["data"]["id"]
    changed = client.patch(
        f"/api/webhooks/{id}", resource("webhook", id, topics("event:klaviyo.received_sms"))
    )["data"]  # fmt: skip

    assert ["event:klaviyo.received_sms"] == [each["id"] for each in changed["relationships"]["webhook-topics"]["data"]]


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"endpoint_url": "http://shop.org/x"}, "/data/attributes/endpoint_url"),
        ({"endpoint_url": "shop.org"}, "/data/attributes/endpoint_url"),
        ({"endpoint_url": "https://"}, "/data/attributes/endpoint_url"),
        ({"endpoint_url": "https://shop.org:port/"}, "/data/attributes/endpoint_url"),
        ({"endpoint_url": "https://[/"}, "/data/attributes/endpoint_url"),
        ({"secret_key": "x" * 15}, "/data/attributes/secret_key"),
    ],
)
def test_a_wrong_webhook_is_refused(client, attributes, pointer):
    id = client.post("/api/webhooks", body("event:klaviyo.sent_sms"))["data"]["id"]
    status, error = client.error("POST", "/api/webhooks", body("event:klaviyo.sent_sms", **attributes))
    changed, _ = client.error("PATCH", f"/api/webhooks/{id}", resource("webhook", id, **attributes))

    assert (400, pointer, 400) == (status, error["source"]["pointer"], changed)
    assert [id] == client.ids("/api/webhooks")


def test_an_unknown_topic_is_refused(client):
    status, error = client.error("POST", "/api/webhooks", body("event:klaviyo.sent_sms", "event:api.nope"))

    assert (400, "/data/relationships/webhook-topics/data/1/id") == (status, error["source"]["pointer"])
    assert [] == client.ids("/api/webhooks")


def test_plain_http_is_for_this_machine_only(client, shop):
    response = client.call("POST", "/api/webhooks", body("event:klaviyo.sent_sms", endpoint_url=shop.url))

    assert 201 == response.status
    assert "Klaviyo takes https URLs only" in response.headers["X-Mock-Hint"]


def test_a_host_that_is_never_called_is_hinted_at(client):
    response = client.call("POST", "/api/webhooks", body("event:klaviyo.sent_sms"))

    assert "--allow-host" in response.headers["X-Mock-Hint"]


# topics


def test_there_are_topics_of_klaviyos_own_events(client):
    ids = client.ids("/api/webhook-topics")

    assert 23 == len(ids)
    assert {"event:klaviyo.sent_sms", "event:klaviyo.submitted_review"} < set(ids)
    assert "event:klaviyo.sent_sms" == client.get("/api/webhook-topics/event:klaviyo.sent_sms")["data"]["id"]


def test_each_metric_from_the_api_is_a_topic(client):
    earn(client)
    earn(client, metric="Card Redeemed (VIP)")

    assert [EARNED, "event:api.card_redeemed_vip"] == sorted(client.ids("/api/webhook-topics")[23:], reverse=True)
    assert EARNED == client.get(f"/api/webhook-topics/{EARNED}")["data"]["id"]


def test_an_unknown_topic_is_not_found(client):
    assert 404 == client.error("GET", "/api/webhook-topics/event:api.nope")[0]


# plan


def test_a_private_key_can_lack_the_plan():
    klaviyo = Klaviyo(Config(clock=START, webhooks_need_plan=True, takes_any_key=True))
    client = Client(klaviyo)
    status, error = client.error("POST", "/api/webhooks", body("event:klaviyo.sent_sms"))
    app = Client(klaviyo, {"authorization": "Bearer token"})

    assert (403, "You must have Advanced KDP enabled to use this endpoint.") == (status, error["detail"])
    assert "links" not in error
    assert app.post("/api/webhooks", body("event:klaviyo.sent_sms"))
    assert 23 == len(client.ids("/api/webhook-topics"))
    klaviyo.close()


# delivery


def test_a_webhook_is_told_of_an_event(client, klaviyo, shop):
    id = hook(client, shop)
    earn(client)
    made = klaviyo.deliver()
    ((headers, body),) = shop.calls
    (event,) = client.ids("/api/events", filter="greater-than(datetime,2025-01-01T00:00:00Z)", **{"page[size]": "1"})
    (entry,) = json.read(body)["data"]

    assert 1 == made
    assert (EARNED, id) == (entry["topic"], headers["Klaviyo-Webhook-Id"])
    assert client.get(f"/api/events/{entry['external_id']}")["data"] == entry["payload"]["data"]
    assert event == entry["external_id"]
    meta = {"klaviyo_webhook_id": id, "timestamp": "2026-01-01T00:00:00+00:00", "klaviyo_account_id": "MOCK01"}
    assert meta == json.read(body)["meta"]


def test_a_call_is_signed_with_the_secret(client, klaviyo, shop):
    hook(client, shop)
    earn(client)
    klaviyo.deliver()
    ((headers, body),) = shop.calls
    expected = hmac.new(SECRET.encode(), body + headers["Klaviyo-Timestamp"].encode(), sha256).hexdigest()

    assert expected == headers["Klaviyo-Signature"]


def test_the_time_of_a_call_is_local_and_says_gmt(client, klaviyo, shop):
    hook(client, shop)
    earn(client)
    klaviyo.deliver()

    assert "Wed, 31 Dec 2025 19:00:00 GMT" == shop.calls[0][0]["Klaviyo-Timestamp"]


def test_only_subscribers_are_told_and_only_of_what_comes_after(client, klaviyo, shop):
    earn(client, metric="Card Redeemed")
    hook(client, shop)
    earn(client, 1)
    earn(client, 2, metric="Card Redeemed")
    klaviyo.deliver()

    assert [[1]] == told(shop)


def test_events_that_come_together_are_told_together(client, klaviyo, shop):
    hook(client, shop)
    for number in (1, 2, 3):
        earn(client, number)
    klaviyo.deliver()

    assert [[1, 2, 3]] == told(shop)


def test_a_call_tells_of_a_hundred_events_at_most(client, klaviyo, shop):
    hook(client, shop)
    for number in range(101):
        earn(client, number + 1)
    klaviyo.deliver()

    assert [100, 1] == [len(each) for each in told(shop)]


def test_dropped_events_are_not_told(client, klaviyo, shop):
    hook(client, shop)
    earn(client, 1)
    earn(client, 1)
    client.track("Points Earned", "anna@example.com", properties={"points": 9})
    klaviyo.deliver()

    assert [[1]] == told(shop)


def test_klaviyos_own_events_are_told_too(client, klaviyo, shop):
    hook(client, shop, "event:klaviyo.submitted_review")
    review = resource("review", review_type="review", email="anna@shop.org", author="Anna", content="Good")
    client.call("POST", "/client/reviews", review, company_id="MOCK01")
    klaviyo.deliver()

    assert ["event:klaviyo.submitted_review"] == [each["topic"] for each in json.read(shop.calls[0][1])["data"]]


def test_nothing_is_told_twice(client, klaviyo, shop):
    hook(client, shop)
    earn(client)

    assert [1, 0] == [klaviyo.deliver(), klaviyo.deliver()]


def test_a_failed_call_is_tried_again(client, klaviyo, shop):
    hook(client, shop)
    shop.statuses = [500, 404]
    earn(client)
    klaviyo.deliver()
    before = len(shop.calls)
    klaviyo.move_clock(START + RETRIES[0])
    klaviyo.move_clock(START + RETRIES[0] + RETRIES[1])

    assert (1, 3) == (before, len(shop.calls))
    assert [[1]] * 3 == told(shop)
    (delivery,) = klaviyo.rows("webhook-delivery", 0, 10)
    assert ("delivered", [500, 404, 200]) == (
        delivery.document["status"],
        [each["outcome"] for each in delivery.document["attempts"]],
    )


def test_a_leap_of_the_clock_makes_every_call_on_its_way(client, klaviyo, shop):
    hook(client, shop)
    shop.statuses = [500] * 9
    earn(client)
    klaviyo.move_clock(START + timedelta(days=3))
    (delivery,) = klaviyo.rows("webhook-delivery", 0, 10)
    waits = [each["at"] for each in delivery.document["attempts"]]

    assert "failed" == delivery.document["status"]
    assert ["2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00", "2026-01-01T00:06:00+00:00"] == waits[:3]
    assert len(RETRIES) + 1 == len(shop.calls)


def test_a_host_that_may_not_be_called_is_not(client, klaviyo):
    earn(client, 0)
    client.post("/api/webhooks", body(EARNED))
    earn(client)
    klaviyo.deliver()
    (delivery,) = klaviyo.rows("webhook-delivery", 0, 10)

    assert "shop.org is neither this machine" in delivery.document["attempts"][0]["outcome"]


@pytest.mark.parametrize("change", ["disable", "delete"])
def test_a_webhook_that_is_off_or_gone_is_told_nothing(client, klaviyo, shop, change):
    id = hook(client, shop)
    earn(client, 1)
    if change == "delete":
        client.delete(f"/api/webhooks/{id}")
    else:
        client.patch(f"/api/webhooks/{id}", resource("webhook", id, enabled=False))
    earn(client, 2)

    assert (0, []) == (klaviyo.deliver(), shop.calls)


def test_whoever_is_called_can_call_back(client, klaviyo, shop):
    hook(client, shop)
    earn(client)
    found: list[object] = []
    shop.on_call = lambda: found.append(client.get("/api/accounts")["data"][0]["id"])
    klaviyo.deliver()

    assert ["MOCK01"] == found


def test_the_control_routes_deliver_and_show_what_was_delivered(client, control, shop):
    hook(client, shop)
    earn(client)

    assert {"calls": 1} == control.post("/__mock/webhooks/deliver").json
    (delivery,) = control.get("/__mock/webhooks/deliveries").json["data"]
    assert ("delivered", EARNED) == (delivery["status"], delivery["topic"])


def test_moving_the_clock_over_http_delivers(client, control, shop):
    hook(client, shop)
    earn(client)
    control.post("/__mock/clock/advance", json={"by_seconds": 1})

    assert [[1]] == told(shop)


def test_a_server_whose_clock_runs_delivers_by_itself(shop):
    klaviyo = Klaviyo(Config())
    client = Client(klaviyo)
    hook(client, shop)
    earn(client)
    klaviyo.tick()

    assert [[1]] == told(shop)
    klaviyo.close()


def test_a_held_clock_delivers_nothing_by_itself(client, klaviyo, shop):
    hook(client, shop)
    earn(client)
    klaviyo.tick()

    assert [] == shop.calls


def test_a_running_server_ticks(monkeypatch, shop):
    monkeypatch.setattr("mock_klaviyo.serving.TICK", 0.01)
    klaviyo = Klaviyo(Config())
    client = Client(klaviyo)
    server = Server(create_app(klaviyo=klaviyo))
    server.start()
    hook(client, shop)
    earn(client)
    with shop.received:
        assert shop.received.wait_for(lambda: shop.calls, timeout=10)
    server.stop()
    klaviyo.close()
