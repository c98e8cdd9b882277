"""Presenting rows as Klaviyo does: exactly the attributes and relationships that the asked revision's answer has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi import document as documents
from mock_klaviyo.jsonapi.fields import pruned
from mock_klaviyo.jsonapi.page import Cursor
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.registry import RESOURCES
from mock_klaviyo.resources.related import related_ids, related_rows
from mock_klaviyo.resources.resource import Relationship, Resource
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.spec.shapes import RelationshipShape, Shape, primary_types, shapes
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import JOINED, Position
from mock_klaviyo.store.store import Page


def single(call: Call, row: Row, status: int = 200) -> Reply:
    """An answer with one resource."""
    included = included_objects(call, [row])
    return Reply(status, documents.document(resource_object(call, row), call.url, included=included))


def nothing(call: Call) -> Reply:
    """An answer for a to-one relationship that leads nowhere."""
    return Reply(200, documents.document(None, call.url))


def collection(call: Call, page: Page) -> Reply:
    """An answer with a page of resources."""
    included = included_objects(call, page.rows)
    objects = [resource_object(call, row) for row in page.rows]
    return Reply(200, listed(call, objects, page, included))


def references(call: Call, page: Page) -> Reply:
    """An answer with a page of identifiers."""
    data = [documents.identifier(row.type, row.id) for row in page.rows]
    return Reply(200, listed(call, data, page))


def listed(call: Call, data: list[Json], page: Page, included: list[Json] | None = None) -> Json:
    """The document of a page; what has no pages at all may have no links to any (object types, tags of a list)."""
    found = documents.collection(data, call.url, *page_links(call, page), included=included)
    resources = [RESOURCES[type] for type in primary_types(call.operation) if type in RESOURCES]
    if not call.operation.has_cursor and not all(each.has_page_links for each in resources):
        found["links"] = {"self": call.url}
    return found


def page_links(call: Call, page: Page) -> tuple[str | None, str | None]:
    """The links to the next and the previous page."""
    return page_link(call, page.next), page_link(call, page.previous)


def page_link(call: Call, position: Position | None) -> str | None:
    """The link to the page at a position."""
    if position is None:
        return None
    cursor = Cursor((position.value, position.number), "", position.is_backward, call.operation.id)
    return documents.next_link(call.url, cursor.written())


def resource_object(call: Call, row: Row, *, is_included: bool = False) -> Json:
    """A row as a resource object."""
    shape = shapes(call.operation).get(row.type) or usual_shape(row.type)
    link = documents.resource_link(call.base_url, row.type, row.id)
    relationships = {
        each.name: relationship_object(call, row, each, link, is_included=is_included)
        for each in shape.relationships
        if not is_hidden(call, row, each.name)
    }
    return documents.resource_object(row.type, row.id, attributes(call, row, shape), relationships, self_link=link)


@cache
def usual_shape(type: str) -> Shape:
    """A type as it is retrieved, for answers that include it although their schema does not say so."""
    found = recording(revisions()[-1]).route("GET", f"/api/{documents.plural(type)}/id")
    if found is None or type not in shapes(found[0]):
        return Shape(type, (), (), ())
    shape, additional = shapes(found[0])[type], found[0].additional_fields.get(type, ())
    return replace(shape, attributes=tuple(name for name in shape.attributes if name not in additional))


def attributes(call: Call, row: Row, shape: Shape) -> Json:
    """The attributes that the answer shows: all usual ones, or those asked for, then the additional ones asked for."""
    additional = call.operation.additional_fields.get(row.type, ())
    wanted = call.query.additional_fields.get(row.type, ())
    asked = call.query.fields.get(row.type)
    usual = [name for name in shape.attributes if name not in additional and name != JOINED]
    named = {name.partition(".")[0] for name in asked or ()}
    usual += [name for name in additional if name in named]
    found = {name: value(call, row, name) for name in usual}
    if row.joined_at is not None and JOINED in shape.attributes:
        found[JOINED] = row.joined_at
    if asked is not None:
        found = pruned(found, asked)
    return found | {name: value(call, row, name) for name in wanted}


def value(call: Call, row: Row, name: str) -> Any:
    """An attribute: worked out, or as it is kept, or null."""
    resource = RESOURCES.get(row.type)
    if resource and name in resource.computed:
        return resource.computed[name](call.world, row)
    return row.document.get(name)


def relationship_object(call: Call, row: Row, shape: RelationshipShape, link: str, *, is_included: bool) -> Json:
    """One relationship of a row: its links, and its data where it is known or was asked for."""
    member = documents.relationship(link, shape.name)
    declared = relationship(row.type, shape.name)
    is_asked = shape.name in call.query.include and not is_included
    if not is_asked and not (declared and declared.is_known):
        return member
    ids = related_ids(call.world, row, declared) if declared else []
    type = declared.to if declared else shape.related_type or shape.name
    data = [documents.identifier(type, id) for id in ids]
    if declared.is_many if declared else shape.is_many:
        return documents.carrying(data, member if declared is None or declared.has_links else {})
    # A relationship to one that leads nowhere has links only (coupon code to profile); its schema has no null.
    return documents.carrying(data[0], member) if data else member


def is_hidden(call: Call, row: Row, name: str) -> bool:
    """Whether a relationship is not shown, since it leads nowhere."""
    declared = relationship(row.type, name)
    return bool(declared and declared.is_optional and not related_ids(call.world, row, declared))


def included_objects(call: Call, rows: Iterable[Row]) -> list[Json] | None:
    """The resources that the request asked to include, each once; None when it asked for none."""
    if not call.query.include:
        return None
    found = {(row.type, row.id): row for row in included_rows(call, rows)}
    return [resource_object(call, row, is_included=True) for row in found.values()]


def included_rows(call: Call, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that lie at the other ends of the included relationships."""
    for row in rows:
        for name in call.query.include:
            declared = relationship(row.type, name)
            if declared:
                yield from related_rows(call.world, row, declared)


def relationship(type: str, name: str) -> Relationship | None:
    """The declared relationship of a type."""
    resource: Resource | None = RESOURCES.get(type)
    return resource.relationship(name) if resource else None
