"""Pruning: of an answer, what an older schema lists too.

A member goes when the newest schema lists it and the older one does not. What neither lists, as free-form objects
and what Klaviyo does not publish, stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.spec.json_schema import DEFS

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}

ANYTHING: Json = {}


@dataclass(frozen=True)
class Schemas:
    """The schemas of a document: they refer to each other, and give several for one value."""

    document: Json
    _never_null: dict[int, frozenset[str]] = field(default_factory=dict)

    def meant(self, schema: Json, value: Any) -> Json:
        """The schema that is meant for a value: without references, and the most fitting of several."""
        schema = self.resolved(schema)
        if "anyOf" not in schema:
            return schema
        branches = [self.meant(branch, value) for branch in schema["anyOf"]]
        return max(branches, key=lambda branch: self.likeness(value, branch))

    def resolved(self, schema: Json) -> Json:
        """The schema that a reference names."""
        while "$ref" in schema:
            schema = self.document["$defs"][schema["$ref"].removeprefix(DEFS)]
        return schema

    def likeness(self, value: Any, schema: Json) -> tuple[int, int]:
        """How well a schema fits a value: whether it can be meant, and how many members it shares."""
        if not is_of_type(value, schema):
            return (-1, 0)
        if not isinstance(value, dict) or "properties" not in schema:
            return (0, 0)
        members = schema["properties"]
        shared = [name for name in value if name in members]
        others = [
            name for name in shared if value[name] not in self.resolved(members[name]).get("enum", (value[name],))
        ]
        lacking = [name for name in schema.get("required", ()) if name not in value]
        return (0 if lacking or others else 1, len(shared) - len(others) - len(lacking))

    def is_meant(self, value: Any, schema: Json) -> bool:
        """Whether a member's value is one of those that its schema names."""
        schema = self.resolved(schema)
        return "enum" not in schema or value in schema["enum"]

    def never_null(self, schema: Json) -> frozenset[str]:
        """The members of an object that may not be null and need not be there."""
        if id(schema) not in self._never_null:
            members, needed = schema["properties"], schema.get("required", ())
            names = (name for name, member in members.items() if name not in needed and not self.takes_null(member))
            self._never_null[id(schema)] = frozenset(names)
        return self._never_null[id(schema)]

    def takes_null(self, schema: Json) -> bool:
        """Whether a schema allows null."""
        schema = self.resolved(schema)
        if "anyOf" in schema:
            return any(self.takes_null(branch) for branch in schema["anyOf"])
        return is_of_type(None, schema)


@dataclass(frozen=True)
class Pruning:
    """What an older schema keeps of a document that the newest one describes."""

    older: Schemas
    newest: Schemas

    def document(self, document: Json) -> Json:
        """The document, pruned; what it includes on request stays, also where the older schema does not say so."""
        included = {"included": document["included"]} if "included" in document else {}
        pruned: Json = included | self.pruned(document, self.older.document, self.newest.document)
        return pruned

    def pruned(self, value: Any, older: Json, newest: Json) -> Any:
        """A value, pruned."""
        if not isinstance(value, dict | list):
            return value
        older, newest = self.older.meant(older, value), self.newest.meant(newest, value)
        if isinstance(value, list):
            return [self.pruned(each, older.get("items", ANYTHING), newest.get("items", ANYTHING)) for each in value]
        return self._object(value, older, newest) if "properties" in older else value

    def _object(self, value: Json, older: Json, newest: Json) -> Json:
        """An object without the members that came later, nor nulls that may not be."""
        known, later = older["properties"], newest.get("properties", ANYTHING)
        never_null = self.older.never_null(older)
        return {
            name: self.pruned(member, known.get(name, ANYTHING), later.get(name, ANYTHING))
            for name, member in value.items()
            if (name in known or name not in later) and not (member is None and name in never_null)
        }


def is_of_type(value: Any, schema: Json) -> bool:
    """Whether a value has one of the types that a schema names; without a name it has.

    >>> is_of_type(None, {"type": ["string", "null"]}), is_of_type([], {"type": "object"}), is_of_type(1, {})
    (True, False, True)
    """
    if "type" not in schema:
        return True
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return any(isinstance(value, TYPES[name]) for name in names)
