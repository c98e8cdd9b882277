"""Server: an application on a port, by waitress, in this thread or in one of its own."""

from __future__ import annotations

import logging
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from mock_klaviyo.accounts import Accounts
from mock_klaviyo.api.parking import Parking
from mock_klaviyo.wire.bodies import LARGEST

TICK = 1.0
"""How many seconds pass before webhooks are looked after again."""

LARGEST_UPLOAD = 8 * LARGEST
"""Larger bodies are not even read; everything up to here gets Klaviyo's own 413."""


class Server:
    """A running server; one thread answers, which is the fastest for work that SQLite does one at a time anyway."""

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that waits
        self._sockets: dict[int, Any] = {}
        try:
            self._server = create_server(
                app,
                map=self._sockets,
                host=host,
                port=port,
                threads=1,
                ident="mock-klaviyo",
                max_request_body_size=LARGEST_UPLOAD,
                clear_untrusted_proxy_headers=True,
            )
        except OSError:  # the port is taken
            self._close()
            raise
        self.host, self.port = host, int(self._server.effective_port)
        self._thread: Thread | None = None
        self._accounts: Accounts | None = app.extensions.get("accounts")
        self._parking: Parking = app.extensions.get("parking") or Parking()
        self._parking.serve(self._server.task_dispatcher.set_thread_count)
        self._is_stopped = Event()
        self._ticker = Thread(target=self._tick, name="mock-klaviyo clock", daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://{host}:{self.port}"

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
        self._server.task_dispatcher.shutdown()

    def close(self) -> None:
        """Answer no more, and close the stores."""
        self.stop()
        if self._accounts is not None:
            self._accounts.close()

    def _close(self) -> None:
        """Let go of every socket."""
        wasyncore.close_all(self._sockets, ignore_all=True)
