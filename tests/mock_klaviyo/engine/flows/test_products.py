"""Flows that begin when a price drops or the stock runs low, and runs that wait until something is back in stock."""

from __future__ import annotations

import pytest

from tests.calling import resource
from tests.mock_klaviyo.engine.flows.story import DAY, START
from tests.mock_klaviyo.resources.test_flows import email, groups


@pytest.fixture
def shop(story):
    """A shop with an item of 100.00 that has two variants with 10 and 5 in stock, seen by Ana."""
    item = {
        "external_id": "I1",
        "title": "Boots",
        "description": "Warm",
        "url": "http://shop.org/boots",
        "price": 100.0,
    }
    story.client.create("/api/catalog-items", resource("catalog-item", **item))
    for id, stock in (("V1", 10), ("V2", 5)):
        variant = {"external_id": id, "title": f"Boots {id}", "description": "Warm", "sku": id}
        variant |= {"url": "http://shop.org/boots", "price": 100.0, "inventory_quantity": stock}
        of = {"item": {"type": "catalog-item", "id": "$custom:::$default:::I1"}}
        story.client.create("/api/catalog-variants", resource("catalog-variant", None, of, **variant))
    story.client.track("Viewed Product", "ana@shop.org", properties={"ProductID": "I1"})
    story.client.track("Viewed Product", "bob@shop.org", properties={"ProductID": "I2"})
    story.klaviyo.catch_up()
    return story


def change(story, type, id, **attributes):
    whole = f"$custom:::$default:::{id}"
    story.client.patch(f"/api/{type}s/{whole}", resource(type, whole, **attributes))
    story.klaviyo.catch_up()


def price_drop(**given):
    found = {"type": "price-drop", "trigger_filter": None, "price_drop_amount_value": 10, "audience": ["viewed"]}
    return found | {"price_drop_amount_unit": "currency", "timeframe_days": 30, **given}


def low_inventory(**given):
    found = {"type": "low-inventory", "trigger_filter": None, "inventory_count": 3, "audience": ["viewed"]}
    return found | {"product_level": "variant", "timeframe_days": 30, **given}


NAMED = email("e", subject_line="{{ event.ProductName }}: {{ event.PreviousPrice }} {{ event.Price }}")


@pytest.mark.parametrize(
    ("trigger", "price", "is_told"),
    [
        (price_drop(), 90.0, True),
        (price_drop(), 90.5, False),
        (price_drop(), 120.0, False),
        (price_drop(price_drop_amount_unit="percent", price_drop_amount_value=25), 75.0, True),
        (price_drop(price_drop_amount_unit="percent", price_drop_amount_value=25), 76.0, False),
        (price_drop(audience=["checkout-started"]), 50.0, False),
    ],
)
def test_a_price_that_drops_is_told_to_those_who_looked_at_the_product(shop, trigger, price, is_told):
    shop.flow(NAMED, trigger=trigger)
    change(shop, "catalog-item", "I1", price=price)

    assert ([f"Boots: 100.0 {price}"] if is_told else []) == shop.sent()
    assert (["ana@shop.org"] if is_told else []) == [
        row.document["to"] for row in shop.klaviyo.rows("outbox-message", 0, 9)
    ]


@pytest.mark.parametrize(("days", "is_told"), [(30, True), (31, False)])
def test_who_looked_too_long_ago_is_not_told(shop, days, is_told):
    shop.flow(NAMED, trigger=price_drop())
    shop.klaviyo.move_clock(START + DAY * days)
    change(shop, "catalog-item", "I1", price=10.0)

    assert is_told is bool(shop.sent())


def test_a_filter_looks_at_the_product(shop):
    condition = {"type": "price-drop-property", "metric_id": None, "field": "ProductName"}
    condition["filter"] = {"type": "string", "operator": "equals", "value": "Shoes"}
    flow_id = shop.flow(NAMED, trigger=price_drop(trigger_filter=groups(condition)))
    change(shop, "catalog-item", "I1", price=10.0)

    (run,) = shop.runs(flow_id)
    assert ("Fails Trigger Filters", "Boots") == (run["exit"], run["entry"][0]["saw"])


@pytest.mark.parametrize(
    ("level", "stock", "is_told"),
    [("variant", 3, True), ("variant", 4, False), ("product", 0, False), ("variant", 0, True)],
)
def test_a_variant_that_runs_low_is_told(shop, level, stock, is_told):
    shop.flow(email("e"), trigger=low_inventory(product_level=level))
    change(shop, "catalog-variant", "V1", inventory_quantity=stock)

    assert is_told is bool(shop.sent())


def test_a_product_runs_low_with_all_its_variants_and_is_told_once(shop):
    flow_id = shop.flow(email("e"), trigger=low_inventory(product_level="product", inventory_count=6))
    for id, stock in (("V1", 1), ("V2", 4), ("V2", 3)):
        change(shop, "catalog-variant", id, inventory_quantity=stock)

    assert 1 == len(shop.runs(flow_id))


def test_what_changed_before_the_flow_was_live_is_not_told(shop):
    change(shop, "catalog-item", "I1", price=10.0)
    flow_id = shop.flow(NAMED, trigger=price_drop())
    change(shop, "catalog-item", "I1", price=9.0)

    assert [] == shop.runs(flow_id)


def test_a_run_waits_until_the_variant_is_back_in_stock(shop):
    change(shop, "catalog-variant", "V1", inventory_quantity=0)
    delay = {"temporary_id": "d", "type": "back-in-stock-delay", "links": {"next": "e"}}
    flow_id = shop.flow(
        delay, email("e"), trigger={"type": "metric", "id": shop.own_metric("Subscribed to Back in Stock")}
    )
    who = {"data": {"type": "profile", "attributes": {"email": "ana@shop.org"}}}
    of = {"variant": {"type": "catalog-variant", "id": "$custom:::$default:::V1"}}
    body = resource("back-in-stock-subscription", None, of, channels=["EMAIL"], profile=who)
    shop.client.post("/api/back-in-stock-subscriptions", body)
    shop.wait(DAY * 20)
    change(shop, "catalog-variant", "V2", inventory_quantity=50)
    before = shop.sent()
    change(shop, "catalog-variant", "V1", inventory_quantity=2)

    assert ([], ["Hello"], "Completed") == (before, shop.sent(), shop.run(flow_id)["exit"])
