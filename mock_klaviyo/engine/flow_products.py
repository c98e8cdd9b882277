"""Flow products: flows that begin when a price drops or the stock runs low, and runs that wait until something is back.

What the catalog said last is kept, so that a change is seen also after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_klaviyo.engine.flow_plans import Plan
from mock_klaviyo.engine.flow_steps import Park, Step, Way, flow_action
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.resources.flow_runs import FLOW_PRODUCT
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection

if TYPE_CHECKING:
    from mock_klaviyo.engine.flows import Flows

ITEM, VARIANT = "catalog-item", "catalog-variant"
AT_ONCE = 500
AUDIENCES: Mapping[str, tuple[str, str]] = {
    "viewed": ("viewed_product", "Viewed Product"),
    "added-to-cart": ("added_to_cart", "Added to Cart"),
    "checkout-started": ("started_checkout", "Started Checkout"),
}
"""What people did with a product → the mapped metric that stands for it, and the usual name of that."""

PRODUCT_IDS = ("ProductID", "Product ID", "ProductId", "product_id", "ItemID")
LISTS = ("Items", "items", "ItemNames")
"""Where events hold the ids of products, or lists of products that have them."""

Snapshot = dict[str, float | None]


def snapshot(world: World, row: Row) -> Snapshot:
    """What is watched of an item or a variant; an item has as much in stock as its variants together."""
    if row.type == VARIANT:
        return {"price": row.document.get("price"), "inventory": row.document.get("inventory_quantity")}
    variants = world.store.rows(VARIANT, item_id=row.id)
    amounts = [each.document["inventory_quantity"] for each in variants]
    return {"price": row.document.get("price"), "inventory": sum(amounts) if variants else None}


def has_dropped(trigger: Json, row: Row, before: Snapshot, now: Snapshot) -> bool:
    """Whether a price dropped by as much as a flow asks for."""
    old, new = before["price"], now["price"]
    if old is None or new is None or not new < old:
        return False
    drop = old - new if trigger.get("price_drop_amount_unit") != "percent" else 100 * (old - new) / old
    return row.type == ITEM and drop >= trigger["price_drop_amount_value"]


def has_run_low(trigger: Json, row: Row, before: Snapshot, now: Snapshot) -> bool:
    """Whether so little is left as a flow asks for, and more was there before."""
    old, new, limit = before["inventory"], now["inventory"], trigger["inventory_count"]
    is_level = row.type == (VARIANT if trigger["product_level"] == "variant" else ITEM)
    return is_level and old is not None and new is not None and new <= limit < old


CHANGES: Mapping[str, Callable[[Json, Row, Snapshot, Snapshot], bool]] = {
    "price-drop": has_dropped,
    "low-inventory": has_run_low,
}
"""The type of a trigger → whether a change of a product is what it means."""


def open_flow(flows: Flows) -> None:
    """Note what the catalog says when a flow is made live; nothing has changed yet."""
    for type in (ITEM, VARIANT):
        number = 0
        while rows := flows.world.store.after(type, number, AT_ONCE):
            number = rows[-1].number
            keep(flows.world, {key(row): snapshot(flows.world, row) for row in rows})


def keep(world: World, snapshots: Mapping[str, Snapshot]) -> None:
    """Keep what the catalog says now."""
    world.store.delete_where(FLOW_PRODUCT.type, id=list(snapshots))
    world.store.insert(*(Row(FLOW_PRODUCT.type, id, {**found}) for id, found in snapshots.items()))


def key(row: Row) -> str:
    """What tells a product apart; an item and a variant may have the same id."""
    return f"{row.type} {row.id}"


def changed(flows: Flows, plans: Sequence[Plan], rows: Sequence[Row]) -> Iterator[tuple[str, list[tuple[str, Json]]]]:
    """Who begins which flow, since products have changed."""
    world = flows.world
    before = {row.id: row.document for row in world.store.rows(FLOW_PRODUCT.type, id=[key(row) for row in rows])}
    now = {key(row): snapshot(world, row) for row in rows}
    keep(world, now)
    number = world.store.last_number("event")
    for row in rows:
        for plan in plans:
            old = before.get(key(row))
            if old is not None and CHANGES[plan.trigger["type"]](plan.trigger, row, old, now[key(row)]):
                told = {"properties": properties(row, old, now[key(row)]), "number": number}
                trigger = {"type": plan.trigger["type"], "id": row.id, **told}
                yield plan.id, [(id, trigger) for id in audience(world, plan.trigger, row)]


def properties(row: Row, before: Snapshot, now: Snapshot) -> Json:
    """What a flow knows of the product that it begins with."""
    document = row.document
    return {
        "ProductID": product_id(row),
        "VariantID": document["external_id"] if row.type == VARIANT else None,
        "ProductName": document["title"],
        "URL": document["url"],
        "ImageURL": document.get("image_full_url"),
        "Price": now["price"],
        "PreviousPrice": before["price"],
        "InventoryQuantity": now["inventory"],
        **(document.get("custom_metadata") or {}),
    }


def product_id(row: Row) -> str:
    """The id under which events know a product: that of the item."""
    return str(row.document.get("item_id") or row.id).rpartition(":::")[2]


def audience(world: World, trigger: Json, row: Row) -> list[str]:
    """The profiles that did something with a product lately, who did so first before the others."""
    since = world.now - timedelta(days=trigger.get("timeframe_days") or 30)
    metric_ids = tuple(id for each in trigger["audience"] for id in metrics(world, each))
    wanted = (Comparison("any", "metric_id", metric_ids), Comparison("greater-or-equal", "datetime", since))
    found, id = world.store.every(Selection("event", wanted)), product_id(row)
    return list(dict.fromkeys(each.document["profile_id"] for each in found if is_about(each, id)))


def metrics(world: World, audience: str) -> set[str]:
    """The metrics of what people did: the mapped one, or those of its usual name."""
    mapped, name = AUDIENCES[audience]
    row = world.store.row("mapped-metric", mapped)
    id = row.document.get("metric_id") if row else None
    return {id} if id else {each.id for each in world.store.rows("metric", name=name)}


def is_about(event: Row, id: str) -> bool:
    """Whether an event is about a product."""
    known = event.document["event_properties"]
    listed: list[Any] = [item for name in LISTS if isinstance(known.get(name), list) for item in known[name]]
    return any(str(each.get(name)) == id for each in [known, *listed] if isinstance(each, dict) for name in PRODUCT_IDS)


@flow_action("back-in-stock-delay")
def back_in_stock_delay(step: Step) -> Way:
    """Wait until the variant that the run is about can be had."""
    variant = wanted_variant(step)
    if variant is None:
        step.note("passed", reason="the flow is not about a variant")
        return step.onward
    if is_in_stock(variant):
        return step.onward
    step.note("waiting", reason="until it is back in stock")
    return Park()


def wanted_variant(step: Step) -> Row | None:
    """The variant that the event of a run is about."""
    id = step.subject.start.properties.get("VariantID") if step.subject.start else None
    return step.world.store.row(VARIANT, f"$custom:::$default:::{id}") if id else None


def is_in_stock(variant: Row) -> bool:
    """Whether a variant can be had."""
    return bool(variant.document["inventory_quantity"] > 0)
