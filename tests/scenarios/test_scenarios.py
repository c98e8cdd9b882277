"""Runs every file of scenarios/ against a server, and breaks mappings to see that somebody notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.contract.inspection import Inspection, Wire
from simulator.contract.verify import verification
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import Metric
from simulator.scenario.judging import judged
from simulator.scenario.run import run_of
from simulator.scenario.scenario import Scenario, scenarios
from simulator.server import mock
from simulator.vendor import Vendor
from simulator.vendors import vendors
from simulator.verdict import Kind, handled

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with mock() as (delivery, control):
        yield Wire(delivery, control)


def only(file: str) -> Scenario:
    (found,) = scenarios(FOLDER / file, vendors())
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scenario_passes(file, wire):
    for scenario in scenarios(file, vendors()):
        verdict = judged(scenario, vendors(), wire)

        assert [] == [(str(one.place), one.what, one.expected, one.got) for one in verdict.tally.failures]
        assert [] == [(one.what, one.expected, one.got) for one in verdict.tally.notes]


def test_together_the_scenarios_exercise_all_rows_of_all_vendors():
    inspection = Inspection(list(vendors().values()))
    for file in FILES:
        for scenario in scenarios(file, vendors()):
            for happening in run_of(without_calls(scenario), vendors()).happenings():
                inspection.take(happening)

    assert (86, 82, 4) == handled(inspection.tally.rows)


def without_calls(scenario: Scenario) -> Scenario:
    """The scenario without its own calls, which may speak of what Klaviyo answers."""
    return replace(scenario, entries=[entry for entry in scenario.entries if entry.kind != "call"])


def without_lives(scenario: Scenario) -> Scenario:
    """The scenario with single events only, which takes a moment."""
    return replace(scenario, entries=[entry for entry in scenario.entries if entry.kind != "live"])


def broken(vendor: str, event: str, change: Callable[[Json, VendorEvent], Json]) -> dict[str, Vendor]:
    """All vendors, one mapping with a mistake in the properties of one event."""
    right = vendors()[vendor]
    metric = right.mapping.events[event]
    assert isinstance(metric, Metric)
    wrong = replace(metric, properties=lambda event: change(metric.properties(event), event))
    return {
        **vendors(),
        vendor: replace(right, mapping=replace(right.mapping, events={**right.mapping.events, event: wrong})),
    }


BREAKS = {
    "99minds rounds up": (
        "99minds.yaml",
        "99minds",
        "GiftcardIssued",
        lambda values, _: {**values, "balance": round(values["balance"] + 0.01, 2)},
        "properties.balance",
    ),
    "99minds says null instead of Never": (
        "99minds.yaml",
        "99minds",
        "OrderPlaced",
        lambda values, _: {**values, "expiration_date": None if values["expiration_date"] == "Never" else "soon"},
        "properties.expiration_date",
    ),
    "Smile writes an id as text": (
        "smile.yaml",
        "smile",
        "Points Redeemed",
        lambda values, _: {**values, "id": str(values["id"])},
        "properties.id",
    ),
    "TRIFFT drops a null": (
        "trifft.yaml",
        "trifft",
        "onTransactionWasCreated",
        lambda values, _: {name: value for name, value in values.items() if value is not None},
        "properties.note",
    ),
    "Influence.io mixes up whose reward it is": (
        "influence.yaml",
        "influence",
        "referrals/started",
        lambda values, event: {**values, "rewardCode": event.payload["customerReward"]["couponCode"]},
        "properties.rewardCode",
    ),
    "JeriCommerce drops a key": (
        "jericommerce.yaml",
        "jericommerce",
        "Reward redeemed (online)",
        lambda values, _: {name: value for name, value in values.items() if name != "rewardTitle"},
        "properties.rewardTitle",
    ),
}


WAYS = {
    "metric in upper case": lambda metric: replace(metric, name=metric.name.upper()),
    "a property too few": lambda metric: replace(
        metric, properties=lambda event: dict(list(metric.properties(event).items())[1:]) or {"more": 1}
    ),
    "a property too many": lambda metric: replace(
        metric, properties=lambda event: {**metric.properties(event), "more": 1}
    ),
    "somebody else": lambda metric: replace(metric, profile=lambda _: {"email": "stranger@example.net"}),
    "a value too many": lambda metric: replace(metric, value=lambda event: (metric.value(event) or 0) + 0.01),
}
"""How to break the mapping of any event."""


def found_offline(vendor: Vendor) -> list[str]:
    """What is wrong with a vendor's own scenario, without a server."""
    inspection = Inspection([vendor])
    for happening in run_of(without_lives(only(f"{vendor.name}.yaml")), {vendor.name: vendor}).happenings():
        inspection.take(happening)
    inspection.close()
    return [finding.what for finding in inspection.tally.findings.values()]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", vendors())
def test_whichever_mapping_is_broken_it_is_found(name, way):
    """All mappings of a vendor are broken at once; each must be found out on its own."""
    right = vendors()[name]
    events = {
        event: way(mapped) if isinstance(mapped, Metric) else mapped for event, mapped in right.mapping.events.items()
    }
    found = found_offline(replace(right, mapping=replace(right.mapping, events=events)))
    sent = [event for event in right.events if right.metric(event)]
    unnoticed = {event for event in sent if not any(what.startswith(f"{name} {event}: ") for what in found)}

    assert unnoticed <= (OPEN if way is WAYS["a property too many"] else set())


OPEN = {"onUserWasUpdated", "ShippingConfirmation", "StoreCreditIssued", "StoreCreditRedeemed", "StoreCreditReminder"}
"""Events whose documentation leaves open what else they hold."""


@pytest.mark.parametrize("name", [name for name, vendor in vendors().items() if vendor.mapping.sync])
def test_a_broken_profile_sync_is_found(name):
    right = vendors()[name]
    sync = right.mapping.sync
    assert sync is not None

    def one_too_few(customer: Json) -> Json | None:
        attributes = sync.attributes(customer)
        return attributes and {**attributes, "properties": dict(list(attributes["properties"].items())[1:])}

    for wrong in (replace(sync, attributes=one_too_few), None):
        found = found_offline(replace(right, mapping=replace(right.mapping, sync=wrong)))
        assert any("profile" in what for what in found)


@pytest.mark.parametrize(("file", "vendor", "event", "change", "field"), BREAKS.values(), ids=BREAKS)
def test_a_broken_mapping_is_found_with_file_field_expected_and_got(file, vendor, event, change, field, wire):
    verdict = judged(without_lives(only(file)), broken(vendor, event, change), wire)
    found = next(one for one in verdict.tally.failures if one.what == f"{vendor} {event}: {field}")

    assert not verdict.is_passed
    assert found.place.file.endswith("contract.yaml")
    assert found.place.line > 1
    assert found.mapping.endswith(f"{Path(__file__).name}:{found.mapping.rpartition(':')[2]}")
    assert found.expected != found.got


def test_an_expectation_notices_what_the_contract_leaves_to_the_scenario(wire):
    smile = vendors()["smile"]
    mapping = replace(smile.mapping, profile=lambda _: {"email": "zoe@example.net"})
    scenario = without_lives(only("smile.yaml"))
    verdict = judged(scenario, {**vendors(), "smile": replace(smile, mapping=mapping)}, wire)
    unmet = [one for one in verdict.tally.failures if one.kind is Kind.EXPECTATION]

    assert "events[0] Points Earned on Order for ana" in [one.what for one in unmet]
    assert any(str(one.place).startswith(str(FOLDER / "smile.yaml")) for one in unmet)
    assert verdict.met < verdict.expectations


def test_a_mapping_that_klaviyo_refuses_is_found(wire):
    smile = vendors()["smile"]
    mapping = replace(smile.mapping, profile=lambda _: {"email": "this is no address"})
    scenario = replace(only("smile.yaml"), entries=only("smile.yaml").entries[2:3])
    verdict = judged(scenario, {**vendors(), "smile": replace(smile, mapping=mapping)}, wire)

    assert Kind.REJECTED in [one.kind for one in verdict.tally.failures]


@pytest.mark.parametrize("vendor", vendors().values(), ids=vendors())
def test_every_event_passes_through_the_server(vendor, wire):
    found = verification([vendor], 0, wire)

    assert [] == [(one.what, one.expected, one.got) for one in found.tally.failures]
    assert found.is_passed


def test_a_placeholder_domain_is_dropped_and_told(wire):
    scenario = only("smile.yaml")
    ana = replace(scenario.groups[0], known={"email": "ana@example.com"})
    verdict = judged(
        replace(scenario, groups=[ana, *scenario.groups[1:]], entries=scenario.entries[2:3]), vendors(), wire
    )

    assert Kind.DROPPED in [one.kind for one in verdict.tally.failures]
