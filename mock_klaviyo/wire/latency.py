"""Latency: how long an answer is held back, always the same or drawn from a distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import exp
from typing import Any, TypeAlias

from mock_klaviyo.durations import duration
from mock_klaviyo.wire import chance

LONGEST = timedelta(days=1)
FORMS = (
    'latency must be a duration such as "200ms", {"uniform": ["1s", "3s"]} or '
    '{"lognormal": {"median": "200ms", "sigma": 0.5}}'
)

Draw: TypeAlias = Callable[[str, int], float]
"""Seconds, from a key and the number of the draw under it."""


@dataclass(frozen=True)
class Latency:
    """How long answers are held back: the longest, and how each is drawn, in seconds."""

    longest: timedelta
    draw: Draw


def latency(given: Any) -> Latency:
    """The latency that a value describes; raises `ValueError` for any other.

    >>> latency("200ms").draw("any", 0)
    0.2
    """
    if isinstance(given, Mapping):
        (name, form), *others = list(given.items()) or [("", None)]
        if name not in DISTRIBUTIONS or others:
            raise ValueError(f"{FORMS}, not {given!r}")
        return DISTRIBUTIONS[name](form)
    span = checked(given)
    return Latency(span, lambda _key, _number: span.total_seconds())


def uniform(form: Any) -> Latency:
    """From the shortest to the longest, all alike."""
    if not isinstance(form, list) or len(form) != 2:
        raise ValueError(FORMS)
    shortest, longest = map(checked, form)
    if shortest > longest:
        raise ValueError(f"uniform must name the shorter duration first, not {form!r}")
    span = (longest - shortest).total_seconds()
    return Latency(longest, lambda key, number: shortest.total_seconds() + span * chance.fraction(key, number))


def lognormal(form: Any) -> Latency:
    """Mostly near the median, now and then far above it, never above `max`."""
    if not isinstance(form, Mapping) or not {"median", "sigma"} <= form.keys() <= {"median", "sigma", "max"}:
        raise ValueError(f'{FORMS}, perhaps with "max", not {form!r}')
    median, sigma, longest = checked(form["median"]), form["sigma"], checked(form.get("max", "1h"))
    if not isinstance(sigma, int | float) or isinstance(sigma, bool) or not 0 <= sigma <= 5:
        raise ValueError(f"sigma must be a number from 0 to 5, not {sigma!r}")

    def draw(key: str, number: int) -> float:
        return min(median.total_seconds() * exp(sigma * chance.normal(key, number)), longest.total_seconds())

    return Latency(longest, draw)


DISTRIBUTIONS: Mapping[str, Callable[[Any], Latency]] = {"uniform": uniform, "lognormal": lognormal}
"""How a latency can be drawn."""


def checked(given: Any) -> timedelta:
    """A duration, up to a day."""
    if not isinstance(given, str):
        raise ValueError(f"{FORMS}, not {given!r}")
    found = duration(given)
    if found > LONGEST:
        raise ValueError(f"a latency may be {LONGEST.days} day at most, not {given}")
    return found
