"""Chance: seeded sources of it, each with a key of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

Chance = Random

CENTURY = 36_525
"""In days: the longest gap that chance leaves, since calendars end."""


def chance(*key: object) -> Chance:
    """A source of chance that depends on its key alone, so a further draw elsewhere never changes it.

    >>> chance(4711, "ana").random() == chance(4711, "ana").random()
    True
    """
    return Random("\x1f".join(map(str, key)))


def uuid(luck: Chance) -> str:
    """A random UUID.

    >>> uuid(chance(4711))
    'c6ac3055-f3ed-47c2-8ff5-8277351d1ea3'
    """
    digits = f"{luck.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{luck.choice('89ab')}{digits[17:20]}-{digits[20:]}"


def moments(luck: Chance, start: datetime, end: datetime, *, yearly: float, hours: Sequence[int]) -> Iterator[datetime]:
    """Moments between two times, so many a year on average and at one of these hours; days are in order."""
    day = start
    while (day := day + timedelta(days=min(luck.expovariate(yearly / 365), CENTURY))) < end:
        at = day.replace(hour=luck.choice(hours), minute=luck.randrange(60), second=luck.randrange(60), microsecond=0)
        if start <= at < end:
            yield at
