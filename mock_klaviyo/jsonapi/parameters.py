"""The query parameters that only some operations have, such as `company_id`: their text as their schema's type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_klaviyo.errors import Problem, error, problem
from mock_klaviyo.json import Json
from mock_klaviyo.spec.operation import Operation

BOOLEANS = {"true": True, "false": False}

TYPES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "string": ("a string", str),
    "integer": ("an integer", int),
    "number": ("a number", float),
    "boolean": ("true or false", BOOLEANS.__getitem__),
}
"""By type: what to call it, and how to read it."""


def checked(name: str, text: str, operation: Operation) -> Any:
    """The value of the parameter; an array's items stand between commas."""
    schema = operation.parameters[name].schema
    if schema.get("type") == "array":
        return [converted(name, item, schema.get("items", {})) for item in text.split(",")]
    return converted(name, text, schema)


def converted(name: str, text: str, schema: Json) -> Any:
    """The text as the schema's type, which must be one of its values when it lists them."""
    kind, read = TYPES[schema.get("type", "string")]
    try:
        value = read(text)
    except (ValueError, KeyError):
        raise refusal(name, f"'{text}' is not {kind}.") from None
    if value not in schema.get("enum", [value]):
        raise refusal(name, f"'{text}' is not one of {', '.join(map(str, schema['enum']))}.")
    return value


def refusal(name: str, reason: str) -> Exception:
    """The error about one parameter."""
    return error("invalid_parameter", parameter=name, reason=reason)


def missing(names: Mapping[str, Any], operation: Operation) -> list[Problem]:
    """One problem for each required parameter that is not among the names."""
    return [
        problem("invalid_parameter", parameter=name, reason=f"'{name}' is a required query parameter.")
        for name, parameter in operation.parameters.items()
        if parameter.is_required and name not in names
    ]
