"""Custom metrics, which others make up, and mapped metrics, which say what an account's metrics mean to Klaviyo."""

from __future__ import annotations

from collections.abc import Iterator

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call
from mock_klaviyo.resources.registry import beginning, declare
from mock_klaviyo.resources.resource import Resource, many_in, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

GROUPS = "/data/attributes/definition/metric_groups"
MAPPINGS = (
    "revenue",
    "viewed_product",
    "added_to_cart",
    "cancelled_sales",
    "ordered_product",
    "refunded_sales",
    "started_checkout",
)
"""What metrics can be mapped to, in the order in which Klaviyo lists it."""


def microseconds(world: World) -> str:
    """The time now as custom and mapped metrics keep it."""
    return world.now.isoformat()


def complete(call: Call, row: Row) -> None:
    """Fill in what a definition leaves out, and check that its metrics exist and its name is new."""
    refuse_taken_name(call.world, row)
    definition: Json = row.document["definition"]
    groups: list[Json] = [
        {"metric_filters": [], "value_property": None} | given(group) for group in definition["metric_groups"]
    ]
    raise_all(group_problems(call.world, groups))
    row.document["definition"] = definition | {"metric_groups": groups}
    row.document["metric_ids"] = list(dict.fromkeys(group["metric_id"] for group in groups))


def given(group: Json) -> Json:
    """What a group says."""
    return {name: value for name, value in group.items() if value is not None}


def refuse_taken_name(world: World, row: Row) -> None:
    """Refuse a name that another custom metric has."""
    other = world.store.first(row.type, name=row.document["name"])
    if other is not None and other.id != row.id:
        reason = f"A custom metric with the name '{row.document['name']}' already exists."
        raise error("invalid", reason=reason, pointer="/data/attributes/name")


def group_problems(world: World, groups: list[Json]) -> Iterator[Problem]:
    """A definition must have groups, and each a metric that exists."""
    if not groups:
        yield problem("invalid", reason="At least one metric group is required.", pointer=GROUPS)
    known = {row.id for row in world.store.rows("metric", id=[group["metric_id"] for group in groups])}
    for index, group in enumerate(groups):
        if group["metric_id"] not in known:
            reason = f"Metric with id {group['metric_id']} does not exist."
            yield problem("invalid", reason=reason, pointer=f"{GROUPS}/{index}/metric_id")


def unmap(call: Call, row: Row) -> None:
    """Map nothing to a custom metric that goes."""
    for mapped in call.world.store.rows("mapped-metric", custom_metric_id=row.id):
        mapped.document |= {"custom_metric_id": None, "updated": microseconds(call.world)}
        call.world.store.update(mapped)


CUSTOM_METRIC = declare(
    Resource(
        type="custom-metric",
        make_id=lambda world: world.ids.ulid(world.now),
        not_found="unknown_custom_metric",
        never_null=("name", "definition"),
        relationships=(many_in("metrics", to="metric", field="metric_ids"),),
        fields=(Field("name"),),
        stamp=microseconds,
        before_write=complete,
        before_delete=unmap,
    )
)


def choose(call: Call, row: Row) -> None:
    """Let a mapping lead to a metric or to a custom metric, not to both."""
    relationships = call.data.get("relationships") or {}
    named = [name for name in ("metric", "custom-metric") if (relationships.get(name) or {}).get("data")]
    if len(named) > 1:
        reason = "Only one of metric and custom-metric may be mapped."
        raise error("invalid", reason=reason, pointer="/data/relationships")
    if named:
        row.document |= {"metric_id": None, "custom_metric_id": None}


MAPPED_METRIC = declare(
    Resource(
        type="mapped-metric",
        make_id=lambda world: world.ids.short(),
        id_form="|".join(MAPPINGS),
        malformed_id="unknown_mapped_metric",
        relationships=(
            one("metric", to="metric", field="metric_id", is_optional=True),
            one("custom-metric", to="custom-metric", field="custom_metric_id", is_optional=True),
        ),
        fields=(Field("custom_metric_id"),),
        stamp=microseconds,
        before_update=choose,
    )
)


@beginning
def begin(world: World) -> None:
    """Give a new account all mappings, leading nowhere."""
    if world.store.is_any("mapped-metric"):
        return
    document = {"metric_id": None, "custom_metric_id": None, "updated": microseconds(world)}
    world.store.insert(*(Row("mapped-metric", id, document) for id in MAPPINGS))
