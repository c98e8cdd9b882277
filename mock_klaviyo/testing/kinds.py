"""Kinds: what one can expect to arrive, where it is read, and as which members it is matched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.testing.matching import Wanted

IDENTIFIERS = ("id", "email", "phone_number", "external_id", "anonymous_id")


@dataclass(frozen=True)
class Named:
    """Whether a profile has an identifier."""

    identifier: str

    def __call__(self, profile: Json) -> bool:
        """Whether it does."""
        return self.identifier in (profile.get(name) for name in IDENTIFIERS)

    def __str__(self) -> str:
        return repr(self.identifier)


@dataclass(frozen=True)
class Pattern:
    """Whether a method and path match a pattern such as `POST /api/profiles*`."""

    text: str

    def __call__(self, request: str) -> bool:
        """Whether they do."""
        return fnmatchcase(request, self.text)

    def __str__(self) -> str:
        return repr(self.text)


@dataclass(frozen=True)
class Kind:
    """What can arrive: its route below /__mock, how it is shown, and which criteria the short words stand for."""

    name: str
    route: str
    shown: Callable[[Json], Json]
    criteria: Callable[[dict[str, Wanted]], dict[str, Wanted]]


def event(found: Json) -> Json:
    """An event as it is matched; `event` is its metric's name."""
    return {"event": found["metric"], **found}


def event_criteria(wanted: dict[str, Wanted]) -> dict[str, Wanted]:
    """Events that Klaviyo keeps, unless dropped ones are asked for; a text names the profile by any identifier."""
    return {"outcome": "stored"} | wanted | named(wanted.get("profile"))


def named(profile: Wanted) -> dict[str, Wanted]:
    """The criterion for a profile that is named by one of its identifiers."""
    if not isinstance(profile, str):
        return {} if profile is None else {"profile": profile}
    return {"profile": Named(profile)}


def profile(found: Json) -> Json:
    """A profile as it is matched: its attributes, id and lists."""
    return {
        "number": found["number"],
        "id": found["id"],
        "lists": found["lists"],
        **found["attributes"],
        "profile": known(found),
    }


def known(found: Json) -> Json:
    """A profile's identifiers."""
    attributes = {"id": found["id"], **found["attributes"]}
    return {name: attributes[name] for name in IDENTIFIERS if attributes.get(name)}


def request(found: Json) -> Json:
    """A request as it is matched: `request` is its method and path, `body` is read as JSON where it is JSON."""
    path = "/" + found["url"].split("://", 1)[-1].partition("/")[2].partition("?")[0]
    return {"request": f"{found['method']} {path}", **found, "body": parsed(found["body"])}


def request_criteria(wanted: dict[str, Wanted]) -> dict[str, Wanted]:
    """A text names method and path, with `*` for any part: `POST /api/profiles*`."""
    pattern = wanted.get("request")
    return wanted | {"request": Pattern(pattern)} if isinstance(pattern, str) else wanted


def parsed(text: str) -> Any:
    """A body as JSON, where it is."""
    try:
        return json.read(text.encode())
    except ValueError:
        return text


def message(found: Json) -> Json:
    """A message as it is matched: `message` is its channel."""
    return {"message": found.get("channel"), **found}


KINDS = {
    each.name: each
    for each in (
        Kind("event", "events", event, event_criteria),
        Kind("profile", "profiles", profile, lambda wanted: wanted | named(wanted.get("profile"))),
        Kind("request", "requests", request, request_criteria),
        Kind("message", "messages", message, lambda wanted: {"outcome": "sent"} | wanted),
    )
}


def kind(wanted: dict[str, Wanted]) -> Kind:
    """The kind that the first criterion names."""
    __tracebackhide__ = True
    first = next(iter(wanted), "nothing")
    if first not in KINDS:
        nearest = "".join(f" ({each}?)" for each in get_close_matches(first, KINDS, 1))
        raise TypeError(f'expect(event="Placed Order", …): begin with one of {", ".join(KINDS)}, not {first}{nearest}')
    return KINDS[first]


def check_criteria(wanted: dict[str, Wanted], all_found: list[Json]) -> None:
    """Refuse criteria that nothing of the kind has; a misspelt one would never be met, or always."""
    __tracebackhide__ = True
    members = {name for each in all_found for name in each}
    unknown = [name for name in wanted if members and name not in members]
    if unknown:
        nearest = "".join(f" ({each}?)" for each in get_close_matches(unknown[0], members, 1))
        raise TypeError(f"there is no {unknown[0]!r}{nearest}; there are {', '.join(sorted(members))}")
