"""Server: starts and stops `mock-klaviyo serve` as a process of its own, and speaks to its control routes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from simulator import json
from simulator.delivery import Delivery, Destination, Unreachable, pool
from simulator.json import Json

COMMAND = (sys.executable, "-m", "mock_klaviyo", "serve", "--port", "0", "--print-url")
LINKS = ("--link-base", "http://mock-klaviyo.invalid")
"""What links in messages begin with: nobody can follow them when the server has ended, and runs can be compared."""

PREFIX = "MOCK_KLAVIYO_"
REAL = "a.klaviyo.com"
"""The host of Klaviyo itself, which is told nothing before its owner has agreed."""

PAGE_SIZE = 1000
STOP_SECONDS = 5


class RefusedByMock(ValueError):
    """A control route refuses what it is asked for; tells why."""


class Control:
    """The control routes of a mock: its clock, and what it received; a key leads to its account or world.

    `first` is done before each call: it may wait for what is on its way.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url
        self.first: Callable[[], None] = lambda: None
        self._headers = {"content-type": "application/json"}
        if key is not None:
            self._headers["authorization"] = f"Klaviyo-API-Key {key}"
        self._path, self._pool = pool(url)

    def is_mock(self) -> bool:
        """Whether a mock answers there; raises `Unreachable` when nobody does."""
        return self._request("GET", "/__mock/health").status == 200

    def key(self) -> str:
        """The private key of the mock's account."""
        return str(self._call("GET", "/__mock/config")["private_key"])

    def reset(self, clock: datetime) -> None:
        """Empty the mock and hold its clock at a time."""
        self._call("POST", "/__mock/reset", {"clock": clock.isoformat()})

    def hold(self, now: datetime) -> None:
        """Move the mock's clock to a time and hold it there."""
        self._call("PUT", "/__mock/clock", {"now": now.isoformat()})

    def tell_lineage(self, cause: str, target: str, entry: str) -> None:
        """Tell the mock where requests come from that do not say it themselves."""
        told = {"cause": cause, "target": target, "entry": entry}
        self._lineage("PUT", {name: text for name, text in told.items() if text})

    def end_lineage(self) -> None:
        """Let requests come from nowhere again."""
        self._lineage("DELETE")

    def _lineage(self, method: str, body: Json | None = None) -> None:
        """Call the route of lineage; a mock that has none is as good, only its own pages tell less."""
        answer = self._request(method, "/__mock/lineage", body)
        if answer.status >= 400 and answer.status != 404:
            raise Unreachable(f"{method} {self.url}/__mock/lineage answered {answer.status}: is this a mock-klaviyo?")

    def now(self) -> datetime:
        """The time by the mock's clock."""
        return datetime.fromisoformat(self._call("GET", "/__mock/clock")["now"]).replace(microsecond=0)

    def events(self, after: int = 0) -> Iterator[Json]:
        """What became of each event after a number, in order."""
        yield from self.pages("/__mock/events", after)

    def rejected(self, after: int = 0) -> Iterator[Json]:
        """Each request after a number that was refused, in order."""
        yield from self.pages("/__mock/rejected", after)

    def profiles(self, after: int = 0) -> Iterator[Json]:
        """Each profile after a number, in order."""
        yield from self.pages("/__mock/profiles", after)

    def requests(self, after: int = 0) -> Iterator[Json]:
        """Each request after a number, in order."""
        yield from self.pages("/__mock/requests", after)

    def wait(self, *, timeout: timedelta, **wanted: str) -> bool:
        """Whether something arrives in time, such as `{"for": "events", "cause": "…"}`."""
        asked = urlencode({**wanted, "timeout": f"{timeout.total_seconds():g}s"})
        return self._request("GET", f"/__mock/wait?{asked}").status == 200

    def hold_not_before(self, now: datetime) -> None:
        """Move the mock's clock to a time unless it is later already."""
        self.hold(max(now, self.now()))

    def document(self, path: str) -> Any:
        """What a control route answers to a GET."""
        return self._call("GET", path)

    def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """What a control route answers; raises `RefusedByMock` when it refuses."""
        answer = self._request(method, path, body)
        document = json.read(answer.data) if answer.data else {}
        if answer.status >= 400:
            raise RefusedByMock(str(document.get("error") or document))
        return document

    def pages(self, path: str, after: int = 0) -> Iterator[Json]:
        """Everything that a control route lists after a number."""
        following: int | None = after
        while following is not None:
            page = self._call("GET", f"{path}?after={following}&limit={PAGE_SIZE}")
            yield from page["data"]
            following = page.get("next")

    def _call(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = self._request(method, path, body)
        if answer.status >= 400:
            raise Unreachable(f"{method} {self.url}{path} answered {answer.status}: is this a mock-klaviyo?")
        return json.read(answer.data) if answer.data else None

    def _request(self, method: str, path: str, body: Json | None = None) -> urllib3.BaseHTTPResponse:
        self.first()
        content = json.written(body) if body is not None else None
        try:
            return self._pool.urlopen(method, self._path + path, body=content, headers=self._headers, retries=False)
        except (HTTPError, OSError) as error:
            raise Unreachable(f"{self.url} does not answer: {error}; `mock-klaviyo serve` starts a server") from error

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


@contextmanager
def control(url: str, key: str | None = None) -> Iterator[Control]:
    """The control routes of the mock at a URL: of the account or world that a key leads to."""
    routes = Control(url, key)
    try:
        yield routes
    finally:
        routes.close()


def destination(url: str, key: str | None = None) -> Destination:
    """Where to send at a URL; a mock tells its key itself when none is given. Klaviyo itself is asked nothing here."""
    with control(url, key) as routes:
        is_mock = urlsplit(url).hostname != REAL and routes.is_mock()
        if key is None and not is_mock:
            raise Unreachable(f"{url} is no mock-klaviyo, so it needs --key")
        return Destination(url, key or routes.key(), is_mock=is_mock)


@contextmanager
def mock(url: str | None = None, key: str | None = None) -> Iterator[tuple[Delivery, Control]]:
    """The way to the mock at a URL, or to a server of our own that ends with the block."""
    if url is None:
        with own_server() as own, mock(own) as way:
            yield way
        return
    where = destination(url, key)
    if not where.is_mock:
        raise Unreachable(f"{url} is no mock-klaviyo; only a mock can be emptied and read back")
    with closing(Delivery(where)) as delivery, control(url, where.key) as routes:
        yield delivery, routes


@contextmanager
def own_server() -> Iterator[str]:
    """The base URL of a fresh server that lives as long as the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with TemporaryDirectory() as folder, TemporaryFile("w+") as complaints:
        data = str(Path(folder) / "klaviyo.sqlite")  # on disk, so that memory stays bounded
        command = (*COMMAND, *LINKS, "--data", data)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True, env=environment)
        try:
            yield printed_url(process, complaints)
        finally:
            stop(process)


def printed_url(process: subprocess.Popen[str], complaints: IO[str]) -> str:
    """The URL that a starting server prints when it is ready."""
    line = process.stdout.readline().strip() if process.stdout else ""
    if not line.startswith("http"):
        code = process.wait(STOP_SECONDS)
        complaints.seek(0)
        raise Unreachable(f"`mock-klaviyo serve` did not start, it ended with {code}:\n{complaints.read()[-2000:]}")
    return line


def stop(process: subprocess.Popen[str]) -> None:
    """End a server, first by asking."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
