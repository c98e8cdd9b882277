"""The attributes of the resources that a published answer holds, from which described filters take their types."""

from __future__ import annotations

from collections.abc import Iterator

from mock_klaviyo.json import Json
from mock_klaviyo.spec.json_schema import DEFS, Translator

DEEPEST = 4
"""How many names a dotted one may have; filters have fewer."""


def attributes_of(answer: Json | None, translator: Translator) -> Json:
    """The attributes of the resources that an answer holds in `data`: dotted name → published schema."""
    if answer is None:
        return {}
    data = without_null(answer, translator)["properties"].get("data", {})
    resource = without_null(without_null(data, translator).get("items", data), translator)
    return dict(dotted(resource.get("properties", {}).get("attributes", {}), translator))


def dotted(schema: Json, translator: Translator, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Json]]:
    """The members of an object and of the objects in it, by dotted name."""
    if len(path) == DEEPEST:
        return
    for name, member in without_null(schema, translator).get("properties", {}).items():
        plain = without_null(member, translator)
        yield ".".join((*path, name)), plain
        yield from dotted(plain, translator, (*path, name))


def without_null(schema: Json, translator: Translator) -> Json:
    """The schema that a translated one means for values that are not null."""
    if "anyOf" in schema:
        return without_null(schema["anyOf"][0], translator)
    if "$ref" in schema:
        return without_null(translator.named(schema["$ref"].removeprefix(DEFS)), translator)
    types = schema.get("type")
    return schema | {"type": types[0]} if isinstance(types, list) else schema
