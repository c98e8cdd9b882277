"""Journal: the requests that came lately and what became of them; counts are exact, entries are the latest ones."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.resources.erasure import Erasure
from mock_klaviyo.resources.lineage import Lineage
from mock_klaviyo.wire.messages import Request, Response

LONGEST_BODY = 64 * 1024
"""How much of a body is kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer."""

    number: int
    at: str
    method: str
    url: str
    status: int
    operation: str | None = None
    lineage: Lineage | None = None
    hint: str | None = None
    errors: list[Json] = field(default_factory=list)
    body: bytes = b""
    fault: Json | None = None
    id: str = ""
    revision: str | None = None

    @property
    def is_rejected(self) -> bool:
        """Whether the client was refused, or got no answer, which is status 0."""
        return self.status >= 400 or self.status == 0

    def document(self) -> Json:
        """The entry as the control routes show it."""
        return {
            "number": self.number,
            "id": self.id,
            "at": self.at,
            "method": self.method,
            "url": self.url,
            "status": self.status,
            "operation": self.operation,
            "revision": self.revision,
            "cause": self.lineage["cause"] if self.lineage else None,
            "lineage": self.lineage,
            "hint": self.hint,
            "fault": self.fault,
            "errors": self.errors,
            "body": self.body.decode("utf-8", "replace"),
        }


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of a request beside itself and its answer: which operation it was, and what came in its way."""

    operation: str | None = None
    lineage: Lineage | None = None
    fault: Json | None = None
    errors: list[Json] = field(default_factory=list)


def entry(number: int, request: Request, response: Response, notes: Notes, *, id: str, at: str) -> Entry:
    """A request and its answer as they are kept."""
    return Entry(
        number=number,
        id=id,
        at=at,
        method=request.method,
        url=request.url,
        status=response.seen_status,
        operation=notes.operation,
        lineage=notes.lineage,
        hint=response.headers.get("X-Mock-Hint"),
        fault=notes.fault,
        errors=notes.errors,
        body=request.body,
        revision=request.headers.get("revision"),
    )


def without(entry: Entry, erasure: Erasure) -> Entry:
    """An entry that does not name a person."""
    return replace(
        entry,
        url=erasure.text(entry.url),
        hint=erasure.value(entry.hint),
        errors=erasure.value(entry.errors),
        lineage=erasure.value(entry.lineage),
        body=erasure.content(entry.body),
    )


class Journal:
    """The latest requests, rejected ones apart so that good ones do not push them out."""

    def __init__(self, size: int) -> None:
        self._accepted: deque[Entry] = deque(maxlen=size)
        self._rejected: deque[Entry] = deque(maxlen=size)
        self._statuses: Counter[int] = Counter()
        self.operations: Counter[str] = Counter()
        self.last_number = 0
        self._forgotten: list[Erasure] = []

    def forget(self, erasure: Erasure) -> None:
        """Name a person no more, in the request that brings this about neither."""
        self._forgotten.append(erasure)
        for kept in (self._accepted, self._rejected):
            entries = [without(entry, erasure) for entry in kept]
            kept.clear()
            kept.extend(entries)

    def add(self, entry: Entry) -> None:
        """Note a request, of a long body only the beginning."""
        while self._forgotten:
            entry = without(entry, self._forgotten.pop())
        if len(entry.body) > LONGEST_BODY:
            entry = replace(entry, body=entry.body[:LONGEST_BODY])
        self.last_number = entry.number
        self._statuses[entry.status] += 1
        if entry.operation:
            self.operations[entry.operation] += 1
        (self._rejected if entry.is_rejected else self._accepted).append(entry)

    def entries(self, *, only_rejected: bool = False) -> Iterator[Entry]:
        """The kept requests in order."""
        kept = self._rejected if only_rejected else [*self._accepted, *self._rejected]
        yield from sorted(kept, key=lambda entry: entry.number)

    def counts(self) -> Json:
        """How many requests there were since the last reset."""
        rejected = sum(count for status, count in self._statuses.items() if status >= 400 or status == 0)
        total = self._statuses.total()
        by_status = {str(status): count for status, count in sorted(self._statuses.items())}
        return {"total": total, "accepted": total - rejected, "rejected": rejected, "by_status": by_status}

    def restart(self) -> None:
        """Forget all requests."""
        self.recall(((), (), {}, {}, 0))

    def remember(self) -> object:
        """All that it knows."""
        counts = dict(self._statuses), dict(self.operations)
        return tuple(self._accepted), tuple(self._rejected), *counts, self.last_number

    def recall(self, state: Any) -> None:
        """Know what it knew at that time, and no more."""
        accepted, rejected, statuses, operations, self.last_number = state
        self._accepted = deque(accepted, maxlen=self._accepted.maxlen)
        self._rejected = deque(rejected, maxlen=self._rejected.maxlen)
        self._statuses, self.operations = Counter(statuses), Counter(operations)
