"""Run: plays a scenario, as a stream of happenings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain
from pathlib import Path

from simulator.contract.inspection import Wire
from simulator.document import DocumentError
from simulator.mapping.omnisend import OMNISEND
from simulator.scenario.cast import cast
from simulator.scenario.expectations import Expectation
from simulator.scenario.expecting import Wanted
from simulator.scenario.incidents import split
from simulator.scenario.opening import Opening
from simulator.scenario.plans import EntryPlan
from simulator.scenario.saved import Unanswered
from simulator.scenario.scenario import Scenario, ScenarioErrors
from simulator.scenario.timeline import Stage, Step, steps_in_order
from simulator.scenario.world import World
from simulator.targets.aim import OWN, Aim
from simulator.targets.target import Happening, Outgoing, Target
from simulator.vendor import Vendor

Pause = Callable[[datetime], None]
"""Waits until a time of the scenario has come in real time."""


@dataclass
class Run:
    """One playing of a scenario in a world of its own; `until` ends it early."""

    scenario: Scenario
    world: World
    until: timedelta | None = None
    pause: Pause = field(default=lambda _: None)

    def happenings(self) -> Iterator[Happening]:
        """Everything that happens, in order of time, made when it is asked for."""
        yield from self._opening()
        end = self.end
        for step in self.steps():
            if end is not None and step.at > end:
                break
            yield from self.world.due(step.at)
            self.pause(step.at)
            yield from step.happen()
        yield from self.world.end(end)
        if end is not None:
            self.world.hold(end)

    def steps(self) -> Iterator[Step]:
        """Everything that is due, in order of time."""
        plans = self.scenario.entries
        return merge(*(plan.steps(Stage(self.world, plan, plans)) for plan in plans), key=steps_in_order)

    @property
    def end(self) -> datetime | None:
        """When the run ends, if anything says so."""
        told = [] if self.until is None else [self.scenario.start + self.until]
        return min([*told, *self._stops()], default=None)

    def expectations(self) -> list[tuple[Wanted, Expectation]]:
        """The scenario's expectations of its cast."""
        return [(wanted, wanted.make(self.world.cast)) for wanted in self.scenario.wanted]

    def _stops(self) -> Iterator[datetime]:
        """When entries say that it ends."""
        plans = self.scenario.entries
        for plan in plans:
            if plan.kind == "stop" and plan.arguments["stop"]:
                at = Stage(self.world, plan, plans).start()
                if at is not None:
                    yield at

    def _opening(self) -> Iterator[Happening]:
        """What Klaviyo holds before anything happens."""
        plans = self.scenario.baseline
        for step in merge(*(plan.steps(Stage(self.world, plan, plans)) for plan in plans), key=steps_in_order):
            yield from step.happen()
        opening = Opening(self.scenario.seed, self.scenario.start, self.scenario.place)
        yield from opening.happenings([(group, self.world.cast.people[group.key]) for group in self.scenario.groups])


def run_of(
    scenario: Scenario,
    vendors: Mapping[str, Vendor],
    target: Target | None = None,
    *,
    until: timedelta | None = None,
) -> Run:
    """A run of a scenario with the vendors that it speaks of; our own mapping is the target when none is given."""
    disorders, _ = split(scenario.incidents)
    world = World(
        scenario.name,
        scenario.seed,
        scenario.start,
        vendors=taking_part(scenario, vendors),
        cast=cast(list(scenario.groups), scenario.seed),
        target=target,
        disorders=[each.placed(scenario.start) for each in disorders],
    )
    return Run(scenario, world, until)


def taking_part(scenario: Scenario, vendors: Mapping[str, Vendor]) -> Mapping[str, Vendor]:
    """The vendors that a scenario speaks of."""
    return {name: vendors[name] for name in scenario.vendors}


def target_of(scenario: Scenario, vendors: Mapping[str, Vendor], aim: Aim, wire: Wire | None = None) -> Target:
    """The target of a run: the one that is asked for, else the scenario's own."""
    way = (wire.delivery, wire.control) if wire else None
    folders = [Path(scenario.file).parent]
    if wire is not None and not wire.delivery.destination.is_mock and OMNISEND in scenario.destinations:
        place = scenario.root.within(("destinations",))
        raise ScenarioErrors([DocumentError(place, "destinations: only a mock is Klaviyo and Omnisend in one")])
    return aim.target(
        taking_part(scenario, vendors),
        way,
        otherwise=scenario.target,
        folders=folders,
        destinations=scenario.destinations,
    )


def end_of(scenario: Scenario) -> datetime:
    """When the last entry of a scenario ends, as far as one can tell beforehand."""
    return max(map(scenario_end(scenario), scenario.entries), default=scenario.start)


def scenario_end(scenario: Scenario) -> Callable[[EntryPlan], datetime]:
    """What tells when an entry ends."""
    return lambda plan: plan.at.bounds(scenario.start)[1] + plan.arguments.get("period", timedelta(0))


def changed(scenario: Scenario, *, seed: int | None = None, start: datetime | None = None) -> Scenario:
    """The scenario with another seed or start."""
    clock = scenario.clock if start is None else replace(scenario.clock, start=start)
    return replace(scenario, seed=scenario.seed if seed is None else seed, clock=clock)


def unanswered(
    scenario: Scenario, vendors: Mapping[str, Vendor], target: Target, *, until: timedelta | None = None
) -> Iterator[Happening]:
    """Everything that happens in a scenario whose requests are sent nowhere."""
    run = run_of(scenario, vendors, target, until=until)
    run.world.saved = Unanswered()
    yield from run.happenings()


def outgoing(
    scenario: Scenario, vendors: Mapping[str, Vendor], aim: Aim = OWN, *, until: timedelta | None = None
) -> Iterator[Outgoing]:
    """Every request of a scenario in order, sent nowhere."""
    with closing(target_of(scenario, vendors, aim)) as target:
        happenings = unanswered(scenario, vendors, target, until=until)
        yield from chain.from_iterable(happening.outgoing for happening in happenings)
