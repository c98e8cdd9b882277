"""Catalog items, variants and categories, and the jobs that change many of them."""

from __future__ import annotations

from tests.calling import reference, resource
from tests.contract.arranging import Arrangement, Scene, identified

SHOWN = {"title": "Shirt", "description": "Blue", "url": "https://shop.example.org/shirt"}
STOCK = {"sku": "M", "inventory_quantity": 3, "price": 9.5}


def item(scene: Scene):
    return resource("catalog-item", external_id=f"{scene.name} 1/2", price=10, **SHOWN)


def variant(scene: Scene):
    related = {"item": reference("catalog-item", scene.one("catalog-item"))}
    return resource("catalog-variant", None, related, external_id=f"{scene.name}-M", **SHOWN, **STOCK)


def category(scene: Scene):
    return resource("catalog-category", external_id=scene.name, name="Shirts")


def job(kind: str, members: str, *resources):
    """A job about many resources, each given by its own body."""
    data = [each["data"] for each in resources]
    return resource(f"catalog-{kind}-job", None, None, **{members: {"data": data}})


def named(scene: Scene, type: str, **attributes):
    """A resource that is there."""
    return resource(type, scene.one(type), **attributes)


ARRANGEMENTS = {
    "create_catalog_item": Arrangement(item),
    "update_catalog_item": Arrangement(lambda scene: named(scene, "catalog-item", title="Blue shirt")),
    "create_catalog_variant": Arrangement(variant),
    "update_catalog_variant": Arrangement(lambda scene: named(scene, "catalog-variant", price=8)),
    "create_catalog_category": Arrangement(category),
    "update_catalog_category": Arrangement(lambda scene: named(scene, "catalog-category", name="Tops")),
    "bulk_create_catalog_items": Arrangement(lambda scene: job("item-bulk-create", "items", item(scene))),
    "bulk_update_catalog_items": Arrangement(
        lambda scene: job("item-bulk-update", "items", named(scene, "catalog-item", price=8))
    ),
    "bulk_delete_catalog_items": Arrangement(
        lambda scene: job("item-bulk-delete", "items", identified("catalog-item", scene.one("catalog-item")))
    ),
    "bulk_create_catalog_variants": Arrangement(lambda scene: job("variant-bulk-create", "variants", variant(scene))),
    "bulk_update_catalog_variants": Arrangement(
        lambda scene: job("variant-bulk-update", "variants", named(scene, "catalog-variant", price=8))
    ),
    "bulk_delete_catalog_variants": Arrangement(
        lambda scene: job(
            "variant-bulk-delete", "variants", identified("catalog-variant", scene.one("catalog-variant"))
        )
    ),
    "bulk_create_catalog_categories": Arrangement(
        lambda scene: job("category-bulk-create", "categories", category(scene))
    ),
    "bulk_update_catalog_categories": Arrangement(
        lambda scene: job("category-bulk-update", "categories", named(scene, "catalog-category", name="Tops"))
    ),
    "bulk_delete_catalog_categories": Arrangement(
        lambda scene: job(
            "category-bulk-delete", "categories", identified("catalog-category", scene.one("catalog-category"))
        )
    ),
    "create_back_in_stock_subscription": Arrangement(
        lambda scene: resource(
            "back-in-stock-subscription",
            None,
            {"variant": reference("catalog-variant", scene.one("catalog-variant"))},
            channels=["EMAIL"],
            profile=resource("profile", email=scene.email),
        )
    ),
    "get_items_for_catalog_category": Arrangement(after=("add_items_to_catalog_category",)),
    "get_item_ids_for_catalog_category": Arrangement(after=("add_items_to_catalog_category",)),
    "remove_items_from_catalog_category": Arrangement(after=("add_items_to_catalog_category",)),
    "get_variants_for_catalog_item": Arrangement(after=("create_catalog_variant",)),
    "get_variant_ids_for_catalog_item": Arrangement(after=("create_catalog_variant",)),
    "get_categories_for_catalog_item": Arrangement(after=("add_categories_to_catalog_item",)),
    "get_category_ids_for_catalog_item": Arrangement(after=("add_categories_to_catalog_item",)),
    "remove_categories_from_catalog_item": Arrangement(after=("add_categories_to_catalog_item",)),
}
