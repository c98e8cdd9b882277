"""Source mappings: which part of a source's record becomes which property, or relationship, of an object record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_klaviyo.errors import Problem, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.custom_objects import (
    DATA_SOURCE,
    OBJECT_SCHEMA,
    OBJECT_TYPE,
    SCHEMA_RELATIONSHIP,
    SOURCE_MAPPING,
)
from mock_klaviyo.resources.generic import require, require_same_id
from mock_klaviyo.resources.ingestion import ingest_again, source_ids
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import operation
from mock_klaviyo.resources.selectors import steps
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

PARTS = ("property_mappings", "relationship_mappings")


@operation("update_source_mapping")
def update_source_mapping(call: Call) -> Reply:
    """A mapping changed; when it is at work, what its sources took in before is mapped anew."""
    store = call.world.store
    row = require(call, SOURCE_MAPPING.type, call.id)
    require_same_id(call)
    schema = require(call, OBJECT_SCHEMA.type, row.document["object_schema_id"])
    relationships = store.rows(SCHEMA_RELATIONSHIP.type, object_schema_id=schema.id)
    row.document |= {name: call.attributes[name] for name in PARTS if call.attributes.get(name) is not None}
    row.document["updated_at"] = call.world.second
    ids = frozenset(each.id for each in relationships)
    check_mapping(call, row.document, schema.document["properties"], ids, "/data/attributes")
    store.update(row)
    type_row = require(call, OBJECT_TYPE.type, schema.document["object_type_id"])
    if type_row.document["current_schema_id"] == schema.id:
        ingest_again(call.world, type_row)
    return single(call, row)


def attached(sent: Json, pointer: str) -> tuple[Json, str]:
    """The mapping that comes with a schema, an empty one when none does, and where it stands."""
    attributes = ((sent.get("source-mapping") or {}).get("data") or {}).get("attributes") or {}
    return {name: attributes.get(name) or [] for name in PARTS}, f"{pointer}/source-mapping/data/attributes"


def new_mapping(world: World, schema_id: str, mapping: Json) -> Row:
    """A new mapping of a schema."""
    document = {"object_schema_id": schema_id, "created_at": world.second, "updated_at": world.second, **mapping}
    row = Row(SOURCE_MAPPING.type, SOURCE_MAPPING.make_id(world), document)
    world.store.insert(row)
    return row


def keep_mapped(world: World, schema: Row, part: str, key: str, targets: set[Any]) -> None:
    """Take out of a schema's mapping what maps to something else than these targets."""
    for mapping in world.store.rows(SOURCE_MAPPING.type, object_schema_id=schema.id):
        mapping.document[part] = [each for each in mapping.document[part] if each[key] in targets]
        world.store.update(mapping)


def check_mapping(
    call: Call, mapping: Json, properties: list[Json], relationship_ids: frozenset[str], pointer: str
) -> None:
    """Refuse a mapping that names what is not there, or whose paths are none."""
    sources = {id for id in source_ids(mapping) if call.world.store.row(DATA_SOURCE.type, id)}
    known = Known(
        {"property_mappings": {each["id"] for each in properties}, "relationship_mappings": set(relationship_ids)},
        sources,
    )
    raise_all(each for name in PARTS for each in known.problems(name, mapping[name], f"{pointer}/{name}"))


@dataclass(frozen=True)
class Known:
    """What a mapping may name: properties and relationships of its schema, and data sources."""

    targets: Mapping[str, set[int] | set[str]]
    sources: set[str]

    def problems(self, name: str, entries: list[Json], pointer: str) -> Iterator[Problem]:
        """What is wrong with the property mappings, or the relationship mappings."""
        key = "id" if name == "property_mappings" else "relationship_id"
        seen: set[int | str] = set()
        for index, each in enumerate(entries):
            place = f"{pointer}/{index}"
            if each[key] not in self.targets[name] or each[key] in seen:
                what = "property" if key == "id" else "relationship"
                reason = f"'{each[key]}' is not a {what} of the object schema, or is mapped twice."
                yield problem("invalid", reason=reason, pointer=f"{place}/{key}")
            seen.add(each[key])
            if each["type"] == "simple":
                yield from self.source_problems(each["source"], f"{place}/source")

    def source_problems(self, source: Json, pointer: str) -> Iterator[Problem]:
        """What is wrong with the source of one mapping."""
        if source["source_id"] not in self.sources:
            reason = f"Data source with ID {source['source_id']} not found."
            yield problem("invalid", reason=reason, pointer=f"{pointer}/source_id")
        for place, path in paths(source):
            try:
                steps(path)
            except ValueError as fault:
                yield problem("invalid", reason=f"Invalid JSONPath: {fault}", pointer=f"{pointer}/{place}")


def paths(source: Json) -> Iterator[tuple[str, str]]:
    """The JSONPath expressions of a source, and where each stands."""
    for name in ("id_path", "data_path", "related_id_path"):
        if name in source:
            yield name, source[name]
    for index, each in enumerate(source.get("related_id_paths", ())):
        yield f"related_id_paths/{index}/path", each["path"]
