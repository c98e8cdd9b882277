"""Exchange: one request and its answer as a recording keeps them, one JSON line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator import json
from simulator.document import DocumentError, Place
from simulator.json import Json

VERSION = 1
TOPIC_HEADERS = ("x-webhook-topic", "x-jericommerce-event-type", "x-event-type", "x-event")
TOPIC_FIELDS = ("event", "event_type", "eventType", "topic", "type")
NAMELESS = "webhook"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; bodies are JSON where they were JSON, else text; `at` is ISO, in UTC."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 0
    answer: Any = None
    at: str | None = None

    @property
    def is_for_klaviyo(self) -> bool:
        """Whether the request is one to Klaviyo; every other one is a vendor's webhook."""
        return self.path.startswith(("/api/", "/client/"))

    @property
    def moment(self) -> datetime | None:
        """When it happened."""
        return datetime.fromisoformat(self.at) if self.at else None

    @property
    def topic(self) -> str:
        """The name of a webhook's event, from its header or from its body."""
        for name in TOPIC_HEADERS:
            if name in self.headers:
                return self.headers[name]
        known = self.body if isinstance(self.body, dict) else {}
        return next((known[name] for name in TOPIC_FIELDS if isinstance(known.get(name), str)), NAMELESS)

    def line(self) -> bytes:
        """The exchange as a line of a recording."""
        document: Json = {name: getattr(self, name) for name in self.__slots__}
        return json.written({"recording": VERSION, **document}) + b"\n"


def content(data: bytes) -> Any:
    """A body as JSON where it is JSON, else as text; None when there is none."""
    if not data:
        return None
    try:
        return json.read(data)
    except ValueError:
        return data.decode(errors="replace")


def exchanges(file: Path) -> Iterator[Exchange]:
    """The exchanges of a recording; a line that is none is refused with its place."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield exchange(line, Place(str(file), number))


def exchange(line: bytes, place: Place) -> Exchange:
    """The exchange of a line."""
    try:
        found = json.read(line)
    except ValueError as error:
        raise DocumentError(place, f"this line is no JSON: {error}") from None
    if not isinstance(found, dict) or found.pop("recording", None) != VERSION:
        raise DocumentError(place, f"this line is no exchange of a recording of version {VERSION}")
    try:
        return Exchange(**found)
    except TypeError as error:
        raise DocumentError(place, f"this line is no exchange: {error}") from None
