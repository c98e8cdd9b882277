"""Filters of lists; results as Klaviyo's glossary prints them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.render.numeric import compared
from mock_klaviyo.render.values import items, klaviyo_filter, lookup, text

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">=": ge, "<=": le, "!=": ne, "==": eq, "=": eq, ">": gt, "<": lt,
}  # fmt: skip
COMPARISON = re.compile(r"\s*([^<>=!]+?)\s*(>=|<=|!=|==|=|>|<)\s*(.*?)\s*")


@klaviyo_filter("count")
def count(value: Any) -> int:
    """How many members a list has, or characters a text."""
    return len(value) if isinstance(value, str | list | tuple | dict) else 0


@klaviyo_filter("compact")
def compact(value: Any) -> list[Any]:
    """Without what is not there."""
    return [each for each in items(value) if each is not None]


@klaviyo_filter("list_to_string")
def list_to_string(value: Any) -> str:
    """`a, b and c`."""
    *first, last = [text(each) for each in items(value)] or [""]
    return f"{', '.join(first)} and {last}" if first else last


@klaviyo_filter("list_where")
def list_where(value: Any, condition: Any) -> list[Any]:
    """`list_where:"name=a"` keeps the members whose name is a."""
    name, _, wanted = str(condition).partition("=")
    return [each for each in items(value) if text(lookup(each, name.strip())) == wanted.strip()]


@klaviyo_filter("dictfilter")
def dictfilter(value: Any, condition: Any) -> list[Any]:
    """`dictfilter:"a>2"` keeps the members whose a is greater than 2; knows >, >=, <, <=, = and !=."""
    found = COMPARISON.fullmatch(str(condition))
    if found is None:
        return []
    name, operator, wanted = found.groups()
    known = [each for each in items(value) if isinstance(each, dict) and name in each]
    return [each for each in known if compared(each[name], wanted, OPERATORS[operator])]


@klaviyo_filter("map")
def map_(value: Any, name: Any) -> list[Any]:
    """One member of each member of a list."""
    return [lookup(each, name) for each in items(value)]


@klaviyo_filter("reverse")
def reverse(value: Any) -> Any:
    """In reverse order."""
    return text(value)[::-1] if isinstance(value, str) else items(value)[::-1]


def sort_key(value: Any) -> tuple[bool, Any]:
    """What values of all kinds can be sorted by: numbers first, then texts."""
    found = value if isinstance(value, int | float) else None
    return (True, text(value)) if found is None else (False, found)


@klaviyo_filter("sort")
def sort(value: Any, name: Any = None) -> list[Any]:
    """Sorted, capital letters first; by a member when one is named."""
    return sorted(items(value), key=lambda each: sort_key(each if name is None else lookup(each, name)))


@klaviyo_filter("sort_natural")
def sort_natural(value: Any, name: Any = None) -> list[Any]:
    """Sorted without regard to case; by a member when one is named."""
    return sorted(items(value), key=lambda each: text(each if name is None else lookup(each, name)).lower())


@klaviyo_filter("uniq")
def uniq(value: Any) -> list[Any]:
    """Each member once."""
    return list({json.written(each): each for each in reversed(items(value))}.values())[::-1]
