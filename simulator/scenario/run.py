"""Run: plays a scenario, as a stream of happenings, and comes to a verdict."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge
from pathlib import Path
from time import perf_counter

from simulator.contract.inspecting import inspection as inspection_of
from simulator.contract.inspection import Wire
from simulator.json import Json
from simulator.scenario.cast import cast
from simulator.scenario.expectations import Expectation, Outcome, profile_path
from simulator.scenario.scenario import Scenario
from simulator.scenario.timeline import steps_in_order
from simulator.scenario.world import World
from simulator.targets.aim import BUILTIN, OWN, Aim
from simulator.targets.target import Happening, Outgoing, Target
from simulator.vendor import Vendor
from simulator.verdict import Kind, Verdict

Watcher = Callable[[datetime, int], None]
"""Told of the time that a run has reached and of the events so far."""

PROGRESS_EVERY = 200


@dataclass
class Run:
    """One playing of a scenario in a world of its own."""

    scenario: Scenario
    world: World

    def happenings(self) -> Iterator[Happening]:
        """Everything that happens, in order of time, made when it is asked for."""
        entries = [entry.steps(self.world) for entry in self.scenario.entries]
        for step in merge(*entries, key=steps_in_order):
            yield step.happen()
        yield self.world.end()

    def expectations(self) -> list[Expectation]:
        """The scenario's expectations of its cast."""
        return [make(self.world.cast) for make in self.scenario.makers]


def run_of(scenario: Scenario, vendors: Mapping[str, Vendor], target: Target | None = None) -> Run:
    """A run of a scenario with the vendors that it speaks of; our own mapping is the target when none is given."""
    people = cast(list(scenario.groups), scenario.seed)
    part = taking_part(scenario, vendors)
    world = World(scenario.name, scenario.seed, scenario.start, vendors=part, cast=people, target=target)
    return Run(scenario, world)


def taking_part(scenario: Scenario, vendors: Mapping[str, Vendor]) -> Mapping[str, Vendor]:
    """The vendors that a scenario speaks of."""
    return {name: vendors[name] for name in scenario.vendors}


def target_of(scenario: Scenario, vendors: Mapping[str, Vendor], aim: Aim, wire: Wire | None = None) -> Target:
    """The target of a run: the one that is asked for."""
    way = (wire.delivery, wire.control) if wire else None
    return aim.target(taking_part(scenario, vendors), way, folders=[Path(scenario.file).parent])


def end_of(scenario: Scenario) -> datetime:
    """When the last entry of a scenario ends."""
    ends = [
        entry.at.bounds(scenario.start)[1] + entry.arguments.get("period", timedelta(0)) for entry in scenario.entries
    ]
    return max(ends, default=scenario.start)


def changed(scenario: Scenario, *, seed: int | None = None, start: datetime | None = None) -> Scenario:
    """The scenario with another seed or start."""
    return replace(
        scenario,
        seed=scenario.seed if seed is None else seed,
        start=scenario.start if start is None else start,
    )


def outgoing(scenario: Scenario, vendors: Mapping[str, Vendor], aim: Aim = OWN) -> Iterator[Outgoing]:
    """Every request of a scenario in order, sent nowhere."""
    with closing(target_of(scenario, vendors, aim)) as target:
        for happening in run_of(scenario, vendors, target).happenings():
            yield from happening.outgoing


def judged(
    scenario: Scenario, vendors: Mapping[str, Vendor], wire: Wire, *, watch: Watcher | None = None, aim: Aim = OWN
) -> Verdict:
    """Play a scenario against an emptied mock and judge it."""
    with closing(target_of(scenario, vendors, aim, wire)) as target:
        return played(run_of(scenario, vendors, target), wire, target, watch=watch)


def played(run: Run, wire: Wire, target: Target, *, watch: Watcher | None) -> Verdict:
    """Play a run of a target and judge it."""
    began = perf_counter()
    scenario = run.scenario
    wire.control.reset(scenario.start)
    expectations = run.expectations()
    observers = [expectation.take for expectation in expectations]
    inspection = inspection_of(target, list(run.world.vendors.values()), wire, observers)
    inspection.tally.tolerated = set() if scenario.is_clean else {Kind.REJECTED, Kind.DROPPED}
    for happening in watched(run.happenings(), watch):
        inspection.take(happening)
    inspection.close()
    outcome = Outcome(lambda identifier: profile_of(wire, identifier), inspection.tally.notes)
    for expectation in expectations:
        for finding in expectation.findings(outcome):
            inspection.tally.find(finding)
    return Verdict(
        name=scenario.name,
        file=scenario.file,
        seed=scenario.seed,
        repeat=f"vendor-sim run {scenario.file} --seed {scenario.seed}{told_target(target)}",
        tally=inspection.tally,
        expectations=len(expectations),
        seconds=perf_counter() - began,
    )


def told_target(target: Target) -> str:
    """The option that names a target, which is not needed for our own mapping."""
    return f" --target {shlex.quote(target.name)}" if target.name != str(BUILTIN) else ""


def watched(happenings: Iterable[Happening], watch: Watcher | None) -> Iterator[Happening]:
    """The happenings; the watcher is told now and then how far they are."""
    for number, happening in enumerate(happenings):
        yield happening
        if watch is not None and number % PROGRESS_EVERY == 0 and happening.event is not None:
            watch(happening.event.occurred_at, number)


def profile_of(wire: Wire, identifier: str) -> Json | None:
    """The attributes of somebody's profile, read as any client of Klaviyo reads them."""
    found = wire.delivery.read(profile_path(identifier))["data"]
    return dict(found[0]["attributes"]) if found else None
