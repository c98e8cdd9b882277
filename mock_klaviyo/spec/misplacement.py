"""Misplacement: members that Klaviyo does not know where they stand, and would know elsewhere in the same resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mock_klaviyo.errors import Problem
from mock_klaviyo.json import Json
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.shapes import resolved

DATA, ATTRIBUTES = "/data", "/data/attributes"


def misplaced(operation: Operation, problems: Iterable[Problem]) -> Iterator[str]:
    """A hint for each unknown member that belongs beside or inside the attributes instead."""
    known = members(operation)
    for problem in problems:
        place, _, name = (problem.pointer or "").rpartition("/")
        other = {DATA: ATTRIBUTES, ATTRIBUTES: DATA}.get(place)
        if other is not None and name in known[other] and name not in known[place]:
            yield f"{name} belongs in {other[1:].replace('/', '.')}, not in {place[1:].replace('/', '.')}"


def members(operation: Operation) -> dict[str, frozenset[str]]:
    """What an operation's request knows beside and inside the attributes."""
    request = operation.request or {}
    data = properties(properties(request, request).get("data", {}), request)
    return {DATA: frozenset(data), ATTRIBUTES: frozenset(properties(data.get("attributes", {}), request))}


def properties(schema: Json, document: Json) -> Json:
    """The properties of an object's schema; none when it is no object."""
    found: Json = resolved(schema, document).get("properties", {})
    return found
