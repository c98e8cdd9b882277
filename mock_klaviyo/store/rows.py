"""Rows: a resource as it is stored."""

from __future__ import annotations

from dataclasses import dataclass

from mock_klaviyo.json import Json


@dataclass(slots=True)
class Row:
    """A stored resource: its id, its document, and when it joined the group it was fetched through, if any."""

    type: str
    id: str
    document: Json
    number: int = 0
    joined_at: str | None = None
