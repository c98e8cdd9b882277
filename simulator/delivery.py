"""Delivery: KlaviyoRequest → HTTP, over one connection that stays open, tried again when Klaviyo stumbles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from time import sleep
from typing import Any
from urllib.parse import quote

import urllib3
from urllib3.connectionpool import HTTPConnectionPool

from simulator import json
from simulator.json import Json
from simulator.line import Answer, Asked, Line, Underway
from simulator.mapping.omnisend import PREFIX, is_for_omnisend, omnisend_headers
from simulator.mapping.requests import KlaviyoRequest

REVISION = "2026-07-15"
USER_AGENT = "vendor-sim"
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


@dataclass(frozen=True, slots=True)
class Parcel:
    """A request with the time at which it leaves, if that is told, its body in bytes, and what it comes from."""

    request: KlaviyoRequest
    at: datetime | None
    body: bytes
    origin: Mapping[str, str]


class Delivery:
    """Sends requests to a destination, one after the other; `wait` is called with seconds between two tries.

    One that is virtual waits no real time: it tells the mock a later time with each try. What it has begun may stay on
    its way while the sender does other work, as many requests as it has `room` for; what must be tried again then comes
    after those that followed it.
    """

    def __init__(
        self, destination: Destination, *, attempts: int = ATTEMPTS, wait: Callable[[float], None] = sleep
    ) -> None:
        self.destination = destination
        self._attempts = attempts
        self._wait = wait
        self._is_virtual = False
        self._room = 1
        self._line = Line(destination.url, TIMEOUT)
        self._headers = {
            "authorization": f"Klaviyo-API-Key {destination.key}",
            "revision": destination.revision,
            "content-type": "application/vnd.api+json",
            "accept": "application/vnd.api+json",
            "user-agent": USER_AGENT,
        }

    def like(self, *, revision: str | None = None, is_virtual: bool = False, room: int = 1) -> Delivery:
        """A delivery over the same connection: of another revision, or one that waits no real time between tries."""
        other = copy(self)
        if revision is not None:
            other.destination = replace(self.destination, revision=revision)
            other._headers = {**self._headers, "revision": revision}
        if is_virtual and self.destination.is_mock:
            other._is_virtual, other._attempts, other._room = True, VIRTUAL_ATTEMPTS, room
        return other

    @property
    def is_virtual(self) -> bool:
        """Whether it waits no real time, so that it does not matter when an answer is looked at."""
        return self._is_virtual

    def send(
        self, request: KlaviyoRequest, *, at: datetime | None = None, cause: str | None = None, **lineage: str
    ) -> Delivered:
        """Send a request that leaves at a time; a mock is told its cause (`cause` instead of its own) and lineage."""
        return self.begin(request, at=at, cause=cause, **lineage).outcome

    def begin(
        self, request: KlaviyoRequest, *, at: datetime | None = None, cause: str | None = None, **lineage: str
    ) -> Underway[Delivered]:
        """Send a request as `send` does and do not wait for what comes of it."""
        self._line.settle(self._room - 1)
        origin = {"cause": request.cause if cause is None else cause, **lineage}
        parcel = Parcel(request, at, json.written(request.body) if request.body else b"", origin)
        return self._line.begin(Underway(partial(self._delivered, parcel, self._try(parcel))))

    def settle(self) -> None:
        """Wait for what comes of the requests that are on their way, if any."""
        self._line.settle()

    def _delivered(self, parcel: Parcel, asked: Asked) -> Delivered:
        """What comes of a parcel whose first try is on its way."""
        for attempt, pause in zip(count(1), pauses(self._attempts), strict=False):
            answer = asked.answer
            if answer is not None and answer.status not in RETRIED:
                return delivered(parcel.request, answer, attempt)
            if attempt == self._attempts:
                break
            parcel = self._rested(parcel, asked_pause(answer, pause), pause)
            asked = self._try(parcel)
        if answer is None:
            raise Unreachable(f"{self.destination.url} did not answer {self._attempts} times")
        return delivered(parcel.request, answer, self._attempts)

    def _rested(self, parcel: Parcel, asked: timedelta, own: timedelta) -> Parcel:
        """The parcel after a pause, which a virtual delivery only tells."""
        if self._is_virtual and parcel.at is not None:
            return replace(parcel, at=parcel.at + max(asked, own))
        self._wait(asked.total_seconds())
        return parcel

    def read(self, path: str) -> Any:
        """The JSON that Klaviyo answers to a GET."""
        self.settle()
        answer = self._line.ask("GET", path, b"", self._headers).answer
        if answer is None:
            raise Unreachable(f"{self.destination.url} does not answer")
        return json.read(answer.body)

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def _told(self, parcel: Parcel) -> dict[str, str]:
        """The headers of a parcel."""
        own = omnisend_headers(self.destination.key) if is_for_omnisend(parcel.request) else self._headers
        return own | mock_headers(parcel.at, parcel.origin) if self.destination.is_mock else own

    def _try(self, parcel: Parcel) -> Asked:
        request = parcel.request
        path = request.path if self.destination.is_mock else request.path.removeprefix(PREFIX)
        return self._line.ask(request.method, path, parcel.body, self._told(parcel))


def delivered(request: KlaviyoRequest, answer: Answer, attempts: int) -> Delivered:
    """A request and the answer to it."""
    return Delivered(request, answer.status, answer.body, attempts, answer.headers.get("x-mock-hint", ""))


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


def asked_pause(answer: Answer | None, otherwise: timedelta) -> timedelta:
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
