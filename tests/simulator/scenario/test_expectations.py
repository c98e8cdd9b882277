"""What expectations count, and what they say when they are not met."""

from __future__ import annotations

import pytest

from simulator.contract.received import ReceivedEvent
from simulator.document import Place, document
from simulator.scenario.cast import cast
from simulator.scenario.expectations import Outcome
from simulator.scenario.scenario import scenario
from simulator.verdict import Finding, Kind

HEAD = """\
scenario: 1
name: Tea
population: {ana: {email: ana@example.org}, kay: {email: null, phone: "+14155550132"}}
expect:
"""


class Known:
    """An account that holds one profile, or none."""

    def __init__(self, profile):
        self._profile = profile

    def profile(self, _):
        return self._profile


@pytest.fixture
def findings():
    """What is not as expected when Klaviyo kept these events and has this profile."""

    def of(expect: str, events=(), profile=None, notes=()):
        found = scenario(document("tea.yaml", HEAD + expect), {})
        expectations = [wanted.make(cast(list(found.groups), 0)) for wanted in found.wanted]
        for event in events:
            for expectation in expectations:
                expectation.take(event)
        outcome = Outcome(Known(profile), notes=notes)
        return [finding for expectation in expectations for finding in expectation.findings(outcome)]

    return of


def sold(email: str | None = "ana@example.org", **properties) -> ReceivedEvent:
    profile = {"email": email} if email else {"phone_number": "+14155550132"}
    return ReceivedEvent("Cup Sold", profile, properties, "u1", "2026-03-01T08:00:00Z", value=2.5)


@pytest.mark.parametrize(
    ("expected", "events"),
    [
        ("{metric: Cup Sold}", [sold()]),
        ("{metric: Cup Sold, count: 0}", []),
        ("{metric: Cup Sold, for: ana, count: 1}", [sold(), sold("zoe@example.org")]),
        ("{metric: Cup Sold, for: ana, count: 1}", [sold("Ana@Example.org")]),
        ("{metric: Cup Sold, for: kay, count: 1}", [sold(None)]),
        ("{metric: Cup Sold, count: 1, where: {cups: 2}}", [sold(cups=2), sold(cups=3)]),
        ("{metric: Cup Sold, count: '2..3', where: {value: '> 2'}}", [sold(), sold()]),
        ("{metric: Cup Sold, where: {tea.kind: Assam, tins.0: 5}}", [sold(tea={"kind": "Assam"}, tins=[5])]),
        ("{metric: Cup Sold, where: {value: 7}}", [sold(value=7)]),
        ("{metric: Cup Sold, where: {note: absent, value_currency: absent}}", [sold()]),
    ],
)
def test_events_are_counted_by_metric_person_and_values(findings, expected, events):
    assert [] == findings(f"  events: [{expected}]\n", events)


def test_an_unmet_count_is_told_with_what_was_counted_and_what_was_not(findings):
    (found,) = findings(
        "  events:\n    - {metric: Cup Sold, for: ana, count: 2, where: {cups: 2, note: absent}}\n",
        [sold(cups=2), sold(cups=3)],
    )

    assert ("tea.yaml:6:7", "events[0] Cup Sold for ana") == (str(found.place), found.what)
    assert ("count 2", "1") == (found.expected, found.got)
    assert ["+", "-"] == [example[0] for example in found.examples]
    assert found.examples[1].endswith("unique_id u1  ✗ cups expected 2, got 3  ✓ note absent")


def test_a_profile_is_held_against_its_properties(findings):
    profile = {"email": "ana@example.org", "locale": None, "properties": {"Cups": 7, "Secret": 1}}
    expect = "  profiles:\n    ana: {properties: {Cups: 8}, attributes: {locale: any}, absent: [Secret]}\n"
    found = findings(expect, profile=profile)

    told = [(finding.what, finding.expected, finding.got) for finding in found]
    assert ("profiles.ana locale", "any", "absent") in told
    assert ("profiles.ana Cups", "8", "7") in told
    assert ("profiles.ana Secret", "absent", "1") in told
    assert "tea.yaml:6:24" in [str(finding.place) for finding in found]


def test_a_profile_that_is_not_there_is_told(findings):
    (found,) = findings("  profiles: {ana: {properties: {Cups: 8}}}\n", profile=None)

    assert "a profile of ana@example.org" == found.expected


def test_notes_can_be_forbidden(findings):
    note = Finding(Kind.NOTE, Place("contract.yaml", 3, 5), "tea cup.sold: unique_id", "'e1'", "'e2'", times=4)
    (found,) = findings("  notes: 0\n", notes=[note])

    assert ("tea.yaml:5:10", "0", "4") == (str(found.place), found.expected, found.got)
    assert ["contract.yaml:3:5  tea cup.sold: unique_id: expected 'e1', got 'e2'"] == found.examples
    assert [] == findings("  notes: 0\n")
