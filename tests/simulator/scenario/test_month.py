"""The month that is measured, with fewer customers: it comes out the same each time, whatever else happens in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from simulator import json
from simulator.contract.inspection import Wire
from simulator.delivery import Delivery
from simulator.document import document
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import Metric
from simulator.reports.document import document as report
from simulator.scenario import judging
from simulator.scenario.asking import line
from simulator.scenario.judging import Options, judged
from simulator.scenario.run import outgoing
from simulator.scenario.scenario import Scenario, played
from simulator.server import mock
from simulator.vendor import Vendor
from simulator.vendors import vendors
from simulator.verdict import Kind

TEXT = (Path(__file__).parents[3] / "benchmarks/month.yaml").read_text()
ROUTES = ("requests", "events", "profiles")
STRANGER = "stranger@example.net"

UNRELATED = {
    "an event": "{at: 3d, send: smile/Points Earned on Order, for: stranger, times: 3, chance: 0.9}",
    "a life": "{at: 1d, live: trifft, for: stranger, period: 20d}",
    "a window": "{at: 0s..20d, send: jericommerce/Balance changed, for: stranger, times: 1..5}",
}

BUSY = """
  {at: 1d, call: POST /api/lists, body: {data: {type: list, attributes: {name: Fans}}}, save: {id: data.id}},
  {at: 2d, call: "GET /api/lists/{{id}}"},
  {at: 3d, advance: 2h},
  {at: 4d, send: smile/Points Earned on Order, for: crowd, mutate: wrong_type},
"""
FAULTS = """
faults:
  - {match: POST /api/events, status: 503, phase: after, rate: 0.05, seed: 1}
  - {match: POST /api/profile-import, status: 400, rate: 0.05, seed: 2}
  - {match: POST /api/events, status: 429, retry_after: 20, rate: 0.02, seed: 5}
  - {match: "*", kind: reset, rate: 0.02, seed: 3}
  - {match: "*", kind: empty, phase: after, rate: 0.02, seed: 4}
"""


@pytest.fixture(scope="module")
def wire():
    with mock() as (delivery, control):
        yield Wire(delivery, control)


def month(text: str = TEXT, count: int = 40) -> Scenario:
    return next(played(document("month.yaml", text), vendors(), {"population.crowd.count": count}))


def ending(scenario: Scenario, wire: Wire, known: Mapping[str, Vendor] | None = None) -> dict[str, bytes]:
    """All that comes of a run: its report, the requests that are saved, and what the server kept, in bytes."""
    saved: list[bytes] = []
    verdict = judged(scenario, known or vendors(), wire, options=Options(save=lambda one: saved.append(line(one))))
    told = report([verdict])
    for each in told["scenarios"]:
        each.pop("seconds")
    kept = {route: json.written(list(wire.control.pages(f"/__mock/{route}"))) for route in ROUTES}
    return kept | {"report": json.written(told), "saved": b"\n".join(saved)}


def test_a_month_comes_out_the_same_each_time(wire):
    first, again = (ending(month(), wire) for _ in range(2))

    assert first == again
    assert first["saved"].count(b"\n") > 1500


@pytest.mark.parametrize("entry", UNRELATED.values(), ids=UNRELATED)
def test_an_unrelated_entry_changes_no_other_draw(entry):
    text = TEXT.replace("{crowd:", f"{{stranger: {{email: {STRANGER}}}, crowd:")
    texts = text, text.replace("[{at", f"[{entry}, {{at")
    alone, beside = ([line(one) for one in outgoing(month(each), vendors())] for each in texts)
    others = [each for each in beside if STRANGER.encode() not in each]

    assert alone == others
    assert len(others) < len(beside)


@pytest.mark.parametrize("faults", ["", FAULTS], ids=["no faults", "faults"])
def test_what_stays_on_its_way_while_more_is_made_changes_nothing(faults, wire, monkeypatch):
    scenario = month(TEXT.replace("timeline: [", f"timeline: [{BUSY}") + faults, count=15)
    ahead = ending(scenario, wire, with_mistakes())
    monkeypatch.setattr(Delivery, "is_virtual", False)
    monkeypatch.setattr(judging, "ROOM", 1)

    assert ahead == ending(scenario, wire, with_mistakes())
    assert {b'"kind":"rejected"', b'"kind":"violation"'} <= {kind for kind in KINDS if kind in ahead["report"]}
    assert bool(faults) == (b'"status":429' in ahead["requests"])


KINDS = [f'"kind":"{kind}"'.encode() for kind in Kind]


def with_mistakes() -> Mapping[str, Vendor]:
    """The vendors, two of them with mappings that Klaviyo or the contract refuses now and then."""
    smile, trifft = (vendors()[name] for name in ("smile", "trifft"))

    def somebody(event: VendorEvent) -> Json | None:
        return {"email": "no address"} if event.id < "4" else smile.mapping.profile(event)

    def beside(metric: Metric) -> Metric:
        return replace(metric, value=lambda event: 1 if event.id < "4" else None)

    valued = {name: beside(each) if isinstance(each, Metric) else each for name, each in trifft.mapping.events.items()}
    return {
        **vendors(),
        "smile": replace(smile, mapping=replace(smile.mapping, profile=somebody)),
        "trifft": replace(trifft, mapping=replace(trifft.mapping, events=valued)),
    }
