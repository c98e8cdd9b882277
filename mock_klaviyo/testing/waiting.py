"""Waiting: looks again and again, until time is up."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from time import monotonic

PAUSE = 0.02
"""How many seconds pass between two looks."""


def turns(timeout: float) -> Iterator[None]:
    """A look now, one each time something may have arrived, and a last one when the time is up."""
    ends = monotonic() + timeout
    pause = Event()
    while True:
        yield
        if monotonic() >= ends:
            return
        pause.wait(min(PAUSE, max(0.0, ends - monotonic())))
