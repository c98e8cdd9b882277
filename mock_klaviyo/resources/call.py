"""Call and Reply: what reaches an operation, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.query import Query
from mock_klaviyo.resources.lineage import Lineage
from mock_klaviyo.resources.world import World
from mock_klaviyo.spec.operation import Operation


@dataclass(frozen=True)
class Reply:
    """An answer: its status, and its document unless it has an empty body."""

    status: int
    document: Json | None = None


@dataclass(frozen=True)
class Upload:
    """A file in a form."""

    filename: str
    content: bytes


@dataclass
class Call:
    """A request that has passed every check of the recording; `lineage` and `hints` are ours."""

    operation: Operation
    world: World
    parameters: Mapping[str, str]
    query: Query
    body: Any = None
    url: str = ""
    base_url: str = ""
    lineage: Lineage | None = None
    hints: list[str] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Any:
        """The body's data."""
        return self.body["data"]

    @property
    def attributes(self) -> Json:
        """The attributes of the body's resource."""
        attributes: Json = self.body["data"].get("attributes") or {}
        return attributes

    @property
    def cause(self) -> str | None:
        """What the client says the request comes from."""
        return self.lineage["cause"] if self.lineage else None

    @property
    def id(self) -> str:
        """The id in the path."""
        return next(iter(self.parameters.values()))

    def hint(self, text: str) -> None:
        """Tell the developer something beside Klaviyo's answer."""
        self.hints.append(text)
