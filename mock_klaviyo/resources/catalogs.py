"""Catalogs: items, their variants, and the categories that they are in."""

from __future__ import annotations

from collections.abc import Iterator

from mock_klaviyo import json
from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call
from mock_klaviyo.resources.jobs import Job, declare_job
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource, many, many_by, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

INTEGRATION, CATALOG = "$custom", "$default"
"""The only integration and catalog that one can write to."""

CATEGORY_ITEMS = "catalog-category-items"
"""The link between a category and its items."""

MOST_METADATA = 100_000
"""How large custom metadata can be, in bytes."""

EMPTY: Json = {"image_full_url": "", "image_thumbnail_url": "", "images": [], "custom_metadata": {}}
"""What attributes of items and variants are when nothing or null is given."""

NEVER_NULL = ("title", "description", "url", "published")


def composite_id(attributes: Json) -> str:
    """The id of an item, variant or category.

    >>> composite_id({"external_id": "SKU-1"})
    '$custom:::$default:::SKU-1'
    """
    integration = attributes.get("integration_type") or INTEGRATION
    catalog = attributes.get("catalog_type") or CATALOG
    return f"{integration}:::{catalog}:::{attributes['external_id']}"


def milliseconds(world: World) -> str:
    """The time now as catalogs keep it."""
    now = world.now
    return now.replace(microsecond=now.microsecond // 1000 * 1000).isoformat()


def check_new(_: Call, row: Row) -> None:
    """Refuse what is not for the catalog that one can write to."""
    catalog = row.document.get("catalog_type") or CATALOG
    if catalog != CATALOG:
        reason = f"'{catalog}' is not a valid catalog type; only '{CATALOG}' is supported."
        raise error("invalid", reason=reason, pointer="/data/attributes/catalog_type")
    if not row.document["external_id"]:
        raise error("invalid", reason="external_id must not be empty.", pointer="/data/attributes/external_id")


def check_new_variant(call: Call, row: Row) -> None:
    """Refuse a variant of no item."""
    check_new(call, row)
    if row.document.get("item_id") is None:
        raise error("missing_attribute", field="data", type="item", pointer="/data/relationships/item/data")


def complete(_: Call, row: Row) -> None:
    """Empty what null empties, and check the custom metadata."""
    row.document |= {name: value for name, value in EMPTY.items() if row.document.get(name) is None}
    raise_all(metadata_problems(row.document["custom_metadata"]))


def metadata_problems(metadata: Json) -> Iterator[Problem]:
    """Custom metadata must be flat, and not too large."""
    pointer = "/data/attributes/custom_metadata"
    for name, value in metadata.items():
        if isinstance(value, dict):
            reason = f"custom_metadata must be flat, but '{name}' is an object."
            yield problem("invalid", reason=reason, pointer=f"{pointer}/{name}")
    if len(json.written(metadata)) > MOST_METADATA:
        yield problem("invalid", reason="custom_metadata may not exceed 100 KB.", pointer=pointer)


def remove_variants(call: Call, row: Row) -> None:
    """Remove an item's variants with it."""
    for variant in call.world.store.rows("catalog-variant", item_id=row.id):
        call.world.store.delete(variant)


ITEM = declare(
    Resource(
        type="catalog-item",
        make_id=lambda world: world.ids.ulid(world.now),
        id_of=composite_id,
        not_found="unknown_catalog_item",
        label="An item",
        defaults={"published": True},
        never_null=NEVER_NULL,
        relationships=(
            many_by("variants", to="catalog-variant", field="item_id"),
            many("categories", to="catalog-category", inverse_of=CATEGORY_ITEMS, taken="already_in_category"),
        ),
        fields=(
            Field("title"),
            Field("published", type="boolean"),
            Field("created"),
            Field("category.id", link=CATEGORY_ITEMS, is_inverse=True),
        ),
        aliases={"ids": "id"},
        stamp=milliseconds,
        before_create=check_new,
        before_write=complete,
        before_delete=remove_variants,
    )
)

VARIANT = declare(
    Resource(
        type="catalog-variant",
        make_id=lambda world: world.ids.ulid(world.now),
        id_of=composite_id,
        label="A variant",
        defaults={"published": True, "inventory_policy": 0},
        never_null=(*NEVER_NULL, "sku", "inventory_policy", "inventory_quantity", "price"),
        relationships=(one("item", to="catalog-item", field="item_id", is_known=False),),
        fields=(
            Field("title"),
            Field("sku", is_indexed=True),
            Field("published", type="boolean"),
            Field("created"),
            Field("item_id", is_indexed=True),
        ),
        aliases={"ids": "id", "item.id": "item_id"},
        stamp=milliseconds,
        before_create=check_new_variant,
        before_write=complete,
    )
)

CATEGORY = declare(
    Resource(
        type="catalog-category",
        make_id=lambda world: world.ids.ulid(world.now),
        id_of=composite_id,
        not_found="unknown_catalog_category",
        label="A category",
        never_null=("name",),
        relationships=(many("items", to="catalog-item", link=CATEGORY_ITEMS, taken="already_in_category"),),
        fields=(Field("name"), Field("created"), Field("item.id", link=CATEGORY_ITEMS)),
        aliases={"ids": "id"},
        stamp=milliseconds,
        before_create=check_new,
    )
)

for of, entries, name in (
    ("catalog-item", "items", "catalog_items"),
    ("catalog-variant", "variants", "catalog_variants"),
    ("catalog-category", "categories", "catalog_categories"),
):
    for action in ("create", "update", "delete"):
        declare_job(Job(of, action, entries, f"bulk_{action}_{name}", label=f"A {of} bulk {action} job"))
