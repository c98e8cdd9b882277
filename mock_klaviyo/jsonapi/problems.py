"""Gather every problem of a request before refusing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mock_klaviyo.errors import ApiError, Problem


@contextmanager
def collecting(problems: list[Problem]) -> Iterator[None]:
    """Go on after an `ApiError` raised inside, and keep its problems."""
    try:
        yield
    except ApiError as error:
        problems.extend(error.problems)
