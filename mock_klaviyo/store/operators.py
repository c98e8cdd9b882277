"""The ten filter operators as SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement

OPERATORS: Mapping[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "equals": lambda column, value: column.in_(value) if isinstance(value, list | tuple) else column == value,
    "any": lambda column, value: column.in_(value if isinstance(value, list | tuple) else [value]),
    "less-than": lambda column, value: column < value,
    "less-or-equal": lambda column, value: column <= value,
    "greater-than": lambda column, value: column > value,
    "greater-or-equal": lambda column, value: column >= value,
    "contains": lambda column, value: column.contains(value, autoescape=True),
    "starts-with": lambda column, value: column.startswith(value, autoescape=True),
    "ends-with": lambda column, value: column.endswith(value, autoescape=True),
    "has": lambda column, _: column.is_not(None),
}
"""The operator's name → the condition that a column and a value make; text is compared case-sensitively."""
