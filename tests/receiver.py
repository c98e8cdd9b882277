"""A web server on this machine that tests can be called by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Condition, Thread


@dataclass
class Receiver:
    """What was received, and what is answered: a status for each call, 200 when none is left."""

    url: str = ""
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    content: bytes = b""
    on_call: Callable[[], object] | None = None
    received: Condition = field(default_factory=Condition)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A running receiver on a free port."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with found.received:
                found.calls.append((dict(self.headers), body))
                found.received.notify_all()
            if found.on_call:
                found.on_call()
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            if self.path == "/redirect":
                self.send_header("Location", "https://example.com/")
            self.end_headers()
            self.wfile.write(found.content)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
