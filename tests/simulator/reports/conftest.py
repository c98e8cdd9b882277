"""A run with a good scenario and a bad one, whose texts hold all that could break a report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulator.chronicle import Chronicle, Window
from simulator.document import Place
from simulator.verdict import Finding, Kind, Result, Row, Tally, Verdict

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
NASTY = 'a "b" <c> & % , : | \x00 \x0b é ✓'


def finding(kind: Kind = Kind.EXPECTATION, **given: str) -> Finding:
    found = Finding(kind, Place("scenarios/points.yaml", 29, 7), f"events[0] {NASTY}", "count 1", "2", **given)
    found.times, found.examples = 2, ["08:00:00Z  unique_id smile-1", "08:05:12Z  unique_id 7f0c"]
    return found


def tally(*findings: Finding) -> Tally:
    found = Tally({("smile", "Points Redeemed"): Row("smile", "Points Redeemed", "Points Redeemed", 3, 3)})
    found.count("smile").events = 3
    for each in findings:
        times = each.times
        found.find(each)
        each.times = times
    return found


@pytest.fixture
def verdicts() -> list[Verdict]:
    wrong = finding(why="the retry changed unique_id", mapping="acme/mapping.py:41")
    chronicle = Chronicle(START, START + timedelta(days=5))
    for hour in range(48):
        chronicle.count("smile", START + timedelta(hours=hour))
    chronicle.mark("smile", START + timedelta(days=1), f"ana {NASTY}")
    chronicle.windows.append(Window(START, START + timedelta(hours=12), "503"))
    place = Place("scenarios/points.yaml", 40, 5)
    results = [
        Result(wrong.place, f"Points Earned {NASTY}", (wrong,)),
        Result(place, "profiles.ana"),
        Result(place, "messages[0]", (finding(),), is_soft=True),
        Result(place, "lists", pending="JIRA-12"),
    ]
    repeat = "vendor-sim run scenarios/points.yaml --seed 4711"
    bad = tally(wrong, finding(Kind.REJECTED), finding(Kind.WARNING), finding(Kind.NOTE))
    return [
        Verdict("Good", "scenarios/good.yaml", 1, "vendor-sim run scenarios/good.yaml", tally(), 0, 0.1),
        Verdict(f"Bad {NASTY}", "scenarios/points.yaml", 4711, repeat, bad, 4, 1.25, results, chronicle),
    ]
