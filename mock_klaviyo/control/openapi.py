"""The OpenAPI document of the control routes, made from what each declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from flask import Response

from mock_klaviyo import __version__
from mock_klaviyo.control.answering import answer, blueprint
from mock_klaviyo.control.declaring import NUMBER, TEXT, Argument, Route
from mock_klaviyo.json import Json

PLACE = re.compile(r"<(?:(\w+(?:\([^)]*\))?):)?(\w+)>")
"""A part of a rule that stands for anything: its converter and its name."""

HEADERS = {
    "World": ("X-Mock-World", "The world that is meant; a name that is new makes a fresh one."),
    "Account": ("X-Mock-Account", "The account that is meant, by id or key, when the server has several."),
}
"""Headers that every route takes."""

REFUSAL: Json = {"type": "object", "properties": {"error": TEXT}, "required": ["error"]}


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """This description of the control routes."""
    return answer(document(blueprint.routes))


def document(routes: Iterable[Route]) -> Json:
    """The OpenAPI document of some routes."""
    paths: Json = {}
    for route in routes:
        paths.setdefault(path(route), {})[route.method.lower()] = described(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mock-klaviyo control API",
            "version": __version__,
            "description": "What a test does with the server beside Klaviyo's own API. No key is needed.",
        },
        "servers": [{"url": blueprint.url_prefix}],
        "paths": paths,
        "components": {
            "parameters": {
                name: {"name": header, "in": "header", "description": meaning, "schema": TEXT}
                for name, (header, meaning) in HEADERS.items()
            },
            "schemas": {"Refusal": REFUSAL},
        },
    }


def path(route: Route) -> str:
    """The path of a route as OpenAPI writes it."""
    return PLACE.sub(r"{\2}", route.rule)


def described(route: Route) -> Json:
    """A route as an operation of OpenAPI."""
    found: Json = {
        "operationId": "_".join([route.method.lower(), *re.findall(r"\w+", PLACE.sub(r"\2", route.rule))]),
        "tags": [route.module],
        "summary": route.summary,
        "parameters": [*parameters(route)],
        "responses": {str(status): {"description": text} for status, text in route.answers.items()},
    }
    refusal = {"description": "The request makes no sense; `error` says what is wrong and what would be right."}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    found["responses"].setdefault("400", {**refusal, "content": content})
    if route.body is not None:
        schema = {"type": "object", "properties": dict(route.body), "additionalProperties": False}
        found["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return found


def parameters(route: Route) -> Iterator[Json]:
    """What a route takes beside its body."""
    for converter, name in PLACE.findall(route.rule):
        yield {"name": name, "in": "path", "required": True, "schema": place_schema(converter)}
    yield from map(query_parameter, route.arguments)
    yield from ({"$ref": f"#/components/parameters/{name}"} for name in HEADERS)


def place_schema(converter: str) -> Json:
    """What may stand in a place of a rule.

    >>> place_schema("any(lists, segments)")
    {'type': 'string', 'enum': ['lists', 'segments']}
    """
    if converter.startswith("any("):
        return {"type": "string", "enum": re.findall(r"\w+", converter)[1:]}
    return NUMBER if converter == "int" else TEXT


def query_parameter(argument: Argument) -> Json:
    """An argument of the query string."""
    schema = argument.schema if argument.default is None else {**argument.schema, "default": argument.default}
    return {"name": argument.name, "in": "query", "description": argument.meaning, "schema": schema}
