"""Any call: drawn from the recording, with ids of what is there, ids of nothing, and mistakes."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hypothesis import strategies as st

from mock_klaviyo import json
from mock_klaviyo.spec.operation import FilterField, Operation
from mock_klaviyo.spec.recorded import revisions
from mock_klaviyo.wire.messages import Response
from tests.bodies import mistaken
from tests.contract.arranging import OPERATIONS, Asked, Scene, Upload, everything, owner

DEEPEST = 7
"""How deep a body may get before it has only what it must have."""

TEXTS = (
    "", " ", "x", "x" * 300, "é", "\U0001f600", "0", "null", "$", "../..", "'", '"', "\\", "%00", "{{ person.email }}",
    "{% if %}", "equals(id,'x')", "properties['Tier']", "Gold", "anna@shop.example.org", "nobody@shop.example.org",
    "+12025550123", "+1", "https://shop.example.org/", "http://localhost:1/", "data:image/png;base64,AAAA",
    "US/Eastern", "USD", "$.id", "$[", "event:klaviyo.opened_email",
)  # fmt: skip
MOMENTS = (
    "2026-07-31T12:00:00+00:00", "2026-08-01T12:00:00", "2026-08-01", "2027-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "2026-03-08T02:30:00-05:00", "2026-02-29T00:00:00Z",
)  # fmt: skip
BY_FORMAT: Mapping[str, tuple[str, ...]] = {
    "date-time": MOMENTS,
    "date": ("2026-07-31", "2027-01-01", "0001-01-01", "9999-12-31"),
    "time": ("00:00:00", "12:30:00", "23:59:59"),
    "uri": ("https://shop.example.org/", "http://localhost:1/x", "data://", "ftp://x"),
}
BY_NAME: Mapping[str, tuple[str, ...]] = {
    "email": ("anna@shop.example.org", "otto@shop.example.org", "no address", ""),
    "phone_number": ("+12025550123", "+442071838750", "12345", ""),
    "timezone": ("UTC", "US/Eastern", "Europe/Prague", "Mars/Olympus"),
    "endpoint_url": ("https://shop.example.org/", "http://localhost:1/"),
}
"""What some members hold, whatever schema they have."""

NUMBERS = st.integers(-3, 100) | st.integers(-(2**63), 2**64 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | FLOATS | st.sampled_from(TEXTS + MOMENTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*TEXTS, "Tier")), inner, max_size=3),
    max_leaves=5,
)


@dataclass
class Chance:
    """Draws calls, to the operations of a tag above all; what is there, by type, comes up often."""

    draw: Callable[..., Any]
    scene: Scene
    tag: str
    new: dict[str, str] = field(default_factory=dict)
    cursors: list[str] = field(default_factory=list)

    def one_of(self, *values: Any) -> Any:
        """One of some values."""
        return self.draw(st.sampled_from(values))

    def is_so(self, of: int = 2) -> bool:
        """Yes, once in so many cases."""
        return bool(self.draw(st.integers(1, of)) == of)

    def id(self, type: str) -> str:
        """The id of something of a type that is there, or mostly so."""
        known = [each[type] for each in (self.scene.made, self.new) if type in each]
        return str(self.one_of(*known * 4, *self.scene.made.values(), "x", "0" * 26, "a/b:::%"))

    def note(self, response: Response) -> None:
        """Remember what an answer tells: the new resource, and the cursors of other pages."""
        document = (response.document or {}) if response.status < 300 else {}
        if isinstance(document.get("data"), dict):
            self.new[document["data"]["type"]] = document["data"]["id"]
        for link in filter(None, (document.get("links") or {}).values()):
            self.cursors += parse_qs(urlsplit(link).query).get("page[cursor]", [])

    # bodies

    def value(self, schema: Any, document: Any, name: str = "", depth: int = 0) -> Any:
        """A value that a schema allows."""
        while "$ref" in schema or "anyOf" in schema:
            if "$ref" in schema:
                schema = document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
            else:
                schema = self.one_of(*schema["anyOf"])
        if "enum" in schema:
            return self.one_of(*schema["enum"])
        kinds = schema.get("type", "object")
        kind = kinds if isinstance(kinds, str) else self.one_of(*kinds)
        return getattr(self, f"a_{kind}")(schema, document, name, depth)

    def a_object(self, schema: Any, document: Any, _: str, depth: int) -> Any:
        """An object with all that it must have and some of what it may have; when nothing is said, anything."""
        members, required = schema.get("properties"), schema.get("required", ())
        if members is None:
            return self.draw(st.dictionaries(st.sampled_from(TEXTS), ANYTHING, max_size=3))
        optional = [name for name in members if name not in required] if depth < DEEPEST else []
        some = self.draw(st.sets(st.sampled_from(optional), max_size=4)) if optional else ()
        found = {
            name: self.value(member, document, name, depth + 1)
            for name, member in members.items()
            if name in required or name in some
        }
        if found.keys() >= {"type", "id"} and isinstance(found["type"], str):
            found["id"] = self.id(found["type"]) if isinstance(found["id"], str) else found["id"]
        return found

    def a_array(self, schema: Any, document: Any, name: str, depth: int) -> Any:
        """Some items."""
        least, most = schema.get("minItems", 0), min(schema.get("maxItems", 3), 3)
        number = self.draw(st.integers(least, max(least, most))) if depth < DEEPEST else least
        return [self.value(schema["items"], document, name, depth + 1) for _ in range(number)]

    def a_string(self, schema: Any, _document: Any, name: str, _depth: int) -> str:
        """A text: an id where the name says so, a time where the format does."""
        if schema.get("format") in BY_FORMAT:
            return str(self.one_of(*BY_FORMAT[schema["format"]]))
        if name in BY_NAME and not self.is_so(4):
            return str(self.one_of(*BY_NAME[name]))
        type = name.removesuffix("s").removesuffix("_id").replace("_", "-")
        if name.endswith(("_id", "_ids")) and type.rpartition("-")[2] in self.scene.made:
            return self.id(type.rpartition("-")[2])
        text = self.draw(st.sampled_from((*TEXTS, *MOMENTS, *self.scene.made.values())) | st.text(max_size=5))
        return str(text).ljust(schema.get("minLength", 0), "x")

    def a_integer(self, schema: Any, *_: Any) -> int:
        """A whole number within its limits."""
        least, most = schema.get("minimum", -(2**63)), schema.get("maximum", 2**64 - 1)
        return int(self.draw(st.integers(max(least, -2), min(most, max(least, -2) + 100)) | st.integers(least, most)))

    def a_number(self, schema: Any, *_: Any) -> float:
        """A number within its limits."""
        if "minimum" in schema or "maximum" in schema:
            return self.a_integer(schema)
        number: float = self.draw(NUMBERS | FLOATS)
        return number

    def a_boolean(self, *_: Any) -> bool:
        """Yes or no."""
        return bool(self.draw(st.booleans()))

    def a_null(self, *_: Any) -> None:
        """Nothing."""

    # queries

    def query(self, operation: Operation) -> dict[str, str]:
        """Some of the arguments that an operation takes; few of them wrong."""
        takers = {
            "filter": (operation.filters, lambda: self.filter(operation)),
            "sort": (operation.sort, lambda: self.one_of(*operation.sort)),
            "include": (operation.include, lambda: self.names(operation.include)),
            "page[size]": (operation.page_size, lambda: str(self.one_of(1, 2, operation.page_size.maximum))),  # type: ignore[union-attr]
            "page[cursor]": (operation.has_cursor, lambda: self.cursor(operation)),
        }
        found = {name: text() for name, (is_taken, text) in takers.items() if is_taken and self.is_so()}
        for family, types in (("fields", operation.fields), ("additional-fields", operation.additional_fields)):
            found |= {f"{family}[{type}]": self.names(names) for type, names in types.items() if self.is_so(3)}
        for name, parameter in operation.parameters.items():
            if parameter.is_required or self.is_so():
                found[name] = str(self.value(parameter.schema, parameter.schema, name))
        return found | ({self.one_of("sort", "page[size]", "x"): self.one_of(*TEXTS)} if self.is_so(12) else {})

    def names(self, names: tuple[str, ...]) -> str:
        """Some names."""
        return ",".join(self.draw(st.lists(st.sampled_from(names), max_size=3))) if names else ""

    def filter(self, operation: Operation) -> str:
        """One or two comparisons, each as its field allows."""
        names = self.draw(st.lists(st.sampled_from(list(operation.filters)), min_size=1, max_size=2))
        comparisons = [self.comparison(name, operation.filters[name]) for name in names]
        return f"and({','.join(comparisons)})" if self.is_so(3) else ",".join(comparisons)

    def comparison(self, name: str, field: FilterField) -> str:
        """A comparison of a field."""
        operator = self.one_of(*field.operators)
        if operator == "has":
            return f"has({name})"
        if operator in field.list_operators and (operator != "equals" or self.is_so(3)):
            return f"{operator}({name},[{','.join(self.operand(field) for _ in range(self.one_of(0, 1, 2)))}])"
        return f"{operator}({name},{self.operand(field)})"

    def operand(self, field: FilterField) -> str:
        """What a field is compared with."""
        if self.is_so(10):
            return str(self.one_of("null", '"x"', "5", "true", "2026-01-01"))
        if field.format == "date-time":
            return str(self.one_of(*MOMENTS))
        if field.type == "boolean":
            return str(self.one_of("true", "false"))
        if field.type in ("integer", "number"):
            return str(self.draw(st.integers(-5, 5) | NUMBERS))
        return json.written(self.one_of(*self.scene.made.values(), *TEXTS)).decode()

    def cursor(self, operation: Operation) -> str:
        """A cursor that was given, or one that somebody made up."""
        key = self.draw(st.lists(st.none() | NUMBERS | st.sampled_from(TEXTS), max_size=2))
        forged = urlsafe_b64encode(json.written([key, self.one_of(*TEXTS), self.is_so(), operation.id])).decode()
        return str(self.one_of(*self.cursors, forged.rstrip("="), "garbage"))

    # calls

    def call(self, asked: Asked) -> Asked:
        """A call like one that would succeed, or of another operation."""
        if self.is_so():
            asked = self.other()
        if self.is_so():
            asked = replace(asked, query=self.query(asked.operation))
        if self.is_so(6):
            asked = replace(asked, ids={name: self.id(owner(asked.operation)) for name in asked.ids})
        revision = self.one_of(*revisions()) if self.is_so(4) else asked.revision
        return replace(asked, body=self.body(asked), revision=revision)

    def other(self) -> Asked:
        """Any operation, or any of the tag."""
        near = [each for each in OPERATIONS.values() if each.tag == self.tag]
        operation = self.one_of(*(OPERATIONS.values() if self.is_so(4) else near))
        parameters = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        return Asked(operation, {name: self.id(owner(operation)) for name in parameters}, everything(operation))

    def body(self, asked: Asked) -> Any:
        """The body as it was, as the schema allows it, or with mistakes."""
        request = asked.operation.request
        if request is None:
            return None
        if asked.operation.media_type == "multipart/form-data":
            return Upload(self.draw(st.binary(max_size=20)), {"name": self.one_of(*TEXTS)})
        found = self.value(request, request) if asked.body is None or self.is_so() else asked.body
        if isinstance(found.get("data"), dict) and "id" in found["data"] and asked.ids:
            found = {"data": found["data"] | {"id": next(iter(asked.ids.values()))}}
        return self.draw(mistaken(found)) if self.is_so(5) else found
