"""What is wrong with a request body, in Klaviyo's words where they are known and in ours elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from json import dumps
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, ValidationError

from mock_klaviyo.errors import Problem, problem

Path: TypeAlias = tuple[str | int, ...]

ENVELOPES = frozenset({"data", "attributes", "relationships"})
"""Members whose own members belong to the resource around them."""

UNNAMED = "request-data"
"""What Klaviyo calls a resource that does not tell its type."""

LONGEST = 80
"""How much of a value a sentence shows, in characters."""

SENTENCES: Mapping[str, str] = {
    "type": "{value} is not of type {limit}.",
    "enum": "{value} is not one of {limit}.",
    "const": "{value} is not {limit}.",
    "format": "{value} is not a valid {limit}.",
    "pattern": "{value} does not match {limit}.",
    "minimum": "{value} is less than {limit}.",
    "maximum": "{value} is greater than {limit}.",
    "multipleOf": "{value} is not a multiple of {limit}.",
    "minLength": "{value} is shorter than {limit} characters.",
    "maxLength": "{value} is longer than {limit} characters.",
    "minItems": "{value} has fewer than {limit} items.",
    "maxItems": "{value} has more than {limit} items.",
    "uniqueItems": "{value} has an item twice.",
    "minProperties": "{value} has fewer than {limit} members.",
    "maxProperties": "{value} has more than {limit} members.",
}
"""Our sentence for each keyword; Klaviyo's are not on record."""

OTHERWISE = "{value} is not allowed here."


def explanation(validator: Draft202012Validator, body: Any) -> list[Problem]:
    """The problems that a validator finds in a body; the first for each place, which is its type if that is wrong."""
    found: dict[str | None, Problem] = {}
    for error in validator.iter_errors(body):
        for each in explained(error, body):
            found.setdefault(each.pointer, each)
    return list(found.values())


def explained(error: ValidationError, body: Any) -> Iterator[Problem]:
    """The problems behind one error."""
    explain = EXPLANATIONS.get(str(error.validator), wrong_value)
    return explain(error, tuple(error.absolute_path), body)


def unknown_members(error: ValidationError, path: Path, body: Any) -> Iterator[Problem]:
    """One problem for each member that the schema does not know."""
    members: Any = error.instance
    schema: Any = error.schema
    for name in members:
        if name not in schema["properties"]:
            yield member_problem("unknown_attribute", name, path, body)


def missing_members(error: ValidationError, path: Path, body: Any) -> Iterator[Problem]:
    """One problem for each required member that is not there; unsure: the pointer says where it should be."""
    members: Any = error.instance
    required: Any = error.validator_value
    for name in required:
        if name not in members:
            yield member_problem("missing_attribute", name, path, body)


def wrong_value(error: ValidationError, path: Path, _: Any) -> Iterator[Problem]:
    """One problem, about the value itself."""
    reason = sentence(str(error.validator), error.instance, error.validator_value)
    yield problem("invalid", reason=reason, pointer=pointer(path))


def no_branch(error: ValidationError, path: Path, body: Any) -> Iterator[Problem]:
    """What is wrong with the alternative that was most likely meant."""
    branches = [Branch(list(errors)) for _, errors in groupby(error.context or (), key=branch_number)]
    closest = min(branches, key=Branch.distance)
    mismatches = closest.mismatches()
    for key, mismatch in mismatches.items():
        rivals = [branch.mismatches()[key] for branch in branches if branch.mismatches().keys() == mismatches.keys()]
        limits = list(dict.fromkeys(limit for rival in rivals for limit in listed(rival.validator_value)))
        reason = sentence(str(mismatch.validator), mismatch.instance, limits)
        yield problem("invalid", reason=reason, pointer=pointer((*path, *mismatch.relative_path)))
    if not mismatches:
        for each in closest.errors:
            yield from explained(each, body)


EXPLANATIONS: Mapping[str, Callable[[ValidationError, Path, Any], Iterator[Problem]]] = {
    "additionalProperties": unknown_members,
    "required": missing_members,
    "anyOf": no_branch,
}
"""The keywords whose problems are not about one value."""


@dataclass(frozen=True)
class Branch:
    """One alternative of a schema, and what is wrong if it was meant."""

    errors: list[ValidationError]

    def mismatches(self) -> dict[tuple[str, Path], ValidationError]:
        """The errors which show that the value is of another kind: by its JSON type, or by a member such as `type`."""
        return {(str(each.validator), tuple(each.relative_path)): each for each in self.errors if is_mismatch(each)}

    def distance(self) -> tuple[bool, bool, int, int, int]:
        """How far the value is from what the alternative asks."""
        mismatches = self.mismatches()
        deepest = max(len(each.absolute_path) for each in self.errors)
        return (
            ("type", ()) in mismatches,
            any(path == ("type",) for _, path in mismatches),
            len(mismatches),
            len(self.errors),
            -deepest,
        )


def is_mismatch(error: ValidationError) -> bool:
    """Whether an error of an alternative shows that another one was meant."""
    depth = len(error.relative_path)
    return (error.validator == "type" and depth == 0) or (error.validator in {"enum", "const"} and depth <= 1)


def branch_number(error: ValidationError) -> str | int:
    """Which alternative an error belongs to."""
    number: str | int = error.relative_schema_path[0]
    return number


def member_problem(kind: str, name: str, path: Path, body: Any) -> Problem:
    """A problem of one member of the object at a path."""
    return problem(kind, field=name, type=resource_name(body, path), pointer=pointer((*path, name)))


def resource_name(body: Any, path: Path) -> str:
    """What Klaviyo calls the object at a path: its resource's type, or the member that holds it.

    >>> resource_name({"data": {"type": "profile", "attributes": {"location": {}}}}, ("data", "attributes"))
    'profile'
    >>> resource_name({"data": {"type": "profile"}}, ("data", "attributes", "location"))
    'location'
    """
    names = [step for step in path if isinstance(step, str)]
    if names and names[-1] not in ENVELOPES:
        return names[-1]
    types = [found["type"] for found in objects_along(body, path) if isinstance(found.get("type"), str)]
    return types[-1] if types else UNNAMED


def objects_along(body: Any, path: Path) -> Iterator[dict[str, Any]]:
    """The objects from a body down to the place at a path."""
    found = body
    for step in path:
        if isinstance(found, dict):
            yield found
        found = found.get(step, {}) if isinstance(found, dict) else found[step]
    if isinstance(found, dict):
        yield found


def sentence(keyword: str, value: Any, limit: Any) -> str:
    """What is wrong with a value, as a sentence.

    >>> sentence("type", "abc", "number"), sentence("enum", None, ["a", "b"])
    ("'abc' is not of type 'number'.", "null is not one of 'a', 'b'.")
    """
    limits = ", ".join(map(shown, listed(limit)))
    return SENTENCES.get(keyword, OTHERWISE).format(value=shown(value), limit=limits)


def listed(limit: Any) -> list[Any]:
    """The values that a keyword allows, or its only one."""
    return limit if isinstance(limit, list) else [limit]


def shown(value: Any) -> str:
    """A value as sentences show it, shortened when it is long."""
    text = f"'{value}'" if isinstance(value, str) else dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def pointer(path: Iterable[str | int]) -> str:
    """The JSON pointer of a path.

    >>> pointer(["data", 0, "a/b~c"])
    '/data/0/a~1b~0c'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
