"""Line: one connection that stays open, on which requests may be on their way while their sender does other work."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from functools import cached_property, lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from io import BufferedReader
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

    @property
    def is_settled(self) -> bool:
        """Whether it is known what came of it."""
        return "outcome" in self.__dict__


class Asked:
    """A request that was written; answers come in the order in which requests were written."""

    def __init__(self, line: Line, connection: HTTPConnection | None) -> None:
        self._line = line
        self.connection = connection
        """What reads the answer; None when nothing will ever come."""

    @cached_property
    def answer(self) -> Answer | None:
        """The answer; None when the connection broke before all of it was there."""
        return self._line.answer(self)


class Line:
    """A connection to a base URL, on which a sender may have several requests on their way (HTTP pipelining)."""

    def __init__(self, url: str, timeout: timedelta) -> None:
        self._base, parts = url.rstrip("/"), parse_url(url)
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._address = parts.hostname or "", parts.port
        self._timeout = timeout.total_seconds()
        self._socket: SharedSocket | None = None
        self._asked: deque[Asked] = deque()
        self._underway: deque[Underway[Any]] = deque()

    def begin(self, underway: Underway[Outcome]) -> Underway[Outcome]:
        """Let a request be one of those that are on their way."""
        self._underway.append(underway)
        return underway

    def settle(self, most: int = 0) -> None:
        """Wait for what comes of the requests that are on their way, the oldest first, until so many are left."""
        while len(self._underway) > most:
            self._underway.popleft().outcome  # noqa: B018 - asking for it waits for it

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Asked:
        """Write a request; when the connection breaks, its answer is None."""
        if self._socket is not None and not self._asked and self._socket.is_ended:
            self.close()
        asked = Asked(self, None)
        with suppress(HTTPException, OSError):
            shared = self._open()
            connection = self._kind(*self._address)
            connection.sock = shared
            connection.request(method, target(self._base + path), body=body or None, headers=headers)
            asked.connection = connection
            self._asked.append(asked)
            with suppress(BrokenPipeError, ConnectionResetError):  # whoever reads no more may have answered
                shared.flush()
        return asked

    def answer(self, asked: Asked) -> Answer | None:
        """The answer to a request, once those that were written before it are answered."""
        while self._asked and self._asked[0] is not asked:
            self._asked[0].answer  # noqa: B018 - asking for it reads it
        if asked.connection is None:
            return None
        self._asked.popleft()
        try:
            with asked.connection.getresponse() as response:
                answer = Answer(response.status, response.headers, response.read())
        except (HTTPException, OSError):
            answer = None
        if answer is None or response.will_close:
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection; what was asked is not answered any more."""
        for asked in self._asked:
            asked.connection = None
        self._asked.clear()
        if self._socket is not None:
            self._socket.end()
            self._socket = None

    def _open(self) -> SharedSocket:
        """The socket that all requests share."""
        if self._socket is None:
            connection = self._kind(*self._address, timeout=self._timeout)
            connection.connect()
            self._socket = SharedSocket(connection.sock)
        return self._socket


class SharedSocket:
    """A connected socket as `http.client` uses one, on which several requests are written and answered in turn.

    What it is given to send is kept until `flush`: whoever reads head and body at once is done earlier.
    """

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._reader = connected.makefile("rb")
        self._gathered = b""

    @property
    def is_ended(self) -> bool:
        """Whether the other side has closed it, or speaks without being asked."""
        return wait_for_read(self._socket, timeout=0)

    def sendall(self, data: bytes) -> None:
        """Keep a part of a request until all of it is there."""
        self._gathered += data

    def flush(self) -> None:
        """Send what was gathered."""
        gathered, self._gathered = self._gathered, b""
        self._socket.sendall(gathered)

    def makefile(self, _: str) -> Reader:
        """What an answer is read from."""
        return Reader(self._reader)

    def close(self) -> None:
        """Nothing: it stays open for the next request."""

    def end(self) -> None:
        """Close it."""
        self._reader.close()
        self._socket.close()


class Reader:
    """What comes from a socket, for one answer, whose end is not the end of what comes."""

    def __init__(self, reader: BufferedReader) -> None:
        self.readline, self.read, self.readinto = reader.readline, reader.read, reader.readinto

    def flush(self) -> None:
        """Nothing is written."""

    def close(self) -> None:
        """Nothing: the next answer is read on."""


@lru_cache(maxsize=1000)
def target(url: str) -> str:
    """The path and query of a URL as a request line holds them.

    >>> target("http://127.0.0.1/api/events?filter=equals(email,\\"á\\")")
    '/api/events?filter=equals(email,%22%C3%A1%22)'
    """
    return parse_url(url).request_uri
