"""Request and Response: HTTP as this package sees it, whatever server carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from mock_klaviyo import json
from mock_klaviyo.json import Json

if TYPE_CHECKING:
    from mock_klaviyo.wire.faults import Hit

MEDIA_TYPE = "application/vnd.api+json"


@dataclass(frozen=True)
class Request:
    """A request as it came: `path` still percent-encoded, header names in lower case."""

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = "https://a.klaviyo.com"

    @property
    def url(self) -> str:
        """The URL as the client wrote it."""
        query = f"?{self.query_string}" if self.query_string else ""
        return f"{self.base_url}{self.path}{query}"

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """The decoded arguments of the query string."""
        return parse_qsl(self.query_string, keep_blank_values=True) if self.query_string else []


@dataclass(frozen=True)
class Response:
    """An answer; an empty body has no media type. A hit tells what must go wrong on its way to the client."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    hit: Hit | None = None

    @property
    def seen_status(self) -> int:
        """The status that the client sees, 0 when it gets no answer."""
        return 0 if self.hit and self.hit.is_unseen else self.status

    @property
    def document(self) -> Json | None:
        """The body as JSON; None when it is empty."""
        return json.read(self.body) if self.body else None
