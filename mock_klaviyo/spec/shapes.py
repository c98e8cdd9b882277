"""Shapes: the attributes and relationships of each resource type that an operation's answer can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.spec.json_schema import DEFS
from mock_klaviyo.spec.operation import Operation

DATA = "data"
INCLUDED = "included"


@dataclass(frozen=True)
class RelationshipShape:
    """A relationship: whether its linkage can be shown, whether that is a list, and of which type."""

    name: str
    has_data: bool
    is_many: bool = False
    related_type: str | None = None


@dataclass(frozen=True)
class Shape:
    """A resource as an answer shows it; additional fields come last, `where` is data, included or both."""

    type: str
    attributes: tuple[str, ...]
    relationships: tuple[RelationshipShape, ...]
    where: tuple[str, ...]
    attribute_schemas: Mapping[str, Json] = field(default_factory=dict, compare=False, repr=False)


@cache
def shapes(operation: Operation) -> Mapping[str, Shape]:
    """The shape of each resource type in the operation's answer; what `data` says of a type goes first."""
    found: dict[str, Shape] = {}
    for shape in all_shapes(operation):
        known = found.get(shape.type)
        found[shape.type] = united(known, shape) if known else shape
    return found


@cache
def primary_types(operation: Operation) -> tuple[str, ...]:
    """The resource types that `data` of the operation's answer can hold."""
    return tuple(name for name, shape in shapes(operation).items() if DATA in shape.where)


def all_shapes(operation: Operation) -> Iterator[Shape]:
    """The shapes in every success answer of an operation, in their order; then those of the one it answers for."""
    documents = [*operation.responses.values(), *(operation.asked.responses.values() if operation.asked else ())]
    for document in documents:
        if document is None:
            continue
        members = resolved(document, document)["properties"]
        for where in (DATA, INCLUDED):
            for resource in resources(members.get(where, {}), document):
                yield shape(resource, where, document, operation)


def resources(schema: Json, document: Json) -> Iterator[Json]:
    """The schemas of the resource objects that a member of an answer can hold."""
    schema = resolved(schema, document)
    if "anyOf" in schema:
        for branch in schema["anyOf"]:
            yield from resources(branch, document)
    elif "items" in schema:
        yield from resources(schema["items"], document)
    elif "type" in schema.get("properties", {}):
        yield schema


def shape(resource: Json, where: str, document: Json, operation: Operation) -> Shape:
    """The shape of one resource object."""
    members = resource["properties"]
    name = type_name(members["type"], document)
    attributes = resolved(members.get("attributes", {}), document).get("properties", {})
    additional = operation.additional_fields.get(name, ())
    relationships = resolved(members.get("relationships", {}), document).get("properties", {})
    return Shape(
        type=name,
        attributes=tuple(sorted(attributes, key=lambda attribute: attribute in additional)),
        relationships=tuple(relationship(each, schema, document) for each, schema in relationships.items()),
        where=(where,),
        attribute_schemas={each: resolved(schema, document) for each, schema in attributes.items()},
    )


def relationship(name: str, schema: Json, document: Json) -> RelationshipShape:
    """The shape of one relationship."""
    members = resolved(schema, document).get("properties", {})
    if DATA not in members:
        return RelationshipShape(name, has_data=False)
    data = resolved(members[DATA], document)
    linkage = resolved(data.get("items", data), document)
    related_type = type_name(linkage["properties"]["type"], document)
    return RelationshipShape(name, has_data=True, is_many="items" in data, related_type=related_type)


def type_name(schema: Json, document: Json) -> str:
    """The one value that a `type` member may have."""
    name: str = resolved(schema, document)["enum"][0]
    return name


def united(first: Shape, second: Shape) -> Shape:
    """The first shape with what only the second has."""
    known = {relationship.name for relationship in first.relationships}
    more = tuple(relationship for relationship in second.relationships if relationship.name not in known)
    return replace(
        first,
        attributes=tuple(dict.fromkeys(first.attributes + second.attributes)),
        relationships=first.relationships + more,
        where=tuple(dict.fromkeys(first.where + second.where)),
        attribute_schemas={**second.attribute_schemas, **first.attribute_schemas},
    )


def resolved(schema: Json, document: Json) -> Json:
    """The schema without its reference and without the alternative of null."""
    found: Any = schema
    while "$ref" in found or is_nullable(found):
        found = document["$defs"][found["$ref"].removeprefix(DEFS)] if "$ref" in found else found["anyOf"][0]
    return dict(found)


def is_nullable(schema: Json) -> bool:
    """Whether a schema is one alternative and null."""
    branches = schema.get("anyOf", ())
    return len(branches) == 2 and branches[1] == {"type": "null"}
