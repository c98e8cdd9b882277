"""Delivery: KlaviyoRequest → HTTP, over one connection that stays open, tried again when Klaviyo stumbles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from time import sleep
from typing import Any
from urllib.parse import quote

import urllib3
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from simulator import json
from simulator.json import Json
from simulator.mapping.omnisend import PREFIX, is_for_omnisend, omnisend_headers
from simulator.mapping.requests import KlaviyoRequest

REVISION = "2026-07-15"
RETRIED = frozenset({429, 503, 504, 524})
ATTEMPTS = 6
VIRTUAL_ATTEMPTS = 15
"""How often a delivery tries that waits no real time: for about eight minutes of the clock."""

FIRST_WAIT = timedelta(milliseconds=250)
LONGEST_WAIT = timedelta(seconds=60)
TIMEOUT = timedelta(seconds=30)
CAUSE_LENGTH = 200
"""How much of a cause the server keeps with a request."""


class Unreachable(ConnectionError):
    """Nobody answers at the destination."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A request and what came of it; `attempts` counts the tries, `hint` is what a mock adds for us."""

    request: KlaviyoRequest
    status: int
    body: bytes
    attempts: int
    hint: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether Klaviyo took it."""
        return self.status < 400

    @property
    def problems(self) -> list[str]:
        """What Klaviyo says is wrong, one line each."""
        try:
            errors = json.read(self.body)["errors"]
            return [problem(error) for error in errors]
        except (ValueError, KeyError, TypeError):
            return [self.body[:200].decode(errors="replace")] if not self.is_accepted else []


def problem(error: Json) -> str:
    """One error of Klaviyo's or Omnisend's answer as a line: what, and where."""
    source = error.get("source") or {}
    where = source.get("pointer") or source.get("parameter") or error.get("field") or ""
    told = error.get("detail") or error.get("title") or error.get("message")
    return f"{told}{f' at {where}' if where else ''}"


@dataclass(frozen=True)
class Destination:
    """Where requests go: a base URL and a private key; `is_mock` says that it understands X-Mock- headers."""

    url: str
    key: str
    revision: str = REVISION
    is_mock: bool = False


class Delivery:
    """Sends requests to a destination, one after the other; `wait` is called with seconds between two tries.

    One that is virtual waits no real time: it tells the mock a later time with each try.
    """

    def __init__(
        self, destination: Destination, *, attempts: int = ATTEMPTS, wait: Callable[[float], None] = sleep
    ) -> None:
        self.destination = destination
        self._attempts = attempts
        self._wait = wait
        self._is_virtual = False
        self._path, self._pool = pool(destination.url)
        self._headers = {
            "authorization": f"Klaviyo-API-Key {destination.key}",
            "revision": destination.revision,
            "content-type": "application/vnd.api+json",
            "accept": "application/vnd.api+json",
        }

    def like(self, *, revision: str | None = None, is_virtual: bool = False) -> Delivery:
        """A delivery over the same connection: of another revision, or one that waits no real time between tries."""
        other = copy(self)
        if revision is not None:
            other.destination = replace(self.destination, revision=revision)
            other._headers = {**self._headers, "revision": revision}
        if is_virtual and self.destination.is_mock:
            other._is_virtual, other._attempts = True, VIRTUAL_ATTEMPTS
        return other

    def send(
        self, request: KlaviyoRequest, *, at: datetime | None = None, cause: str | None = None, **lineage: str
    ) -> Delivered:
        """Send a request that leaves at a time; a mock is told its cause (`cause` instead of its own) and lineage."""
        origin = {"cause": request.cause if cause is None else cause, **lineage}
        headers = self._told(request, at, origin)
        body = json.written(request.body) if request.body else b""
        for attempt, pause in zip(count(1), pauses(self._attempts), strict=False):
            answer = self._try(request, body, headers)
            if answer is not None and answer.status not in RETRIED:
                return delivered(request, answer, attempt)
            if attempt == self._attempts:
                break
            if self._is_virtual and at is not None:
                at += max(asked_pause(answer, pause), pause)
                headers = self._told(request, at, origin)
            else:
                self._wait(asked_pause(answer, pause).total_seconds())
        if answer is None:
            raise Unreachable(f"{self.destination.url} did not answer {self._attempts} times")
        return delivered(request, answer, self._attempts)

    def read(self, path: str) -> Any:
        """The JSON that Klaviyo answers to a GET."""
        answer = self._try(KlaviyoRequest("GET", path, {}), b"", self._headers)
        if answer is None:
            raise Unreachable(f"{self.destination.url} does not answer")
        return json.read(answer.data)

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def _told(self, request: KlaviyoRequest, at: datetime | None, origin: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request that leaves at a time."""
        own = omnisend_headers(self.destination.key) if is_for_omnisend(request) else self._headers
        return own | mock_headers(at, origin) if self.destination.is_mock else own

    def _try(self, request: KlaviyoRequest, body: bytes, headers: dict[str, str]) -> urllib3.BaseHTTPResponse | None:
        path = request.path if self.destination.is_mock else request.path.removeprefix(PREFIX)
        try:
            return self._pool.urlopen(
                request.method, self._path + path, body=body or None, headers=headers, retries=False
            )
        except (HTTPError, OSError):
            return None


def delivered(request: KlaviyoRequest, answer: urllib3.BaseHTTPResponse, attempts: int) -> Delivered:
    """A request and the answer to it."""
    return Delivered(request, answer.status, answer.data, attempts, answer.headers.get("x-mock-hint", ""))


def pool(url: str) -> tuple[str, HTTPConnectionPool]:
    """The path of a base URL and the connection to its host."""
    parts = urllib3.util.parse_url(url)
    timeout = TIMEOUT.total_seconds()
    return (parts.path or "").rstrip("/"), urllib3.connection_from_url(url, maxsize=1, timeout=timeout)


def pauses(attempts: int) -> Iterator[timedelta]:
    """How long to wait after each try, twice as long each time.

    >>> [pause.total_seconds() for pause in pauses(4)]
    [0.25, 0.5, 1.0, 2.0]
    """
    for number in range(attempts):
        yield min(FIRST_WAIT * 2**number, LONGEST_WAIT)


def asked_pause(answer: urllib3.BaseHTTPResponse | None, otherwise: timedelta) -> timedelta:
    """How long the answer asks to wait, else our own pause."""
    asked = answer.headers.get("retry-after", "") if answer is not None else ""
    return min(timedelta(seconds=int(asked)), LONGEST_WAIT) if asked.isdecimal() else otherwise


def mock_headers(at: datetime | None, origin: Mapping[str, str]) -> dict[str, str]:
    """What only a mock is told: the time of the timeline, and the cause, target and entry that a request comes from."""
    headers = {f"x-mock-{name}": quoted(text) for name, text in origin.items() if text}
    if at is not None:
        headers["x-mock-clock"] = at.astimezone(UTC).isoformat()
    return headers


def quoted(text: str) -> str:
    """A text as a header holds it."""
    return quote(text, safe=" /:#@,.+=()")[:CAUSE_LENGTH]
