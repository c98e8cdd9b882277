"""Omnisend's rate limit: so many requests of an account in any minute, counted by a sliding window.

https://api-docs.omnisend.com/reference/rate-limit-timeouts-errors; calls that are refused do not count (assumed).
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any

LIMIT = 400
WINDOW = timedelta(minutes=1)


class SlidingLimit:
    """The times of the calls within the last minute; one that is off allows everything."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on
        self._times: deque[datetime] = deque(maxlen=LIMIT)

    def allows(self, now: datetime) -> bool:
        """Whether a call is one of those that are allowed, which counts it."""
        if self._is_on and len(self._times) == LIMIT and now - self._times[0] < WINDOW:
            return False
        self._times.append(now)
        return True

    def restart(self) -> None:
        """Forget all calls."""
        self._times.clear()

    def remember(self) -> object:
        """The calls that were counted."""
        return tuple(self._times)

    def recall(self, state: Any) -> None:
        """Count on from the calls of that time."""
        self._times = deque(state, maxlen=LIMIT)
