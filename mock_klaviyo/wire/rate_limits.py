"""Rate limits: fixed windows of a second, a minute and a day for each operation, which all keys share and no app."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mock_klaviyo.errors import ApiError, error
from mock_klaviyo.spec.operation import Operation, RateLimit

SECOND, MINUTE, DAY = 1, 60, 86_400


class RateLimits:
    """How many calls of each operation fell into each window; an app's calls are counted apart."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on
        self._counts: dict[tuple[str, str | None, int], tuple[int, int]] = {}

    def count(self, operation: Operation, now: datetime, app: str | None = None) -> Mapping[str, str]:
        """Count a call and give the headers that tell what is left; refuses a call too many."""
        tier = windows(operation.rate_limit)
        if not self._is_on:
            return headers(tier, 1, 0)
        second = int(now.timestamp())
        used = {length: self._used((operation.id, app, length), second) for length, _ in tier}
        waits = [length - second % length for length, limit in tier if used[length] >= limit]
        if waits:
            raise throttled(max(waits))
        for length, _ in tier:
            self._counts[operation.id, app, length] = (second // length, used[length] + 1)
        return headers(tier, used[SECOND] + 1, 0)

    def _used(self, counted: tuple[str, str | None, int], second: int) -> int:
        """How many calls of an operation, by an app or by keys, fell into the window of a length that is open now."""
        window, count = self._counts.get(counted, (-1, 0))
        return count if window == second // counted[-1] else 0

    def restart(self) -> None:
        """Forget all calls."""
        self._counts.clear()

    def remember(self) -> object:
        """The calls that were counted."""
        return dict(self._counts)

    def recall(self, state: Any) -> None:
        """Count on from the calls of that time."""
        self._counts = dict(state)


def windows(limit: RateLimit) -> list[tuple[int, int]]:
    """The lengths of the windows in seconds, and how many calls each allows."""
    found = [(SECOND, limit.burst), (MINUTE, limit.steady)]
    return [*found, (DAY, limit.daily)] if limit.daily else found


def headers(tier: list[tuple[int, int]], used: int, reset: int) -> Mapping[str, str]:
    """The RateLimit headers; they describe the tightest window.

    >>> headers([(1, 75), (60, 750)], 1, 0)["RateLimit-Limit"]
    '75, 75;w=1, 750;w=60'
    """
    burst = tier[0][1]
    parts = ", ".join(f"{limit};w={length}" for length, limit in tier)
    return {
        "RateLimit-Limit": f"{burst}, {parts}",
        "RateLimit-Remaining": str(burst - used),
        "RateLimit-Reset": str(reset),
    }


def throttled(seconds: int) -> ApiError:
    """The refusal of a call too many, with the whole seconds to wait."""
    wait = f"{seconds} second" if seconds == 1 else f"{seconds} seconds"
    return error("throttled", wait=wait, headers={"Retry-After": str(seconds)})
