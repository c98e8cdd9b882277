"""Chance: seeded sources of it, each with a key of its own."""

from __future__ import annotations

from random import Random

Chance = Random


def chance(*key: object) -> Chance:
    """A source of chance that depends on its key alone, so a further draw elsewhere never changes it.

    >>> chance(4711, "ana").random() == chance(4711, "ana").random()
    True
    """
    return Random("\x1f".join(map(str, key)))
