"""Our own route that waits: until something has arrived, or until nothing more arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from flask import Response

from mock_klaviyo.api.faults import parking
from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control import messages
from mock_klaviyo.control.answering import answer, asked, blueprint, span, whole_number
from mock_klaviyo.control.declaring import DURATION, NUMBER, Argument, ControlError, refuse_unknown
from mock_klaviyo.control.documents import message_document
from mock_klaviyo.control.finding import EVENTS, OF_PROFILE, PROFILES, REQUESTS, Kind, Wanted, some
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.store.rows import Row

MOST = 1000
"""How many can be waited for."""

LONGEST = timedelta(minutes=10)

SPACING = 0.05
"""Seconds between two looks at least, however much arrives."""

RECHECK = 0.25
"""Seconds after which one looks again in any case: time alone may bring messages about."""


def found_messages(account: Klaviyo, wanted: Wanted, after: int) -> Iterator[Row]:
    """Messages, also of a profile or of an id."""
    renamed = {"to" if name == "profile" else name: value for name, value in wanted.items() if name != "id"}
    found = messages.found(account, renamed, after, MOST)
    return (row for row in found if wanted.get("id") in (None, row.id))


MESSAGES = Kind(
    (*messages.SEARCH, OF_PROFILE, Argument("id", "The message's id.")),
    found_messages,
    lambda _, row: message_document(row),
    lambda argument, text: messages.wish(argument.name, text),
)

KINDS: Mapping[str, Kind] = {"events": EVENTS, "requests": REQUESTS, "messages": MESSAGES, "profiles": PROFILES}
IDLE = "idle"

ARGUMENTS = (
    Argument("for", "What is waited for.", {"type": "string", "enum": [*KINDS, IDLE]}, "events"),
    Argument("count", f"How many there must be, {MOST} at most.", NUMBER, 1),
    Argument("after", "Only those with greater numbers.", NUMBER, 0),
    Argument("timeout", "How long to wait, on the wall clock.", DURATION, "5s"),
    Argument("quiet", "For idle: how long no request may have come.", DURATION, "250ms"),
)
OTHERS = tuple({each.name: each for kind in KINDS.values() for each in kind.arguments}.values())


@dataclass(frozen=True)
class Look:
    """What one look found, and whether it is enough."""

    is_enough: bool
    found: list[Json]


@blueprint.get(
    "/wait",
    arguments=(*ARGUMENTS, *OTHERS),
    answers={
        200: "What was waited for has come.",
        408: "It has not; what is there of it.",
        409: "The world was removed or made anew meanwhile.",
    },
)
def wait() -> Response:
    """Wait until events, requests, messages or profiles have come, or until nothing more comes (`for=idle`)."""
    look, timeout = looking(klaviyo()), limited("timeout").total_seconds()
    last = waited(klaviyo(), look, timeout)
    document = {"found": last.is_enough, "count": len(last.found), "data": last.found}
    return answer(document, 200 if last.is_enough else 408)


def looking(account: Klaviyo) -> Callable[[], Look]:
    """What looks for what the request asks for."""
    name = asked("for") or ""
    if name == IDLE:
        refuse_others(IDLE, ())
        return idleness(account, limited("quiet").total_seconds())
    if name not in KINDS:
        raise ControlError(f"for must be one of {', '.join([*KINDS, IDLE])}, not {name!r}")
    kind = KINDS[name]
    refuse_others(name, kind.arguments)
    wanted, count, after = kind.wanted(), min(whole_number("count"), MOST), whole_number("after")

    def look() -> Look:
        found = some(kind.find(account, wanted, after), MOST)
        return Look(len(found) >= count, [kind.document(account, each) for each in found])

    return look


def refuse_others(name: str, known: tuple[Argument, ...]) -> None:
    """Refuse arguments that only other kinds have."""
    given = [each.name for each in OTHERS if asked(each.name) is not None]
    refuse_unknown(given, [each.name for each in known], f"GET /__mock/wait?for={name}")


def idleness(account: Klaviyo, quiet: float) -> Callable[[], Look]:
    """What looks whether nobody has called for a while, and all answers are given."""
    seen, since = account.activity, monotonic()

    def look() -> Look:
        nonlocal seen, since
        if account.activity != seen or parking().is_anybody_late:
            seen, since = account.activity, monotonic()
        return Look(monotonic() - since >= quiet, [])

    return look


def waited(account: Klaviyo, look: Callable[[], Look], timeout: float) -> Look:
    """The first look that finds enough, or the last one before time is up."""
    ends = monotonic() + timeout
    found = look()
    with parking().watching(), listening(account):
        while not found.is_enough and (left := ends - monotonic()) > 0 and not parking().is_closed:
            seen = account.activity
            parking().pause(min(SPACING, left))
            left = min(RECHECK, max(ends - monotonic(), 0))
            parking().wait_for_change(lambda seen=seen: account.activity != seen, left)  # type: ignore[misc]
            found = look()
    return found


@contextmanager
def listening(account: Klaviyo) -> Iterator[None]:
    """Inside, whatever reaches an account wakes those that wait."""
    tell = parking().tell
    account.listeners.append(tell)
    try:
        yield
    finally:
        account.listeners.remove(tell)


def limited(name: str) -> timedelta:
    """A duration up to the longest that one may wait."""
    found = span(name)
    if found > LONGEST:
        raise ControlError(f"{name} may be {LONGEST.seconds // 60}m at most, not {asked(name)}")
    return found
