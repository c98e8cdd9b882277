"""Mistakes: what can be wrong with a call, made out of the recording and a call that succeeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mock_klaviyo.spec.explanation import pointer
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.validation import compiled, decider
from tests.bodies import GONE, changed, valid
from tests.contract.arranging import Asked

Path: TypeAlias = tuple[str | int, ...]

UNKNOWN = "no_such_name"
UNKNOWN_ID = "00000000000000000000000000"
NOT_FOUND = {"events": 400, "mapped-metrics": 400}
"""The status of an id that cannot be one, where that is not 404."""
OPERATORS = ("equals", "any", "contains", "contains-any", "contains-all", "starts-with", "greater-than", "has")
OTHERS: Mapping[str, Any] = {"string": "x", "integer": 5, "boolean": True, "array": [], "object": {"x": 1}}
"""A value of each type."""


@dataclass(frozen=True)
class Mistake:
    """A call with one thing wrong, and where the error must say it is: a pointer into the body, or a parameter.

    In one of several alternatives the error may be about the choice instead: its pointer is `within` that.
    """

    what: str
    asked: Asked
    source: Mapping[str, str] | None = None
    within: str | None = None
    status: int | None = 400

    def is_told(self, source: Mapping[str, str]) -> bool:
        """Whether an error says where the mistake is."""
        if self.within is not None:
            return source.get("pointer", "").startswith(self.within)
        return self.source in (None, source)


@dataclass(frozen=True)
class Place:
    """A value in a body, and the schema it has to satisfy; `choice` is where several schemas could be meant."""

    path: Path
    value: Any
    schema: Any
    choice: Path | None = None


def places(schema: Any, value: Any, document: Any, path: Path = (), *, choice: Path | None = None) -> Iterator[Place]:
    """Every value in a body that is as its schema wants it."""
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        else:
            branches = [each for each in schema["anyOf"] if each != {"type": "null"}]
            choice = path if choice is None and len(branches) > 1 else choice
            schema = next(each for each in schema["anyOf"] if satisfies(value, each, document))
    yield Place(path, value, schema, choice)
    if isinstance(value, dict):
        for name, member in value.items():
            if name in schema.get("properties", {}):
                yield from places(schema["properties"][name], member, document, (*path, name), choice=choice)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from places(schema["items"], member, document, (*path, index), choice=choice)


def satisfies(value: Any, schema: Any, document: Any) -> bool:
    """Whether a value is as a part of a document of schemas wants it."""
    return compiled(schema | {"$defs": document["$defs"]}).is_valid(value)


def bodies(asked: Asked) -> Iterator[Any]:
    """The body that succeeds, and one with all that the schema knows, which need not make sense."""
    yield asked.body
    yield valid(asked.operation.request, asked.operation.request)


def in_body(change: Callable[[Place], Iterator[tuple[str, Path, Any]]]) -> Callable[[Asked], Iterator[Mistake]]:
    """The mistakes that a change makes at each place of a body and that the schema forbids."""

    def mistakes(asked: Asked) -> Iterator[Mistake]:
        request = asked.operation.request
        for body in bodies(asked):
            for place in places(request, body, request):
                for what, path, value in change(place):
                    wrong = changed(body, path, value)
                    if not decider(asked.operation).is_valid(wrong):
                        within = None if place.choice is None else pointer(place.choice)
                        source = {"pointer": pointer(path)}
                        yield Mistake(f"{pointer(path)} {what}", replace(asked, body=wrong), source, within)

    return mistakes


def missing(place: Place) -> Iterator[tuple[str, Path, Any]]:
    """A required member is not there."""
    for name in place.schema.get("required", ()) if isinstance(place.value, dict) else ():
        yield "is missing", (*place.path, name), GONE


def of_another_type(place: Place) -> Iterator[tuple[str, Path, Any]]:
    """A value is of another type, or null."""
    kinds = place.schema.get("type", list(OTHERS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "number" in kinds:
        kinds = [*kinds, "integer"]
    other = next((value for kind, value in OTHERS.items() if kind not in kinds), GONE)
    if other is not GONE and place.path:
        yield f"is {other!r}", place.path, other
        yield "is null", place.path, None


def of_no_such_value(place: Place) -> Iterator[tuple[str, Path, Any]]:
    """A value is none of those that are allowed."""
    if "enum" in place.schema:
        yield "has an unknown value", place.path, UNKNOWN


def beyond_limits(place: Place) -> Iterator[tuple[str, Path, Any]]:
    """A value is too small, too large, too short, too long, or not of its format."""
    schema = place.schema
    limits = {
        "minimum": lambda limit: max(limit - 1, -(2**63)),
        "maximum": lambda limit: min(limit + 1, 2**64 - 1),
        "minLength": lambda limit: "x" * (limit - 1),
        "maxLength": lambda limit: "x" * (limit + 1),
        "minItems": lambda limit: place.value[: limit - 1],
        "maxItems": lambda limit: (place.value * (limit + 1))[: limit + 1],
        "format": lambda _: "not of this format",
    }
    for keyword, beyond in limits.items():
        if keyword in schema and place.value is not None:
            yield f"breaks {keyword}", place.path, beyond(schema[keyword])


def with_unknown_member(place: Place) -> Iterator[tuple[str, Path, Any]]:
    """An object has a member that nobody knows."""
    if isinstance(place.value, dict) and place.schema.get("additionalProperties") is False:
        yield "is unknown", (*place.path, UNKNOWN), "x"


def related_to_unknown(asked: Asked) -> Iterator[Mistake]:
    """A relationship leads to something that is not there."""
    request = asked.operation.request
    for place in places(request, asked.body, request):
        if place.path[-1:] == ("id",) and is_related(asked.operation, place.path):
            wrong = replace(asked, body=changed(asked.body, place.path, UNKNOWN_ID))
            yield Mistake(f"{pointer(place.path)} is unknown", wrong, status=None)


def is_related(operation: Operation, path: Path) -> bool:
    """Whether an id in a body is that of a related resource; what is wrong with one of many, their job tells later."""
    is_later = operation.path.endswith("-jobs") and path[1] == "attributes"
    return "/relationships/" in operation.path or ("relationships" in path and not is_later)


def with_another_id(asked: Asked) -> Iterator[Mistake]:
    """The body speaks of another resource than the path."""
    data = asked.body["data"]
    if asked.operation.method == "PATCH" and "/relationships/" not in asked.operation.path:
        wrong = {"data": data | {"id": f"{data['id']}1"}}
        yield Mistake("the id is another one", replace(asked, body=wrong), {"pointer": "/data/id"})


def of_unknown_id(asked: Asked) -> Iterator[Mistake]:
    """The path leads to something that is not there."""
    ids = dict.fromkeys(asked.ids, UNKNOWN_ID)
    body = asked.body
    if isinstance(body, dict) and isinstance(body["data"], dict) and body["data"].get("id") in asked.ids.values():
        body = {"data": body["data"] | {"id": UNKNOWN_ID}}
    status = NOT_FOUND.get(asked.operation.path.split("/")[2], 404)
    yield Mistake("the id is unknown", replace(asked, ids=ids, body=body), status=status)


def asking(asked: Asked, name: str, text: str | None) -> Mistake:
    """The call with another argument, or without it."""
    query = {each: value for each, value in asked.query.items() if each != name}
    return Mistake(
        f"{name}={text}", replace(asked, query=query if text is None else query | {name: text}), {"parameter": name}
    )


def filtered(asked: Asked) -> Iterator[Mistake]:
    """A filter that makes no sense, of an unknown field, or with an operator that its field does not have."""
    fields = asked.operation.filters
    yield asking(asked, "filter", f'equals({UNKNOWN},"x")')
    for text in ("nonsense", "equals(", ""):
        yield asking(asked, "filter", text)
    for name, field in fields.items():
        operator = next(each for each in OPERATORS if each not in field.operators)
        yield asking(asked, "filter", f'{operator}({name},"x")')
    if asked.operation.is_filter_required:
        yield asking(asked, "filter", None)


def included(asked: Asked) -> Iterator[Mistake]:
    """Something is to be included that is no relationship."""
    for text in (UNKNOWN, ",".join([*asked.operation.include, UNKNOWN])):
        yield asking(asked, "include", text)


def with_fields(asked: Asked) -> Iterator[Mistake]:
    """A field is asked for that there is not."""
    for family, known in (("fields", asked.operation.fields), ("additional-fields", asked.operation.additional_fields)):
        for type in (*known, UNKNOWN):
            yield asking(asked, f"{family}[{type}]", UNKNOWN)


def sorted_(asked: Asked) -> Iterator[Mistake]:
    """An order that there is not."""
    for text in (UNKNOWN, f"-{UNKNOWN}", ""):
        yield asking(asked, "sort", text)


def of_size(asked: Asked) -> Iterator[Mistake]:
    """A page that is too small or too large, or whose size is no number."""
    limits = asked.operation.page_size
    for text in ("x", "", *([str(limits.minimum - 1), str(limits.maximum + 1)] if limits else ["10"])):
        yield asking(asked, "page[size]", text)


def continued(asked: Asked) -> Iterator[Mistake]:
    """A cursor that nobody gave."""
    for text in ("garbage", "WzFd"):
        mistake = asking(asked, "page[cursor]", text)
        yield replace(mistake, source={"pointer": "/data/"}) if asked.operation.has_cursor else mistake


def with_parameters(asked: Asked) -> Iterator[Mistake]:
    """A parameter that is unknown, one that is needed and not there, or one without such a value."""
    yield asking(asked, UNKNOWN, "x")
    for name, parameter in asked.operation.parameters.items():
        if parameter.is_required:
            yield asking(asked, name, None)
        if "enum" in parameter.schema:
            yield asking(asked, name, UNKNOWN)


def takes_json(operation: Operation) -> bool:
    """Whether an operation has a JSON body."""
    return operation.request is not None and operation.media_type != "multipart/form-data"


MISTAKES: Mapping[str, tuple[Callable[[Asked], Iterator[Mistake]], Callable[[Operation], bool]]] = {
    "missing": (in_body(missing), takes_json),
    "wrong type": (in_body(of_another_type), takes_json),
    "unknown value": (in_body(of_no_such_value), takes_json),
    "limits": (in_body(beyond_limits), takes_json),
    "unknown member": (in_body(with_unknown_member), takes_json),
    "unknown relation": (related_to_unknown, takes_json),
    "other id": (with_another_id, takes_json),
    "unknown id": (of_unknown_id, lambda operation: "{" in operation.path),
    "filter": (filtered, lambda _: True),
    "include": (included, lambda _: True),
    "fields": (with_fields, lambda _: True),
    "sort": (sorted_, lambda _: True),
    "page size": (of_size, lambda _: True),
    "cursor": (continued, lambda _: True),
    "parameters": (with_parameters, lambda _: True),
}
"""Each kind of mistake: how it is made, and at which operations it can be."""
