"""Bodies made from schemas, and mistakes made in bodies."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

TEXTS = {"date-time": "2026-07-15T12:30:00+00:00", "date": "2026-07-15", "time": "12:30:00", "uri": "https://a.b"}
DEEPEST = 12

GONE = object()
WRONG = [
    None, True, 0, 1.0, 2.5, -1, "", "x", [], [1], {}, {"type": "x"}, 2**63,
    "2026-07-15", "2026-07-15T12:30:00", "2026-07-15T12:30:00+0530", "2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z",
]  # fmt: skip


def valid(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> Any:
    """A value that the schema allows, with every member that fits in the depth."""
    while "$ref" in schema:
        schema = document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in schema:
        return valid(schema["anyOf"][0], document, depth)
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    return KINDS[kinds if isinstance(kinds, str) else kinds[0]](schema, document, depth)


def an_object(schema, document, depth):
    required = schema.get("required", ())
    members = schema.get("properties", {}).items()
    return {name: valid(member, document, depth + 1) for name, member in members if name in required or depth < DEEPEST}


def an_array(schema, document, depth):
    return [valid(schema["items"], document, depth + 1)] if depth < DEEPEST else []


def a_text(schema, *_):
    return TEXTS.get(schema.get("format"), "x" * schema.get("minLength", 1))


KINDS = {
    "object": an_object,
    "array": an_array,
    "string": a_text,
    "integer": lambda schema, *_: schema.get("minimum", 1),
    "number": lambda schema, *_: schema.get("minimum", 1.5),
    "boolean": lambda *_: True,
}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value in a value."""
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from places(member, (*path, index))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at a path."""
    for step in path:
        value = value[step]
    return value


def changed(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy of the body with another value at a path, or with nothing there."""
    if not path:
        return {} if value is GONE else value
    body = deepcopy(body)
    place = at(body, path[:-1])
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return body


@st.composite
def mistaken(draw: st.DrawFn, body: Any) -> Any:
    """The body with one to three mistakes: a member gone, unknown, or of another value."""
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(body))))
        if isinstance(at(body, path), dict) and draw(st.booleans()):
            path = (*path, "unknown")
        values = st.sampled_from([*([GONE] if path[-1:] != ("unknown",) else []), *WRONG])
        body = changed(
            body,
            path,
            draw(
                values
                | st.text(max_size=5)
                | st.integers(-(2**63), 2**64 - 1)
                | st.floats(allow_nan=False, allow_infinity=False)
            ),
        )
    return body
