"""What holds for every event of every vendor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from simulator import json
from simulator.chance import chance
from simulator.contract.contract import load
from simulator.contract.inspection import Inspection
from simulator.contract.trials import single_events
from simulator.contract.verify import happening
from simulator.mapping.mapping import Metric, Skip
from simulator.population import people
from simulator.scenario.words import Words, known_event
from simulator.targets.builtin import Builtin
from simulator.vendors import vendors
from tests.simulator.vendors.lives import (
    END,
    START,
    all_sent,
    all_written,
    alone,
    contract,
    is_caught,
    joined,
    life,
    lives,
    profile_breaches,
    violations,
    written,
)

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
        inspection.take(happening(Builtin({vendor.name: vendor.mapping}), event))
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


@each_event
def test_an_event_out_of_the_blue_keeps_the_contract(vendor, name):
    assert [] == [found for seed in range(20) for found in violations(alone(vendor, name, seed))]


@each_vendor
def test_lives_keep_the_contract(vendor):
    assert [] == [found for one in lives(vendor) for event in one for found in violations(event)]


@each_vendor
@pytest.mark.parametrize("seed", [0, 1])
def test_a_crowd_of_200_shows_every_event_within_a_year(vendor, seed):
    assert vendor.events.keys() == {event.name for one in lives(vendor, 200, seed) for event in one}


@each_vendor
def test_a_year_has_some_dozens_of_events(vendor):
    counts = [len(one) for one in lives(vendor)]

    assert 20 <= sum(counts) / len(counts) <= 80


@each_vendor
def test_events_come_in_order_and_within_the_period(vendor):
    for one in lives(vendor):
        times = [START, *(event.occurred_at for event in one)]

        assert times == sorted(times)
        assert times[-1] < END


@each_vendor
def test_the_same_seed_tells_the_same_lives(vendor):
    crowd = list(people("crowd", 10, 0))
    first, second = ([json.written(event) for one in crowd for event in life(vendor, one)] for _ in range(2))

    assert first == second


@each_vendor
def test_later_events_leave_earlier_ones_alone(vendor):
    for someone in people("crowd", 10, 0):
        told = [(event, json.written(event)) for event in life(vendor, someone)]

        assert all(json.written(event) == before for event, before in told)


@each_vendor
def test_a_second_period_goes_on_with_what_the_first_left(vendor):
    someone = joined(vendor, next(people("crowd", 1, 0)))
    middle = START + timedelta(days=180)
    first, second = (
        list(vendor.life(someone, start, end, chance(0, start))) for start, end in ((START, middle), (middle, END))
    )

    assert first
    assert second
    assert first[-1].occurred_at < middle <= second[0].occurred_at


@pytest.mark.parametrize("name", [vendor.name for vendor in vendors().values() if vendor.mapping.sync])
def test_the_contract_catches_wrong_attributes_of_the_profile(name):
    found = (event for one in lives(vendors()[name]) for event in one if all_sent(event) and all_written(event))
    event = max(found, key=lambda event: len(written(event)["properties"]))
    right = written(event)["properties"]
    assert contract(event).profile.properties.rules.keys() == right.keys()
    wrong = [{**right, name: [value, "wrong"]} for name, value in right.items()]
    wrong += [{**right, name: f"{value}1"} for name, value in right.items()]
    wrong += [{key: value for key, value in right.items() if key != name} for name in right]

    assert [] == [mutant for mutant in wrong if not is_caught(profile_breaches(event, properties=mutant))]


def test_a_typo_is_answered_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"'Points Redeemd' is no event of smile \(Points Redeemed\?\)"):
        known_event(Words(vendors()).vendors["smile"], "Points Redeemd")
