"""Pruning: of an answer, what a recorded schema lists; free-form objects stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from mock_klaviyo.json import Json
from mock_klaviyo.spec.json_schema import DEFS

Prune: TypeAlias = Callable[[Any], Any]

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def unchanged(value: Any) -> Any:
    """The value, for schemas that list nothing."""
    return value


class Pruning:
    """What the schemas of one document keep of values; each is worked out once."""

    def __init__(self, document: Json) -> None:
        self._definitions: Mapping[str, Json] = document.get("$defs", {})
        self._named: dict[str, Prune] = {}
        self.prune = self._of(document)

    def _of(self, schema: Json) -> Prune:
        """What a schema keeps."""
        if "$ref" in schema:
            return self._reference(schema["$ref"].removeprefix(DEFS))
        if "anyOf" in schema:
            return self._alternatives(schema["anyOf"])
        if "properties" in schema:
            return self._object(schema)
        return self._array(schema["items"]) if "items" in schema else unchanged

    def _reference(self, name: str) -> Prune:
        """What a shared schema keeps; it may refer to itself."""

        def prune(value: Any) -> Any:
            if name not in self._named:
                self._named[name] = self._of(self._definitions[name])
            return self._named[name](value)

        return prune

    def _array(self, items: Json) -> Prune:
        """What is kept of each member of a list."""
        of_item = self._of(items)
        return lambda value: [of_item(each) for each in value] if isinstance(value, list) else value

    def _object(self, schema: Json) -> Prune:
        """The listed members of an object; one that is null and may not be is left out."""
        if schema.get("additionalProperties"):
            return unchanged
        members = {name: self._of(member) for name, member in schema["properties"].items()}
        needed = frozenset(schema.get("required", ()))
        never_null = {name for name in members.keys() - needed if not self._takes_null(schema["properties"][name])}

        def prune(value: Any) -> Any:
            if not isinstance(value, dict):
                return value
            return {
                name: members[name](member)
                for name, member in value.items()
                if name in members and not (member is None and name in never_null)
            }

        return prune

    def _alternatives(self, branches: Sequence[Json]) -> Prune:
        """What the most fitting of several schemas keeps."""
        found = [self._resolved(branch) for branch in branches]
        prunes = [self._of(branch) for branch in branches]

        def prune(value: Any) -> Any:
            if not isinstance(value, dict | list):
                return value
            likeness = [self._likeness(value, branch) for branch in found]
            return prunes[likeness.index(max(likeness))](value)

        return prune

    def _likeness(self, value: Any, schema: Json) -> tuple[int, int]:
        """How well a schema fits a value: whether it can be meant, and how many members it shares."""
        if not is_of_type(value, schema):
            return (-1, 0)
        if not isinstance(value, dict) or "properties" not in schema:
            return (0, 0)
        members = schema["properties"]
        shared = value.keys() & members.keys()
        lacking = [name for name in schema.get("required", ()) if name not in value]
        others = [name for name in shared if not self._is_meant(value[name], members[name])]
        return (0 if lacking or others else 1, len(shared) - len(others) - len(lacking))

    def _is_meant(self, value: Any, schema: Json) -> bool:
        """Whether a member's value does not speak against its schema."""
        schema = self._resolved(schema)
        return value in schema["enum"] if "enum" in schema else True

    def _takes_null(self, schema: Json) -> bool:
        """Whether a schema allows null."""
        schema = self._resolved(schema)
        if "anyOf" in schema:
            return any(self._takes_null(branch) for branch in schema["anyOf"])
        return is_of_type(None, schema)

    def _resolved(self, schema: Json) -> Json:
        """The schema that a reference names."""
        while "$ref" in schema:
            schema = self._definitions[schema["$ref"].removeprefix(DEFS)]
        return schema


def is_of_type(value: Any, schema: Json) -> bool:
    """Whether a value has one of the types that a schema names; without a name it has.

    >>> is_of_type(None, {"type": ["string", "null"]}), is_of_type([], {"type": "object"}), is_of_type(1, {})
    (True, False, True)
    """
    if "type" not in schema:
        return True
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return any(isinstance(value, TYPES[name]) for name in names)
