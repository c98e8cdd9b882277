"""99minds sends to Klaviyo and to Omnisend from one run; each planted mistake at either is found, and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from simulator.contract.inspection import Wire
from simulator.contract.verify import verification
from simulator.json import Json
from simulator.mapping import omnisend
from simulator.mapping.mapping import Metric
from simulator.mapping.requests import KlaviyoRequest
from simulator.scenario.judging import judged
from simulator.scenario.scenario import scenarios
from simulator.server import mock
from simulator.targets import builtin
from simulator.targets.aim import Aim
from simulator.targets.choosing import target_spec
from simulator.vendor import Vendor
from simulator.vendors import vendors
from simulator.verdict import Kind
from tests.scenarios.test_scenarios import FOLDER, without_lives

NEVER = "Never"
VENDOR = vendors()["99minds"]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with mock() as (delivery, control):
        yield Wire(delivery, control)


def found(wire: Wire | None, vendor: Vendor = VENDOR) -> list[tuple[str, str, str]]:
    """What is wrong when every event of the vendor goes to both."""
    tally = verification([vendor], 0, wire).tally
    return [(one.what, one.expected, one.got) for one in tally.failures]


def klaviyo_says(change: Callable[[Json], Json]) -> Vendor:
    """The vendor, its properties of every event changed, at both destinations."""

    def wrong(metric: Metric) -> Metric:
        return replace(metric, properties=lambda event: change(metric.properties(event)))

    right = VENDOR.mapping.events
    events = {name: wrong(each) if isinstance(each, Metric) else each for name, each in right.items()}
    return replace(VENDOR, mapping=replace(VENDOR.mapping, events=events))


def null_for_never(values: Json) -> Json:
    return values | {"expiration_date": None} if values.get("expiration_date") == NEVER else values


@pytest.mark.parametrize("way", ["through a server", "offline"])
def test_both_get_what_the_contract_says(way, wire):
    assert [] == found(wire if way == "through a server" else None)


@pytest.mark.parametrize("way", ["through a server", "offline"])
def test_a_null_at_klaviyo_is_found(way, wire):
    wrong = found(wire if way == "through a server" else None, klaviyo_says(null_for_never))

    assert ("99minds GiftcardIssued: properties.expiration_date", "'Never'", 'null is not of type "string"') in wrong
    assert [] == [what for what, _, _ in wrong if "Omnisend" in what]  # where null is right


@pytest.mark.parametrize("way", ["through a server", "offline"])
def test_never_at_omnisend_is_found(way, wire, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(omnisend, "without_never", lambda values: values)

    wrong = found(wire if way == "through a server" else None)

    assert ("99minds GiftcardIssued: Omnisend properties.expiration_date", "None", "'Never'") in wrong
    assert [] == [what for what, _, _ in wrong if "Omnisend" not in what]


def without_expiration(values: Json) -> Json:
    return {name: value for name, value in values.items() if name != "expiration_date"}


def elsewhere(event, mapping):
    right = omnisend.omnisend_request(event, mapping)
    return right and KlaviyoRequest(right.method, right.path, {**right.body, "eventName": "Other"}, right.cause)


def nowhere(event, mapping):
    return None


def test_a_property_that_omnisend_must_get_may_not_be_left_out(wire, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(omnisend, "without_never", without_expiration)

    assert "99minds GiftcardIssued: Omnisend properties.expiration_date" in [what for what, _, _ in found(wire)]


@pytest.mark.parametrize(("request_of", "field"), [(nowhere, "event"), (elsewhere, "metric")])
def test_a_copy_that_never_comes_or_is_another_is_found(request_of, field, wire, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(builtin, "omnisend_request", request_of)

    wrong = {what for what, _, _ in found(wire)}

    sent = [name for name in VENDOR.events if VENDOR.metric(name)]
    assert [] == [name for name in sent if not any(what.startswith(f"99minds {name}: Omnisend") for what in wrong)]
    assert any(what.endswith(f"Omnisend {field}") for what in wrong)


def test_a_scenario_of_both_finds_it_too(wire, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(omnisend, "without_never", lambda values: values)
    (scenario,) = scenarios(FOLDER / "99minds.yaml", vendors())

    verdict = judged(without_lives(scenario), vendors(), wire)

    violations = [one for one in verdict.tally.failures if one.kind is Kind.VIOLATION]
    assert {"Omnisend properties.expiration_date"} == {one.what.partition(": ")[2] for one in violations}


def test_the_users_own_function_is_judged_at_both(wire):
    aim = Aim(target_spec("python:tests.services.both_destinations:told_alike"), is_python_allowed=True)

    wrong = verification([VENDOR], 0, wire, aim, destinations=["omnisend"]).tally.failures

    assert {"Omnisend properties.expiration_date"} == {one.what.partition(": ")[2] for one in wrong}
