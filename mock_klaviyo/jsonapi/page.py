"""Cursors and page sizes."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

from mock_klaviyo import json
from mock_klaviyo.errors import error
from mock_klaviyo.spec.operation import Operation

Key: TypeAlias = str | int | float | bool | None
"""A sort value as JSON has it."""

FIXED_SIZE = 200
"""How many resources a page holds where the client cannot choose, unless the caller says otherwise (metrics: 200)."""

EVERYTHING = 2**31
"""A page that holds all there is."""

CURSOR_IN_URL = re.compile(r"page(?:\[cursor\]|_cursor)=([^&#]*)")


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: after the resource with this sort key and id, or before it when going backward.

    `scope` is the operation that the cursor belongs to.
    """

    key: tuple[Key, ...]
    id: str
    is_backward: bool
    scope: str

    def written(self) -> str:
        """The opaque text that clients see."""
        content = json.written([self.key, self.id, self.is_backward, self.scope])
        return urlsafe_b64encode(content).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str, scope: str) -> Cursor:
        """The cursor that a text holds, or that stands in a whole URL; one of another scope is refused.

        >>> written = Cursor(key=("a",), id="X", is_backward=False, scope="get_lists").written()
        >>> Cursor.read(f"http://localhost/api/lists?page%5Bcursor%5D={written}", "get_lists").id
        'X'
        """
        cursor = cls._read(bare(text))
        if cursor is None or cursor.scope != scope:
            raise error("invalid_cursor")
        return cursor

    @classmethod
    def _read(cls, text: str) -> Cursor | None:
        """The cursor, or None when the text is no cursor of ours."""
        try:
            content = json.read(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        except ValueError:
            return None
        match content:
            case [list(key), str(id), bool(is_backward), str(scope)] if all(map(is_key, key)):
                return cls(tuple(key), id, is_backward, scope)
        return None


def is_key(value: Any) -> bool:
    """Whether a JSON value can be a sort value in the store."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return value is None or isinstance(value, str | float)


def bare(text: str) -> str:
    """The cursor itself, also when a client sends the whole `next` link, perhaps encoded once more.

    The official Python SDK does so when the link has no `https://`; else it cuts out the cursor and a `=` before it.

    >>> bare("https%3A%2F%2Fhost%2Fapi%2Flists%3Fpage%255Bcursor%255D%3DWzFd")
    'WzFd'
    """
    found = CURSOR_IN_URL.findall(unquote(unquote(text)))
    return str(found[-1]) if found else text.removeprefix("=")


def cursor(text: str, operation: Operation) -> Cursor | None:
    """The cursor of `page[cursor]`; an empty one is the first page."""
    return Cursor.read(text, operation.id) if text else None


def size(text: str, operation: Operation) -> int:
    """The size of `page[size]`, which must be within the operation's limits."""
    limits = operation.page_size
    if limits is None:
        raise error("unknown_parameter", parameter="page[size]")
    if not re.fullmatch(r"[0-9]{1,9}", text) or not limits.minimum <= int(text) <= limits.maximum:
        raise error("invalid_page_size", minimum=limits.minimum, maximum=limits.maximum)
    return int(text)


def default_size(operation: Operation, *, fixed_size: int = FIXED_SIZE) -> int:
    """How many resources a page holds when the client does not say."""
    return operation.page_size.default if operation.page_size else fixed_size
