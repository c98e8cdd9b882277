"""Comparing recordings: the members of bodies and answers that a revision has and the newest has not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mock_klaviyo.json import Json
from mock_klaviyo.spec.counterparts import counterpart
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.pruning import Schemas
from mock_klaviyo.spec.recorded import recording
from tests.bodies import valid

OPAQUE = "definition"
"""Members that are languages of their own: of segments, flows, forms and templates."""


def lost_from_bodies(revision: str) -> set[str]:
    """The members that bodies could have, as operation: member."""
    return {
        f"{counterpart(each).id}: {name}"
        for each in recording(revision).operations.values()
        for name in members(each.request) - members(counterpart(each).request)
    }


def lost_from_answers(revision: str) -> set[str]:
    """The members that answers could have, as operation: member."""
    return {
        f"{counterpart(each).id}: {name}"
        for each in recording(revision).operations.values()
        for name in members(answer(each)) - members(answer(counterpart(each)))
    }


def answer(operation: Operation) -> Json | None:
    return operation.responses[operation.success]


def members(schema: Json | None) -> set[str]:
    """The dotted names of all members; those of many resources and of one are called alike."""
    found = set() if schema is None else set(dotted(schema, Schemas(schema)))
    return {re.sub(r"\[\]", "", name) for name in found}


def dotted(schema: Json, schemas: Schemas, path: str = "", above: tuple[str, ...] = ()) -> Iterator[str]:
    """The dotted names of the members of a schema."""
    reference = schema.get("$ref", "")
    if reference in above or path.rpartition(".")[2] == OPAQUE:
        return
    above = (*above, reference) if reference else above
    schema = schemas.resolved(schema)
    for branch in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from dotted(branch, schemas, path, above)
    for name, member in schema.get("properties", {}).items():
        inner = f"{path}.{name}" if path else name
        yield inner
        yield from dotted(member, schemas, inner, above)


def sample(schema: Json, document: Json, *, branch: int = 0, is_full: bool = True, depth: int = 0) -> object:
    """A value that a schema allows: with all members or the needed ones, and of the so-manieth of several schemas."""
    schema = Schemas(document).resolved(schema)

    def inner(member: Json) -> object:
        return sample(member, document, branch=branch, is_full=is_full, depth=depth + 1)

    if "anyOf" in schema:
        branches = [each for each in schema["anyOf"] if each != {"type": "null"}]
        return inner(branches[branch % len(branches)])
    if "enum" in schema:
        return schema["enum"][branch % len(schema["enum"])]
    if "properties" in schema:
        needed = schema.get("required", ())
        kept = {
            name: member for name, member in schema["properties"].items() if name in needed or (is_full and depth < 16)
        }
        return {name: inner(member) for name, member in kept.items()}
    return [inner(schema["items"])] if "items" in schema and depth < 18 else valid(schema, document, depth)
