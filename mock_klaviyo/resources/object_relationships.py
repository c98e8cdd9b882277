"""Object relationships: what an object schema leads to, other schemas and profiles; each has a name of its own.

Klaviyo shows a relationship under the type of what it leads to, with a compound id, and itself in `meta`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi import document as documents
from mock_klaviyo.jsonapi.fields import pruned
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.custom_objects import (
    BETWEEN,
    OBJECT_SCHEMA,
    OBJECT_TYPE,
    SCHEMA_RELATIONSHIP,
    schema_row,
)
from mock_klaviyo.resources.generic import relationship_name, require
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.resources.source_mappings import keep_mapped
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

PROFILE = "profile"
"""Stands for the schema, and the type, of profiles."""

Target: TypeAlias = Callable[[World, Row], str]
"""What a relationship leads to."""


def schema_target(_: World, row: Row) -> str:
    """The schema that a relationship leads to."""
    return str(row.document["related_schema_id"])


def type_target(world: World, row: Row) -> str:
    """The object type that a relationship leads to."""
    id = row.document["related_schema_id"]
    schema = world.store.row(OBJECT_SCHEMA.type, id)
    return str(schema.document["object_type_id"]) if schema else id


SHOWN: Mapping[str, tuple[str, Target]] = {
    "object-schemas": ("object-schema", schema_target),
    "profile-object-schemas": ("profile-object-schema", schema_target),
    "object-types": ("object-type", type_target),
    "profile-object-types": ("profile-object-type", type_target),
}
"""The relationship in a path → the type under which its members are shown, and what they lead to."""


# reading


@operation("get_object_schema")
def get_object_schema(call: Call) -> Reply:
    """One object schema, with what it leads to when that is asked for."""
    row = require(call, OBJECT_SCHEMA.type, call.id)
    return with_relationships(call, single(call, row), row)


@operation("get_object_type")
def get_object_type(call: Call) -> Reply:
    """One object type, with what its schema leads to when that is asked for."""
    row = require(call, OBJECT_TYPE.type, call.id)
    return with_relationships(call, single(call, row), schema_row(call.world, row))


def with_relationships(call: Call, reply: Reply, schema: Row | None) -> Reply:
    """An answer with the relationships of a schema where they are asked for."""
    document: Json = reply.document or {}
    for each in (document["data"], *document.get("included", ())):
        each["attributes"].pop("meta", None)  # the recording has it for relationships, which have the same type
    for name in [name for name in SHOWN if name in call.query.include]:
        objects = [shown(call, row, name) for row in relationships(call.world, schema, name)]
        document["data"]["relationships"][name]["data"] = [linkage(each) for each in objects]
        document["included"] += objects
    return reply


@operation("get_object_schema_relationships")
@operation("get_profile_schema_relationships")
def schema_relationships(call: Call) -> Reply:
    """What an object schema leads to."""
    return listed(call, require(call, OBJECT_SCHEMA.type, call.id))


@operation("get_object_type_relationships")
@operation("get_profile_type_relationships")
def type_relationships(call: Call) -> Reply:
    """What the schema of an object type leads to."""
    return listed(call, schema_row(call.world, require(call, OBJECT_TYPE.type, call.id)))


def listed(call: Call, schema: Row | None) -> Reply:
    """The relationships of a schema as identifiers; `meta` tells their own ids, which one needs to change them."""
    name = relationship_name(call.operation.path)
    objects = [shown(call, row, name) for row in relationships(call.world, schema, name)]
    data = [linkage(each) | {"meta": each["attributes"]["meta"]} for each in objects]
    return Reply(200, {"data": data, "links": {"self": call.url}})


def relationships(world: World, schema: Row | None, name: str) -> list[Row]:
    """The relationships of a schema to profiles, or to other schemas."""
    rows = world.store.rows(SCHEMA_RELATIONSHIP.type, object_schema_id=schema.id) if schema else []
    return [row for row in rows if (row.document["related_schema_id"] == PROFILE) == name.startswith(PROFILE)]


def shown(call: Call, row: Row, name: str) -> Json:
    """A relationship as a resource object."""
    type, target = SHOWN[name]
    id = f"{target(call.world, row)}{BETWEEN}{row.document['name']}"
    meta = {"relationship_id": row.id, "name": row.document["name"], "description": row.document["description"]}
    attributes: Json = {"meta": meta}
    if type in call.query.fields:
        attributes = pruned(attributes, call.query.fields[type])
    return documents.resource_object(type, id, attributes, self_link=documents.resource_link(call.base_url, type, id))


def linkage(shown: Json) -> Json:
    """The identifier of a resource object."""
    return documents.identifier(shown["type"], shown["id"])


# changing


@operation("create_object_schema_relationship")
@operation("create_profile_schema_relationship")
def add_relationships(call: Call) -> Reply:
    """Let a draft schema lead to further schemas, or to profiles."""
    require_related(call, call.data)
    schema = require_draft(call)
    for index, each in enumerate(call.data):
        meta = each.get("meta")
        if meta is None:
            raise error("missing_attribute", field="meta", type=each["type"], pointer=f"/data/{index}/meta")
        check_name(call, schema, each["id"], meta["name"], f"/data/{index}/meta/name")
        document = {
            "object_schema_id": schema.id,
            "related_schema_id": each["id"],
            "name": meta["name"],
            "description": meta.get("description") or "",
            "created_at": call.world.second,
            "updated_at": call.world.second,
        }
        call.world.store.insert(Row(SCHEMA_RELATIONSHIP.type, SCHEMA_RELATIONSHIP.make_id(call.world), document))
    return Reply(204)


@operation("update_object_schema_relationship")
@operation("update_profile_schema_relationship")
def change_relationship(call: Call) -> Reply:
    """Another name or description for a relationship of a draft schema."""
    schema = require_draft(call)
    row = require_relationship(call, schema, call.data, "/data/meta")
    meta = call.data["meta"]
    name = meta.get("name")
    if name is not None and name != row.document["name"]:
        check_name(call, schema, row.document["related_schema_id"], name, "/data/meta/name")
    changes = {name: meta[name] for name in ("name", "description") if meta.get(name) is not None}
    row.document |= {**changes, "updated_at": call.world.second}
    call.world.store.update(row)
    return Reply(204)


@operation("delete_object_schema_relationship")
@operation("delete_profile_schema_relationship")
def remove_relationships(call: Call) -> Reply:
    """Let a draft schema lead to these no more; what its mapping said of them goes too."""
    schema = require_draft(call)
    found = [require_relationship(call, schema, each, f"/data/{index}/meta") for index, each in enumerate(call.data)]
    for row in found:
        call.world.store.delete(row)
    kept = {row.id for row in call.world.store.rows(SCHEMA_RELATIONSHIP.type, object_schema_id=schema.id)}
    keep_mapped(call.world, schema, "relationship_mappings", "relationship_id", kept)
    return Reply(204)


def require_related(call: Call, named: Iterable[Json]) -> None:
    """Refuse a body that leads to a schema that is not there."""
    for each in named:
        if each["type"] == OBJECT_SCHEMA.type:
            require(call, OBJECT_SCHEMA.type, each["id"])
        elif each["id"] != PROFILE:
            raise error("unknown_profile_schema", id=each["id"])


def require_draft(call: Call) -> Row:
    """The schema of the path; refuses the call when it is no draft."""
    row = require(call, OBJECT_SCHEMA.type, call.id)
    if row.document["status"] != "draft":
        raise error("schema_not_draft", status=row.document["status"])
    return row


def require_relationship(call: Call, schema: Row, named: Json, pointer: str) -> Row:
    """The relationship that a body names; refuses the call when the schema has none of that id to that end."""
    if named.get("meta") is None:
        raise error("missing_attribute", field="meta", type=named["type"], pointer=pointer)
    id = named["meta"]["relationship_id"]
    row = call.world.store.row(SCHEMA_RELATIONSHIP.type, id)
    ends = (schema.id, named["id"])
    if row is None or (row.document["object_schema_id"], row.document["related_schema_id"]) != ends:
        raise error("unknown_object_relationship", id=id)
    return row


def check_name(call: Call, schema: Row, related_id: str, name: str, pointer: str) -> None:
    """Refuse an empty name, and one that a relationship to the same end has."""
    if not name:
        raise error("invalid", reason="The name of a relationship must not be empty.", pointer=pointer)
    for row in call.world.store.rows(SCHEMA_RELATIONSHIP.type, object_schema_id=schema.id):
        if (row.document["related_schema_id"], row.document["name"]) == (related_id, name):
            raise error("duplicate_relationship", title=name, id=related_id, pointer=pointer)
