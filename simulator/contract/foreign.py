"""Foreign: judges targets that call Klaviyo themselves, by what the server says was received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from simulator import json
from simulator.contract.breaches import Told, believed, extra, fault
from simulator.contract.contract import Violation
from simulator.contract.inspection import Inspection, Observer, Wire
from simulator.contract.omnisend import OPERATION
from simulator.contract.received import ReceivedEvent, ReceivedProfile, kept_event, received, sent_profiles
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.target import FIRST_SYNC, Happening, Outgoing, cause_text
from simulator.vendor import Vendor
from simulator.verdict import Kind

EVENT_OPERATIONS = ("create_event", "bulk_create_events", "create_client_event", "bulk_create_client_events")
"""What brings events: they are judged as Klaviyo kept them."""

PROFILE_OPERATIONS = (
    "create_profile",
    "update_profile",
    "create_or_update_profile",
    "create_client_profile",
    "bulk_import_profiles",
)
"""What writes profiles."""

TRY_AGAIN = (429, 500, 502, 503, 504, 524)
"""What a client answers by sending again."""

OWN_SERVICE = "klaviyo"
"""The service of metrics of Klaviyo's own, such as Received Email: no target has sent their events."""

NO_TIME = timedelta(0)


@dataclass
class Arrivals:
    """An event that was told, customers when it was a first sync, and what reached Klaviyo because of it."""

    told: Told
    customers: Sequence[VendorEvent] = ()
    sent: list[ReceivedEvent] = field(default_factory=list)
    events: list[ReceivedEvent] = field(default_factory=list)
    dropped: list[Json] = field(default_factory=list)
    profiles: list[ReceivedProfile] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    has_failed: bool = False
    times: int = 0

    @property
    def may_repeat(self) -> bool:
        """Whether a second sending of the same thing is right, so that Klaviyo may drop it."""
        return bool(self.events) and (self.has_failed or self.times > 1)


class ForeignInspection(Inspection):
    """Lets a target work, reads what reached Klaviyo meanwhile, and judges it when all is over.

    `within` is how long (of real time) Klaviyo may wait for an event that is due.
    """

    def __init__(
        self,
        vendors: Sequence[Vendor],
        wire: Wire,
        observers: Sequence[Observer] = (),
        *,
        place: str,
        target: str = "",
        within: timedelta = NO_TIME,
    ) -> None:
        super().__init__(vendors, wire, observers, target=target)
        self._line = wire
        self._place = place
        self._within = within
        self._arrivals: dict[str, Arrivals] = {}
        self._latest: Arrivals | None = None
        self._known: dict[tuple[str, str], Told] = {}
        self._last_request = 0

    def take(self, happening: Happening) -> None:
        """Send what the target wants sent, wait for what is due, and read what arrived."""
        self._note(happening)
        for one in happening.outgoing:
            delivered = self._line.delivery.send(one.request, at=one.at, **self._lineage(happening, one))
            if one.answered is not None:
                self._take_answer(one.answered(delivered))
        self._take_faults(happening)
        self._await()
        self._read_back()

    def _lineage(self, happening: Happening, one: Outgoing) -> dict[str, str]:
        """What a request comes from."""
        if one.answered is not None:
            return {"cause": one.request.cause, "entry": one.entry}
        entry = happening.handover.entry if one.event is happening.event else one.entry
        cause = cause_text(one.event) if one.event else first_sync_cause(one.vendor)
        return {"cause": cause, "entry": entry, "target": self._target}

    def catch_up(self) -> None:
        """Read what has arrived so far."""
        self._read_back()

    def close(self) -> None:
        """Judge every event by what arrived in the end."""
        self._read_back()
        for arrivals in self._arrivals.values():
            self._conclude(arrivals)
        self._forgotten()

    def _note(self, happening: Happening) -> None:
        """Remember what the target was told."""
        event, handover = happening.event, happening.handover
        if happening.customers:
            first = happening.customers[0]
            self._latest = Arrivals(self._told(first, handover), happening.customers)
            self._arrivals[first_sync_cause(first.vendor)] = self._latest
        if event is None:
            return
        told = self._told(event, handover)
        self.tally.count(event.vendor).events += 1
        self.tally.rows[event.vendor, event.name].events += 1
        self._latest = self._arrivals.setdefault(cause_text(event, handover), Arrivals(told))
        self._latest.times += 1
        self._expect(told)
        if handover.is_genuine:
            self._known[event.vendor, self._contracts[event.vendor].customer(event)] = told

    def _await(self) -> None:
        """Let a target that works on after its answer bring the event that is due, and what comes with it."""
        if not self._within or self._latest is None:
            return
        if self._is_awaited(self._latest):
            cause = cause_text(self._latest.told.event)
            self._line.control.wait(timeout=self._within, **{"for": "events", "cause": cause})
        self._line.control.wait(timeout=self._within, **{"for": "idle"})

    def _is_awaited(self, arrivals: Arrivals) -> bool:
        """Whether an event must still arrive."""
        event, handover = arrivals.told.event, arrivals.told.handover
        is_done = arrivals.events or event.name == FIRST_SYNC or not handover.is_genuine
        return not is_done and self._contracts[event.vendor].is_due(event)

    def _read_back(self) -> None:
        """Read what arrived since the last time: requests, and what Klaviyo kept of the events."""
        for entry in self._line.control.requests(self._last_request):
            self._last_request = entry["number"]
            if (arrivals := self._of(entry)) is not None:
                self._take_request(arrivals, entry)
        for kept in self._line.control.events(self._last_number):
            self._last_number = kept["number"]
            if kept.get("service") != OWN_SERVICE and (arrivals := self._of(kept)) is not None:
                self._take_kept(arrivals, kept)
            elif kept["outcome"] == "stored":
                self._observe(kept_event(kept))

    def _of(self, found: Json) -> Arrivals | None:
        """What something that arrived belongs to: its cause, or what was told last when it has none."""
        return self._arrivals.get(found["cause"] or "", None) if found["cause"] else self._latest

    def _take_kept(self, arrivals: Arrivals, kept: Json) -> None:
        vendor, name = arrivals.told.event.vendor, arrivals.told.event.name
        if kept["outcome"] != "stored":
            arrivals.dropped.append(kept)
            return
        event = kept_event(kept)
        self._observe(event)
        arrivals.events.append(replace(event, profile=as_sent(event, arrivals.sent)))
        if (vendor, name) in self.tally.rows:
            self.tally.rows[vendor, name].sent += 1

    def _take_request(self, arrivals: Arrivals, entry: Json) -> None:
        if entry["method"] == "GET":
            return
        told, status = arrivals.told, entry["status"]
        self.tally.count(told.event.vendor).requests += 1
        path = "/" + entry["url"].split("://")[-1].partition("/")[2]
        arrivals.requests.append(f"{entry['method']} {path} answered {status}")
        if entry.get("fault") or status in TRY_AGAIN:
            arrivals.has_failed = True
        if status >= 400:
            if not entry.get("fault") and status not in TRY_AGAIN:
                self._refuse(told, path, entry)
        elif entry["operation"] in PROFILE_OPERATIONS:
            self._take_profiles(arrivals, entry)
        elif entry["operation"] in EVENT_OPERATIONS:
            self._note_sent(arrivals, entry)
        elif self._copies is None or entry["operation"] != OPERATION:
            self._judge(told, [extra(told.event, entry["operation"] or path, entry["body"])])

    def _note_sent(self, arrivals: Arrivals, entry: Json) -> None:
        """Keep an event as it was sent, since Klaviyo does not tell by which identifiers it found the profile."""
        message = received(KlaviyoRequest(entry["method"], "", json.read(entry["body"].encode())))
        if isinstance(message, ReceivedEvent):
            arrivals.sent.append(message)

    def _refuse(self, told: Told, path: str, entry: Json) -> None:
        """Tell that Klaviyo refused a request."""
        self.tally.count(told.event.vendor).rejected += 1
        words = "; ".join(str(error.get("detail") or error.get("title")) for error in entry["errors"])
        refused = fault(told.event, "request", f"{path} accepted", f"{entry['status']}: {words}")
        self._find(told, Kind.REJECTED, refused)

    def _take_profiles(self, arrivals: Arrivals, entry: Json) -> None:
        """Judge profile writes: each by the customer that it is for, else by the event that it came with."""
        vendor = arrivals.told.event.vendor
        contract = self._contracts[vendor]
        for profile in sent_profiles(json.read(entry["body"].encode()), self._identifiers(entry)):
            arrivals.profiles.append(profile)
            if "subscriptions" in profile.attributes:
                self._judge(arrivals.told, [extra(arrivals.told.event, "subscriptions", entry["body"])])
            if arrivals.customers or not arrivals.told.handover.is_genuine:
                continue
            identity = contract.identity_of(profile)
            is_own = identity == contract.customer(arrivals.told.event)
            told = arrivals.told if is_own else self._known.get((vendor, identity), arrivals.told)
            self._judge_profile(told, profile)

    def _identifiers(self, entry: Json) -> Mapping[str, str]:
        """Whom an update by id is about, which the body does not tell."""
        if entry["operation"] != "update_profile":
            return {}
        id = entry["url"].partition("?")[0].rstrip("/").rpartition("/")[2]
        found = self._line.delivery.read(f"/api/profiles/{id}").get("data") or {"attributes": {}}
        names = ("email", "phone_number", "external_id")
        return {name: value for name in names if (value := found["attributes"].get(name))}

    def _conclude(self, arrivals: Arrivals) -> None:
        """Judge what arrived for one event."""
        told = arrivals.told
        contract = self._contracts[told.event.vendor]
        if told.event.name == FIRST_SYNC:
            self._judge_first_sync(arrivals.customers, arrivals.profiles)
        elif told.handover.is_genuine:
            self._judge(told, because(contract.violations(told.event, arrivals.events, ()), arrivals))
        elif arrivals.events or arrivals.dropped or arrivals.profiles:
            self._judge(told, [believed(told, [*arrivals.events, *map(kept_event, arrivals.dropped)])])
            return
        for kept in arrivals.dropped if not arrivals.may_repeat else ():
            self._drop(told, kept["metric"], kept["reason"])

    def _mapping_place(self, event: VendorEvent) -> str:
        """The target, as far as we can tell."""
        del event
        return self._place


def first_sync_cause(vendor: str) -> str:
    """What the requests of a first sync come from."""
    return f"{vendor} {FIRST_SYNC} {vendor}-{FIRST_SYNC}"


def as_sent(kept: ReceivedEvent, sent: Sequence[ReceivedEvent]) -> Json:
    """The profile of an event that Klaviyo kept: what was sent of it, as far as one can tell, as Klaviyo has it."""
    same = (one for one in sent if one.metric == kept.metric and one.unique_id in (None, kept.unique_id))
    named = next((one.profile for one in same), None)
    if named is None:
        return {name: value for name, value in kept.profile.items() if name != "id"}
    return {name: kept.profile.get(name, value) for name, value in named.items()}


def because(violations: Sequence[Violation], arrivals: Arrivals) -> Sequence[Violation]:
    """Violations; one about how many events there are also tells what became of the requests."""
    return [
        replace(one, got=f"{one.got} ({', '.join(arrivals.requests)})")
        if one.field == "event" and arrivals.has_failed
        else one
        for one in violations
    ]
