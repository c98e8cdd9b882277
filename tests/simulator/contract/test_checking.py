from dataclasses import replace

import pytest

from simulator.contract.contract import load
from simulator.contract.received import ReceivedEvent, ReceivedProfile, received


@pytest.fixture
def contract(contract_file):
    return load(contract_file)


@pytest.fixture
def arrived(tea, sold) -> ReceivedEvent:
    return received(next(tea.mapping.event_requests(sold)))


def fields(violations):
    return [(violation.field, violation.is_note) for violation in violations]


def test_a_right_event_breaks_nothing(contract, sold, arrived):
    assert [] == contract.violations(sold, [arrived], [])


def test_a_wrong_value_is_told_with_what_was_expected(contract, sold, arrived):
    wrong = replace(arrived, properties={"cups": 3, "kind": "Assam"})
    (found,) = contract.violations(sold, [wrong], [])

    assert ("properties.cups", "2", "3", "documented") == (found.field, found.expected, found.got, found.provenance)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metric": "cup sold"}, "metric"),
        ({"profile": {"email": "zoe@example.org"}}, "profile.email"),
        ({"profile": {}}, "profile.email"),
        ({"time": "2026-03-01T09:00:00Z"}, "time"),
        ({"value": 3.0}, "value"),
        ({"value": None}, "value"),
        ({"value_currency": "USD"}, "value_currency"),
        ({"properties": {"cups": 2}}, "properties.kind"),
        ({"properties": {"cups": "2", "kind": "Assam"}}, "properties.cups"),
        ({"properties": {"cups": 2.0, "kind": "Assam"}}, "properties.cups"),
        ({"properties": {"cups": 2, "kind": "Assam", "more": 1}}, "properties.more"),
    ],
)
def test_each_documented_field_is_watched(contract, sold, arrived, change, field):
    assert [(field, False)] == fields(contract.violations(sold, [replace(arrived, **change)], []))


def test_breaking_an_assumed_field_is_only_a_note(contract, sold, arrived):
    assert [("unique_id", True)] == fields(contract.violations(sold, [replace(arrived, unique_id="other")], []))


def test_an_event_that_is_missing_or_there_twice_is_a_violation(contract, sold, arrived):
    assert [("event", False)] == fields(contract.violations(sold, [], []))
    assert [("event", False)] == fields(contract.violations(sold, [arrived, arrived], []))


def test_an_event_that_must_not_be_sent_is_a_violation(contract, sold, arrived):
    nobody = replace(sold, customer={"email": "", "cups": 7})

    assert [] == contract.violations(nobody, [], [])
    assert [("event", False)] == fields(contract.violations(nobody, [arrived], []))


def test_a_skipped_event_may_lead_to_nothing(contract, sold, arrived):
    cleaned = replace(sold, name="kettle.cleaned")
    write = ReceivedProfile({"email": "ana@example.org", "properties": {"Cups": 7}})

    assert [("event", False), ("profile write", False)] == fields(contract.violations(cleaned, [arrived], [write]))


def test_profile_writes_are_judged_by_the_customers_record(contract, sold):
    right = ReceivedProfile({"email": "ana@example.org", "properties": {"Cups": 7}})
    wrong = ReceivedProfile({"email": "ana@example.org", "properties": {"Cups": 8}})

    assert [] == contract.profile_violations(sold, [right])
    assert [("profile.properties.Cups", False)] == fields(contract.profile_violations(sold, [wrong]))


def test_a_profile_that_is_never_written_is_a_violation(contract, sold):
    assert [("profile write", False)] == fields(contract.forgotten_profile(sold))
    assert [] == contract.forgotten_profile(replace(sold, customer={"email": "", "cups": 7}))


def test_a_violation_knows_its_place_in_the_contract(contract, contract_file, sold, arrived):
    (found,) = contract.violations(sold, [replace(arrived, properties={"cups": 3, "kind": "Assam"})], [])

    assert f"{contract_file}:16:9" == str(contract.place(found))
