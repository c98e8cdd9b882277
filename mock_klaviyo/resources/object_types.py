"""Object types: the kinds of custom object, each with a current schema, perhaps a draft, and its records."""

from __future__ import annotations

import re

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.custom_objects import (
    INGESTION_LOG,
    NAMESPACE,
    OBJECT_RECORD,
    OBJECT_SCHEMA,
    OBJECT_TYPE,
    SCHEMA_RELATIONSHIP,
    SOURCE_MAPPING,
)
from mock_klaviyo.resources.data_sources import check_title
from mock_klaviyo.resources.generic import list_related, list_related_ids, relationship_name, require
from mock_klaviyo.resources.object_schemas import ATTRIBUTES, adopt, is_active, new_schema
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.store.rows import Row

NAMESPACES = re.compile(rf"{NAMESPACE}|applications/[0-9A-HJKMNP-TV-Z]{{26}}")


@operation("create_object_type")
def create_object_type(call: Call) -> Reply:
    """A new object type with the first version of its schema, and that with its source mapping."""
    world, sent = call.world, call.attributes
    document: Json = {
        "title": sent["title"],
        "description": sent.get("description") or "",
        "namespace": sent.get("namespace") or NAMESPACE,
        "visibility": sent.get("visibility") or "private",
        "current_schema_id": None,
        "draft_schema_id": None,
        "created_at": world.second,
        "updated_at": world.second,
    }
    check_title(call, OBJECT_TYPE.type, document)
    if not NAMESPACES.fullmatch(document["namespace"]):
        reason = f"The namespace must be '{NAMESPACE}' or 'applications/<application_id>'."
        raise error("invalid", reason=reason, pointer=f"{ATTRIBUTES}/namespace")
    row = Row(OBJECT_TYPE.type, OBJECT_TYPE.make_id(world), document)
    world.store.insert(row)
    schema = ((sent.get("object-schema") or {}).get("data") or {}).get("attributes") or {}
    first = {"title": document["title"], "description": document["description"], **schema}
    adopt(
        world,
        row,
        new_schema(call, row, first, f"{ATTRIBUTES}/object-schema/data/attributes"),
        is_active=is_active(first),
    )
    return single(call, row, 201)


@operation("delete_object_type")
def delete_object_type(call: Call) -> Reply:
    """An object type less, with its schemas, records and logs, and all that leads to it."""
    store = call.world.store
    row = require(call, OBJECT_TYPE.type, call.id)
    for schema in store.rows(OBJECT_SCHEMA.type, object_type_id=row.id):
        store.delete_where(SOURCE_MAPPING.type, object_schema_id=schema.id)
        store.delete_where(SCHEMA_RELATIONSHIP.type, object_schema_id=schema.id)
        store.delete_where(SCHEMA_RELATIONSHIP.type, related_schema_id=schema.id)
    for record in store.rows(OBJECT_RECORD.type, object_type_id=row.id):
        store.delete(record)
    store.delete_where(OBJECT_SCHEMA.type, object_type_id=row.id)
    store.delete_where(INGESTION_LOG.type, object_type_id=row.id)
    store.delete(row)
    return Reply(204)


@operation("get_current_schema_for_object_type")
@operation("get_draft_schema_for_object_type")
def schema_of_type(call: Call) -> Reply:
    """The current schema or the draft of an object type."""
    require_schema(call)
    return list_related(call)


@operation("get_current_schema_id_for_object_type")
@operation("get_draft_schema_id_for_object_type")
def schema_id_of_type(call: Call) -> Reply:
    """The id of the current schema or the draft of an object type."""
    require_schema(call)
    return list_related_ids(call)


def require_schema(call: Call) -> None:
    """Refuse the call when the object type has not the schema that is asked for."""
    row, name = require(call, OBJECT_TYPE.type, call.id), relationship_name(call.operation.path)
    if not row.document[f"{name.replace('-', '_')}_id"]:
        raise error("no_such_schema", id=row.id, schema=name)
