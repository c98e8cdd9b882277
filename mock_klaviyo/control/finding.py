"""Finding events, requests and profiles: by id, by whom they are about, by where they came from and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from heapq import merge
from itertools import islice
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from mock_klaviyo.control.answering import asked, moment
from mock_klaviyo.control.declaring import TIME, Argument, ControlError
from mock_klaviyo.control.documents import event_document, profile_document
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.intake import DROPPED
from mock_klaviyo.store.rows import Row
from mock_klaviyo.wire.journal import Entry

AT_ONCE = 500
"""How many are read at once while one searches."""

OUTCOMES = ("stored", "dropped")

Wanted: TypeAlias = Mapping[str, Any]
"""What is looked for, by the argument that says so."""

Find: TypeAlias = Callable[[Klaviyo, Wanted, int], Iterator[Any]]
"""All that is wanted, in order, after a number."""

LINEAGE = (
    Argument("cause", "What the request came from: the header X-Mock-Cause."),
    Argument("target", "What sent it: the header X-Mock-Target."),
    Argument("entry", "The entry of the scenario: the header X-Mock-Entry."),
)
SINCE = Argument("since", "Not before this time.", TIME)
OF_PROFILE = Argument("profile", "The profile: its id, email address, phone number or external id.")

EVENT_ARGUMENTS = (
    Argument("id", "The event's id."),
    OF_PROFILE,
    Argument("metric", "The name or id of the metric."),
    Argument("unique_id", "The event's unique_id."),
    Argument("outcome", "What became of it.", {"type": "string", "enum": list(OUTCOMES)}),
    *LINEAGE,
    SINCE,
)
REQUEST_ARGUMENTS = (
    Argument("id", "The request's id: the header X-Klaviyo-Req-Id of its answer."),
    Argument("method", "The method."),
    Argument("path", "The path; * stands for anything."),
    Argument("status", "The status, 0 for a request that got no answer.", {"type": "integer"}),
    Argument("operation", "The id of the operation."),
    Argument("fault", "The id of the fault that hit it, or * for any."),
    *LINEAGE,
    SINCE,
)
PROFILE_ARGUMENTS = (
    Argument("id", "The profile's id."),
    OF_PROFILE,
    Argument("email", "The email address."),
    Argument("phone_number", "The phone number."),
    Argument("external_id", "The external id."),
    *LINEAGE,
    Argument("since", "Changed not before this time.", TIME),
)


def wish(argument: Argument, text: str) -> Any:
    """What is compared with: an argument's text, or the time or one of the words that it must be."""
    if argument.schema is TIME:
        return moment(text, argument.name)
    allowed = argument.schema.get("enum")
    if allowed and text not in allowed:
        raise ControlError(f"{argument.name} must be one of {', '.join(allowed)}, not {text!r}")
    return text


@dataclass(frozen=True)
class Kind:
    """A kind of thing that one can look for: by what, how it is found, and how it is shown."""

    arguments: tuple[Argument, ...]
    find: Find
    document: Callable[[Klaviyo, Any], Json]
    wish: Callable[[Argument, str], Any] = wish

    def wanted(self) -> Wanted:
        """What the arguments of the request ask for."""
        given = ((each, asked(each.name)) for each in self.arguments)
        return {each.name: self.wish(each, text) for each, text in given if text is not None}


# events


def events(klaviyo: Klaviyo, wanted: Wanted, after: int) -> Iterator[Row]:
    """Events in the order in which they were accepted, stored and dropped ones."""
    outcome = wanted.get("outcome")
    parts = [stored_events(klaviyo, wanted, after)] if outcome != "dropped" else []
    parts += [dropped_events(klaviyo, wanted, after)] if outcome != "stored" else []
    return merge(*parts, key=lambda row: row.number)


def stored_events(klaviyo: Klaviyo, wanted: Wanted, after: int) -> Iterator[Row]:
    """Events that Klaviyo keeps."""
    comparisons = [COMPARISONS[name](klaviyo, value) for name, value in wanted.items() if name in COMPARISONS]
    return rows(klaviyo, "event", comparisons, after)


COMPARISONS: Mapping[str, Callable[[Klaviyo, Any], Comparison]] = {
    "id": lambda _, id: Comparison("equals", "id", id),
    "profile": lambda klaviyo, name: Comparison("any", "profile_id", profile_ids(klaviyo, name)),
    "metric": lambda klaviyo, name: Comparison("any", "metric_id", metric_ids(klaviyo, name)),
    "unique_id": lambda _, id: Comparison("equals", "unique_id", id),
    "cause": lambda _, text: Comparison("equals", "cause", text),
    "target": lambda _, text: Comparison("equals", "lineage.target", text),
    "entry": lambda _, text: Comparison("equals", "lineage.entry", text),
    "since": lambda _, at: Comparison("greater-or-equal", "datetime", at),
}
"""How stored events are looked for in the store."""


def dropped_events(klaviyo: Klaviyo, wanted: Wanted, after: int) -> Iterator[Row]:
    """Events that Klaviyo accepts and drops."""
    ids = profile_ids(klaviyo, wanted["profile"]) if "profile" in wanted else ()
    wanted = {name: value for name, value in wanted.items() if name in DROPPED_TESTS}
    for row in rows(klaviyo, DROPPED, [], after):
        if all(DROPPED_TESTS[name](row, value, ids) for name, value in wanted.items()):
            yield row


DROPPED_TESTS: Mapping[str, Callable[[Row, Any, tuple[str, ...]], bool]] = {
    "id": lambda row, id, _: row.id == id,
    "profile": lambda row, name, ids: row.document["profile_id"] in ids or name in named(row.document["profile"]),
    "metric": lambda row, name, _: row.document["metric"] == name,
    "unique_id": lambda row, id, _: row.document["unique_id"] == id,
    "cause": lambda row, text, _: row.document["cause"] == text,
    "target": lambda row, text, _: came_from(row.document, "target") == text,
    "entry": lambda row, text, _: came_from(row.document, "entry") == text,
    "since": lambda row, at, _: datetime.fromisoformat(row.document["time"]) >= at,
}
"""What a dropped event must be."""


def named(profile: Json) -> list[Any]:
    """The identifiers in the profile of a dropped event."""
    return [profile.get(name) for name in ("email", "phone_number", "external_id")]


def came_from(document: Json, name: str) -> Any:
    """A member of a lineage, None when there is none."""
    return (document.get("lineage") or {}).get(name)


def profile_ids(klaviyo: Klaviyo, name: str) -> tuple[str, ...]:
    """The ids of the profiles that have this as an identifier."""
    fields = ("id", "email", "phone_number", "external_id")
    found = (rows(klaviyo, "profile", [Comparison("equals", field, name)], 0) for field in fields)
    return tuple(dict.fromkeys(row.id for part in found for row in part))


def metric_ids(klaviyo: Klaviyo, name: str) -> tuple[str, ...]:
    """The ids of the metrics of a name, or the id itself."""
    return (name, *(row.id for row in rows(klaviyo, "metric", [Comparison("equals", "name", name)], 0)))


def rows(klaviyo: Klaviyo, type: str, comparisons: Iterable[Comparison], after: int) -> Iterator[Row]:
    """The rows of a type that satisfy comparisons, some at a time."""
    conditions = tuple(comparisons)
    while found := klaviyo.found(type, conditions, after, AT_ONCE):
        yield from found
        after = found[-1].number


# profiles


def profiles(klaviyo: Klaviyo, wanted: Wanted, after: int) -> Iterator[Row]:
    """Profiles in the order in which they were made."""
    return rows(klaviyo, "profile", [profile_comparison(klaviyo, *each) for each in wanted.items()], after)


def profile_comparison(klaviyo: Klaviyo, name: str, value: Any) -> Comparison:
    """What a profile must be."""
    if name == "profile":
        return Comparison("any", "id", profile_ids(klaviyo, value))
    if name == "since":
        return Comparison("greater-or-equal", "updated", value)
    return Comparison("equals", f"lineage.{name}" if name in ("cause", "target", "entry") else name, value)


# requests


def requests(klaviyo: Klaviyo, wanted: Wanted, after: int) -> Iterator[Entry]:
    """The latest requests, oldest first."""
    for entry in klaviyo.journal.entries():
        if entry.number > after and all(REQUEST_TESTS[name](entry, value) for name, value in wanted.items()):
            yield entry


REQUEST_TESTS: Mapping[str, Callable[[Entry, Any], bool]] = {
    "id": lambda entry, id: entry.id == id,
    "method": lambda entry, method: entry.method == method.upper(),
    "path": lambda entry, path: fnmatchcase(urlsplit(entry.url).path.rstrip("/"), path.rstrip("/")),
    "status": lambda entry, status: str(entry.status) == status,
    "operation": lambda entry, id: entry.operation == id,
    "fault": lambda entry, id: entry.fault is not None and id in ("*", entry.fault["id"]),
    "cause": lambda entry, text: (entry.lineage or {}).get("cause") == text,
    "target": lambda entry, text: (entry.lineage or {}).get("target") == text,
    "entry": lambda entry, text: (entry.lineage or {}).get("entry") == text,
    "since": lambda entry, at: datetime.fromisoformat(entry.at) >= at,
}
"""What a request must be."""

EVENTS = Kind(EVENT_ARGUMENTS, events, event_document)
REQUESTS = Kind(REQUEST_ARGUMENTS, requests, lambda _, entry: entry.document())
PROFILES = Kind(PROFILE_ARGUMENTS, profiles, profile_document)


def some(found: Iterable[Any], limit: int) -> list[Any]:
    """The first of what was found."""
    return list(islice(found, limit))
