"""Server: an application on a port, by waitress, in this thread or in one of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from mock_klaviyo.accounts import Accounts
from mock_klaviyo.api.parking import Parking
from mock_klaviyo.wire.bodies import LARGEST

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

TICK = 1.0
"""How many seconds pass before webhooks are looked after again."""

CONTROL = "/__mock/"

LARGEST_UPLOAD = 8 * LARGEST
"""Larger bodies are not even read; everything up to here gets Klaviyo's own 413."""


class Server:
    """A running server; one thread answers, which is the fastest for work that SQLite does one at a time anyway."""

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0, *, control_port: int | None = None) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that waits
        self._sockets: dict[int, Any] = {}
        self._servers: list[Any] = []
        try:
            self._server = self._listen(app, host, port)
            self._control = self._server
            if control_port is not None:
                self._control = self._listen(only_control(app), host, control_port)
        except OSError:  # the port is taken
            self._end()
            raise
        self.host, self.port = host, int(self._server.effective_port)
        self._thread: Thread | None = None
        self._accounts: Accounts | None = app.extensions.get("accounts")
        self._parking: Parking = app.extensions.get("parking") or Parking()
        for each in self._servers:
            self._parking.serve(each.task_dispatcher.set_thread_count)
        self._is_stopped = Event()
        self._ticker = Thread(target=self._tick, name="mock-klaviyo clock", daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._url_at(self.port)

    @property
    def control_url(self) -> str:
        """Where it answers the control routes, whatever happens to the others."""
        return self._url_at(int(self._control.effective_port))

    def _url_at(self, port: int) -> str:
        """The URL of a port."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://{host}:{port}"

    def _listen(self, app: WSGIApplication, host: str, port: int) -> Any:
        """What answers at a port; all are run by one loop. Raises `OSError`, saying where, when the port is taken."""
        try:
            server = create_server(
                app,
                map=self._sockets,
                host=host,
                port=port,
                threads=1,
                ident="mock-klaviyo",
                max_request_body_size=LARGEST_UPLOAD,
                clear_untrusted_proxy_headers=True,
            )
        except OSError as reason:
            told = f"{reason.strerror or reason}: {host} port {port}; another --port helps, 0 takes a free one"
            raise OSError(reason.errno, told) from None
        self._servers.append(server)
        return server

    def run(self) -> None:
        """Answer until the process is told to stop; meanwhile do what time brings about."""
        self._ticker.start()
        self._server.run()

    def _tick(self) -> None:
        """Let time pass."""
        while not self._is_stopped.wait(TICK):
            for account in self._accounts.every() if self._accounts else ():
                account.tick()

    def start(self) -> None:
        """Answer in a thread of its own."""
        self._thread = Thread(target=self.run, name="mock-klaviyo", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._is_stopped.set()
        self._parking.close()
        with suppress(OSError):  # the loop may take the task, and close the trigger too, before the trigger is pulled
            self._server.trigger.pull_trigger(self._close)
        if self._thread is not None:
            self._thread.join()
            self._ticker.join()
        self._end_threads()

    def close(self) -> None:
        """Answer no more, and close the stores."""
        self.stop()
        if self._accounts is not None:
            self._accounts.close()

    def _end(self) -> None:
        """Let go of everything before it has begun."""
        self._close()
        self._end_threads()

    def _end_threads(self) -> None:
        """Let no thread answer any more."""
        for each in self._servers:
            each.task_dispatcher.shutdown()

    def _close(self) -> None:
        """Let go of every socket."""
        wasyncore.close_all(self._sockets, ignore_all=True)


def only_control(app: WSGIApplication) -> WSGIApplication:
    """An application's control routes, and nothing else of it."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(CONTROL):
            return app(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [f"Only {CONTROL} is here; Klaviyo's own paths are at the other port.\n".encode()]

    return answer
