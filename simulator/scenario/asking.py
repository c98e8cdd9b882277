"""Asking: what command lines say, as values; and requests as the lines that they print."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from simulator import json
from simulator.scenario.moments import duration, instant
from simulator.scenario.words import Mistake
from simulator.targets.target import Outgoing

STDOUT = "-"


def beginning(start: str | None) -> datetime | None:
    """The time that an option tells."""
    try:
        return None if start is None else instant(start)
    except ValueError as error:
        raise Mistake(f"--start: {error}") from error


def length(until: str | None) -> timedelta | None:
    """The length of time that an option tells."""
    try:
        return None if until is None else duration(until)
    except ValueError as error:
        raise Mistake(f"--until: {error}") from error


def setting(text: str) -> tuple[str, Any]:
    """A path and a value; what is not JSON is text.

    >>> setting("points=500"), setting("tier.name=Gold")
    (('points', 500), ('tier.name', 'Gold'))
    """
    path, sign, value = text.partition("=")
    if not sign:
        raise Mistake(f"--set {text}: say PATH=VALUE")
    try:
        return path, json.read(value)
    except ValueError:
        return path, value


def line(one: Outgoing) -> bytes:
    """A request as a JSON line."""
    request = one.request
    return json.written(
        {
            "at": one.at,
            "vendor": one.vendor,
            "cause": request.cause,
            "method": request.method,
            "path": request.path,
            "body": request.body,
        }
    )
