"""Any call of the control routes: drawn from their own description, with ids of what is there, and mistakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from mock_klaviyo import json
from tests.bodies import mistaken
from tests.contract.any_call import ANYTHING, MOMENTS, TEXTS

ODD = ("\x00", "a/b", "a%2Fb", "..", "<script>x</script>", "\u2028", "é" * 300, "-1", "1e3", "9" * 30, "true")
"""Texts that a path or a query rarely has."""

DURATIONS = ("0s", "1s", "5m", "1h 30m", "3d", "-1d", "1y", "999999999d", "1e9s", "", "3", "nan d")

SHORT = {"timeout": ("0s", "1ms", "x"), "quiet": ("0s", "1ms", "")}
"""Arguments in real time; a test waits for no one."""

RAW = (b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b'{"a": NaN}', b'{"by": "1d", "by": "2d"}', b"[" * 5000)
"""Bodies that are no JSON object, or hardly one."""

BODIES: dict[str, tuple[Any, ...]] = {
    "faults": (
        {"match": "GET /api/lists", "status": 503}, {"preset": "storm"}, {"faults": [{"match": "*", "kind": "reset"}]},
    ),
    "contracts": ({"metrics": {"Joined": {"type": "object", "required": ["x"]}}}, {"profile": {"type": 5}}),
}  # fmt: skip
"""Whole bodies that are likely to be taken, by the last part of a path."""


@dataclass(frozen=True)
class Called:
    """A call of a control route: method, path with its ids, query, body."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]


@dataclass
class ControlChance:
    """Draws calls from the description of the control routes; `known` has by the name of a parameter what is there."""

    draw: Callable[..., Any]
    known: dict[str, list[str]]
    whole: list[Any]

    def one_of(self, *values: Any) -> Any:
        """One of some values."""
        return self.draw(st.sampled_from(values))

    def is_so(self, of: int = 2) -> bool:
        """Yes, once in so many cases."""
        return bool(self.draw(st.integers(1, of)) == of)

    def call(self, method: str, path: str, described: Any) -> Called:
        """A call of a route."""
        places = [each for each in described["parameters"] if each.get("in") == "path"]
        taken = [each for each in described["parameters"] if each.get("in") == "query" and self.is_so(3)]
        filled = path.format_map({each["name"]: quote(self.text(each, path), safe="") for each in places})
        query = [(each["name"], self.text(each, path)) for each in taken]
        query += [(self.one_of("x", "limit", "company_id"), self.one_of(*TEXTS))] if self.is_so(15) else []
        world = {"X-Mock-World": self.one_of("other", "new", "x" * 300)} if self.is_so(15) else {}
        return Called(method.upper(), f"/__mock{filled}", urlencode(query), self.body(path, described), world)

    def text(self, parameter: Any, path: str) -> str:
        """The text of a parameter: of something that is there, as its schema has it, or odd."""
        name = parameter["name"]
        if name in SHORT:
            return str(self.one_of(*SHORT[name]))
        known = self.known.get(path.split("/")[1] if name == "id" else name, [])
        if known and not self.is_so(5):
            return str(self.one_of(*known))
        return str(self.one_of(*TEXTS, *ODD) if self.is_so(3) else self.value(parameter["schema"]))

    def body(self, path: str, described: Any) -> bytes:
        """A body: as the route declares it, one that is known to be taken, with mistakes, or no JSON at all."""
        if self.is_so(8):
            return bytes(self.one_of(*RAW))
        schema = described.get("requestBody", {"content": {}})["content"].get("application/json")
        found = self.object(schema["schema"]) if schema else self.one_of(None, *self.whole)
        likely = BODIES.get(path.rpartition("/")[2], ())
        found = self.one_of(*likely) if likely and self.is_so() else found
        if found is not None and self.is_so(4):
            found = self.draw(mistaken(found))
        return b"" if found is None else json.written(found)

    def object(self, schema: Any) -> Any:
        """An object with some of its members."""
        members = schema.get("properties", {})
        some = self.draw(st.sets(st.sampled_from([*members]), max_size=4)) if members else ()
        return {name: self.member(name, members[name]) for name in members if name in some}

    def member(self, name: str, schema: Any) -> Any:
        """The value of a member: what is there when its name says so."""
        if name == "file":
            return self.one_of(*self.whole)
        if self.known.get(name) and self.is_so():
            return self.one_of(*self.known[name])
        return self.value(schema)

    def value(self, schema: Any) -> Any:
        """A value that a schema allows, more or less."""
        if "enum" in schema:
            return self.one_of(*schema["enum"])
        kinds = schema.get("type", "anything")
        kind = kinds if isinstance(kinds, str) else self.one_of(*kinds)
        if kind == "string" and "examples" in schema:
            return self.one_of(*schema["examples"], *(MOMENTS if schema.get("format") else DURATIONS))
        if kind == "array":
            return [self.value(schema.get("items", {})) for _ in range(self.one_of(0, 1, 2))]
        if kind == "object" and "properties" in schema:
            return self.object(schema)
        return self.draw(KINDS[kind])


KINDS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from((*TEXTS, *ODD)),
    "integer": st.integers(-2, 20) | st.integers(-(2**70), 2**70),
    "number": st.integers(-2, 20) | st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "null": st.none(),
    "object": st.dictionaries(st.sampled_from(TEXTS), ANYTHING, max_size=3),
    "anything": ANYTHING,
}
