"""Query: everything that the query string says, checked against the operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.jsonapi import fields, filters, include, page, parameters, sort
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.page import FIXED_SIZE, Cursor
from mock_klaviyo.jsonapi.problems import collecting
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.spec.operation import Operation


@dataclass(frozen=True)
class Query:
    """What a client asks of a collection or a resource; `fields` of a type that is not in it means all of them."""

    size: int
    filters: tuple[Comparison, ...] = ()
    sort: Sort | None = None
    cursor: Cursor | None = None
    include: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    additional_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Argument:
    """An argument of the query string: the member of `Query` it fills, which operations take it, how to read it."""

    member: str
    is_taken: Callable[[Operation], bool]
    read: Callable[[str, Operation], Any]


ARGUMENTS: Mapping[str, Argument] = {
    "filter": Argument(
        "filters",
        lambda operation: bool(operation.filters),
        lambda text, operation: filters.checked(filters.parse(text), operation),
    ),
    "sort": Argument("sort", lambda operation: bool(operation.sort), sort.checked),
    "include": Argument("include", lambda operation: bool(operation.include), include.checked),
    "page[size]": Argument("size", lambda operation: operation.page_size is not None, page.size),
    "page[cursor]": Argument("cursor", lambda operation: operation.has_cursor, page.cursor),
}
"""The arguments with a name of their own."""

FIELDS = re.compile(r"(fields|additional-fields)\[([^\]]*)\]")


def query(operation: Operation, arguments: Sequence[tuple[str, str]], *, fixed_size: int = FIXED_SIZE) -> Query:
    """The query that the (decoded) arguments make; one error reports all that is wrong with them."""
    # The last of several arguments with the same name counts, as in Django.
    texts = dict(arguments)
    members: dict[str, Any] = {"size": page.default_size(operation, fixed_size=fixed_size)}
    problems: list[Problem] = []
    for name, text in texts.items():
        with collecting(problems):
            read_argument(name, text, operation, members)
    raise_all([*problems, *missing(texts, operation)])
    return Query(**members)


def read_argument(name: str, text: str, operation: Operation, members: dict[str, Any]) -> None:
    """Add what one argument says to the members of a query."""
    argument, fieldset = ARGUMENTS.get(name), FIELDS.fullmatch(name)
    if argument and argument.is_taken(operation):
        members[argument.member] = argument.read(text, operation)
    elif fieldset:
        read_fieldset(fieldset, text, operation, members)
    elif name in operation.parameters:
        members.setdefault("parameters", {})[name] = parameters.checked(name, text, operation)
    else:
        raise error("unknown_parameter", parameter=name)


def read_fieldset(name: re.Match[str], text: str, operation: Operation, members: dict[str, Any]) -> None:
    """Add what `fields[type]` or `additional-fields[type]` says to the members of a query."""
    family, type = name.groups()
    if family == "fields":
        member, allowed = "fields", with_id(operation.fields.get(type, ()))
    else:
        member, allowed = "additional_fields", operation.additional_fields.get(type, ())
    names = fields.checked(text, allowed, type=type, parameter=name[0])
    members.setdefault(member, {})[type] = names


def with_id(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a type's fields and `id`, which every type has; none for an unknown type."""
    return (*names, "id") if names else ()


def missing(texts: Mapping[str, str], operation: Operation) -> list[Problem]:
    """One problem for each argument that the operation needs and does not have."""
    problems = parameters.missing(texts, operation)
    if operation.is_filter_required and "filter" not in texts:
        problems.append(problem("filter_required"))
    return problems
