"""Properties: patching single ones, and the limits that Klaviyo sets them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_klaviyo.errors import Problem, problem
from mock_klaviyo.json import Json

MOST_PROPERTIES = 400
MOST_ITEMS = 4_000
DEEPEST = 10
LONGEST_TEXT = 100 * 1024
SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**63 - 1


def patched(properties: Json, patch: Json) -> Json:
    """Properties after `append`, `unappend` and `unset`, in this order.

    >>> patched({"tags": ["a"], "old": 1}, {"append": {"tags": "b"}, "unset": "old"})
    {'tags': ['a', 'b']}
    """
    result = dict(properties)
    for name, value in (patch.get("append") or {}).items():
        result[name] = appended(result.get(name), value)
    for name, value in (patch.get("unappend") or {}).items():
        if name in result:
            result[name] = [item for item in as_list(result[name]) if item not in as_list(value)]
    unset = patch.get("unset") or []
    for name in [unset] if isinstance(unset, str) else unset:
        result.pop(name, None)
    return result


def appended(before: Any, value: Any) -> list[Any]:
    """A list with further members, each once."""
    members = as_list(before)
    return members + [item for item in as_list(value) if item not in members]


def as_list(value: Any) -> list[Any]:
    """A list, or a single value as a list; nothing is an empty list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def limit_problems(properties: Json, pointer: str) -> Iterator[Problem]:
    """What in a set of properties is over a limit; whether Klaviyo refuses or drops it is not documented."""
    if len(properties) > MOST_PROPERTIES:
        reason = f"At most {MOST_PROPERTIES} properties are allowed, {len(properties)} were given."
        yield problem("invalid", reason=reason, pointer=pointer)
    for name, value in properties.items():
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:  # most are short texts: the hot path
            yield from value_problems(value, f"{pointer}/{name}", DEEPEST - 1)


def value_problems(value: Any, pointer: str, depth: int) -> Iterator[Problem]:
    """What in a property is over a limit."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            yield problem("invalid", reason="A string may not be longer than 100 KB.", pointer=pointer)
    elif isinstance(value, int) and not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
        yield problem("invalid", reason="An integer may not have more than 64 bits.", pointer=pointer)
    elif isinstance(value, dict | list):
        yield from container_problems(value, pointer, depth)


def container_problems(value: Json | list[Any], pointer: str, depth: int) -> Iterator[Problem]:
    """What in an object or an array is over a limit."""
    if depth == 0:
        yield problem("invalid", reason=f"Properties may not be nested deeper than {DEEPEST} levels.", pointer=pointer)
        return
    if isinstance(value, list) and len(value) > MOST_ITEMS:
        yield problem("invalid", reason=f"An array may not have more than {MOST_ITEMS} items.", pointer=pointer)
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        yield from value_problems(member, f"{pointer}/{name}", depth - 1)
