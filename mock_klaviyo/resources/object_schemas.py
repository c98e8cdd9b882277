"""Object schemas: the versions of what an object type is made of, their drafts and their publishing."""

from __future__ import annotations

from collections.abc import Iterator

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.custom_objects import OBJECT_SCHEMA, OBJECT_TYPE, schema_row
from mock_klaviyo.resources.generic import require, require_same_id
from mock_klaviyo.resources.ingestion import ingest_again
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.resources.source_mappings import attached, check_mapping, keep_mapped, new_mapping
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

ATTRIBUTES = "/data/attributes"
CHANGEABLE = ("title", "description", "properties", "required")


@operation("create_object_schema")
def create_object_schema(call: Call) -> Reply:
    """A further version of an object type's schema, a draft unless it is to be active at once."""
    type_row = type_of_body(call)
    sent = call.attributes
    draft_id = type_row.document["draft_schema_id"]
    if draft_id and not is_active(sent):
        raise error("draft_schema_exists", id=draft_id)
    row = new_schema(call, type_row, sent, ATTRIBUTES)
    adopt(call.world, type_row, row, is_active=is_active(sent))
    return single(call, row, 201)


def type_of_body(call: Call) -> Row:
    """The object type that a body names; refuses the call when it names none or an unknown one."""
    named = ((call.data.get("relationships") or {}).get("object-type") or {}).get("data")
    if not named:
        place = "/data/relationships/object-type"
        raise error("missing_attribute", field="object-type", type="object-schema", pointer=place)
    row = call.world.store.row(OBJECT_TYPE.type, named["id"])
    if row is None:
        raise error("unknown_type_of_schema", id=named["id"])
    return row


@operation("update_object_schema")
def update_object_schema(call: Call) -> Reply:
    """A draft schema changed, and published when its status becomes active."""
    row = require(call, OBJECT_SCHEMA.type, call.id)
    require_same_id(call)
    sent = {name: value for name, value in call.attributes.items() if value is not None}
    if row.document["status"] != "draft" and sent != {"status": row.document["status"]}:
        raise error("schema_not_draft", status=row.document["status"])
    row.document |= {name: value for name, value in sent.items() if name in CHANGEABLE}
    row.document["properties"] = completed(row.document["properties"])
    raise_all(schema_problems(row.document, ATTRIBUTES))
    row.document["updated_at"] = call.world.second
    call.world.store.update(row)
    ids = {each["id"] for each in row.document["properties"]}
    keep_mapped(call.world, row, "property_mappings", "id", ids)
    type_row = require(call, OBJECT_TYPE.type, row.document["object_type_id"])
    if row.document["status"] == "draft":
        adopt(call.world, type_row, row, is_active=is_active(sent))
    return single(call, row)


def is_active(sent: Json) -> bool:
    """Whether a body asks for an active schema."""
    return sent.get("status") == "active"


def new_schema(call: Call, type_row: Row, sent: Json, pointer: str) -> Row:
    """A new draft of an object type, with its source mapping; refuses the call when either is wrong."""
    world = call.world
    document: Json = {
        "title": sent.get("title") or type_row.document["title"],
        "description": sent.get("description") or "",
        "status": "draft",
        "properties": completed(sent.get("properties") or []),
        "required": sent.get("required") or [],
        "published_at": None,
        "visibility": type_row.document["visibility"],
        "object_type_id": type_row.id,
        "created_at": world.second,
        "updated_at": world.second,
    }
    mapping, place = attached(sent, pointer)
    raise_all(schema_problems(document, pointer))
    check_mapping(call, mapping, document["properties"], frozenset(), place)
    row = Row(OBJECT_SCHEMA.type, OBJECT_SCHEMA.make_id(world), document)
    row.document["source_mapping_id"] = new_mapping(world, row.id, mapping).id
    world.store.insert(row)
    return row


def completed(properties: list[Json]) -> list[Json]:
    """Properties with a description each."""
    return [each | {"description": each.get("description") or ""} for each in properties]


def schema_problems(document: Json, pointer: str) -> Iterator[Problem]:
    """What is wrong with the properties of a schema that its form cannot tell."""
    properties = document["properties"]
    names = [each["name"] for each in properties]
    ids = [each["id"] for each in properties]
    if not document["title"]:
        yield problem("invalid", reason="The title must not be empty.", pointer=f"{pointer}/title")
    for index, each in enumerate(properties):
        place = f"{pointer}/properties/{index}"
        if each["id"] < 1 or each["id"] in ids[:index]:
            reason = "The ID of a property must be a positive integer that no other property has."
            yield problem("invalid", reason=reason, pointer=f"{place}/id")
        if not each["name"] or each["name"] in names[:index]:
            reason = "The name of a property must not be empty, and no other property may have it."
            yield problem("invalid", reason=reason, pointer=f"{place}/name")
    for index, name in enumerate(document["required"]):
        if name not in names:
            reason = f"The required property '{name}' is not among the properties."
            yield problem("invalid", reason=reason, pointer=f"{pointer}/required/{index}")


def adopt(world: World, type_row: Row, schema: Row, *, is_active: bool) -> None:
    """Let a schema be its type's draft or, published, its current version; the type's title follows."""
    if is_active:
        publish(world, type_row, schema)
    else:
        type_row.document["draft_schema_id"] = schema.id
    leading = schema_row(world, type_row) or schema
    type_row.document |= {name: leading.document[name] for name in ("title", "description")}
    type_row.document["updated_at"] = world.second
    world.store.update(type_row)
    if is_active:
        ingest_again(world, type_row)


def publish(world: World, type_row: Row, schema: Row) -> None:
    """Make a schema the current version of its type; the version before it has no status any more."""
    before = world.store.row(OBJECT_SCHEMA.type, type_row.document["current_schema_id"] or "")
    if before is not None:
        before.document["status"] = "undefined"
        world.store.update(before)
    schema.document |= {"status": "active", "published_at": world.second}
    world.store.update(schema)
    type_row.document["current_schema_id"] = schema.id
    if type_row.document["draft_schema_id"] == schema.id:
        type_row.document["draft_schema_id"] = None
