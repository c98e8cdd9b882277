"""Deadline: the end of a call as a whole, which the timeouts of its parts do not set."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool


class Deadline:
    """Cuts connections when so many seconds have passed, be they in the middle of a word."""

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self._lines: list[socket.socket] = []
        self._timer = Timer(seconds, self._pass)
        self._timer.daemon = True

    def watch(self, pool: HTTPConnectionPool) -> None:
        """Cut what a pool connects to from now on."""
        lines = self._lines

        class Watched(pool.ConnectionCls):  # type: ignore[name-defined,misc]
            """A connection that can be cut from outside; TLS takes the socket away, so a duplicate is kept."""

            def _new_conn(self) -> socket.socket:
                made: socket.socket = super()._new_conn()
                lines.append(made.dup())
                return made

        pool.ConnectionCls = Watched

    def _pass(self) -> None:
        self.has_passed = True
        for line in self._lines:
            with suppress(OSError):  # it has ended by itself
                line.shutdown(socket.SHUT_RDWR)

    def start(self) -> None:
        """Let time run."""
        self._timer.start()

    def end(self) -> None:
        """Cut nothing any more."""
        self._timer.cancel()
        self._timer.join()
        for line in self._lines:
            line.close()


@contextmanager
def deadline(seconds: float, pool: HTTPConnectionPool) -> Iterator[Deadline]:
    """A deadline that holds for what a pool connects to within the block."""
    found = Deadline(seconds)
    found.watch(pool)
    found.start()
    try:
        yield found
    finally:
        found.end()
