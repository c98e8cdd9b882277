"""What holds for every event of every vendor."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from simulator import json
from simulator.chance import chance
from simulator.contract.contract import load
from simulator.contract.inspection import Inspection
from simulator.contract.trials import single_events
from simulator.contract.verify import happening
from simulator.event import VendorEvent
from simulator.mapping.mapping import Metric, Skip
from simulator.population import people
from simulator.scenario.arguments import Words, known_event
from simulator.shop import shop
from simulator.vendor import Vendor
from simulator.vendors import vendors

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = {"trifft": (13, 4), "99minds": (38, 0), "influence": (5, 0), "jericommerce": (18, 0), "smile": (8, 0)}
"""Rows of each vendor's sheet: those mapped to a metric, and those not."""

EVENTS = [(vendor, name) for vendor in vendors().values() for name in vendor.events]
EVENT_IDS = [f"{vendor.name}/{name}" for vendor, name in EVENTS]
each_event = pytest.mark.parametrize(("vendor", "name"), EVENTS, ids=EVENT_IDS)
each_vendor = pytest.mark.parametrize("vendor", vendors().values(), ids=vendors())


@pytest.fixture(scope="module")
def events_of():
    """The events of a name, made once for all tests."""
    made = {vendor.name: list(single_events(vendor, 0)) for vendor in vendors().values()}
    return lambda vendor, name: [event for event in made[vendor.name] if event.name == name]


def lives(vendor: Vendor, count: int, seed: int = 0) -> list[VendorEvent]:
    where, found = shop(seed), []
    for person in people("life", count, seed):
        luck = chance(seed, person.key)
        member = vendor.join(person, where, luck, START)
        found += vendor.life(member, START, START + timedelta(days=365), luck)
    return found


def test_there_are_five_vendors_with_all_rows_of_their_sheets():
    found = {
        vendor.name: tuple(
            sum(isinstance(row, kind) for row in vendor.mapping.events.values()) for kind in (Metric, Skip)
        )
        for vendor in vendors().values()
    }

    assert ROWS == found


@each_vendor
def test_events_mapping_and_contract_speak_of_the_same_rows(vendor):
    contract = load(vendor.folder / "contract.yaml")

    assert set(vendor.events) == set(vendor.mapping.events) == set(contract.events)
    assert vendor.name == vendor.mapping.vendor == contract.vendor


@each_vendor
def test_a_vendor_that_writes_profiles_has_a_contract_for_them(vendor):
    assert (vendor.mapping.sync is not None) == (load(vendor.folder / "contract.yaml").profile is not None)


@each_event
def test_an_event_keeps_its_contract(vendor, name, events_of):
    inspection = Inspection([vendor])
    for event in events_of(vendor, name):
        inspection.take(happening(vendor, event))
    inspection.close()

    assert [] == [(finding.what, finding.expected, finding.got) for finding in inspection.tally.findings.values()]
    assert inspection.tally.rows[vendor.name, name].is_handled


@each_event
def test_an_event_is_named_by_its_metric_too(vendor, name):
    metric = vendor.metric(name)

    assert name == known_event(vendor, name).name
    assert metric is None or name == known_event(vendor, metric).name


@each_event
def test_an_event_says_when_it_happens_and_where_it_is_from(vendor, name):
    kind = vendor.events[name]

    assert kind.when
    assert kind.provenance in ("documented", "recorded", "assumed")


@each_event
def test_an_event_has_an_id_of_its_own(vendor, name, events_of):
    ids = [event.id for event in events_of(vendor, name)]

    assert all(ids)
    assert len(set(ids)) == len(ids)


@each_event
def test_what_a_vendor_tells_is_json(vendor, name, events_of):
    for event in events_of(vendor, name):
        assert json.written([event.payload, event.customer])


@each_vendor
def test_lives_have_every_event_and_keep_to_the_clock(vendor):
    found = lives(vendor, 60)
    happened = Counter(event.name for event in found)

    assert all(START <= event.occurred_at < START + timedelta(days=365) for event in found)
    assert len(happened) >= len(vendor.events) * 0.9


@each_vendor
def test_lives_are_the_same_for_the_same_seed(vendor):
    first, second = ([[event.id, event.payload, event.customer] for event in lives(vendor, 5)] for _ in range(2))

    assert json.written(first) == json.written(second)


def test_a_typo_is_answered_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"'Points Redeemd' is no event of smile \(Points Redeemed\?\)"):
        known_event(Words(vendors()).vendors["smile"], "Points Redeemd")
