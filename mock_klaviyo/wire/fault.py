"""Fault: what goes wrong on Klaviyo's side, with which requests, how often and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from fnmatch import translate
from typing import Any

from mock_klaviyo.durations import duration
from mock_klaviyo.json import Json
from mock_klaviyo.spec.formats import moment
from mock_klaviyo.wire.latency import Latency, latency

METHODS = ("*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PHASES = ("before", "after")

KINDS: Mapping[str, str] = {
    "status": "the answer is an error with this status",
    "latency": "the answer is held back",
    "reset": "the connection is reset (RST) instead of an answer",
    "timeout": "no answer comes, until the client gives up",
    "empty": "the connection is closed without a byte",
    "slow_body": "the headers come at once, the body bit by bit over `latency`",
    "cut_body": "the connection is closed in the middle of the body",
    "segments_late": "segments show who was in them `latency` ago, on the server's clock",
}
"""What can go wrong."""

UNSEEN = ("reset", "timeout", "empty")
"""Kinds of which the client gets no answer."""

IN_PHASES = ("status", *UNSEEN)
"""Kinds that come before the request takes effect or after."""

MEMBERS: Mapping[str, Json] = {
    "match": {"type": "string", "description": "Method and path, either may be *", "examples": ["POST /api/events"]},
    "kind": {"type": "string", "enum": list(KINDS), "description": "What goes wrong; told by the others if left out."},
    "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The status of the error."},
    "phase": {"type": "string", "enum": list(PHASES), "description": "Before or after the request takes effect."},
    "rate": {"type": "number", "minimum": 0, "maximum": 1, "description": "Of how many it hits one."},
    "times": {"type": "integer", "minimum": 1, "description": "How often at most."},
    "every": {"type": "integer", "minimum": 1, "description": "Of the matching requests only each third, when 3."},
    "latency": {"description": 'A duration, {"uniform": [a, b]} or {"lognormal": {"median": a, "sigma": 0.5}}'},
    "retry_after": {
        "type": "integer",
        "minimum": 0,
        "description": "Seconds that a 429 or 503 names, 1 unless told.",
    },
    "from": {"type": "string", "description": "A time on the server's clock, or a duration from now."},
    "to": {"type": "string", "description": "A time on the server's clock, or a duration from now."},
    "seed": {"type": ["integer", "string"], "description": "What decides which are hit; the server's unless told."},
}
"""What a fault is described by."""


class FaultError(ValueError):
    """A fault that cannot be; says what is wrong and what would be right."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong; `given` is how it was described."""

    given: Json
    kind: str
    method: str = "*"
    path: re.Pattern[str] = field(default_factory=lambda: re.compile(""))
    status: int | None = None
    is_after: bool = False
    rate: float = 1
    times: int | None = None
    every: int = 1
    latency: Latency | None = None
    retry_after: int = 1
    since: datetime | None = None
    until: datetime | None = None
    seed: str = "0"

    def matches(self, method: str, path: str) -> bool:
        """Whether it is about a request."""
        return self.method in ("*", method) and self.path.fullmatch(path.rstrip("/")) is not None

    def is_open(self, now: datetime) -> bool:
        """Whether it happens at this time."""
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)

    @property
    def is_failure(self) -> bool:
        """Whether the client does not get the answer that the request deserves."""
        return self.status is not None or self.kind in UNSEEN


def fault(given: Any, now: datetime, seed: int | str = 0) -> Fault:
    """The fault that a description stands for; times may be durations from now."""
    if not isinstance(given, dict):
        raise FaultError(f'a fault must be an object such as {{"match": "POST /api/events", "status": 503}}: {given!r}')
    for name in given:
        if name not in MEMBERS:
            near = "".join(f" ({each}?)" for each in get_close_matches(name, MEMBERS, 1))
            raise FaultError(f"a fault has no {name!r}{near}; it has {', '.join(MEMBERS)}")
    status, kind = whole(given, "status", 400, 599), kind_of(given)
    method, path = match(given.get("match", "*"))
    return Fault(
        given=given,
        kind=kind,
        method=method,
        path=path,
        status=status,
        is_after=phase(given, kind) == "after",
        rate=rate(given.get("rate", 1)),
        times=whole(given, "times", 1),
        every=whole(given, "every", 1) or 1,
        latency=held_back(given, kind),
        retry_after=retry_after(given),
        since=time(given, "from", now),
        until=time(given, "to", now),
        seed=str(given.get("seed", seed)),
    )


def kind_of(given: Json) -> str:
    """What goes wrong; told by the other members when it is not said."""
    kind: Any = given.get("kind") or ("status" if "status" in given else "latency" if "latency" in given else None)
    if kind not in KINDS:
        near = "".join(f" ({each}?)" for each in get_close_matches(str(kind), KINDS, 1))
        raise FaultError(f"a fault needs status, latency or a kind of {', '.join(KINDS)}; kind is {kind!r}{near}")
    if kind in (*UNSEEN, "segments_late", "latency") and "status" in given:
        raise FaultError(f"a fault of kind {kind} has no status, since no error is answered")
    needed = {"status": "status", "latency": "latency", "slow_body": "latency", "segments_late": "latency"}.get(kind)
    if needed and needed not in given:
        raise FaultError(f"a fault of kind {kind} needs {needed}")
    return str(kind)


def match(text: Any) -> tuple[str, re.Pattern[str]]:
    """The method and the paths that a text such as `POST /api/events` or `/api/profiles/*` means."""
    words = str(text).split()
    method, path = words if len(words) == 2 else ("*", words[0] if len(words) == 1 else "")
    if method.upper() not in METHODS or not path.startswith(("/", "*")):
        raise FaultError(f'match must be a method and a path such as "POST /api/events", "/api/*" or "*", not {text!r}')
    return method.upper(), re.compile(translate(path.rstrip("/") or "/"))


def phase(given: Json, kind: str) -> str:
    """Whether the request takes effect first."""
    found = given.get("phase", PHASES[0])
    if found not in PHASES:
        raise FaultError(f"phase must be one of {', '.join(PHASES)}, not {found!r}")
    if "phase" in given and kind not in IN_PHASES and "status" not in given:
        raise FaultError(f"phase goes with {', '.join(IN_PHASES)}; a request under a {kind} always takes effect")
    return str(found)


def rate(given: Any) -> float:
    """Of how many requests it hits one."""
    if not isinstance(given, int | float) or isinstance(given, bool) or not 0 <= given <= 1:
        raise FaultError(f"rate must be a number from 0 to 1, not {given!r}")
    return float(given)


def whole(given: Json, name: str, least: int, most: int = 10**9) -> int | None:
    """A whole number, None when it is not given."""
    found = given.get(name)
    if found is not None and (not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most):
        raise FaultError(f"{name} must be a whole number from {least} to {most}, not {found!r}")
    return found


def retry_after(given: Json) -> int:
    """The seconds that a 429 or 503 asks the client to wait."""
    found = whole(given, "retry_after", 0)
    return 1 if found is None else found


def held_back(given: Json, kind: str) -> Latency | None:
    """How long answers are held back."""
    if "latency" not in given:
        return None
    try:
        found = latency(given["latency"])
    except ValueError as reason:
        raise FaultError(str(reason)) from None
    if kind == "segments_late" and not isinstance(given["latency"], str):
        raise FaultError('the latency of segments_late must be a duration such as "2h 30m"')
    return found


def time(given: Json, name: str, now: datetime) -> datetime | None:
    """A time, also one that is given as a duration from now."""
    if name not in given:
        return None
    try:
        return now + span(given[name]) if is_duration(given[name]) else moment(given[name])
    except (ValueError, TypeError, OverflowError):
        said = "an ISO 8601 time such as 2026-03-01T08:00:00Z or a duration from now such as 5m"
        raise FaultError(f"{name} must be {said}, not {given[name]!r}") from None


def is_duration(text: Any) -> bool:
    """Whether a text is a duration."""
    return isinstance(text, str) and re.fullmatch(r"[0-9 wdhms]+", text) is not None


def span(text: str) -> timedelta:
    """The duration that a text names."""
    return duration(text)
