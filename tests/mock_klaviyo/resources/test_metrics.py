"""Metrics: how they arise, what they tell, and their properties."""

from __future__ import annotations

import pytest

from tests.calling import event

ANNA = "anna@shop.example.org"


def track_for(client, metric, service):
    asked = event(metric, {"email": ANNA})
    asked["data"]["attributes"]["metric"]["data"]["attributes"]["service"] = service
    client.post("/api/events", asked)


@pytest.fixture
def bought(client):
    """The id of a metric with three properties."""
    client.track("Bought", ANNA, properties={"brand": "Acme", "price": 5, "sizes": ["M"], "$extra": 1}, unique_id="1")
    client.track("Bought", ANNA, properties={"brand": "Other", "gift": True}, unique_id="2")
    return client.ids("/api/metrics")[0]


def properties(client, metric, **query):
    found = client.get(f"/api/metrics/{metric}/metric-properties", **query)["data"]
    return {each["attributes"]["property"]: each for each in found}


def test_a_metric_belongs_to_the_api_integration(client, bought):
    attributes = client.get(f"/api/metrics/{bought}")["data"]["attributes"]

    integration = attributes["integration"]
    expected = {"object": "integration", "id": integration["id"], "key": "api", "name": "API", "category": "API"}
    assert expected == integration
    assert ("Bought", 6) == (attributes["name"], len(integration["id"]))


def test_a_metric_is_made_once(client, bought):
    client.track("Bought", ANNA, unique_id="3")

    assert [bought] == client.ids("/api/metrics")


def test_the_name_of_a_metric_is_case_sensitive(client, bought):
    client.track("bought", ANNA)

    assert 2 == len(client.ids("/api/metrics"))


def test_another_service_has_a_metric_of_its_own(client, bought):
    track_for(client, "Bought", "shopify")
    track_for(client, "Bought", "api")

    found = client.get("/api/metrics")["data"]
    assert ["API", "shopify"] == [each["attributes"]["integration"]["name"] for each in found]


def test_metrics_of_a_service_share_their_integration(client, bought):
    for metric, service in (("Viewed", "api"), ("Bought", "shopify"), ("Viewed", "shopify")):
        track_for(client, metric, service)

    found = [each["attributes"]["integration"] for each in client.get("/api/metrics")["data"]]
    assert (found[0], found[2]) == (found[1], found[3])
    assert 2 == len({each["id"] for each in found})


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('equals(integration.name,"API")', 1),
        ('equals(integration.name,"api")', 0),
        ('equals(integration.category,"API")', 0),  # as live
    ],
)
def test_metrics_are_filtered_by_integration(client, bought, text, count):
    assert count == len(client.ids("/api/metrics", filter=text))


def test_a_page_has_200_metrics(client):
    for number in range(201):
        client.post("/api/events", event(f"Metric {number}", {"email": ANNA}))

    first = client.get("/api/metrics")
    assert (200, True) == (len(first["data"]), first["links"]["next"] is not None)
    assert 400 == client.error("GET", "/api/metrics", **{"page[size]": "10"})[0]


def test_an_unknown_metric_is_not_found(client):
    status, error = client.error("GET", "/api/metrics/nobody")

    assert (404, "Metric with id nobody does not exist.") == (status, error["detail"])


def test_no_flow_is_triggered_by_a_metric_yet(client, bought):
    assert [] == client.ids(f"/api/metrics/{bought}/flow-triggers")
    assert [] == client.get(f"/api/metrics/{bought}", include="flow-triggers")["included"]


def test_a_metric_learns_its_properties_and_their_types(client, bought):
    types = {name: each["attributes"]["inferred_type"] for name, each in properties(client, bought).items()}

    assert {"brand": "string", "price": "number", "sizes": "list", "gift": "boolean"} == types


def test_sample_values_of_a_property_are_shown_on_demand(client, bought):
    brand = properties(client, bought)["brand"]
    asked = {"additional-fields[metric-property]": "sample_values"}

    assert "sample_values" not in brand["attributes"]
    found = client.get(f"/api/metric-properties/{brand['id']}", **asked)["data"]["attributes"]
    assert ["Acme", "Other"] == sorted(found["sample_values"])


def test_a_property_leads_to_its_metric(client, bought):
    brand = properties(client, bought)["brand"]["id"]

    assert 32 == len(brand)
    assert bought == client.get(f"/api/metric-properties/{brand}/metric")["data"]["id"]
    assert bought == client.get(f"/api/metric-properties/{brand}", include="metric")["included"][0]["id"]
    assert brand in client.ids(f"/api/metrics/{bought}/relationships/metric-properties")
