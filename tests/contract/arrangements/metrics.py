"""Metrics, their properties, custom and mapped metrics, aggregates."""

from __future__ import annotations

from tests.calling import reference, resource
from tests.contract.arranging import Arrangement, Scene

MAPPING = "added_to_cart"
NO_SAMPLES = "sample values are numbers, texts and booleans, and the SDK's model wants objects"


def custom(scene: Scene):
    """A metric that counts orders."""
    definition = {"aggregation_method": "count", "metric_groups": [{"metric_id": scene.one("metric")}]}
    return resource("custom-metric", name=f"Orders of {scene.name}", definition=definition)


def mapped(**types: str):
    """What Klaviyo's word for a metric is mapped to."""
    return lambda scene: {
        "data": reference("mapped-metric", MAPPING)
        | {
            "relationships": {
                name.replace("_", "-"): {"data": reference(type, scene.one(type))} for name, type in types.items()
            }
        }
    }


def after_mapping(**types: str):
    """After a metric was mapped."""

    def change(scene: Scene):
        scene.client.patch(f"/api/mapped-metrics/{MAPPING}", mapped(**types)(scene))

    return Arrangement(after=(change,))


def aggregates(scene: Scene):
    """How often a metric happened, day by day."""
    days = ["greater-or-equal(datetime,2026-01-01)", "less-than(datetime,2026-01-08)"]
    return resource(
        "metric-aggregate", metric_id=scene.one("metric"), measurements=["count", "sum_value", "unique"], filter=days
    )


def metric(scene: Scene) -> str:
    """The metric of the event."""
    return scene.client.get(f"/api/events/{scene.one('event')}/metric")["data"]["id"]


def metric_property(scene: Scene) -> str:
    """One of its properties."""
    return scene.one_of(f"/api/metrics/{scene.one('metric')}/metric-properties")


ARRANGEMENTS = {
    "get_metric_property": Arrangement(unreadable=NO_SAMPLES),
    "get_properties_for_metric": Arrangement(unreadable=NO_SAMPLES),
    "create_custom_metric": Arrangement(custom),
    "update_custom_metric": Arrangement(
        lambda scene: resource("custom-metric", scene.one("custom-metric"), name="All orders")
    ),
    "update_mapped_metric": Arrangement(mapped(metric="metric")),
    "get_metric_for_mapped_metric": after_mapping(metric="metric"),
    "get_metric_id_for_mapped_metric": after_mapping(metric="metric"),
    "get_custom_metric_for_mapped_metric": after_mapping(custom_metric="custom-metric"),
    "get_custom_metric_id_for_mapped_metric": after_mapping(custom_metric="custom-metric"),
    "query_metric_aggregates": Arrangement(aggregates),
}
MAKERS = {"metric": metric, "metric-property": metric_property, "mapped-metric": lambda _: MAPPING}
