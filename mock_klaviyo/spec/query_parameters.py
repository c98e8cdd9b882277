"""The query parameters of a published operation: fields, include, sort, filters, page and the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.spec.json_schema import Translator

LIST_OPERATORS = frozenset({"any", "contains-any", "contains-all"})
ORDERED_OPERATORS = frozenset({"greater-than", "greater-or-equal", "less-than", "less-or-equal"})
SCALARS = frozenset({"string", "integer", "number", "boolean"})

TEXT: Json = {"type": "string"}
MOMENT: Json = {"type": "string", "format": "date-time"}

KNOWN = re.compile(r"(?:fields|additional-fields|page)\[[^\]]*\]|filter|include|sort")
DESCRIBED = re.compile(r"`([^`]+)`: ((?:`[^`]+`(?:, )?)+)")


def query(parameters: list[Json], filters: Json | None, attributes: Json, translator: Translator) -> Json:
    """What an operation takes in its query; `attributes` are those of the resources that it answers with."""
    by_name = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
    others = {name: other(found, translator) for name, found in by_name.items() if not KNOWN.fullmatch(name)}
    described = by_name.get("filter", {}).get("description", "")
    return {
        "fields": choices_by_type(by_name, "fields"),
        "additional_fields": choices_by_type(by_name, "additional-fields"),
        "include": choices(by_name.get("include")),
        "sort": choices(by_name.get("sort")),
        "filters": described_filters(described, attributes) if filters is None else published_filters(filters),
        "is_filter_required": by_name.get("filter", {}).get("required", False),
        "page_size": page_size(by_name.get("page[size]")),
        "has_cursor": "page[cursor]" in by_name,
        "parameters": others,
    }


def choices(parameter: Json | None) -> list[str]:
    """The values that a parameter may have, or whose list it may be."""
    if parameter is None:
        return []
    schema = parameter["schema"]
    found: list[str] = schema.get("items", schema).get("enum", [])
    return found


def choices_by_type(by_name: Mapping[str, Json], family: str) -> Json:
    """The values of `family[type]`, for every type."""
    return {
        name.removeprefix(f"{family}[").removesuffix("]"): choices(parameter)
        for name, parameter in by_name.items()
        if name.startswith(f"{family}[")
    }


def page_size(parameter: Json | None) -> Json | None:
    """The limits of `page[size]`."""
    if parameter is None:
        return None
    schema = parameter["schema"]
    return {"default": schema["default"], "minimum": schema["minimum"], "maximum": schema["maximum"]}


def other(parameter: Json, translator: Translator) -> Json:
    """A parameter of any other name."""
    return {"schema": translator.schema(parameter["schema"]), "is_required": parameter.get("required", False)}


def published_filters(filters: Json) -> Json:
    """The filter fields that a definition lists for machines."""
    return {name: published_filter(found) for name, found in filters.items()}


def published_filter(found: Json) -> Json:
    """One such field; an operator can take a single value, a list, both or, as `has` does, none."""
    by_kind: Mapping[str, list[str]] = found["operators"]
    operators = sorted({operator for kind in by_kind.values() for operator in kind})
    return filter_field(operators, by_kind.get("list", []), found.get("value", {}))


def described_filters(text: str, attributes: Json) -> Json:
    """The filter fields that definitions before 2026-04-15 list in words.

    >>> described_filters("Allowed:<br>`name`: `any`, `equals`<br>`created`: `greater-than`", {})
    {'name': {'operators': ['any', 'equals'], 'list_operators': ['any', 'equals'], 'type': 'string'}, \
'created': {'operators': ['greater-than'], 'type': 'string', 'format': 'date-time'}}
    """
    return {
        name: described_filter(name, re.findall(r"`([^`]+)`", operators), attributes)
        for name, operators in DESCRIBED.findall(text)
    }


def described_filter(name: str, operators: list[str], attributes: Json) -> Json:
    """One such field; words tell no type, so it is the attribute's, else a guess from the operators."""
    guess = MOMENT if not ORDERED_OPERATORS.isdisjoint(operators) else TEXT
    attribute = attributes.get(name, guess)
    return filter_field(operators, described_lists(operators), attribute if attribute.get("type") in SCALARS else guess)


def described_lists(operators: list[str]) -> list[str]:
    """Those of a field's operators that take a list; later definitions tell that `equals` does where `any` is."""
    return [each for each in operators if each in LIST_OPERATORS or (each == "equals" and "any" in operators)]


def filter_field(operators: list[str], list_operators: list[str], value: Json) -> Json:
    """A filter field as it is recorded."""
    field: dict[str, Any] = {"operators": operators}
    if list_operators:
        field["list_operators"] = list_operators
    field["type"] = value.get("type", "string")
    return field | ({"format": value["format"]} if "format" in value else {})
