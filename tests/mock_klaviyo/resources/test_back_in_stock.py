"""Back-in-stock subscriptions, from servers and from browsers."""

from __future__ import annotations

import pytest

from tests.calling import profile, reference, resource

VARIANT = "$custom:::$default:::SHIRT-M"
SERVER = "/api/back-in-stock-subscriptions"
CLIENT = "/client/back-in-stock-subscriptions"


@pytest.fixture(autouse=True)
def shirt(client):
    """An item with one variant."""
    shown = {"title": "Shirt", "description": "Blue", "url": "https://shop.test/shirt"}
    client.post("/api/catalog-items", resource("catalog-item", external_id="SHIRT", **shown))
    item = {"item": reference("catalog-item", "$custom:::$default:::SHIRT")}
    stock = {"external_id": "SHIRT-M", "sku": "M", "inventory_quantity": 0, "price": 10}
    client.post("/api/catalog-variants", resource("catalog-variant", None, item, **shown | stock))


def subscription(person=None, channels=("EMAIL",), variant=VARIANT):
    person = person or profile(email="anna@shop.test")
    relationships = {"variant": reference("catalog-variant", variant)}
    return resource("back-in-stock-subscription", None, relationships, channels=list(channels), profile=person)


def company(klaviyo):
    return {"company_id": klaviyo.config.account.id}


def kept(klaviyo):
    return [row.document for row in klaviyo.rows("back-in-stock-subscription", 0, 10)]


def test_a_server_subscribes_somebody_new(client, klaviyo):
    assert client.post(SERVER, subscription()) is None

    [anna] = client.ids("/api/profiles")
    assert [(VARIANT, anna, ["EMAIL"])] == [
        (each["variant_id"], each["profile_id"], each["channels"]) for each in kept(klaviyo)
    ]


def test_a_browser_subscribes_somebody_known(client, klaviyo):
    anna = client.post("/api/profiles", profile(email="anna@shop.test"))["data"]["id"]
    response = client.call("POST", CLIENT, subscription(), **company(klaviyo))

    assert (202, b"") == (response.status, response.body)
    assert [anna] == client.ids("/api/profiles")
    assert [anna] == [each["profile_id"] for each in kept(klaviyo)]


def test_who_subscribes_again_changes_the_channels(client, klaviyo):
    client.post(SERVER, subscription())
    client.post(SERVER, subscription(channels=["SMS", "PUSH"]))

    assert [["SMS", "PUSH"]] == [each["channels"] for each in kept(klaviyo)]


def test_a_subscription_is_an_event(client):
    client.post(SERVER, subscription())
    [event] = client.get("/api/events", include="metric")["data"]

    assert ("SHIRT", "SHIRT-M") == tuple(
        event["attributes"]["event_properties"][name] for name in ("ProductID", "VariantID")
    )
    assert ["Subscribed to Back in Stock"] == [
        each["attributes"]["name"] for each in client.get("/api/metrics")["data"]
    ]


@pytest.mark.parametrize("path", [SERVER, CLIENT])
def test_an_unknown_variant_is_not_found(client, klaviyo, path):
    query = company(klaviyo) if path == CLIENT else {}
    status, error = client.error("POST", path, subscription(variant="$shopify:::$default:::1"), **query)

    text = "The variant in your relationship payload does not exist"
    assert (404, "variant_not_found", text, text) == (status, error["code"], error["title"], error["detail"])
    assert {"pointer": "/data/relationships/variant/data/id"} == error["source"]
    assert ({}, {}) == (error["links"], error["meta"])
    assert [] == client.ids("/api/profiles")


def test_a_subscription_names_a_variant(client):
    body = subscription()
    body["data"]["relationships"]["variant"] = {}
    status, error = client.error("POST", SERVER, body)

    assert (400, {"pointer": "/data/relationships/variant/data"}) == (status, error["source"])


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"channels": []}, "channels"),
        ({"channels": ["FAX"]}, "channels/0"),
        ({"profile": None}, "profile"),
        ({"profile": profile()}, "profile/data/attributes"),
        ({"profile": profile(email="nobody")}, "profile/data/attributes/email"),
    ],
)
def test_a_bad_subscription_is_refused(client, klaviyo, attributes, pointer):
    body = subscription()
    body["data"]["attributes"] |= attributes
    status, error = client.error("POST", SERVER, body)

    assert (400, {"pointer": f"/data/attributes/{pointer}"}) == (status, error["source"])
    assert [] == kept(klaviyo)


def test_a_profile_of_an_unknown_id_is_not_found(client, klaviyo):
    person = {"data": {"type": "profile", "id": "01KQ9Z044BK4KWGHS7EAEJ5YX5", "attributes": {}}}

    assert 404 == client.error("POST", SERVER, subscription(person))[0]
    assert [] == kept(klaviyo)


def test_a_browser_needs_a_company(client):
    assert client.error("POST", CLIENT, subscription())[0] in (400, 401)
