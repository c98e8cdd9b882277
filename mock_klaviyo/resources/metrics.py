"""Metrics: kinds of events; they arise from the events that arrive."""

from __future__ import annotations

from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource, many_by, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection
from mock_klaviyo.store.tables import Field

DEFAULT_SERVICE = "api"
INTEGRATIONS = {"api": ("API", "API"), "klaviyo": ("Klaviyo", "Internal")}
"""The service → the name and category of its integration, where they are known."""

SAMPLES = 10
"""How many sample values a property shows at most."""

METRIC = declare(
    Resource(
        type="metric",
        make_id=lambda world: world.ids.short(),
        relationships=(
            many_by("flow-triggers", to="flow", field="trigger_id"),
            many_by("metric-properties", to="metric-property", field="metric_id"),
        ),
        fields=(Field("name", is_indexed=True), Field("service")),
        # Live, this filter matches nothing although metrics report the category (see docs/fidelity.md).
        aliases={"integration.category": "integration.matches_nothing"},
        fixed_page_size=200,
        label="Metric",
    )
)


def sample_values(world: World, row: Row) -> list[Any]:
    """Different values of a property among the latest events of its metric."""
    metric_id, name = row.document["metric_id"], row.document["property"]
    latest = Selection("event", (Comparison("equals", "metric_id", metric_id),), Sort("datetime", is_descending=True))
    values = [event.document["event_properties"].get(name) for event in world.store.page(latest, 100).rows]
    return list({repr(value): value for value in values if value is not None}.values())[:SAMPLES]


METRIC_PROPERTY = declare(
    Resource(
        type="metric-property",
        make_id=lambda world: world.ids.hexadecimal(),
        relationships=(one("metric", to="metric", field="metric_id", is_known=False),),
        fields=(Field("metric_id"), Field("property")),
        unique=("metric_id", "property"),
        computed={"sample_values": sample_values},
        fixed_page_size=200,
    )
)


def integration(world: World, service: str) -> Json:
    """The integration that a metric belongs to, which all metrics of a service share."""
    known = world.store.first("metric", service=service)
    if known is not None:
        shared: Json = known.document["integration"]
        return shared
    name, category = INTEGRATIONS.get(service, (service, "Internal"))
    return {"object": "integration", "id": world.ids.short(), "key": service, "name": name, "category": category}


def metric_row(world: World, name: str, service: str | None) -> Row:
    """The metric of a name and service; made when there is none yet."""
    service = service or DEFAULT_SERVICE
    known = world.store.first("metric", name=name, service=service)
    if known is not None:
        return known
    second = world.second
    document: Json = {"name": name, "created": second, "updated": second, "service": service}
    document["integration"] = integration(world, service)
    row = Row("metric", world.ids.short(), document)
    world.store.insert(row)
    return row


INFERRED_TYPES = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "object"}


def known_properties(world: World, metric_id: str) -> set[tuple[str, str]]:
    """The properties that a metric's events have carried."""
    return world.store.values("metric-property", "metric_id", [metric_id], ("metric_id", "property"))


def learn_properties(world: World, metric_id: str, properties: Json, known: set[tuple[str, str]]) -> None:
    """Note the properties that a metric's events carry, in the store and in `known`."""
    for name, value in properties.items():
        if (metric_id, name) in known or name.startswith("$"):
            continue
        known.add((metric_id, name))
        document = {
            "label": name,
            "property": name,
            "inferred_type": INFERRED_TYPES.get(type(value), "string"),
            "metric_id": metric_id,
        }
        world.store.insert(Row("metric-property", world.ids.hexadecimal(), document))
