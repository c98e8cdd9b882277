"""An OpenAPI 3.0 definition as the recorder reads it: references followed, compositions merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mock_klaviyo.json import Json

METHODS = ("get", "post", "put", "patch", "delete")


class RecordError(ValueError):
    """A file that cannot be recorded: what is wrong, and where."""


@dataclass(frozen=True)
class Source:
    """One operation of a definition, as published, and the entry of its whole path."""

    method: str
    path: str
    body: Json
    item: Json

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[Json]:
        """Its parameters, those of its whole path included."""
        return [*self.item.get("parameters", ()), *self.body.get("parameters", ())]


@dataclass(frozen=True)
class Definition:
    """A published definition."""

    document: Json

    def sources(self) -> Iterator[Source]:
        """Every operation, in the definition's order."""
        for path, item in self.document["paths"].items():
            if not isinstance(item, dict):
                raise RecordError(f"paths[{path!r}] is not an object")
            for method, body in item.items():
                if method not in METHODS:
                    continue
                if not isinstance(body, dict):
                    raise RecordError(f"paths[{path!r}].{method} is not an object")
                yield Source(method.upper(), path, body, item)

    def resolved(self, node: Json) -> Json:
        """The node, or what it refers to."""
        while "$ref" in node:
            node = self.target(node["$ref"])
        return node

    def target(self, reference: str) -> Json:
        """What stands at `#/a/b/c` of the definition."""
        found: Any = self.document
        for step in reference.removeprefix("#/").split("/"):
            if not isinstance(found, dict) or step not in found:
                raise RecordError(f"the reference {reference} leads nowhere")
            found = found[step]
        return dict(found)

    def merged(self, schema: Json) -> Json:
        """The schema with the parts of its `allOf` made one."""
        whole = {keyword: value for keyword, value in schema.items() if keyword != "allOf"}
        for part in schema.get("allOf", ()):
            whole = self.union(whole, self.merged(self.resolved(part)))
        return whole

    def union(self, first: Json, second: Json) -> Json:
        """One schema that asks what both ask; where they contradict each other the first wins."""
        if first == second:
            return first
        first, second = self.merged(self.resolved(first)), self.merged(self.resolved(second))
        properties = {**first.get("properties", {})}
        for name, schema in second.get("properties", {}).items():
            properties[name] = self.union(properties[name], schema) if name in properties else schema
        required = list(dict.fromkeys([*first.get("required", ()), *second.get("required", ())]))
        both = {**second, **first}
        both |= {"properties": properties} if properties else {}
        return both | ({"required": required} if required else {})
