"""Reading: what a user's code gave for an event, as requests, whatever shape it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.target import TargetFault

EXPECTED = (
    'requests for Klaviyo such as {"method": "POST", "path": "/api/events", "body": {…}}, a list of them, or None'
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MEMBERS = ("method", "path", "body")
SHOWN_LENGTH = 160


def requests(given: Any, cause: str, place: str) -> Iterator[KlaviyoRequest]:
    """The requests that somebody gave: none, one, or several; `place` is where they were given."""
    if given is None:
        return
    if is_request(given):
        yield request(given, cause, place)
    elif isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        for one in given:
            if not is_request(one):
                raise TargetFault(EXPECTED, shown(one), place=place)
            yield request(one, cause, place)
    else:
        raise TargetFault(EXPECTED, shown(given), place=place)


def is_request(given: Any) -> bool:
    """Whether something has a method and a path, as keys or as attributes."""
    if isinstance(given, Mapping):
        return "method" in given and "path" in given
    return hasattr(given, "method") and hasattr(given, "path")


def request(given: Any, cause: str, place: str) -> KlaviyoRequest:
    """One request; the host of a whole address is left out."""
    members = {name: given.get(name) if isinstance(given, Mapping) else getattr(given, name, None) for name in MEMBERS}
    method, path, body = members.values()
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise TargetFault(f"a method such as {', '.join(METHODS)}", shown(method), place=place)
    if not isinstance(path, str) or not (local := without_host(path)).startswith("/"):
        raise TargetFault("a path such as /api/events", shown(path), place=place)
    if body is not None and not isinstance(body, dict):
        raise TargetFault("a body that is a JSON object", shown(body), place=place)
    return KlaviyoRequest(method.upper(), local, body or {}, cause)


def without_host(path: str) -> str:
    """A path with its query.

    >>> without_host("https://a.klaviyo.com/api/events?x=1"), without_host("/api/events")
    ('/api/events?x=1', '/api/events')
    """
    parts = urlsplit(path)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def shown(value: Any) -> str:
    """A value of unknown kind as a report shows it."""
    text = f"{type(value).__name__} {value!r}"
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 3]}..."
