"""Chance for faults: draws that depend on a key and on how many came before under it, and on nothing else."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist

STRATA = 1000
"""Of this many draws in a row one falls into each thousandth: a rate is met, whatever the seed."""


def fraction(key: str, number: int) -> float:
    """The draw of a number under a key, from 0 up to 1.

    >>> fraction("seed 0", 7) == fraction("seed 0", 7) != fraction("seed 1", 7)
    True
    """
    stratum = order(key, number // STRATA)[number % STRATA]
    return (stratum + hashed(f"{key} {number}")) / STRATA


def normal(key: str, number: int) -> float:
    """The draw of a number under a key, from the standard normal distribution."""
    return NormalDist().inv_cdf(max(fraction(key, number), 1e-9))


@lru_cache(maxsize=256)
def order(key: str, block: int) -> tuple[int, ...]:
    """The order in which the draws of a block fall into the strata."""
    return tuple(sorted(range(STRATA), key=lambda stratum: hashed(f"{key} {block} {stratum}")))


def hashed(text: str) -> float:
    """A text as a number from 0 up to 1, always the same."""
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest()) / 2**48
