"""Breaches: what else can be wrong with an event besides its contract, put like violations of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.contract.checking import same
from simulator.contract.contract import Violation
from simulator.contract.received import ReceivedEvent, lineage_text
from simulator.contract.rules import DOCUMENTED
from simulator.event import VendorEvent
from simulator.mapping.formats import iso_z
from simulator.mapping.mapping import Metric
from simulator.targets.target import AS_IT_HAPPENS, FIRST_SYNC, Handover, Outgoing, TargetFault, cause_text
from simulator.vendor import Vendor

LONGEST_BODY = 200
"""How much of a body a report shows."""


@dataclass(frozen=True, slots=True)
class Told:
    """A vendor event that a target was told, and how."""

    event: VendorEvent
    handover: Handover = AS_IT_HAPPENS
    target: str = ""

    @property
    def line(self) -> str:
        """What a report shows of it: when, which, for which entry, and which target was told."""
        lineage = {"cause": cause_text(self.event), "entry": self.handover.entry, "target": self.target}
        return f"{iso_z(self.event.occurred_at)}{lineage_text(lineage)}"


def fault(event: VendorEvent, field: str, expected: str, got: str) -> Violation:
    """Something that went wrong on the way, put like a violation."""
    return Violation(event.vendor, event.name, field, expected, got, DOCUMENTED)


def target_breach(told: Told, wrong: TargetFault) -> Violation:
    """What a target did wrong by itself, put like a violation."""
    return fault(told.event, "target", wrong.expected, wrong.got)


def believed(told: Told, events: Sequence[ReceivedEvent]) -> Violation:
    """That a target believed a webhook that was not from the vendor."""
    expected = f"nothing at Klaviyo, since the webhook was {told.handover.signature}"
    got = f"{len(events)} event {events[0].metric!r}" if events else "a profile write"
    return fault(told.event, "signature", expected, got)


def extra(event: VendorEvent, operation: str, body: str) -> Violation:
    """That a target did at Klaviyo what no contract asks for; consent that nobody gave stands out."""
    is_consent = "subscri" in operation or "suppress" in operation
    got = body if len(body) <= LONGEST_BODY else f"{body[:LONGEST_BODY]}…"
    if is_consent:
        return fault(event, "consent", "as it was: the vendor told of no opt-in", f"{operation} {got}")
    return fault(event, "request", "nothing but the event and its profile", f"{operation} {got}")


def sender(one: Outgoing) -> str:
    """What a request comes from, in words that tell it apart from all others on their way."""
    if one.answered is not None:
        return one.request.cause
    return cause_text(one.event) if one.event is not None else f"{one.vendor} {FIRST_SYNC}"


def mapping_place(vendor: Vendor, event: str) -> str:
    """Where the mapping of an event is written, as file and line."""
    mapped = vendor.mapping.events.get(event)
    code = getattr(mapped.properties, "__code__", None) if isinstance(mapped, Metric) else None
    return f"{code.co_filename}:{code.co_firstlineno}" if code else str(vendor.folder / "mapping.py")


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
