"""Inspection: judges vendor events and what they led to, on their way and as Klaviyo kept them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from simulator.contract.breaches import Told, believed, differences, fault, mapping_place, sender, target_breach
from simulator.contract.checking import shown
from simulator.contract.contract import Contract, Violation, load
from simulator.contract.omnisend import Copies
from simulator.contract.received import ReceivedEvent, ReceivedProfile, kept_event, received, received_profiles
from simulator.delivery import Delivered, Delivery
from simulator.document import Place
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.line import Underway
from simulator.mapping.omnisend import is_for_omnisend
from simulator.server import Control
from simulator.targets.target import AS_IT_HAPPENS, Handover, Happening, Outgoing, TargetFault
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

    def __post_init__(self) -> None:
        """Let nothing be read back before what is on its way has arrived."""
        self.control.first = self.delivery.settle


@dataclass(frozen=True)
class Note:
    """Something to note in its turn, of a request on its way or of something that is known already."""

    take: Callable[[], None]
    underway: Underway[Delivered] | None = None

    @property
    def is_due(self) -> bool:
        """Whether nothing has to be waited for."""
        return self.underway is None or self.underway.is_settled


class Inspection:
    """Takes what happens, sends it when there is a wire, and tallies what is wrong.

    Observers are told of each event that Klaviyo kept (without a wire: would keep). Where no real time is waited,
    requests stay on their way while more happens, so that both sides work at the same time; what came of them is noted
    later, in the same order.
    """

    def __init__(
        self,
        vendors: Sequence[Vendor],
        wire: Wire | None = None,
        observers: Sequence[Observer] = (),
        *,
        target: str = "",
    ) -> None:
        self._target = target
        self._copies: Copies | None = None
        self.tally: Tally = tally(vendors)
        self._vendors: Mapping[str, Vendor] = {vendor.name: vendor for vendor in vendors}
        self._contracts: Mapping[str, Contract] = {
            vendor.name: load(vendor.folder / "contract.yaml") for vendor in vendors
        }
        self._wire = wire
        self._observers = observers
        self._open: deque[Note] = deque()
        self._window: dict[str, tuple[Told, ReceivedEvent]] = {}
        self._owed: dict[tuple[str, str], Told] = {}
        self._last_number = 0

    def also_at_omnisend(self, *, at_once: bool) -> None:
        """Judge from now on what Omnisend gets, too; `at_once` when its requests leave as each event happens."""
        control = self._wire.control if self._wire else None
        self._copies = Copies(self._contracts, control, self._judge_in_turn, self.tally.find, at_once=at_once)

    def take(self, happening: Happening) -> None:
        """Send and judge what happened: an event, if any, and the requests that left at that moment."""
        event, handover = happening.event, happening.handover
        if event is not None:
            self._expect(self._told(event, handover))
        sent = [
            (self._send(one, handover if one.event is event else Handover(entry=one.entry)), one.event)
            for one in happening.outgoing
        ]
        if happening.customers:
            profiles = [profile for one in happening.outgoing for profile in received_profiles(one.request)]
            self._open.append(Note(partial(self._judge_first_sync, happening.customers, profiles)))
        self._open.append(Note(partial(self._take_faults, happening)))
        if event is not None:
            events = [message for message, of in sent if of is event and isinstance(message, ReceivedEvent)]
            self._take_event(self._told(event, handover), events)
        if self._wire is None or not self._wire.delivery.is_virtual:
            self.settle()

    def settle(self) -> None:
        """Wait for what is on its way, and note what came of everything so far, in order."""
        while self._open:
            self._open.popleft().take()
        if len(self._window) >= WINDOW:
            self._read_back()

    def _keep_up(self) -> None:
        """Note what came of those requests that are not on their way any more."""
        while self._open and self._open[0].is_due:
            self._open.popleft().take()
        if len(self._window) >= WINDOW:
            self.settle()

    def _told(self, event: VendorEvent, handover: Handover = AS_IT_HAPPENS) -> Told:
        """An event that the target was told."""
        return Told(event, handover, self._target)

    def _expect(self, told: Told) -> None:
        """Note what must follow an event later: a profile write, a copy at Omnisend."""
        if self._copies is not None:
            self._copies.expect(told)
        if told.handover.is_genuine:
            self._owe_profile(told)

    def _owe_profile(self, told: Told) -> None:
        """Note that a profile write must follow an event, if its contract says so."""
        contract = self._contracts[told.event.vendor]
        if contract.forgotten_profile(told.event):
            self._owed[told.event.vendor, contract.customer(told.event)] = told

    def _take_faults(self, happening: Happening) -> None:
        """Tell what the target did wrong by itself."""
        for wrong in happening.faults:
            event = wrong.event or happening.event or next(iter(happening.customers), None)
            handover = wrong.handover or happening.handover
            self._take_fault(wrong, None if event is None else self._told(event, handover))

    def _take_fault(self, wrong: TargetFault, told: Told | None) -> None:
        """Tell of one fault, at the event's contract and with the place in the user's code."""
        vendor = told.event.vendor if told else next(iter(self._vendors))
        what = f"{vendor} {told.event.name}: target" if told else "target"
        place = self._contracts[vendor].place(target_breach(told, wrong)) if told else Place(what)
        finding = Finding(Kind.TARGET, place, what, wrong.expected, wrong.got, mapping=wrong.place)
        finding.examples += wrong.lines
        self.tally.find(finding, example=told.line if told else "")
        if told and (row := self.tally.rows.get((vendor, told.event.name))):
            row.broken += 1

    def _judge_first_sync(self, customers: Sequence[VendorEvent], profiles: Sequence[ReceivedProfile]) -> None:
        """Judge the profiles of a first sync."""
        for event, violation in self._contracts[customers[0].vendor].first_sync(customers, profiles):
            self._judge(self._told(event), [violation])

    def catch_up(self) -> None:
        """Read back what has arrived so far."""
        self.settle()
        self._read_back()

    def close(self) -> None:
        """Read back what is still on its way, and find what never came."""
        self.settle()
        self._read_back()
        self._forgotten()

    def _forgotten(self) -> None:
        """Judge the copies at Omnisend, and find the profiles that were never written; nothing is on its way then."""
        if self._copies is not None:
            self._copies.close()
        for told in self._owed.values():
            self._judge(told, self._contracts[told.event.vendor].forgotten_profile(told.event))

    def _judge_in_turn(self, told: Told, found: Iterable[Violation]) -> None:
        """Tell of violations after what came of all requests so far."""
        self._open.append(Note(partial(self._judge, told, found)))
        self._keep_up()

    def _take_event(self, told: Told, events: Sequence[ReceivedEvent]) -> None:
        event = told.event
        row = self.tally.rows[event.vendor, event.name]
        row.events += 1
        row.sent += len(events)
        self.tally.count(event.vendor).events += 1
        if told.handover.is_genuine:
            found = self._contracts[event.vendor].violations(event, events, ())
        else:
            found = [believed(told, events)] if events else []
        self._judge_in_turn(told, found)

    def _send(self, one: Outgoing, handover: Handover) -> ReceivedEvent | ReceivedProfile | None:
        self.tally.count(one.vendor).requests += 1
        message = received(one.request) if one.answered is None else None
        if isinstance(message, ReceivedProfile) and one.event is not None:
            self._judge_profile(self._told(one.event, handover), message)
        if self._wire is not None:
            self._deliver(self._wire, one, message, handover)
        elif isinstance(message, ReceivedEvent):
            self._observe(message)
        elif self._copies is not None and is_for_omnisend(one.request):
            self._copies.take(one)
        return message

    def _judge_profile(self, told: Told, message: ReceivedProfile) -> None:
        """Judge a profile write, which is owed no longer."""
        contract = self._contracts[told.event.vendor]
        self._owed.pop((told.event.vendor, contract.customer(told.event)), None)
        self._judge_in_turn(told, contract.profile_violations(told.event, [message]))

    def _deliver(
        self, wire: Wire, one: Outgoing, message: ReceivedEvent | ReceivedProfile | None, handover: Handover
    ) -> None:
        cause = sender(one)
        target, entry = self._target if one.answered is None else "", handover.entry or one.entry
        underway = wire.delivery.begin(one.request, at=one.at, cause=cause, target=target, entry=entry)
        self._open.append(Note(partial(self._arrived, one, message, handover, underway), underway))
        if one.answered is not None:  # what happens next may build on the answer
            self.settle()
        self._keep_up()

    def _arrived(
        self,
        one: Outgoing,
        message: ReceivedEvent | ReceivedProfile | None,
        handover: Handover,
        underway: Underway[Delivered],
    ) -> None:
        """Note what came of a request."""
        delivered = underway.outcome
        if one.answered is not None:
            self._take_answer(one.answered(delivered))
        elif not delivered.is_accepted:
            self._reject(one, delivered, handover)
        elif isinstance(message, ReceivedEvent) and one.event is not None:
            self._window[sender(one)] = (self._told(one.event, handover), message)

    def _take_answer(self, findings: Iterable[Finding]) -> None:
        """Note what the one who asked finds wrong with an answer."""
        for finding in findings:
            self.tally.find(finding)

    def _read_back(self) -> None:
        if self._wire is None:
            return
        for kept in self._wire.control.events(self._last_number):
            self._last_number = kept["number"]
            sent = self._window.pop(kept["cause"] or "", None)
            if sent is not None:
                self._compare(*sent, kept)
            elif kept["outcome"] == "stored":
                self._observe(kept_event(kept))
        for told, message in self._window.values():
            lost = fault(told.event, "event", f"1 event {message.metric!r} at Klaviyo", "accepted, then lost")
            self._find(told, Kind.DROPPED, lost)
        self._window.clear()

    def _compare(self, told: Told, message: ReceivedEvent, kept: Json) -> None:
        if kept["outcome"] != "stored":
            if told.handover.number == 1:  # what comes again shall be dropped
                self._drop(told, message.metric, kept["reason"])
            return
        arrived = kept_event(kept)
        for field, sent, got in differences(message, arrived):
            self._find(told, Kind.CHANGED, fault(told.event, field, f"{shown(sent)}, as it was sent", shown(got)))
        self._observe(arrived)

    def _drop(self, told: Told, metric: str, reason: str) -> None:
        """Tell that Klaviyo would have dropped an event."""
        self.tally.count(told.event.vendor).dropped += 1
        self._find(told, Kind.DROPPED, fault(told.event, "event", f"1 event {metric!r} stored", f"dropped: {reason}"))

    def _observe(self, event: ReceivedEvent) -> None:
        for observer in self._observers:
            observer(event)

    def _reject(self, one: Outgoing, delivered: Delivered, handover: Handover) -> None:
        self.tally.count(one.vendor).rejected += 1
        got = f"{delivered.status}: {'; '.join(delivered.problems)}"
        if one.event is not None:
            refused = fault(one.event, "request", f"{one.request.path} accepted", got)
            self._find(self._told(one.event, handover), Kind.REJECTED, refused)
            return
        place = Place(str(self._contracts[one.vendor].file))
        self.tally.find(Finding(Kind.REJECTED, place, f"{one.vendor} {one.request.path}", "accepted", got))

    def _judge(self, told: Told, violations: Iterable[Violation]) -> None:
        if told.event.is_broken:
            return
        for violation in violations:
            counts = self.tally.count(told.event.vendor)
            if violation.is_note:
                counts.notes += 1
            else:
                counts.violations += 1
            kind = Kind.NOTE if violation.is_note else Kind.VIOLATION
            self._find(told, kind, violation)

    def _find(self, told: Told, kind: Kind, breach: Violation) -> None:
        event = told.event
        row = self.tally.rows.get((event.vendor, event.name))
        if row is not None and kind is not Kind.NOTE:
            row.broken += 1
        contract = self._contracts[event.vendor]
        finding = Finding(
            kind=kind,
            place=contract.place(breach),
            what=f"{event.vendor} {event.name}: {breach.title}",
            expected=breach.expected,
            got=breach.got,
            mapping=self._mapping_place(event),
        )
        self.tally.find(finding, example=told.line)

    def _mapping_place(self, event: VendorEvent) -> str:
        """Where the mapping of an event is written."""
        return mapping_place(self._vendors[event.vendor], event.name)
