"""Following relationships: from a row to the rows that it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mock_klaviyo.resources.registry import RESOURCES
from mock_klaviyo.resources.resource import Relationship
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row


def related_ids(world: World, row: Row, relationship: Relationship) -> list[str]:
    """The ids that a relationship leads to; none for a type that nothing can be made of yet."""
    if relationship.to not in RESOURCES:
        return []
    if relationship.link is not None:
        return world.store.links.ids(relationship.link, row.id, is_inverse=relationship.is_inverse)
    if relationship.is_inverse:
        owned: dict[str, Any] = {str(relationship.field): row.id}
        return [each.id for each in world.store.rows(relationship.to, **owned)]
    if relationship.is_many:
        return list(row.document.get(str(relationship.field)) or [])
    id = row.document.get(str(relationship.field))
    return [id] if id else []


def related_rows(world: World, row: Row, relationship: Relationship) -> list[Row]:
    """The rows that a relationship leads to, in the order in which they were joined."""
    if relationship.to not in RESOURCES:
        return []
    ids = related_ids(world, row, relationship)
    found = {each.id: each for each in world.store.rows(relationship.to, id=ids)}
    return [found[id] for id in ids if id in found]


def join(world: World, row: Row, relationship: Relationship, ids: Iterable[str]) -> None:
    """Make a relationship lead to further resources; those that it leads to already stay as they are."""
    for left, right in ends(row, relationship, ids):
        world.store.links.add(str(relationship.link), left, [right], world.second)


def part(world: World, row: Row, relationship: Relationship, ids: Iterable[str]) -> None:
    """Make a relationship lead to these resources no more."""
    for left, right in ends(row, relationship, ids):
        world.store.links.remove(str(relationship.link), left, [right])


def ends(row: Row, relationship: Relationship, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The left and right end of the links between a row and others."""
    for id in ids:
        yield (id, row.id) if relationship.is_inverse else (row.id, id)
