"""The handlers of the ten forms: what an operation does when Klaviyo has no more to say of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi import sort as sorts
from mock_klaviyo.jsonapi.document import plural
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.page import Cursor
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.presenter import collection, nothing, references, single
from mock_klaviyo.resources.registry import OWN, RESOURCES, Handler
from mock_klaviyo.resources.related import join, part, related_ids, related_rows
from mock_klaviyo.resources.resource import Hook, Relationship, Resource
from mock_klaviyo.spec.counterparts import counterpart
from mock_klaviyo.spec.operation import Form, Operation
from mock_klaviyo.spec.shapes import primary_types
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Position, Selection, Through
from mock_klaviyo.store.store import Page

NO_PAGE = Page([])
MOST_RELATED = 1000


def list_(call: Call) -> Reply:
    """A page of all resources of a type."""
    resource = resource_of(call.operation)
    return collection(call, page(call, resource, only=resource.listed))


def retrieve(call: Call) -> Reply:
    """One resource."""
    return single(call, require(call, resource_of(call.operation).type, call.id))


def list_related(call: Call) -> Reply:
    """What a relationship leads to, as resources."""
    row, relationship = anchor(call)
    if relationship.is_many:
        return collection(call, related_page(call, row, relationship))
    rows = related_rows(call.world, row, relationship)
    return single(call, rows[0]) if rows else nothing(call)


def list_related_ids(call: Call) -> Reply:
    """What a relationship leads to, as identifiers."""
    row, relationship = anchor(call)
    if relationship.is_many:
        return references(call, related_page(call, row, relationship))
    rows = related_rows(call.world, row, relationship)
    data = {"type": rows[0].type, "id": rows[0].id} if rows else None
    return Reply(200, {"data": data, "links": {"self": call.url}})


def create(call: Call) -> Reply:
    """A new resource with the body's attributes and relationships."""
    return written(call, make(call, resource_of(call.operation)))


def update(call: Call) -> Reply:
    """A resource with the attributes and relationships changed that the body names."""
    resource = resource_of(call.operation)
    row = require(call, resource.type, call.id)
    require_same_id(call)
    return written(call, change(call, resource, row))


def given(call: Call, resource: Resource) -> Json:
    """The attributes that the body gives; null for one that is never null gives nothing."""
    return {
        name: value for name, value in call.attributes.items() if value is not None or name not in resource.never_null
    }


def delete(call: Call) -> Reply:
    """A resource less, and all its relationships with it."""
    row = require(call, owner_type(call.operation.path), call.id)
    reply = written(call, row)
    remove(call, row)
    return reply


def add_related(call: Call) -> Reply:
    """Join what the body names to a resource; twice does no harm, unless the relationship says so."""
    row, relationship = anchor(call)
    ids = existing_ids(call, relationship)
    refuse_taken(call, row, relationship, ids)
    join(call.world, row, relationship, ids)
    return Reply(204)


def replace_related(call: Call) -> Reply:
    """Join just what the body names to a resource."""
    row, relationship = anchor(call)
    ids = existing_ids(call, relationship)
    part(call.world, row, relationship, set(related_ids(call.world, row, relationship)) - set(ids))
    join(call.world, row, relationship, ids)
    return Reply(204)


def remove_related(call: Call) -> Reply:
    """Part what the body names from a resource."""
    row, relationship = anchor(call)
    part(call.world, row, relationship, existing_ids(call, relationship))
    return Reply(204)


def make(call: Call, resource: Resource) -> Row:
    """Keep a new resource with the body's attributes and relationships."""
    created, updated = resource.stamps
    now = resource.stamp(call.world)
    document = {**resource.beginning(call.world), **given(call, resource), created: now, updated: now}
    row = Row(resource.type, new_id(call, resource), document)
    relate(call, resource, row)
    run(resource.before_create, call, row)
    run(resource.before_write, call, row)
    call.world.store.insert(row)
    return row


def change(call: Call, resource: Resource, row: Row) -> Row:
    """Keep a resource with the attributes and relationships changed that the body names."""
    run(resource.before_update, call, row)
    row.document |= {**given(call, resource), resource.stamps[1]: resource.stamp(call.world)}
    relate(call, resource, row)
    run(resource.before_write, call, row)
    call.world.store.update(row)
    return row


def remove(call: Call, row: Row) -> None:
    """Keep a resource no more, nor its relationships."""
    run(RESOURCES[row.type].before_delete, call, row)
    call.world.store.delete(row)


HANDLERS: Mapping[Form, Handler] = {
    Form.LIST: list_,
    Form.RETRIEVE: retrieve,
    Form.LIST_RELATED: list_related,
    Form.LIST_RELATED_IDS: list_related_ids,
    Form.CREATE: create,
    Form.UPDATE: update,
    Form.DELETE: delete,
    Form.ADD_RELATED: add_related,
    Form.REPLACE_RELATED: replace_related,
    Form.REMOVE_RELATED: remove_related,
}
"""The handler of each form."""


def handler(operation: Operation) -> Handler | None:
    """What answers an operation of any revision: its own function, else the handler of its form, if types are known."""
    newest = counterpart(operation)
    return OWN.get(newest.id) or (HANDLERS[newest.form] if is_answerable(newest) else None)


@cache
def is_answerable(operation: Operation) -> bool:
    """Whether the handler of its form can answer an operation: its resource and relationship are declared."""
    if operation.is_client:
        return False
    owner = RESOURCES.get(owner_type(operation.path))
    if operation.form in (Form.LIST, Form.RETRIEVE, Form.CREATE, Form.UPDATE, Form.DELETE):
        return owner is not None and operation.form not in owner.unanswered
    return owner is not None and owner.relationship(relationship_name(operation.path)) is not None


def owner_type(path: str) -> str:
    """The type of the resources at the start of a path; empty when it is not declared."""
    segment = path.split("/")[2]
    return next((type for type in RESOURCES if plural(type) == segment), "")


def relationship_name(path: str) -> str:
    """The relationship at the end of a path."""
    return path.rpartition("/")[2]


def resource_of(operation: Operation) -> Resource:
    """The resource that an operation answers with."""
    return RESOURCES[next(iter(primary_types(operation)), owner_type(operation.path))]


def require(call: Call, type: str, id: str) -> Row:
    """The resource of an id; refuses the call when there is none."""
    resource = RESOURCES[type]
    if resource.id_form and not re.fullmatch(resource.id_form, id):
        raise error(resource.malformed_id, type=called(resource), id=id)
    row = call.world.store.row(type, id)
    if row is None:
        raise error(resource.not_found, type=called(resource), id=id)
    return row


def called(resource: Resource) -> str:
    """What error texts call a resource."""
    return resource.label or with_article(resource.type)


def with_article(type: str) -> str:
    """A type as a sentence begins with it.

    >>> with_article("push-token"), with_article("event")
    ('A push token', 'An event')
    """
    return f"{'An' if type[0] in 'aeiou' else 'A'} {type.replace('-', ' ')}"


def require_same_id(call: Call) -> None:
    """Refuse a body that speaks of another resource than the path."""
    if call.data.get("id", call.id) != call.id:
        raise error("mismatched_id", id=call.id)


def new_id(call: Call, resource: Resource) -> str:
    """The id of a resource to be: made, or read in the attributes; refuses the call when that is taken."""
    if resource.id_of is None:
        return resource.make_id(call.world)
    id = resource.id_of(call.attributes)
    if call.world.store.row(resource.type, id) is not None:
        raise error("duplicate_resource", type=called(resource), id=id)
    return id


def relate(call: Call, resource: Resource, row: Row) -> None:
    """Follow the body's relationships: join what they name to a row that is about to be written."""
    for name, member in (call.data.get("relationships") or {}).items():
        relationship = resource.relationship(name)
        if relationship is None or not member or "data" not in member:
            continue
        references = member["data"] if isinstance(member["data"], list) else [member["data"]]
        ids = [reference["id"] for reference in references if reference]
        require_related(call, relationship, ids)
        if relationship.field is not None:
            row.document[relationship.field] = ids if relationship.is_many else next(iter(ids), None)
        else:
            part(call.world, row, relationship, set(related_ids(call.world, row, relationship)) - set(ids))
            join(call.world, row, relationship, ids)


def require_related(call: Call, relationship: Relationship, ids: list[str]) -> None:
    """Refuse a body that relates to something that is not there."""
    known = known_ids(call, relationship, ids)
    for index, id in enumerate(ids):
        if id not in known:
            place = f"{index}/id" if relationship.is_many else "id"
            pointer = f"/data/relationships/{relationship.name}/data/{place}"
            type = relationship.to.replace("-", " ").title()
            raise error(relationship.not_found, type=type, id=id, pointer=pointer)


def known_ids(call: Call, relationship: Relationship, ids: list[str]) -> set[str]:
    """Those among ids that a relationship could lead to."""
    if relationship.to not in RESOURCES:
        return set()
    return {row.id for row in call.world.store.rows(relationship.to, id=ids)}


def refuse_taken(call: Call, row: Row, relationship: Relationship, ids: list[str]) -> None:
    """Refuse to join what is joined already, where that is an error."""
    if relationship.taken is None:
        return
    joined = set(related_ids(call.world, row, relationship))
    for index, id in enumerate(ids):
        if id in joined:
            raise error(relationship.taken, type=relationship.to, id=id, owner=row.id, pointer=f"/data/{index}/id")


def run(hook: Hook | None, call: Call, row: Row) -> None:
    """Run a hook, if there is one."""
    if hook is not None:
        hook(call, row)


def written(call: Call, row: Row) -> Reply:
    """The answer to a write: the resource, or nothing where the recording says so."""
    status = call.operation.success
    return Reply(status) if call.operation.responses[status] is None else single(call, row, status)


def anchor(call: Call) -> tuple[Row, Relationship]:
    """The resource that a relationship starts from, and the relationship."""
    type = owner_type(call.operation.path)
    relationship = RESOURCES[type].relationship(relationship_name(call.operation.path))
    if relationship is None:
        raise LookupError(f"{call.operation.id} has no declared relationship")
    return require(call, type, call.id), relationship


def existing_ids(call: Call, relationship: Relationship) -> list[str]:
    """The ids that the body names; refuses the call when one is unknown, or when there are too many."""
    ids = [each["id"] for each in call.data]
    if len(ids) > MOST_RELATED:
        reason = f"At most {MOST_RELATED} ids may be sent in one request, {len(ids)} were given."
        raise error("invalid", reason=reason, pointer="/data")
    known = known_ids(call, relationship, ids)
    unknown = [id for id in ids if id not in known]
    if unknown:
        raise error("invalid_related_ids", type=relationship.to, ids=", ".join(unknown))
    return ids


def related_page(call: Call, row: Row, relationship: Relationship) -> Page:
    """A page of what a relationship leads to."""
    resource = RESOURCES.get(relationship.to)
    if resource is None:
        return NO_PAGE
    if relationship.link is not None:
        return page(call, resource, Through(relationship.link, row.id, relationship.is_inverse))
    if relationship.is_inverse:
        return page(call, resource, only=Comparison("equals", str(relationship.field), row.id))
    return page(call, resource, only=Comparison("any", "id", tuple(related_ids(call.world, row, relationship))))


def page(call: Call, resource: Resource, through: Through | None = None, *, only: Comparison | None = None) -> Page:
    """The page of a type's resources that the query asks for."""
    query, aliases = call.query, resource.aliases
    sort = query.sort or (sorts.parse(resource.default_sort) if resource.default_sort else None)
    if sort is not None:
        sort = replace(sort, field=aliases.get(sort.field, sort.field))
    comparisons = tuple(replace(each, field=aliases.get(each.field, each.field)) for each in query.filters)
    if only is not None:
        comparisons += (only,)
    selection = Selection(resource.type, comparisons, sort, through)
    return call.world.store.page(selection, query.size, position(query.cursor))


def position(cursor: Cursor | None) -> Position | None:
    """The place that a cursor points to: its key is a sort value and a row's number."""
    match cursor and cursor.key:
        case None:
            return None
        case (str() | int() | float() as value, int(number)) if not isinstance(value, bool):
            return Position(value, number, bool(cursor and cursor.is_backward))
    raise error("invalid_cursor")
