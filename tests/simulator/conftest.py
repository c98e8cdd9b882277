"""A tiny vendor of tea, so that tests see causes and effects at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.event import Occasion, VendorEvent
from simulator.mapping.formats import round_down
from simulator.mapping.mapping import Metric, ProfileSync, Skip, VendorMapping
from simulator.population import Person
from simulator.vendor import EventKind, Vendor

START = datetime(2026, 3, 1, 8, tzinfo=UTC)

CONTRACT = """\
vendor: tea
events:
  cup.sold:
    metric: Cup Sold
    sent: customer.email
    profile: {email: {type: string, x-equals: customer.email}}
    unique_id: {type: string, x-equals: id, x-provenance: assumed}
    time: {type: string, x-equals: occurred_at}
    value: {type: number, x-equals: floor_cents(payload.price)}
    value_currency: documented
    properties:
      type: object
      required: [cups, kind]
      additionalProperties: false
      properties:
        cups: {type: integer, minimum: 1, x-equals: payload.cups}
        kind: {type: string, x-equals: payload.kind}
        note: {type: string, x-equals: payload.note, x-provenance: assumed}
  kettle.cleaned:
    skip: nobody wants to know
profile:
  sent: customer.email
  attributes: {email: {type: string, x-equals: customer.email}}
  properties:
    type: object
    required: [Cups]
    additionalProperties: false
    properties: {Cups: {type: integer, x-equals: customer.cups}}
"""


@dataclass
class Drinker:
    person: Person
    cups: int = 0


def cup_sold(drinker: Drinker, occasion: Occasion, luck):
    cups = occasion.facts.get("cups", luck.randint(1, 3))
    drinker.cups += cups
    return {
        "id": f"{luck.getrandbits(32):08x}",
        "cups": cups,
        "kind": luck.choice(("Assam", "Sencha")),
        "price": "2.999",
    }


def kettle_cleaned(drinker: Drinker, occasion: Occasion, luck):
    return {"id": f"{luck.getrandbits(32):08x}"}


def live(drinker: Drinker, start: datetime, end: datetime, luck):
    at = start
    while (at := at + timedelta(hours=luck.randint(6, 30))) < end:
        yield Occasion(at, "cup.sold" if luck.random() < 0.8 else "kettle.cleaned")


def properties(event: VendorEvent):
    return {name: event.payload[name] for name in ("cups", "kind", "note") if name in event.payload}


MAPPING = VendorMapping(
    vendor="tea",
    profile=lambda event: {"email": event.customer["email"]} if event.customer["email"] else None,
    events={
        "cup.sold": Metric("Cup Sold", properties, value=lambda event: round_down(event.payload["price"])),
        "kettle.cleaned": Skip("nobody wants to know"),
    },
    sync=ProfileSync(
        lambda customer: (
            {"email": customer["email"], "properties": {"Cups": customer["cups"]}} if customer["email"] else None
        ),
        debounce=timedelta(seconds=2),
        batch_size=2,
    ),
)


@pytest.fixture
def contract_file(tmp_path: Path) -> Path:
    file = tmp_path / "contract.yaml"
    file.write_text(CONTRACT)
    return file


@pytest.fixture
def tea(contract_file: Path) -> Vendor:
    return Vendor(
        name="tea",
        title="Tea House",
        folder=contract_file.parent,
        events={
            "cup.sold": EventKind("cup.sold", "a cup is sold", "documented", cup_sold),
            "kettle.cleaned": EventKind("kettle.cleaned", "a kettle is cleaned", "documented", kettle_cleaned),
        },
        mapping=MAPPING,
        join=lambda person, *_: Drinker(person),
        live=live,
        record=lambda drinker: {"email": drinker.person.email, "cups": drinker.cups},
        event_id=lambda payload, _: payload["id"],
    )


@pytest.fixture
def sold() -> VendorEvent:
    payload = {"id": "e1", "cups": 2, "kind": "Assam", "price": "2.999"}
    return VendorEvent("tea", "cup.sold", "e1", START, payload, {"email": "ana@example.org", "cups": 7})
