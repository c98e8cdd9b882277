"""Which related resources to add: `include=lists,segments`."""

from __future__ import annotations

from mock_klaviyo.errors import problem, raise_all
from mock_klaviyo.spec.operation import Operation


def parse(text: str) -> tuple[str, ...]:
    """The relationships that a text names, each once.

    >>> parse("lists,segments,lists")
    ('lists', 'segments')
    """
    return tuple(dict.fromkeys(text.split(","))) if text else ()


def checked(text: str, operation: Operation) -> tuple[str, ...]:
    """The relationships to include, all of which the operation must allow."""
    names = parse(text)
    raise_all(problem("invalid_include", include=name) for name in names if name not in operation.include)
    return names
