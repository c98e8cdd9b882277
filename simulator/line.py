"""Line: one connection that stays open, on which a request may be on its way while its sender does other work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from functools import cached_property, lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Generic, TypeVar

from urllib3.util import parse_url
from urllib3.util.wait import wait_for_read

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are found in any case."""

    status: int
    headers: Message
    body: bytes


@dataclass
class Underway(Generic[Outcome]):
    """A request on its way; `outcome` waits for what comes of it."""

    finish: Callable[[], Outcome]

    @cached_property
    def outcome(self) -> Outcome:
        """What came of it; it is waited for once."""
        return self.finish()


class Line:
    """A connection to a base URL; at most one request is on its way, so that the order is the order of sending."""

    def __init__(self, url: str, timeout: timedelta) -> None:
        self._base, parts = url.rstrip("/"), parse_url(url)
        kind = Secure if parts.scheme == "https" else Plain
        self._connection = kind(parts.hostname or "", parts.port, timeout=timeout.total_seconds())
        self._underway: Underway[Any] | None = None

    def begin(self, underway: Underway[Outcome]) -> Underway[Outcome]:
        """Let a request be the one that is on its way."""
        self._underway = underway
        return underway

    def settle(self) -> None:
        """Wait for what comes of the request that is on its way, if any."""
        underway, self._underway = self._underway, None
        if underway is not None:
            underway.outcome  # noqa: B018 - asking for it waits for it

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send a request; when the connection breaks, `answer` tells."""
        connection = self._connection
        if connection.sock is not None and wait_for_read(connection.sock, timeout=0):
            connection.close()  # the other side has ended it meanwhile
        try:
            if connection.sock is None:
                connection.connect()
            connection.request(method, target(self._base + path), body=body or None, headers=headers)
            with suppress(BrokenPipeError, ConnectionResetError):  # whoever reads no more may have answered
                connection.flush()
        except (HTTPException, OSError):
            connection.close()

    def answer(self) -> Answer | None:
        """The answer to what was asked last; None when the connection broke before all of it was there."""
        try:
            with self._connection.getresponse() as response:
                return Answer(response.status, response.headers, response.read())
        except (HTTPException, OSError):
            self._connection.close()
            return None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class WrittenAtOnce(HTTPConnection):
    """Gathers the head and the body of a request: whoever reads both at once is done earlier."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._gathered = b""

    def send(self, data: Any) -> None:
        """Keep a part of a request until all of it is there."""
        self._gathered += data

    def flush(self) -> None:
        """Send what was gathered."""
        gathered, self._gathered = self._gathered, b""
        super().send(gathered)

    def close(self) -> None:
        """Close the connection, and forget what was gathered."""
        self._gathered = b""
        super().close()


class Plain(WrittenAtOnce):
    """A connection without TLS."""


class Secure(WrittenAtOnce, HTTPSConnection):
    """A connection with TLS."""


@lru_cache(maxsize=1000)
def target(url: str) -> str:
    """The path and query of a URL as a request line holds them.

    >>> target("http://127.0.0.1/api/events?filter=equals(email,\\"á\\")")
    '/api/events?filter=equals(email,%22%C3%A1%22)'
    """
    return parse_url(url).request_uri
