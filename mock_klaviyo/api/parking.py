"""Parking: where requests wait without keeping others waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Any

Resize = Callable[[int], Any]
"""Lets so many threads of a server answer."""


class Parking:
    """Requests that wait; while any does, one thread more than those is there to answer the others.

    A server has one thread, which is the fastest; it gets further ones here and gives them back.
    """

    def __init__(self) -> None:
        self._servers: list[Resize] = []
        self._parked = self._watching = 0
        self._is_closed = False
        self._changed = Condition()

    def serve(self, resize: Resize) -> None:
        """Take threads from a server."""
        self._servers.append(resize)

    def wait(self, seconds: float) -> bool:
        """Wait; says whether the server is about to stop, which ends all waits."""
        with self.parked():
            return self.pause(seconds)

    def pause(self, seconds: float) -> bool:
        """Wait as `wait` does, in a request that is parked already."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_closed, seconds)

    def wait_for_change(self, has_changed: Callable[[], bool], seconds: float) -> None:
        """Wait until something has changed, at most some seconds; for a request that is parked already."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or has_changed(), seconds)

    def tell(self) -> None:
        """Let whoever waits for a change look again."""
        if self._parked:
            with self._changed:
                self._changed.notify_all()

    @contextmanager
    def parked(self) -> Iterator[None]:
        """Wait inside; others are answered meanwhile."""
        self._resize(1)
        try:
            yield
        finally:
            self._resize(-1)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Wait inside for what others do; such a wait holds no answer back."""
        with self.parked():
            self._watching += 1
            try:
                yield
            finally:
                self._watching -= 1

    @property
    def is_anybody_late(self) -> bool:
        """Whether an answer is held back."""
        return self._parked > self._watching

    @property
    def is_closed(self) -> bool:
        """Whether the server is about to stop."""
        return self._is_closed

    def _resize(self, by: int) -> None:
        """Let as many threads answer as are needed; a server that stops gets no new ones."""
        with self._changed:
            self._parked += by
            if not self._is_closed:
                for resize in self._servers:
                    resize(self._parked + 1)

    def close(self) -> None:
        """End all waits."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
