"""Matching: holds what arrived against what was wanted, and tells criterion by criterion what differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import EllipsisType, FunctionType
from typing import Any, TypeAlias

from mock_klaviyo.json import Json

Wanted: TypeAlias = Any
"""A value; a table of some members; a pattern; a function that judges; or `...`, anything that is not null."""

MISSING = "nothing"


@dataclass(frozen=True)
class Finding:
    """One criterion, and whether it is met: where, what was wanted and what was there."""

    path: str
    wanted: str
    got: str
    is_met: bool

    def __str__(self) -> str:
        mark = "✓" if self.is_met else "✗"
        return (
            f"{mark} {self.path}: {self.got}"
            if self.is_met
            else (f"{mark} {self.path}: expected {self.wanted}, got {self.got}")
        )


def findings(wanted: Mapping[str, Wanted], found: Mapping[str, Any], path: str = "") -> Iterator[Finding]:
    """How each criterion, within tables too, is met by what is there."""
    for name, value in wanted.items():
        place = f"{path}.{name}" if path else name
        there = found.get(name)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            yield from findings(value, there, place)
        else:
            yield Finding(place, described(value), shown(there, is_there=name in found), is_met(value, there))


def is_met(wanted: Wanted, value: Any) -> bool:
    """Whether a value is what was wanted.

    >>> is_met(re.compile("@shop"), "ana@shop.org"), is_met(lambda n: n > 3, 5), is_met(..., None), is_met(1, True)
    (True, True, False, False)
    """
    if isinstance(wanted, EllipsisType):
        return value is not None
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and wanted.search(value) is not None
    if callable(wanted):
        return judged(wanted, value)
    return isinstance(wanted, bool) == isinstance(value, bool) and bool(wanted == value)


def judged(judge: Callable[[Any], Any], value: Any) -> bool:
    """What a user's function says of a value; one that cannot take the value says no."""
    try:
        return bool(judge(value))
    except (TypeError, ValueError, LookupError, AttributeError):
        return False


def described(wanted: Wanted) -> str:
    """A criterion in words."""
    if isinstance(wanted, EllipsisType):
        return "anything"
    if isinstance(wanted, re.Pattern):
        return f"/{wanted.pattern}/"
    if isinstance(wanted, FunctionType):
        return f"what {wanted.__name__} accepts"
    return str(wanted) if callable(wanted) else repr(wanted)


def shown(value: Any, *, is_there: bool = True) -> str:
    """A value in words."""
    return repr(value) if is_there else MISSING


def misses(wanted: Mapping[str, Wanted], found: Json) -> int:
    """How many criteria are not met."""
    return sum(not each.is_met for each in findings(wanted, found))


def listed(wanted: Mapping[str, Wanted]) -> str:
    """Criteria in a row."""
    return ", ".join(f"{name}={described(value)}" for name, value in wanted.items())
