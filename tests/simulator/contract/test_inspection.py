"""What the inspection finds on the way to Klaviyo and in what it kept, with a Klaviyo of a few lines."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from simulator.contract.inspection import WINDOW, Inspection, Wire
from simulator.delivery import Delivered
from simulator.line import Underway
from simulator.mapping.mapping import Metric
from simulator.targets.builtin import Builtin
from simulator.targets.target import Happening
from simulator.verdict import Kind


class SmallKlaviyo:
    """Keeps every event, or what `change` makes of it; refuses when `status` says so."""

    is_virtual = True

    def __init__(self) -> None:
        self.kept: list[dict] = []
        self.status = 202
        self.change = lambda event: event

    def send(self, request, *, cause, **_):
        attributes = request.body["data"]["attributes"]
        if self.status < 400 and request.path == "/api/events":
            event = {
                "number": len(self.kept) + 1,
                "outcome": "stored",
                "reason": None,
                "cause": cause,
                "metric": attributes["metric"]["data"]["attributes"]["name"],
                "profile": attributes["profile"]["data"]["attributes"],
                **{
                    name: attributes.get(name)
                    for name in ("properties", "time", "value", "value_currency", "unique_id")
                },
            }
            self.kept.append(self.change(event))
        return Delivered(request, self.status, json.dumps({"errors": [{"detail": "No."}]}).encode(), 1)

    def begin(self, request, **more):
        sent = self.send(request, **more)
        return Underway(lambda: sent)

    def settle(self):
        """Nothing stays on its way here."""

    def events(self, after):
        return (event for event in self.kept if event["number"] > after)


@pytest.fixture
def klaviyo() -> SmallKlaviyo:
    return SmallKlaviyo()


@pytest.fixture
def inspect(tea, sold, klaviyo):
    """The tally after some events."""

    def run(vendor=tea, events=(sold,)):
        inspection = Inspection([vendor], Wire(klaviyo, klaviyo))
        target = Builtin({"tea": vendor.mapping})
        for event in events:
            inspection.take(Happening(event, list(target.take(event))))
        inspection.take(Happening(None, list(target.flush())))
        inspection.close()
        return inspection.tally

    return run


def kinds(tally):
    return [(finding.kind, finding.what) for finding in tally.findings.values()]


def test_all_is_well(inspect):
    tally = inspect()

    assert [] == tally.failures
    assert (1, 2) == (tally.total.events, tally.total.requests)
    assert tally.rows["tea", "cup.sold"].is_handled


def test_a_row_that_did_not_happen_is_not_handled(inspect):
    assert not inspect().rows["tea", "kettle.cleaned"].is_handled


def test_a_row_that_must_not_be_sent_is_handled_when_nothing_was(inspect, sold):
    assert inspect(events=[replace(sold, name="kettle.cleaned")]).rows["tea", "kettle.cleaned"].is_handled


def test_a_wrong_mapping_is_told_with_file_field_expected_and_got(inspect, tea):
    wrong = Metric("Cup Sold", lambda _: {"cups": 99, "kind": "Assam"}, value=lambda _: 2.99)
    mapping = replace(tea.mapping, events=tea.mapping.events | {"cup.sold": wrong})
    (found,) = inspect(replace(tea, mapping=mapping)).failures

    assert (Kind.VIOLATION, "tea cup.sold: properties.cups") == (found.kind, found.what)
    assert ("2", "99") == (found.expected, found.got)
    assert found.place.file.endswith("contract.yaml")
    assert "test_inspection.py:" in found.mapping


def test_a_refused_request_is_told_with_klaviyos_words(inspect, klaviyo):
    klaviyo.status = 400
    tally = inspect()

    assert [(Kind.REJECTED, "tea cup.sold: request")] == kinds(tally)
    assert "400: No." == tally.failures[0].got
    assert 2 == tally.total.rejected


def test_a_dropped_event_is_told_with_its_reason(inspect, klaviyo):
    klaviyo.change = lambda event: event | {"outcome": "dropped", "reason": "duplicate unique_id"}
    tally = inspect()

    assert [(Kind.DROPPED, "tea cup.sold: event")] == kinds(tally)
    assert "dropped: duplicate unique_id" == tally.failures[0].got
    assert 1 == tally.total.dropped


def test_an_event_that_was_taken_and_lost_is_told(inspect, klaviyo):
    klaviyo.change = lambda event: event | {"cause": "somebody else"}

    assert [(Kind.DROPPED, "tea cup.sold: event")] == kinds(inspect())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"properties": {"cups": 2}}, "properties"),
        ({"value": 3.0}, "value"),
        ({"time": "2026-03-01T09:00:00Z"}, "time"),
        ({"metric": "cup sold"}, "metric"),
        ({"unique_id": "x"}, "unique_id"),
        ({"profile": {"email": "zoe@example.org"}}, "profile.email"),
    ],
)
def test_an_event_that_was_kept_otherwise_is_told(inspect, klaviyo, change, field):
    klaviyo.change = lambda event: event | change

    assert [(Kind.CHANGED, f"tea cup.sold: {field}")] == kinds(inspect())


def test_a_time_may_be_written_otherwise(inspect, klaviyo):
    klaviyo.change = lambda event: event | {"time": "2026-03-01T09:00:00+01:00"}

    assert [] == inspect().failures


def test_a_profile_that_is_never_written_is_told(inspect, tea):
    forgetful = replace(tea, mapping=replace(tea.mapping, sync=None))

    assert [(Kind.VIOLATION, "tea cup.sold: profile write")] == kinds(inspect(forgetful))


def test_events_are_read_back_in_windows_and_the_same_findings_are_counted(inspect, klaviyo, sold):
    many = [replace(sold, id=f"e{number}") for number in range(WINDOW + 10)]
    klaviyo.change = lambda event: event | {"outcome": "dropped", "reason": "test"}
    (found,) = inspect(events=many).failures

    assert (WINDOW + 10, 3) == (found.times, len(found.examples))
