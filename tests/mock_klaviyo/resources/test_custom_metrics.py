"""Custom and mapped metrics."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mock_klaviyo.resources.custom_metrics import MAPPINGS
from tests.calling import reference, resource


@pytest.fixture
def metric(client):
    """The id of the metric Placed Order."""
    client.track("Placed Order", "anna@shop.test")
    [id] = client.ids("/api/metrics")
    return id


def definition(*metric_ids, method="count", **group):
    return {"aggregation_method": method, "metric_groups": [{"metric_id": id, **group} for id in metric_ids]}


def custom(name, *metric_ids, **group):
    return resource("custom-metric", name=name, definition=definition(*metric_ids, **group))


def make(client, name, *metric_ids):
    return client.post("/api/custom-metrics", custom(name, *metric_ids))["data"]["id"]


def map_to(client, mapping, **relationships):
    related = {name.replace("_", "-"): {"data": value} for name, value in relationships.items()}
    body = {"data": reference("mapped-metric", mapping) | {"relationships": related}}
    return client.patch(f"/api/mapped-metrics/{mapping}", body)["data"]


# custom metrics


def test_a_custom_metric_lives(client, metric):
    id = make(client, "Orders", metric)
    shown = client.get(f"/api/custom-metrics/{id}")["data"]["attributes"]
    changed = client.patch(f"/api/custom-metrics/{id}", resource("custom-metric", id, name="All orders"))["data"]
    listed = client.ids("/api/custom-metrics")
    client.delete(f"/api/custom-metrics/{id}")

    assert "Orders" == shown["name"]
    assert ("All orders", shown["definition"]) == tuple(changed["attributes"][each] for each in ("name", "definition"))
    assert [id] == listed
    assert 404 == client.error("GET", f"/api/custom-metrics/{id}")[0]


def test_a_definition_is_shown_whole(client, metric):
    made = client.post("/api/custom-metrics", custom("Orders", metric, metric_filters=None))["data"]["attributes"]

    group = {"metric_id": metric, "metric_filters": [], "value_property": None}
    assert {"aggregation_method": "count", "metric_groups": [group]} == made["definition"]


def test_a_definition_keeps_its_filters(client, metric):
    filters = [{"property": "sku", "filter": {"type": "string", "operator": "starts-with", "value": "A"}}]
    body = custom("Orders", metric, method="value", value_property="$value", metric_filters=filters)
    made = client.post("/api/custom-metrics", body)["data"]

    group = {"metric_id": metric, "metric_filters": filters, "value_property": "$value"}
    assert {"aggregation_method": "value", "metric_groups": [group]} == made["attributes"]["definition"]
    assert 26 == len(made["id"])


def test_a_custom_metric_leads_to_its_metrics(client, metric):
    client.track("Refunded Order", "anna@shop.test")
    metrics = client.ids("/api/metrics")
    id = make(client, "Orders", *metrics, metric)
    shown = client.get(f"/api/custom-metrics/{id}", include="metrics", **{"fields[metric]": "name"})

    assert [reference("metric", each) for each in metrics] == shown["data"]["relationships"]["metrics"]["data"]
    assert ["Placed Order", "Refunded Order"] == [each["attributes"]["name"] for each in shown["included"]]
    assert metrics == client.ids(f"/api/custom-metrics/{id}/metrics")
    assert metrics == client.ids(f"/api/custom-metrics/{id}/relationships/metrics")


def test_a_new_definition_leads_to_other_metrics(client, metric):
    client.track("Refunded Order", "anna@shop.test")
    metrics = client.ids("/api/metrics")
    id = make(client, "Orders", metric)
    client.patch(f"/api/custom-metrics/{id}", resource("custom-metric", id, definition=definition(metrics[1])))

    assert metrics[1:] == client.ids(f"/api/custom-metrics/{id}/metrics")


def test_times_have_microseconds(client, klaviyo, metric):
    klaviyo.move_clock(datetime(2026, 1, 1, 0, 0, 1, 123456, tzinfo=UTC))
    shown = client.get(f"/api/custom-metrics/{make(client, 'Orders', metric)}")["data"]["attributes"]

    assert "2026-01-01T00:00:01.123456+00:00" == shown["created"] == shown["updated"]


def test_a_name_can_be_taken(client, metric):
    make(client, "Orders", metric)
    id = make(client, "Refunds", metric)

    for method, path, body in (
        ("POST", "/api/custom-metrics", custom("Orders", metric)),
        ("PATCH", f"/api/custom-metrics/{id}", resource("custom-metric", id, name="Orders")),
    ):
        status, error = client.error(method, path, body)
        assert (400, {"pointer": "/data/attributes/name"}) == (status, error["source"])
    assert "Refunds" == client.get(f"/api/custom-metrics/{id}")["data"]["attributes"]["name"]


def test_an_unknown_custom_metric_is_not_found(client):
    status, error = client.error("GET", "/api/custom-metrics/NOPE01")

    assert (404, "Custom metric with id `NOPE01` does not exist.") == (status, error["detail"])


def test_an_unknown_metric_is_not_found(client):
    status, error = client.error("GET", "/api/metrics/NOPE01")

    assert (404, "Metric with id NOPE01 does not exist.") == (status, error["detail"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"metric_groups": [{"metric_id": "NOPE01"}]}, "metric_groups/0/metric_id"),
        ({"metric_groups": []}, "metric_groups"),
        ({"metric_groups": [{}]}, "metric_groups/0/metric_id"),
        ({"aggregation_method": "average"}, "aggregation_method"),
    ],
)
def test_a_bad_definition_is_refused(client, metric, change, pointer):
    body = resource("custom-metric", name="Orders", definition=definition(metric) | change)
    status, error = client.error("POST", "/api/custom-metrics", body)

    assert (400, {"pointer": f"/data/attributes/definition/{pointer}"}) == (status, error["source"])
    assert [] == client.ids("/api/custom-metrics")


# mapped metrics


def test_an_account_has_seven_mappings_that_lead_nowhere(client):
    found = client.get("/api/mapped-metrics", include="metric,custom-metric")

    assert list(MAPPINGS) == [each["id"] for each in found["data"]]
    assert not any("relationships" in each for each in found["data"])
    assert [] == found["included"]


def test_a_mapping_leads_to_a_metric(client, metric):
    mapped = map_to(client, "revenue", metric=reference("metric", metric))
    shown = client.get("/api/mapped-metrics/revenue", include="metric")

    assert reference("metric", metric) == mapped["relationships"]["metric"]["data"]
    assert ["metric"] == list(shown["data"]["relationships"])
    assert ["Placed Order"] == [each["attributes"]["name"] for each in shown["included"]]
    assert metric == client.get("/api/mapped-metrics/revenue/metric")["data"]["id"]
    assert reference("metric", metric) == client.get("/api/mapped-metrics/revenue/relationships/metric")["data"]


def test_a_mapping_leads_to_a_custom_metric_instead(client, metric):
    id = make(client, "Orders", metric)
    map_to(client, "revenue", metric=reference("metric", metric))
    mapped = map_to(client, "revenue", custom_metric=reference("custom-metric", id))
    linkage = client.get("/api/mapped-metrics/revenue/relationships/custom-metric")["data"]

    assert ["custom-metric"] == list(mapped["relationships"])
    assert id == client.get("/api/mapped-metrics/revenue/custom-metric")["data"]["id"]
    assert reference("custom-metric", id) == linkage


@pytest.mark.parametrize("name", ["metric", "custom-metric"])
def test_a_mapping_that_leads_nowhere_has_no_data(client, name):
    assert client.get(f"/api/mapped-metrics/revenue/{name}")["data"] is None
    assert client.get(f"/api/mapped-metrics/revenue/relationships/{name}")["data"] is None


def test_null_unmaps(client, klaviyo, metric):
    map_to(client, "revenue", metric=reference("metric", metric))
    klaviyo.move_clock(datetime(2026, 1, 1, 0, 0, 1, 123456, tzinfo=UTC))
    mapped = map_to(client, "revenue", metric=None)

    assert "relationships" not in mapped
    assert "2026-01-01T00:00:01.123456+00:00" == mapped["attributes"]["updated"]


def test_a_mapping_changes_only_where_it_is_told_to(client, metric):
    map_to(client, "revenue", metric=reference("metric", metric))
    mapped = client.patch("/api/mapped-metrics/revenue", {"data": reference("mapped-metric", "revenue")})["data"]

    assert reference("metric", metric) == mapped["relationships"]["metric"]["data"]


def test_a_mapping_to_a_deleted_custom_metric_leads_nowhere(client, metric):
    id = make(client, "Orders", metric)
    map_to(client, "revenue", custom_metric=reference("custom-metric", id))
    client.delete(f"/api/custom-metrics/{id}")

    assert "relationships" not in client.get("/api/mapped-metrics/revenue")["data"]


def test_an_unknown_mapping_is_invalid(client):
    status, error = client.error("GET", "/api/mapped-metrics/nope")

    assert (400, "invalid", "'nope' is not a valid choice for 'id'.") == (status, error["code"], error["detail"])
    assert {"pointer": "/data/attributes/id"} == error["source"]


@pytest.mark.parametrize(
    "relationships",
    [
        {"metric": {"data": reference("metric", "NOPE01")}},
        {"custom-metric": {"data": reference("custom-metric", "NOPE01")}},
        {"metric": {"data": {"type": "metric", "id": None}}},
    ],
)
def test_a_mapping_leads_to_something_known(client, relationships):
    body = {"data": reference("mapped-metric", "revenue") | {"relationships": relationships}}

    assert 400 == client.error("PATCH", "/api/mapped-metrics/revenue", body)[0]
    assert "relationships" not in client.get("/api/mapped-metrics/revenue")["data"]


def test_a_mapping_leads_to_one_thing(client, metric):
    both = {
        "metric": {"data": reference("metric", metric)},
        "custom-metric": {"data": reference("custom-metric", make(client, "Orders", metric))},
    }
    body = {"data": reference("mapped-metric", "revenue") | {"relationships": both}}

    assert 400 == client.error("PATCH", "/api/mapped-metrics/revenue", body)[0]
    assert "relationships" not in client.get("/api/mapped-metrics/revenue")["data"]
