"""Inspection: judges vendor events and what they led to, on their way and as Klaviyo kept them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.contract.checking import same, shown
from simulator.contract.contract import Contract, Violation, load
from simulator.contract.received import ReceivedEvent, ReceivedProfile, received, received_profiles
from simulator.contract.rules import DOCUMENTED
from simulator.delivery import Delivered, Delivery
from simulator.document import Place
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import iso_z
from simulator.mapping.mapping import Metric
from simulator.server import Control
from simulator.targets.target import FIRST_SYNC, Happening, Outgoing
from simulator.vendor import Vendor
from simulator.verdict import Finding, Kind, Tally, tally

WINDOW = 500
"""How many events may be on their way before they are read back: what bounds memory."""

Observer = Callable[[ReceivedEvent], None]


@dataclass(frozen=True)
class Wire:
    """The way to a mock: what is sent goes through `delivery` and is read back through `control`."""

    delivery: Delivery
    control: Control


class Inspection:
    """Takes what happens, sends it when there is a wire, and tallies what is wrong.

    Observers are told of each event that Klaviyo kept (without a wire: would keep).
    """

    def __init__(self, vendors: Sequence[Vendor], wire: Wire | None = None, observers: Sequence[Observer] = ()) -> None:
        self.tally: Tally = tally(vendors)
        self._vendors: Mapping[str, Vendor] = {vendor.name: vendor for vendor in vendors}
        self._contracts: Mapping[str, Contract] = {
            vendor.name: load(vendor.folder / "contract.yaml") for vendor in vendors
        }
        self._wire = wire
        self._observers = observers
        self._window: dict[str, tuple[VendorEvent, ReceivedEvent]] = {}
        self._owed: dict[tuple[str, str], VendorEvent] = {}
        self._last_number = 0

    def take(self, happening: Happening) -> None:
        """Send and judge what happened: an event, if any, and the requests that left at that moment."""
        event = happening.event
        if event is not None and self._contracts[event.vendor].forgotten_profile(event):
            self._owed[event.vendor, self._contracts[event.vendor].customer(event)] = event
        events = [message for one in happening.outgoing if (message := self._send(one)) and one.event is event]
        if happening.customers:
            self._judge_first_sync(happening)
        if event is not None:
            self._take_event(event, [message for message in events if isinstance(message, ReceivedEvent)])

    def _judge_first_sync(self, happening: Happening) -> None:
        """Judge the profiles of a first sync."""
        contract = self._contracts[happening.customers[0].vendor]
        profiles = [profile for one in happening.outgoing for profile in received_profiles(one.request)]
        for event, violation in contract.first_sync(happening.customers, profiles):
            self._judge(event, [violation])

    def close(self) -> None:
        """Read back what is still on its way, and find the profiles that were never written."""
        self._read_back()
        for event in self._owed.values():
            self._judge(event, self._contracts[event.vendor].forgotten_profile(event))

    def _take_event(self, event: VendorEvent, events: Sequence[ReceivedEvent]) -> None:
        row = self.tally.rows[event.vendor, event.name]
        row.events += 1
        row.sent += len(events)
        self.tally.count(event.vendor).events += 1
        self._judge(event, self._contracts[event.vendor].violations(event, events, ()))

    def _send(self, one: Outgoing) -> ReceivedEvent | ReceivedProfile | None:
        self.tally.count(one.vendor).requests += 1
        message = received(one.request)
        if isinstance(message, ReceivedProfile) and one.event is not None:
            self._owed.pop((one.vendor, self._contracts[one.vendor].customer(one.event)), None)
            self._judge(one.event, self._contracts[one.vendor].profile_violations(one.event, [message]))
        if self._wire is not None:
            self._deliver(self._wire, one, message)
        elif isinstance(message, ReceivedEvent):
            self._observe(message)
        return message

    def _deliver(self, wire: Wire, one: Outgoing, message: ReceivedEvent | ReceivedProfile | None) -> None:
        cause = cause_text(one)
        delivered = wire.delivery.send(one.request, at=one.at, cause=cause)
        if not delivered.is_accepted:
            self._reject(one, delivered)
        elif isinstance(message, ReceivedEvent) and one.event is not None:
            self._window[cause] = (one.event, message)
            if len(self._window) >= WINDOW:
                self._read_back()

    def _read_back(self) -> None:
        if self._wire is None:
            return
        for kept in self._wire.control.events(self._last_number):
            self._last_number = kept["number"]
            sent = self._window.pop(kept["cause"] or "", None)
            if sent is not None:
                self._compare(*sent, kept)
        for event, message in self._window.values():
            lost = fault(event, "event", f"1 event {message.metric!r} at Klaviyo", "accepted, then lost")
            self._find(event, Kind.DROPPED, lost)
        self._window.clear()

    def _compare(self, event: VendorEvent, message: ReceivedEvent, kept: Json) -> None:
        if kept["outcome"] != "stored":
            self.tally.count(event.vendor).dropped += 1
            dropped = fault(event, "event", f"1 event {message.metric!r} stored", f"dropped: {kept['reason']}")
            self._find(event, Kind.DROPPED, dropped)
            return
        arrived = kept_event(kept)
        for field, sent, got in differences(message, arrived):
            self._find(event, Kind.CHANGED, fault(event, field, f"{shown(sent)}, as it was sent", shown(got)))
        self._observe(arrived)

    def _observe(self, event: ReceivedEvent) -> None:
        for observer in self._observers:
            observer(event)

    def _reject(self, one: Outgoing, delivered: Delivered) -> None:
        self.tally.count(one.vendor).rejected += 1
        got = f"{delivered.status}: {'; '.join(delivered.problems)}"
        if one.event is not None:
            self._find(one.event, Kind.REJECTED, fault(one.event, "request", f"{one.request.path} accepted", got))
            return
        place = Place(str(self._contracts[one.vendor].file))
        self.tally.find(Finding(Kind.REJECTED, place, f"{one.vendor} {one.request.path}", "accepted", got))

    def _judge(self, event: VendorEvent, violations: Iterable[Violation]) -> None:
        for violation in violations:
            counts = self.tally.count(event.vendor)
            if violation.is_note:
                counts.notes += 1
            else:
                counts.violations += 1
            kind = Kind.NOTE if violation.is_note else Kind.VIOLATION
            self._find(event, kind, violation)

    def _find(self, event: VendorEvent, kind: Kind, breach: Violation) -> None:
        row = self.tally.rows.get((event.vendor, event.name))
        if row is not None and kind is not Kind.NOTE:
            row.broken += 1
        vendor, contract = self._vendors[event.vendor], self._contracts[event.vendor]
        finding = Finding(
            kind=kind,
            place=contract.place(breach),
            what=f"{event.vendor} {event.name}: {breach.field}",
            expected=breach.expected,
            got=breach.got,
            mapping=mapping_place(vendor, event.name),
        )
        self.tally.find(finding, example=f"{iso_z(event.occurred_at)}  {event.id}")


def fault(event: VendorEvent, field: str, expected: str, got: str) -> Violation:
    """Something that went wrong on the way, put like a violation."""
    return Violation(event.vendor, event.name, field, expected, got, DOCUMENTED)


def cause_text(one: Outgoing) -> str:
    """What a request comes from, in words that tell it apart from all others on their way."""
    return f"{one.vendor} {one.event.name} {one.event.id}" if one.event is not None else f"{one.vendor} {FIRST_SYNC}"


def mapping_place(vendor: Vendor, event: str) -> str:
    """Where the mapping of an event is written, as file and line."""
    mapped = vendor.mapping.events.get(event)
    code = getattr(mapped.properties, "__code__", None) if isinstance(mapped, Metric) else None
    return f"{code.co_filename}:{code.co_firstlineno}" if code else str(vendor.folder / "mapping.py")


def kept_event(kept: Json) -> ReceivedEvent:
    """An event as the control route tells it."""
    return ReceivedEvent(
        metric=kept["metric"],
        profile={name: value for name, value in kept["profile"].items() if value is not None},
        properties=kept["properties"],
        **{name: kept.get(name) for name in ("unique_id", "time", "value", "value_currency")},
    )


def differences(sent: ReceivedEvent, kept: ReceivedEvent) -> Iterator[tuple[str, Any, Any]]:
    """Where an event that Klaviyo kept is not as it was sent: field, sent, kept."""
    for name in ("metric", "unique_id", "value", "value_currency", "properties"):
        before, after = getattr(sent, name), getattr(kept, name)
        if before is not None and not same(before, after):
            yield name, before, after
    if sent.time is not None and (kept.time is None or instant(sent.time) != instant(kept.time)):
        yield "time", sent.time, kept.time
    for name in ("email", "phone_number", "external_id"):
        before, after = sent.profile.get(name), kept.profile.get(name)
        if before and str(before).casefold() != str(after).casefold():
            yield f"profile.{name}", before, after


def instant(text: str) -> datetime:
    """The instant that an ISO text names, to the second as Klaviyo keeps it."""
    return datetime.fromisoformat(text).replace(microsecond=0)
