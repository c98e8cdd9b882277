"""Three mapping services are driven by one scenario file; only the target changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SCENARIO = Path(__file__).parent / "loyalty.yaml"


@pytest.mark.parametrize("target", ["function", "flask", "node"], indirect=True)
def test_each_service_passes_the_same_scenario(play, target):
    verdict = play(SCENARIO, target)

    assert [] == verdict.tally.failures
    assert (9, 9) == (verdict.met, verdict.expectations)


@pytest.mark.parametrize("target", ["function", "flask", "node"], indirect=True)
def test_every_event_knows_where_it_came_from(play, wire, target):
    play(SCENARIO, target)
    entries = SCENARIO.read_text().splitlines()
    kept = [event["lineage"] for event in wire.control.events(0)]

    assert 5 == len(kept)
    assert {target} == {each["target"] for each in kept}
    for each in kept:
        vendor, _, event = each["cause"].rpartition(" ")[0].partition(" ")
        file, line, _ = each["entry"].rsplit(":", 2)
        assert Path(file).name == SCENARIO.name
        assert f"send: {vendor}/{event}," in entries[int(line) - 1]


@pytest.mark.parametrize("target", ["function", "flask", "node"], indirect=True)
def test_what_a_flow_sends_is_no_fault_of_the_target(play, target, tmp_path):
    letter = {"name": "Thanks", "from_email": "shop@example.org", "subject_line": "{{ event.amount }} points"}
    sends = {"temporary_id": "a", "type": "send-email", "links": {"next": None}, "data": {"message": letter}}
    trigger = {"type": "metric", "id": "METRIC:Balance changed"}
    flow = {"name": "Points", "definition": {"triggers": [trigger], "entry_action_id": "a", "actions": [sends]}}
    body = {"data": {"type": "flow", "attributes": flow}}
    (tmp_path / "points.json").write_text(json.dumps(body))
    story = SCENARIO.read_text().replace(
        "expect:\n", "expect:\n  messages: [{for: kim, subject: 250 points, count: 1}]\n"
    )
    story = story.replace("kim@example.org,", "kim@example.org, consent: {email: true},")
    (tmp_path / "with_flow.yaml").write_text(f"{story}klaviyo: {{flows: [points.json]}}\n")

    assert [] == play(tmp_path / "with_flow.yaml", target).tally.failures
