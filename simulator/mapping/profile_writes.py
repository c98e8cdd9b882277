"""ProfileWrites: profile writes that wait a moment for further changes, so that only the last one is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from simulator.json import Json
from simulator.mapping.requests import KlaviyoRequest

IDENTIFIERS = ("email", "phone_number", "external_id")
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def identity(attributes: Json) -> str:
    """What tells profiles apart while their writes wait."""
    return next((str(attributes[name]) for name in IDENTIFIERS if attributes.get(name)), "")


class ProfileWrites:
    """Writes in waiting, at most one a profile; a new write replaces the waiting one and waits anew."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[datetime, KlaviyoRequest]] = {}

    def add(self, request: KlaviyoRequest, due: datetime) -> None:
        """Let a write wait until it is due."""
        key = identity(request.body["data"]["attributes"])
        self._waiting.pop(key, None)
        self._waiting[key] = (due, request)

    def due(self, now: datetime = END_OF_TIME) -> Iterator[KlaviyoRequest]:
        """Take out the writes whose time has come; all wait equally long, so the first is the oldest."""
        while self._waiting:
            key, (due, request) = next(iter(self._waiting.items()))
            if due > now:
                return
            del self._waiting[key]
            yield request
