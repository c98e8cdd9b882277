"""Own templates: copies that belong to one message alone, of a campaign or a flow."""

from __future__ import annotations

from mock_klaviyo.resources.registry import RESOURCES
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

TEMPLATE = "template"


def template_copy(world: World, template_id: str, message: Row) -> Row:
    """A copy of a template that belongs to a message alone."""
    (original,) = world.store.rows(TEMPLATE, id=template_id)
    stamps = {"created": world.second, "updated": world.second}
    own = {"name": f"Clone of {template_id}", "owner_id": message.id}
    copy = Row(original.type, world.ids.short(), original.document | own | stamps)
    world.store.insert(copy)
    return copy


def remove_copy(world: World, message: Row) -> None:
    """Remove a message's own copy of a template."""
    id = message.document["template_id"]
    copy = world.store.row(TEMPLATE, id) if id and TEMPLATE in RESOURCES else None
    if copy is not None and copy.document.get("owner_id") == message.id:
        world.store.delete(copy)
