"""Comparing: reads what the command line wants compared, and prints what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulator import report
from simulator.contract.inspection import Wire
from simulator.scenario.comparison import compared
from simulator.scenario.scenario import Scenario, scenario_files, scenarios
from simulator.server import mock
from simulator.targets.aim import Aim
from simulator.targets.choosing import target_spec
from simulator.vendor import Vendor
from simulator.vendors import vendors


def print_comparisons(
    told: tuple[str, str],
    paths: Sequence[Path],
    names: Sequence[Vendor],
    *,
    as_json: bool,
    aim: Aim,
    **asked: str | None,
) -> bool:
    """Compare and print; whether both targets did the same."""
    specs = (target_spec(told[0]), target_spec(told[1]))
    read = [scenario for file in scenario_files(paths) for scenario in scenarios(file, vendors())]
    streams: Sequence[Scenario | Vendor] = read or names
    with mock(asked["to"], asked["key"]) as (delivery, control):
        found = list(compared(streams, specs, aim, Wire(delivery, control)))
    is_same = all(one.is_same for one in found)
    if as_json:
        targets = dict(zip("ab", map(str, specs), strict=True))
        report.output({"version": 1, **targets, "same": is_same, "streams": [one.as_json() for one in found]})
    else:
        report.output([f"A | B = {specs[0]} | {specs[1]}", *(line for one in found for line in one.lines())])
    return is_same
