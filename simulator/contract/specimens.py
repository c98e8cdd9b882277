"""Specimens: vendor events with the requests that a target makes of them, to put mistakes into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from simulator import json
from simulator.contract.inspection import Wire
from simulator.contract.mutators import Specimen
from simulator.contract.received import ReceivedEvent, ReceivedProfile, received
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import iso_z
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.builtin import Builtin
from simulator.targets.target import Target, reaction
from simulator.vendor import Vendor


class Specimens:
    """Asks a target for the requests of one event after the other; of our own mapping each event stands alone."""

    def __init__(self, target: Target, wire: Wire | None = None) -> None:
        self._target = target
        self._wire = wire
        self._last_request = 0

    def of(self, vendor: Vendor, event: VendorEvent) -> Specimen:
        """The event with what the target makes of it; raises what the target did wrong."""
        target = self._target if self._target.is_foreign else Builtin({vendor.name: vendor.mapping})
        happening = reaction(target, event)
        for wrong in happening.faults:
            raise wrong
        outgoing = [one.request for one in (*happening.outgoing, *target.flush())]
        return specimen(vendor, event, [*outgoing, *self._seen()])

    def _seen(self) -> Iterator[KlaviyoRequest]:
        """The requests that reached the server meanwhile."""
        if self._wire is None or not self._target.is_foreign:
            return
        for entry in self._wire.control.requests(self._last_request):
            self._last_request = entry["number"]
            if entry["method"] != "GET" and entry["status"] < 400:
                body = json.read(entry["body"].encode())
                yield KlaviyoRequest(entry["method"], entry["url"], as_kept(body))


def as_kept(body: Json) -> Json:
    """A body whose time is written as Klaviyo keeps it: clients write the same instant in many ways."""
    attributes = (body.get("data") or {}).get("attributes") or {}
    if isinstance(attributes.get("time"), str):
        attributes["time"] = iso_z(datetime.fromisoformat(attributes["time"]))
    return body


def specimen(vendor: Vendor, event: VendorEvent, requests: list[KlaviyoRequest]) -> Specimen:
    """An event with the requests that were made of it."""
    events = tuple(request for request in requests if isinstance(received(request), ReceivedEvent))
    profiles = tuple(request for request in requests if isinstance(received(request), ReceivedProfile))
    return Specimen(vendor, event, events, profiles)
