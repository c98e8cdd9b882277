"""Coverage: which fields of vendors' events reached Klaviyo, and which reached nothing; told by their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from simulator.contract.trials import trials
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.omnisend import is_for_omnisend
from simulator.server import Control
from simulator.targets.builtin import Builtin
from simulator.targets.target import Happening, cause_text, reaction
from simulator.vendor import Vendor

LEAST = 0.5
"""In what share of its occurrences a field must reach Klaviyo; a coincidence is rarer."""

CUSTOMER = "customer."
PLAIN = (None, True, False, "", 0)
"""Values that are so common that only a field of the same name counts as the same."""

CENTS = Decimal(100)


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """One field of an event: how often it occurred, and how often it reached Klaviyo."""

    event: str
    path: str
    seen: int
    reached: int

    @property
    def is_mapped(self) -> bool:
        """Whether it reaches Klaviyo."""
        return self.reached >= max(1.0, LEAST * self.seen)

    def __str__(self) -> str:
        return f"{self.event}: {self.path}"


class Coverage:
    """Takes what happens and counts for each field of each event whether its value reached Klaviyo."""

    def __init__(self, control: Control | None = None, *, is_wanted: bool = True) -> None:
        self._control = control
        self._is_wanted = is_wanted
        self._seen: Counter[tuple[str, str]] = Counter()
        self._reached: Counter[tuple[str, str]] = Counter()
        self._waiting: dict[str, VendorEvent] = {}

    def take(self, happening: Happening) -> None:
        """Look at an event and the requests that it led to; one that led to none may have been sent by the target."""
        event = happening.event
        if not self._is_wanted or event is None or event.is_broken:
            return
        sent = [one.request for one in happening.outgoing if one.event is event]
        bodies = [request.body for request in sent if not is_for_omnisend(request)]
        if bodies:
            self._compare(event, bodies)
        else:
            self._waiting[cause_text(event, happening.handover)] = event

    def fields(self) -> list[FieldCoverage]:
        """Every field of every event that reached Klaviyo, in order."""
        self._read_back()
        return [
            FieldCoverage(event, path, seen, self._reached[event, path])
            for (event, path), seen in sorted(self._seen.items())
        ]

    def unmapped(self) -> Sequence[str]:
        """The fields that reached nothing."""
        return [str(field) for field in self.fields() if not field.is_mapped]

    def _read_back(self) -> None:
        """Look at what Klaviyo kept of events that a target sent by itself."""
        if self._control is None or not self._waiting:
            return
        for kept in self._control.events():
            event = self._waiting.pop(kept["cause"] or "", None)
            if event is not None:
                self._compare(event, [kept])
        self._waiting.clear()

    def _compare(self, event: VendorEvent, bodies: Sequence[Any]) -> None:
        arrived = [(name, value) for body in bodies for name, value in leaves(body)]
        forms = {form for _, value in arrived for form in value_forms(value)}
        named = {(simple(name), plain_key(value)) for name, value in arrived}
        what = f"{event.vendor} {event.name}"
        for path, value in event_fields(event):
            self._seen[what, path] += 1
            is_named = (simple(path), plain_key(value)) in named
            is_told = value not in PLAIN and any(form in forms for form in value_forms(value))
            self._reached[what, path] += is_named or is_told


def event_fields(event: VendorEvent) -> Iterator[tuple[str, Any]]:
    """The fields of a vendor's payload; the numbers of list items are one `*`."""
    yield from leaves(event.payload)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value within a JSON value, with its path.

    >>> list(leaves({"card": {"id": 1}, "lines": [{"sku": "a"}]}))
    [('card.id', 1), ('lines.*.sku', 'a')]
    """
    items: Mapping[str, Any] = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        for each in value:
            yield from leaves(each, f"{path}.*" if path else "*")
    elif items:
        for name, each in items.items():
            yield from leaves(each, f"{path}.{name}" if path else name)
    elif not isinstance(value, dict):
        yield path, value


def simple(path: str) -> str:
    """The last name on a path, in small letters and digits, so that spellings do not matter.

    >>> simple("card.expiresAt"), simple("expires_at")
    ('expiresat', 'expiresat')
    """
    last = next((step for step in reversed(path.split(".")) if step != "*"), path)
    return "".join(letter for letter in last.lower() if letter.isalnum())


def plain_key(value: Any) -> str:
    """A value as a text that tells it from others."""
    return f"{type(value).__name__} {value}"


def value_forms(value: Any) -> Iterator[object]:
    """What a value may look like on the other side: a number also rounded, in hundreds or as text; a time in UTC."""
    if isinstance(value, bool) or value is None:
        return
    number = as_number(value)
    if number is not None:
        yield ("number", number)
        yield ("number", number.quantize(Decimal("0.01"), rounding="ROUND_DOWN"))
        yield ("number", number / CENTS)
        return
    text = str(value).strip()
    moment = as_time(text)
    if moment is not None:
        yield ("time", moment)
        yield ("day", moment.date())
        return
    yield ("text", text.casefold())
    if (words := text.split()) and as_number(words[0].lstrip("$€£")) is not None:
        yield from value_forms(words[0].lstrip("$€£"))


def as_number(value: Any) -> Decimal | None:
    """A number, also one that is written as text."""
    try:
        found = Decimal(str(value).lstrip("$€£"))
    except InvalidOperation:
        return None
    return found.normalize() if found.is_finite() and abs(found) < Decimal(10) ** 20 else None


def as_time(text: str) -> datetime | None:
    """The instant that a text names, to the second."""
    if len(text) < len("2026-01-01"):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found.replace(tzinfo=None) - (found.utcoffset() or found - found)).replace(microsecond=0)


def coverage_of(vendor: Vendor) -> list[FieldCoverage]:
    """The coverage of our own mapping of a vendor, by several occasions of each of its events."""
    found = Coverage()
    target = Builtin({vendor.name: vendor.mapping})
    for trial in trials(vendor):
        found.take(reaction(target, trial))
    return found.fields()


def coverage_document(fields: Sequence[FieldCoverage]) -> Json:
    """Coverage as JSON."""
    return {
        "fields": len(fields),
        "mapped": sum(field.is_mapped for field in fields),
        "unmapped": [str(field) for field in fields if not field.is_mapped],
        "by_field": [
            {"event": each.event, "path": each.path, "seen": each.seen, "reached": each.reached} for each in fields
        ],
    }
