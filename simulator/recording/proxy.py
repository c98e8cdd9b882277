"""Proxy: passes every request on to where it was meant for, and notes it and its answer, masked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, TypeAlias

import urllib3
from urllib3.exceptions import HTTPError
from waitress.server import create_server

from simulator.delivery import pool
from simulator.recording.exchange import Exchange, content
from simulator.recording.masking import Mask

CONTROL = "/__mock/"
"""What begins with this is passed on but not recorded."""

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "date",
              "server", "host", "content-encoding", "accept-encoding"}  # fmt: skip
Watcher: TypeAlias = Callable[[int], None]
"""Told how many exchanges there are by now."""

START: TypeAlias = Callable[[str, list[tuple[str, str]]], Any]


class Proxy:
    """A WSGI application in front of a URL that writes what passes into a file."""

    def __init__(self, upstream: str, file: IO[bytes], mask: Mask, watch: Watcher = lambda _: None) -> None:
        self._path, self._pool = pool(upstream)
        self._upstream = upstream
        self._file = file
        self._mask = mask
        self._watch = watch
        self.count = 0

    def __call__(self, environ: Mapping[str, Any], start: START) -> Iterable[bytes]:
        """Pass a request on and give back the answer to it."""
        path = environ["REQUEST_URI"]
        body = environ["wsgi.input"].read()
        headers = request_headers(environ)
        try:
            answer = self._pool.urlopen(
                environ["REQUEST_METHOD"], self._path + path, body=body or None, headers=headers,
                retries=False, redirect=False,
            )  # fmt: skip
        except (HTTPError, OSError) as error:
            start("502 Bad Gateway", [("Content-Type", "text/plain")])
            return [f"{self._upstream} does not answer: {error}\n".encode()]
        if not path.startswith(CONTROL):
            self._note(environ["REQUEST_METHOD"], path, headers, body, answer)
        kept = [(name, text) for name, text in answer.headers.items() if name.lower() not in HOP_BY_HOP]
        start(f"{answer.status} {answer.reason or 'OK'}", kept)
        return [answer.data]

    def _note(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, answer: urllib3.BaseHTTPResponse
    ) -> None:
        """Write an exchange down."""
        exchange = Exchange(
            method, path, headers, content(body), answer.status, content(answer.data), at=told_time(headers, answer)
        )
        self._file.write(self._mask.exchange(exchange).line())
        self._file.flush()
        self.count += 1
        self._watch(self.count)


def request_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a request, without those that concern one connection only."""
    named = {
        variable.removeprefix("HTTP_").replace("_", "-").lower(): text
        for variable, text in environ.items()
        if variable.startswith("HTTP_") or variable == "CONTENT_TYPE"
    }
    return {name: text for name, text in named.items() if name not in HOP_BY_HOP}


def told_time(headers: Mapping[str, str], answer: urllib3.BaseHTTPResponse) -> str | None:
    """When an exchange happened: by the clock of a mock if it was told one, else as the answer says."""
    if "x-mock-clock" in headers:
        return headers["x-mock-clock"]
    date = answer.headers.get("date")
    return parsedate_to_datetime(date).isoformat() if date else None


class Recorder:
    """A proxy on a port that appends to a file."""

    def __init__(self, upstream: str, file: Path, *, host: str, port: int, mask: Mask,
                 watch: Watcher = lambda _: None) -> None:  # fmt: skip
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that waits
        self._file = file.open("ab")
        self._proxy = Proxy(upstream, self._file, mask, watch)
        self._server = create_server(self._proxy, host=host, port=port, threads=1)
        self.url = f"http://{host}:{self._server.effective_port}"

    @property
    def count(self) -> int:
        """How many exchanges were written down."""
        return self._proxy.count

    def run(self) -> None:
        """Record until the process is told to stop."""
        try:
            self._server.run()
        finally:
            self._file.close()
