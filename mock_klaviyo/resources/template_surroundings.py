"""What templates can look up beside their context: the catalog and custom objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from mock_klaviyo.json import Json
from mock_klaviyo.render.surroundings import Surroundings
from mock_klaviyo.resources.catalogs import CATALOG, CATEGORY_ITEMS, INTEGRATION
from mock_klaviyo.resources.custom_objects import OBJECT_RECORD, OBJECT_TYPE
from mock_klaviyo.resources.message_links import PREVIEW, page_url
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

MOST_OBJECTS = 100


def preview(world: World, unavailable: Callable[[str], str]) -> Surroundings:
    """The surroundings of a template that nobody receives: coupons are placeholders, links lead nowhere real."""
    return Surroundings(
        now=world.now.astimezone(ZoneInfo(world.account.timezone)),
        currency=world.account.currency,
        link=lambda page: page_url(world, PREVIEW, page),
        catalog_item=lambda id, options: catalog_item(world, id, options),
        custom_objects=lambda title, id: custom_objects(world, title, id),
        unavailable=unavailable,
    )


def catalog_item(world: World, id: str, options: Mapping[str, Any]) -> Json | None:
    """An item as templates see it; nothing when there is none, or when it is unpublished and must not be."""
    integration, catalog = options.get("integration") or INTEGRATION, options.get("catalog_id") or CATALOG
    integration = INTEGRATION if integration == "api" else f"${integration.removeprefix('$')}"
    row = world.store.row("catalog-item", f"{integration}:::{catalog}:::{id}")
    if row is None or (options.get("unpublished") == "cancel" and not row.document.get("published")):
        return None
    return item_document(world, row)


def item_document(world: World, row: Row) -> Json:
    """An item as `catalog_item` shows it."""
    item = row.document
    ids = world.store.links.ids(CATEGORY_ITEMS, row.id, is_inverse=True)
    images = {"full": item.get("image_full_url"), "thumbnail": item.get("image_thumbnail_url")}
    return {
        "id": item["external_id"],
        "title": item["title"],
        "description": item["description"],
        "url": item["url"],
        "price": item.get("price"),
        "featured_image": {name: {"src": url or ""} for name, url in images.items()},
        "metadata": item.get("custom_metadata") or {},
        "categories": [{"name": each.document["name"]} for each in world.store.rows("catalog-category", id=ids)],
    }


def custom_objects(world: World, title: str, id: str | None) -> list[Json]:
    """The objects of a type by its title, or the one of an id."""
    type_row = world.store.first(OBJECT_TYPE.type, title=title)
    if type_row is None:
        return []
    rows = world.store.rows(OBJECT_RECORD.type, limit=MOST_OBJECTS, object_type_id=type_row.id)
    found = [{"id": row.id.rpartition(":::")[2], **row.document["record_properties"]} for row in rows]
    return [each for each in found if id is None or each["id"] == id]
