"""OpenAPI 3.0 schemas as JSON Schema 2020-12, with names, types and limits but no prose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.spec.formats import FORMATS
from mock_klaviyo.spec.openapi import Definition

DEFS = "#/$defs/"

COPIED = frozenset(
    {
        "type", "enum", "const", "default", "required", "pattern", "multipleOf", "minimum", "maximum",
        "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    }
)  # fmt: skip
"""Keywords that mean the same in both dialects and hold no schema."""


@dataclass(frozen=True)
class Translator:
    """Translates the schemas of one side: requests are closed to unknown members, responses stay open."""

    definition: Definition
    is_request: bool
    correct: Callable[[str, Json], Json] = lambda _, schema: schema
    """What is made of a shared schema, by its name, when the wire is known to differ from the definition."""

    def schema(self, source: Json) -> Json:
        """The schema in the other dialect."""
        if "allOf" in source:
            source = self.definition.merged(source)
        schema: Json = {}
        for keyword, value in source.items():
            if keyword in COPIED:
                schema[keyword] = value
            elif keyword in KEYWORDS:
                schema |= KEYWORDS[keyword](self, value)
        if "properties" in schema:
            self.shape(schema, source)
        return or_null(schema) if source.get("nullable") else schema

    def shape(self, schema: Json, source: Json) -> None:
        """Make the schema one of an object that asks and forbids what this side does."""
        schema.setdefault("type", "object")
        if self.is_request:
            schema.setdefault("additionalProperties", False)
        one_way = "readOnly" if self.is_request else "writeOnly"
        required = [name for name in source.get("required", ()) if not source["properties"].get(name, {}).get(one_way)]
        schema.pop("required", None)
        if required:
            schema["required"] = required

    def shared(self, schemas: Iterable[Json]) -> Json:
        """The shared schemas that the given ones reach, by name."""
        found: Json = {}
        waiting = sorted({name for schema in schemas for name in references(schema)})
        while waiting:
            name = waiting.pop(0)
            if name not in found:
                found[name] = self.named(name)
                waiting += references(found[name])
        return found

    def named(self, name: str) -> Json:
        """The shared schema of that name, corrected."""
        return self.correct(name, self.schema(self.definition.target(f"#/components/schemas/{name}")))


def or_null(schema: Json) -> Json:
    """The schema, with null allowed; one that allows everything stays as it is.

    >>> or_null({"type": "string", "enum": ["a"]})
    {'type': ['string', 'null'], 'enum': ['a', None]}
    >>> or_null({"$ref": "#/$defs/Location"})
    {'anyOf': [{'$ref': '#/$defs/Location'}, {'type': 'null'}]}
    """
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    if isinstance(schema.get("type"), list):
        return schema
    allowed = {"type": [schema["type"], "null"]} if "type" in schema else {}
    if "enum" in schema:
        allowed["enum"] = [*schema["enum"], None] if None not in schema["enum"] else schema["enum"]
    return schema | allowed


def references(node: Any) -> Iterator[str]:
    """The names of the shared schemas that a schema refers to, in their order."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(DEFS)
        for member in node.values():
            yield from references(member)
    elif isinstance(node, list):
        for member in node:
            yield from references(member)


def reference(_: Translator, value: str) -> Json:
    """A reference to a shared schema."""
    return {"$ref": DEFS + value.rpartition("/")[2]}


def properties(translator: Translator, value: Json) -> Json:
    """The members of an object."""
    return {"properties": {name: translator.schema(member) for name, member in value.items()}}


def branches(translator: Translator, value: list[Json]) -> Json:
    """Alternatives: `oneOf` too means any of them, since an integer is both of integer and number."""
    return {"anyOf": [translator.schema(branch) for branch in value]}


def format_name(_: Translator, value: str) -> Json:
    """A format, when there is a check for it."""
    return {"format": value} if value in FORMATS else {}


def single(keyword: str) -> Callable[[Translator, Any], Json]:
    """A keyword that holds one schema, or a boolean."""
    return lambda translator, value: {keyword: translator.schema(value) if isinstance(value, dict) else value}


KEYWORDS: Mapping[str, Callable[[Translator, Any], Json]] = {
    "$ref": reference,
    "properties": properties,
    "oneOf": branches,
    "anyOf": branches,
    "format": format_name,
    "items": single("items"),
    "additionalProperties": single("additionalProperties"),
    "not": single("not"),
}
"""How each keyword that holds schemas, or differs between the dialects, is translated; all others are dropped."""
