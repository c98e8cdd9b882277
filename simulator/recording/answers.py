"""Answers: how the answer of one Klaviyo differs in shape from that of another, so that a fake is held to the real one.

Ids, times and persons differ anyway (a recording has others in their place), so what is compared is which members
there are and of which types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TYPES = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "table"}


def differences(recorded: Any, answered: Any) -> list[str]:
    """What is gone, added or of another type in an answer, by path.

    >>> differences({"id": "a", "tags": []}, {"id": 7, "tags": [], "more": None})
    ['id is a number, recorded was a text', 'more is added']
    """
    return sorted(set(compared(recorded, answered, "")))


def compared(recorded: Any, answered: Any, path: str) -> Iterator[str]:
    """The differences of two values at a path; a null tells nothing of a type."""
    if recorded is None or answered is None:
        return
    if isinstance(recorded, dict) and isinstance(answered, dict):
        yield from members(recorded, answered, f"{path}." if path else "")
    elif isinstance(recorded, list) and isinstance(answered, list):
        for one, other in zip(recorded, answered, strict=False):
            yield from compared(one, other, f"{path}[]")
        if bool(recorded) != bool(answered):
            yield f"{path} is {'empty' if recorded else 'not empty'}, recorded was the opposite"
    elif kind(recorded) != kind(answered):
        yield f"{path or 'the answer'} is a {kind(answered)}, recorded was a {kind(recorded)}"


def members(recorded: dict[str, Any], answered: dict[str, Any], prefix: str) -> Iterator[str]:
    """The differences of two tables."""
    yield from (f"{prefix}{name} is gone" for name in recorded.keys() - answered.keys())
    yield from (f"{prefix}{name} is added" for name in answered.keys() - recorded.keys())
    for name in recorded.keys() & answered.keys():
        yield from compared(recorded[name], answered[name], f"{prefix}{name}")


def kind(value: Any) -> str:
    """The type of a value in JSON's words."""
    return TYPES.get(type(value), "null")
