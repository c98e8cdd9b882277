"""Judging: plays a scenario against a Klaviyo and comes to a verdict."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import perf_counter, sleep

from simulator.chronicle import Chronicle
from simulator.contract.coverage import Coverage
from simulator.contract.inspecting import inspection as inspection_of
from simulator.contract.inspection import Inspection, Observer, Wire
from simulator.delivery import Delivery
from simulator.document import DocumentError
from simulator.scenario import flow_files
from simulator.scenario.account import Account, OnlyMock
from simulator.scenario.chronicling import chronicle_of, note
from simulator.scenario.expectations import Expectation, Outcome
from simulator.scenario.expecting import Wanted
from simulator.scenario.incidents import split
from simulator.scenario.remote import PATIENCE, RemoteInspection
from simulator.scenario.run import Run, run_of, target_of
from simulator.scenario.saved import NothingSaved
from simulator.scenario.scenario import Scenario, ScenarioErrors
from simulator.server import RefusedByMock
from simulator.targets.aim import BUILTIN, OWN, Aim
from simulator.targets.target import Happening, Outgoing, Target
from simulator.vendor import Vendor
from simulator.verdict import Finding, Kind, Result, Tally, Verdict

Watcher = Callable[[datetime, int], None]
"""Told of the time that a run has reached and of the events so far."""

PROGRESS_EVERY = 200
ROOM = 16
"""How many requests may be on their way where Klaviyo has no faults, so that nothing must be tried again."""

A_LOOK = timedelta(milliseconds=500)
"""How long one waits for news between two looks at what is expected."""


@dataclass(frozen=True)
class Options:
    """How scenarios are played, as a command line says."""

    aim: Aim = OWN
    until: timedelta | None = None
    is_updating: bool = False
    save: Callable[[Outgoing], None] = lambda _: None
    sleep: Callable[[float], None] = sleep


PLAIN = Options()


@dataclass
class Performance:
    """A run on its way: who judges it, and what is known of it."""

    run: Run
    wire: Wire
    inspection: Inspection
    expectations: Sequence[tuple[Wanted, Expectation]]
    coverage: Coverage
    options: Options
    fault_names: dict[str, str] = field(default_factory=dict)
    began: float = 0.0
    klaviyo_hits: Counter[str] = field(default_factory=Counter)
    chronicle: Chronicle = field(init=False)

    def __post_init__(self) -> None:
        self.chronicle = chronicle_of(self.run)

    @property
    def passed(self) -> timedelta:
        """How much real time has passed."""
        return timedelta(seconds=perf_counter() - self.began)

    def outcome(self) -> Outcome:
        """What can be looked at."""
        account = Account(self.wire.delivery, self.wire.control if self.wire.delivery.destination.is_mock else None)
        needs = {wanted.title for wanted, _ in self.expectations}
        return Outcome(
            account=account,
            saved=self.run.world.saved,
            notes=self.inspection.tally.notes,
            hits=self._hits(),
            unmapped=self.coverage.unmapped,
            requests=account.requests() if "requests" in needs and self.wire.delivery.destination.is_mock else {},
            is_updating=self.options.is_updating,
        )

    def end_faults(self) -> None:
        """Take the faults of Klaviyo's side away, so that nothing hinders the reading; how often they hit is kept."""
        if not self.fault_names:
            return
        for fault in self.wire.control.document("/__mock/faults")["data"]:
            self.klaviyo_hits[self.fault_names.get(str(fault["id"]), str(fault["id"]))] += fault["hits"]
        self.wire.control.ask("DELETE", "/__mock/faults")

    def _hits(self) -> dict[str, int]:
        """How often each fault hit, by name; under the empty name all together."""
        post = self.run.world.post
        found: dict[str, int] = {disorder.name: 0 for disorder in post.disorders} | dict(post.hits)
        total = sum(post.hits[disorder.name] for disorder in post.disorders)
        return {**found, **self.klaviyo_hits, "": total + self.klaviyo_hits.total()}


def judged(
    scenario: Scenario,
    vendors: Mapping[str, Vendor],
    wire: Wire,
    *,
    watch: Watcher | None = None,
    aim: Aim = OWN,
    options: Options | None = None,
) -> Verdict:
    """Play a scenario against a mock, which is emptied, and judge it."""
    how = options or replace(PLAIN, aim=aim)
    own = Wire(delivery_of(scenario, wire.delivery), wire.control)
    with closing(target_of(scenario, vendors, how.aim, own)) as target:
        return played(run_of(scenario, vendors, target, until=how.until), own, target, options=how, watch=watch)


def delivery_of(scenario: Scenario, delivery: Delivery) -> Delivery:
    """A delivery that speaks the scenario's revision; on a virtual clock it waits no real time."""
    _, faults = split(scenario.incidents)
    room = 1 if faults else ROOM
    return delivery.like(revision=scenario.klaviyo.revision, is_virtual=scenario.clock.pace is None, room=room)


def played(run: Run, wire: Wire, target: Target, *, options: Options = PLAIN, watch: Watcher | None = None) -> Verdict:
    """Play a run of a target and judge it."""
    playing = begun(run, wire, target, options)
    breach = None
    for happening in watched(run.happenings(), watch):
        playing.inspection.take(happening)
        playing.coverage.take(happening)
        note(playing.chronicle, happening)
        for one in happening.outgoing:
            options.save(one)
        breach = breach or broken_limit(playing)
        if breach is not None:
            playing.inspection.settle()
            playing.inspection.tally.find(breach)
            break
    playing.end_faults()
    settle(playing)
    playing.inspection.close()
    outcome = playing.outcome()
    results = [result(wanted, expectation, outcome) for wanted, expectation in playing.expectations]
    return verdict(playing, target, results)


def begun(run: Run, wire: Wire, target: Target, options: Options) -> Performance:
    """A run whose Klaviyo is ready: emptied, its clock at the start, its flows and faults there."""
    scenario, began = run.scenario, perf_counter()
    expectations = run.expectations()
    observers = [expectation.take for _, expectation in expectations]
    if wire.delivery.destination.is_mock:
        wire.control.reset(scenario.start)
        run.world.hold = wire.control.hold_not_before
    flow_files.load(scenario.klaviyo.flows, wire.control)
    found = inspection(run, wire, target, observers)
    found.tally.tolerated = tolerated(scenario)
    coverage = Coverage(wire.control, is_wanted=any(wanted.title == "mapping" for wanted in scenario.wanted))
    run.pause = pacer(scenario, options.sleep)
    return Performance(run, wire, found, expectations, coverage, options, set_faults(scenario, wire), began)


def inspection(run: Run, wire: Wire, target: Target, observers: Sequence[Observer]) -> Inspection:
    """What judges a run: of a target at a mock, or at real Klaviyo."""
    known = list(run.world.vendors.values())
    if not wire.delivery.destination.is_mock:
        return RemoteInspection(known, wire, observers, since=run.scenario.start)
    return inspection_of(target, known, wire, observers, within=run.scenario.patience)


def tolerated(scenario: Scenario) -> set[Kind]:
    """What breaks nothing, since the scenario says so."""
    unclean = set() if scenario.is_clean else {Kind.REJECTED, Kind.DROPPED}
    return unclean | ({Kind.VIOLATION} if scenario.klaviyo.validation == "accept" else set())


def set_faults(scenario: Scenario, wire: Wire) -> dict[str, str]:
    """Let Klaviyo stumble as the scenario says; the names of the faults by id."""
    _, faults = split(scenario.incidents)
    names: dict[str, str] = {}
    for fault in faults:
        try:
            made = wire.control.ask("POST", "/__mock/faults", fault.document(scenario.start, scenario.seed))
        except RefusedByMock as error:
            raise ScenarioErrors([DocumentError(fault.place, f"faults: {error}")]) from error
        names |= {each["id"]: fault.name for each in made["data"]}
    return names


def pacer(scenario: Scenario, pause: Callable[[float], None]) -> Callable[[datetime], None]:
    """What waits until a time has come in real time; on the virtual clock it has."""
    pace, began = scenario.clock.pace, perf_counter()

    def wait(at: datetime) -> None:
        if pace is not None:
            due = (at - scenario.start).total_seconds() / pace
            pause(max(0.0, due - (perf_counter() - began)))

    return wait


def broken_limit(playing: Performance) -> Finding | None:
    """That a run goes on too long, if it does."""
    limits, part = playing.run.scenario.limits, playing.run.scenario.root.value.get("limits")
    if part is None:
        return None
    events = playing.inspection.tally.total.events
    if limits.events is not None and events > limits.events:
        return Finding(Kind.LIMIT, part.within(("events",)), "limits.events", f"at most {limits.events}", "more")
    if limits.real_time is not None and playing.passed > limits.real_time:
        most, got = f"at most {limits.real_time.total_seconds():g} s", f"{events} events until then"
        return Finding(Kind.LIMIT, part.within(("real_time",)), "limits.real_time", most, got)
    return None


def settle(playing: Performance) -> None:
    """Give a target that works on its own the time that it is granted, as long as something is not as expected."""
    least = timedelta(0) if playing.wire.delivery.destination.is_mock else PATIENCE
    grants = [wanted.terms.within or playing.run.scenario.patience for wanted, _ in playing.expectations]
    deadline = timedelta(seconds=perf_counter()) + max([least, *grants])
    while timedelta(seconds=perf_counter()) < deadline and is_unmet(playing):
        playing.wire.control.wait(timeout=A_LOOK, **{"for": "idle"})


def is_unmet(playing: Performance) -> bool:
    """Whether anything is not yet as expected."""
    playing.inspection.catch_up()
    outcome = playing.outcome()
    return any(not result(wanted, each, outcome).is_passed for wanted, each in playing.expectations)


def result(wanted: Wanted, expectation: Expectation, outcome: Outcome) -> Result:
    """What came of one expectation."""
    try:
        findings = list(expectation.findings(outcome))
    except (OnlyMock, NothingSaved) as error:
        findings = [Finding(Kind.EXPECTATION, wanted.part.place, wanted.title, "an answer", str(error))]
    if wanted.terms.pending:
        findings = [] if findings else [overdue(wanted)]
    if wanted.terms.soft:
        findings = [replace(finding, kind=Kind.WARNING) for finding in findings]
    return Result(wanted.part.place, wanted.title, tuple(findings), wanted.terms.soft, wanted.terms.pending)


def overdue(wanted: Wanted) -> Finding:
    """That something is as expected which was to fail."""
    pending = wanted.terms.pending
    expected = f"to fail until {pending} is done"
    found = Finding(Kind.EXPECTATION, wanted.part.within(("pending",)), wanted.title, expected, "it passes")
    found.why = f"take `pending: {pending}` away."
    return found


def verdict(playing: Performance, target: Target, results: Sequence[Result]) -> Verdict:
    """The verdict of a run that is over."""
    tally: Tally = playing.inspection.tally
    for each in results:
        for finding in each.findings:
            tally.find(finding)
    scenario = playing.run.scenario
    return Verdict(
        name=scenario.title,
        file=scenario.file,
        seed=scenario.seed,
        repeat=repeat(scenario, target, playing.options),
        tally=tally,
        expectations=len(results),
        seconds=perf_counter() - playing.began,
        results=results,
        chronicle=playing.chronicle,
    )


def repeat(scenario: Scenario, target: Target, options: Options) -> str:
    """The command that plays a scenario again in the same way."""
    told = f" --target {shlex.quote(target.name)}" if target.name not in (str(BUILTIN), str(scenario.target)) else ""
    until = f" --until {options.until.total_seconds():g}s" if options.until is not None else ""
    return f"vendor-sim run {scenario.file} --seed {scenario.seed}{scenario.settings}{told}{until}"


def watched(happenings: Iterable[Happening], watch: Watcher | None) -> Iterator[Happening]:
    """The happenings; the watcher is told now and then how far they are."""
    for number, happening in enumerate(happenings):
        yield happening
        if watch is not None and number % PROGRESS_EVERY == 0 and happening.event is not None:
            watch(happening.event.occurred_at, number)
