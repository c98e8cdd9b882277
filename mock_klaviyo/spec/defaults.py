"""Defaults: a body with all that its schema says of members that were not given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.spec.json_schema import DEFS

TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "null": lambda value: value is None,
}


def completed(value: Any, schema: Json, document: Json) -> Any:
    """A valid value with the default of each member that was not given, or null where that is allowed.

    >>> schema = {"properties": {"on": {"type": "boolean", "default": True}, "note": {"type": ["string", "null"]}}}
    >>> completed({"note": "hello"}, schema, {}), completed({}, schema, {})
    ({'on': True, 'note': 'hello'}, {'on': True, 'note': None})
    """
    schema = branch(value, schema, document)
    if isinstance(value, list):
        return [completed(item, schema.get("items", {}), document) for item in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    members = {**schema["properties"], **{name: {} for name in value if name not in schema["properties"]}}
    return {
        name: completed(value[name], member, document) if name in value else default(member, document)
        for name, member in members.items()
        if name in value or has_default(member, document)
    }


def default(schema: Json, document: Json) -> Any:
    """What a member is that was not given."""
    return target(schema, document).get("default")


def has_default(schema: Json, document: Json) -> bool:
    """Whether something is known of a member that was not given."""
    schema = target(schema, document)
    return "default" in schema or fits(None, schema, document)


def branch(value: Any, schema: Json, document: Json) -> Json:
    """The alternative of a schema that a value is one of."""
    schema = target(schema, document)
    while "anyOf" in schema:
        branches = (target(each, document) for each in schema["anyOf"])
        schema = next((each for each in branches if fits(value, each, document)), {})
    return schema


def target(schema: Json, document: Json) -> Json:
    """The schema that a reference leads to."""
    while "$ref" in schema:
        schema = document["$defs"][schema["$ref"].removeprefix(DEFS)]
    return schema


def fits(value: Any, schema: Json, document: Json) -> bool:
    """Whether a value looks as a schema says: enough to tell the alternatives of a valid body apart."""
    schema = target(schema, document)
    if "anyOf" in schema:
        return any(fits(value, each, document) for each in schema["anyOf"])
    if "enum" in schema and not any(
        value is each or (value == each and type(value) is type(each)) for each in schema["enum"]
    ):
        return False
    types = schema.get("type", [])
    if types and not any(TYPES[each](value) for each in ([types] if isinstance(types, str) else types)):
        return False
    return fits_inside(value, schema, document)


def fits_inside(value: Any, schema: Json, document: Json) -> bool:
    """Whether the members and items of a value look as a schema says."""
    if isinstance(value, list):
        return all(fits(item, schema.get("items", {}), document) for item in value)
    if not isinstance(value, dict) or "properties" not in schema:
        return True
    members = schema["properties"]
    return (
        set(schema.get("required", ())) <= value.keys()
        and value.keys() <= members.keys()
        and all(fits(member, members[name], document) for name, member in value.items())
    )
