"""Every key of the language has an example that passes, and a change that makes it fail just as it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from simulator.contract.inspection import Wire
from simulator.document import document, documents
from simulator.scenario.scenario import scenario_files
from simulator.scenario.schema import scenario_schema
from simulator.server import mock
from tests.language import FOLDER, examples, language, outcome, told

ROOT = Path(__file__).parents[3]
EXAMPLES = examples()
VALIDATOR = Draft202012Validator(scenario_schema())


@pytest.fixture(scope="module")
def wire():
    with mock() as (delivery, control):
        yield Wire(delivery, control)


def test_every_key_has_an_example_and_no_other_has():
    assert language() == {key for example in EXAMPLES for key in example.keys}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_passes(example, wire):
    assert [] == outcome(example.good, wire)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_changed_example_fails_and_tells_why(example, wire):
    assert example.good != example.bad
    assert told()[example.name].splitlines() == outcome(example.bad, wire)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_schema_for_editors_knows_every_key(example):
    found = document(str(FOLDER / "example.yaml"), example.good).plain

    assert [] == [error.message for error in VALIDATOR.iter_errors(found)]


def test_the_schema_is_one_and_refuses_unknown_keys():
    Draft202012Validator.check_schema(scenario_schema())

    assert not VALIDATOR.is_valid({"scenario": 1, "name": "x", "timelin": []})
    assert not VALIDATOR.is_valid({"scenario": 1, "name": "x", "timeline": [{"sent": "smile/Points Redeemed"}]})
    assert not VALIDATOR.is_valid({"scenario": 1, "name": "x", "expect": {"events": [{"metrc": "x"}]}})


@pytest.mark.parametrize("file", scenario_files([ROOT / "scenarios", ROOT / "docs/examples/first.yaml"]), ids=str)
def test_every_scenario_file_is_as_the_schema_says(file):
    for found in documents(file):
        assert [] == [error.message for error in VALIDATOR.iter_errors(found.plain)]
