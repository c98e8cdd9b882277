"""Sort keys: `sort=created`, or `sort=-created` for the newest first."""

from __future__ import annotations

from dataclasses import dataclass

from mock_klaviyo.errors import error
from mock_klaviyo.spec.operation import Operation


@dataclass(frozen=True)
class Sort:
    """The field that a collection is ordered by, and in which direction."""

    field: str
    is_descending: bool = False


def parse(text: str) -> Sort:
    """The sort key that a text names.

    >>> parse("-created")
    Sort(field='created', is_descending=True)
    """
    return Sort(text.removeprefix("-"), is_descending=text.startswith("-"))


def checked(text: str, operation: Operation) -> Sort:
    """The sort key, which must be exactly one that the operation allows."""
    if text not in operation.sort:
        raise error("invalid_sort", sort=text)
    return parse(text)
