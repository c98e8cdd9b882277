from dataclasses import replace

import pytest

from simulator.contract.contract import load
from simulator.contract.mutants import Hunt, hunt, try_mutant
from simulator.contract.mutators import MUTATORS
from simulator.contract.specimens import Specimens
from simulator.contract.trials import trials
from simulator.targets.aim import OWN
from simulator.vendors import vendors

SPECIMENS = Specimens(OWN.target(vendors()))


def survivors_of(found: Hunt) -> set[str]:
    return {f"{mutant.field} {mutant.mutator}" for mutant in found.survivors}


def test_a_strict_contract_notices_every_mistake(tea):
    found = hunt([tea])

    assert set() == survivors_of(found)
    assert len(found.killed) > 30
    assert found.is_passed


@pytest.mark.parametrize(
    ("rule", "weaker", "survivor"),
    [
        ("x-equals: payload.cups", "x-provenance: documented", "properties.cups sign_flipped"),
        ("value_currency: documented", "", "value_currency value_invented"),
        ("additionalProperties: false", "additionalProperties: true", "properties.kind property_renamed"),
    ],
)
def test_a_weak_contract_lets_mutants_survive(tea, contract_file, rule, weaker, survivor):
    text = contract_file.read_text()
    if survivor.startswith("properties.kind"):
        text = text.replace("required: [cups, kind]", "required: [cups]").replace(
            "kind: {type: string, x-equals: payload.kind}", "kind: {type: string}"
        )
    weak = contract_file.parent / "weak" / "contract.yaml"
    weak.parent.mkdir()
    weak.write_text(text.replace(rule, weaker, 1).replace("integer, minimum: 1, x-prov", "integer, x-prov"))
    found = hunt([replace(tea, folder=weak.parent)])

    assert survivor in survivors_of(found)
    assert not found.is_passed


@pytest.fixture(scope="module")
def specimens():
    return [SPECIMENS.of(vendor, event) for vendor in vendors().values() for event in trials(vendor)]


@pytest.mark.parametrize("name", MUTATORS)
def test_every_mutator_is_documented_and_makes_mistakes_somewhere(name, specimens):
    assert MUTATORS[name].__doc__
    assert any(next(MUTATORS[name](specimen), None) for specimen in specimens)


@pytest.mark.parametrize("vendor", vendors().values(), ids=vendors())
def test_the_contracts_of_all_vendors_notice_mistakes_in_documented_facts(vendor):
    """A quick hunt: the first two occasions of each event; `vendor-sim contract mutants` does all."""
    found = Hunt()
    contract = load(vendor.folder / "contract.yaml")
    seen: dict[str, int] = {}
    for event in trials(vendor):
        seen[event.name] = seen.get(event.name, 0) + 1
        if seen[event.name] <= 2:
            specimen = SPECIMENS.of(vendor, event)
            for name in (
                "property_dropped",
                "property_renamed",
                "number_as_text",
                "metric_misspelled",
                "event_forgotten",
            ):
                for mistake in MUTATORS[name](specimen):
                    try_mutant(found, contract, specimen, mistake, name)

    assert [] == [mutant for mutant in found.survivors if found.seen[mutant] != "assumed"]


def mapped(change):
    """A target that gives what our own mapping gives, with a change."""

    class Changed:
        def of(self, vendor, event):
            found = SPECIMENS.of(vendor, event)
            return replace(found, events=tuple(change(request) for request in found.events))

    return Changed()


def test_a_target_of_others_gets_a_score(tea):
    found = hunt([tea], specimens=mapped(lambda request: request))

    assert (1.0, "score 100.0%") == (found.score, [*found.lines()][-1])
    assert found.as_json()["score"] == 1.0


def test_a_target_that_is_wrong_before_is_not_scored(tea):
    found = hunt([tea], specimens=mapped(lambda request: replace(request, body=misspelled(request.body))))

    assert {("tea", "cup.sold")} == found.unsound.keys()
    assert "score 100.0% of 1 of 2 events" in [*found.lines()][-1]
    assert {"judged": 1, "left_out": 1} == found.as_json()["events"]
    assert "metric: expected 'Cup Sold', got 'Cup sold'" in found.unsound["tea", "cup.sold"]
    assert not found.is_passed
    assert not any(mutant.field.startswith("properties.") for mutant in found.seen)


def misspelled(body):
    metric = {"data": {"type": "metric", "attributes": {"name": "Cup sold"}}}
    return {"data": {**body["data"], "attributes": {**body["data"]["attributes"], "metric": metric}}}
