"""JSON values, reading and writing them, and reaching into them by dotted path."""

from __future__ import annotations

from typing import Any, TypeAlias

import orjson

Json: TypeAlias = dict[str, Any]
"""A JSON object."""


def read(text: bytes | str) -> Any:
    """The value that a JSON text holds; raises `ValueError` when it is none."""
    return orjson.loads(text)


def written(value: Any) -> bytes:
    """The value as compact JSON, keys in their order."""
    return orjson.dumps(value)


def indented(value: Any) -> str:
    """The value as JSON for people to read, keys in their order."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
