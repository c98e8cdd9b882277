"""Playing: runs scenario files, one after the other or several at a time, and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator import report
from simulator.contract.inspection import Wire
from simulator.delivery import Delivery, Destination
from simulator.recording.exchange import Exchange
from simulator.reports.document import document
from simulator.scenario.asking import STDOUT, beginning, length, line, setting
from simulator.scenario.judging import Options, Watcher, judged
from simulator.scenario.minimizing import minimized
from simulator.scenario.remote import remote_wire
from simulator.scenario.run import changed, end_of, outgoing, target_of, unanswered
from simulator.scenario.scenario import Scenario, scenario_files, scenarios
from simulator.scenario.words import NothingSelected
from simulator.server import Control, destination, own_server
from simulator.targets.aim import OWN, Aim
from simulator.targets.target import Happening, Outgoing
from simulator.vendors import vendors
from simulator.verdict import Verdict, total


@dataclass(frozen=True)
class Playing:
    """Scenarios to run, where, and how."""

    scenarios: Sequence[Scenario]
    to: str | None = None
    key: str | None = None
    options: Options = field(default_factory=Options)
    jobs: int = 1
    run_file: Path | None = None

    @classmethod
    def asked(  # the options of the command line
        cls,
        paths: Sequence[Path],
        *,
        to: str | None = None,
        key: str | None = None,
        aim: Aim = OWN,
        only: str | None = None,
        until: str | None = None,
        update_golden: bool = False,
        jobs: int = 1,
        save_run: Path | None = None,
        **values: Any,
    ) -> Playing:
        """What the command line asks for; all files are read and checked before anything runs."""
        found = [scenario for scenario in read(paths, **values) if only is None or only in scenario.tags]
        if not found:
            names = ", ".join(map(str, paths))
            raise NothingSelected(f"there is no scenario in {names}" + (f" tagged {only}" if only else ""))
        options = Options(aim=aim, until=length(until), is_updating=update_golden)
        return cls(found, to, key, options, jobs, save_run)

    @property
    def heading(self) -> str:
        """What is about to be run; the seeds come first, since a run that is killed can be repeated only with them."""
        seeds = dict.fromkeys(str(scenario.seed) for scenario in self.scenarios)
        count = len(self.scenarios)
        return f"seed {', '.join(seeds)}: running {count} scenario{'s' if count > 1 else ''}"

    @property
    def is_printed(self) -> bool:
        """Whether requests are printed and not sent."""
        return self.to == STDOUT

    def lines(self) -> Iterator[bytes]:
        """Every request as a JSON line."""
        for scenario in self.scenarios:
            for one in outgoing(scenario, vendors(), self.options.aim, until=self.options.until):
                yield line(one)

    def timeline(self) -> Iterator[bytes]:
        """Everything that would happen, in order, with the entry that it comes from."""
        for scenario in self.scenarios:
            yield f"{scenario.title}   seed {scenario.seed}".encode()
            with closing(target_of(scenario, vendors(), self.options.aim)) as target:
                for happening in unanswered(scenario, vendors(), target, until=self.options.until):
                    yield from map(str.encode, happening_lines(happening))

    @property
    def is_for_real_klaviyo(self) -> bool:
        """Whether what is at the URL is no mock."""
        return self.to is not None and not destination(self.to, self.key).is_mock

    def minimized(self, file: Path) -> str | None:
        """Write the smallest scenario that still fails as the first failing one does; what came of it, in a line.

        None when there is none, since every scenario passes.
        """
        with place(self.to, self.key) as where:

            def play(scenario: Scenario) -> Verdict:
                return play_one(scenario, where, self.options, is_alone=True)

            failing = next((each for each in self.scenarios if not play(each).is_passed), None)
            return minimized(failing, vendors(), play, file) if failing else None

    def play(self, *, as_json: bool) -> list[Verdict]:
        """Run the scenarios and print the report."""
        printed = report.console(is_error=as_json)
        printed.print(self.heading)
        verdicts: list[Verdict] = []
        for verdict in self.verdicts():
            verdicts.append(verdict)
            for text in report.scenario_lines(verdict):
                printed.print(text)
        if as_json:
            report.output(document(verdicts))
        else:
            seen = total(verdicts)
            printed.print("\n".join(["", *report.note_lines(seen), *report.table_lines(seen), report.summary(seen)]))
        printed.print("\n".join(report.conclusion(verdicts)))
        return verdicts

    def verdicts(self) -> Iterator[Verdict]:
        """The verdict of each scenario, in order."""
        with ExitStack() as stack:
            where = stack.enter_context(place(self.to, self.key))
            options = replace(self.options, save=stack.enter_context(saving(self.run_file)))
            if self.jobs == 1 or not where.is_mock:
                yield from (play_one(scenario, where, options, is_alone=True) for scenario in self.scenarios)
                return
            workers = stack.enter_context(ThreadPoolExecutor(self.jobs))
            yield from workers.map(lambda scenario: play_one(scenario, where, options, is_alone=False), self.scenarios)


def read(paths: Sequence[Path], *, seed: int | None, start: str | None, settings: Sequence[str]) -> Iterator[Scenario]:
    """The scenarios of files and folders, with other values."""
    values, began = dict(map(setting, settings)), beginning(start)
    for file in scenario_files(paths):
        for scenario in scenarios(file, vendors(), values):
            yield changed(scenario, seed=seed, start=began)


def play_one(scenario: Scenario, where: Destination, options: Options, *, is_alone: bool) -> Verdict:
    """Play a scenario: in the account itself, or in a world of its own beside others."""
    with wire(where, scenario, is_alone=is_alone) as way:
        if not is_alone:
            return judged(scenario, vendors(), way, options=options)
        with progress(scenario) as watch:
            return judged(scenario, vendors(), way, options=options, watch=watch)


@contextmanager
def place(url: str | None, key: str | None) -> Iterator[Destination]:
    """Where to play: a mock, real Klaviyo, or a server of our own that ends with the block."""
    if url is not None:
        yield destination(url, key)
        return
    with own_server() as own:
        yield destination(own)


@contextmanager
def wire(where: Destination, scenario: Scenario, *, is_alone: bool) -> Iterator[Wire]:
    """The way to where a scenario is played."""
    if not where.is_mock:
        with closing(Delivery(where)) as delivery:
            way = remote_wire(delivery)
            yield way
            way.control.close()
        return
    with ExitStack() as stack:
        key = where.key if is_alone else stack.enter_context(world(where, scenario))
        delivery = stack.enter_context(closing(Delivery(replace(where, key=key))))
        yield Wire(delivery, stack.enter_context(closing(Control(where.url, key))))


@contextmanager
def world(where: Destination, scenario: Scenario) -> Iterator[str]:
    """The key of a fresh world that lives as long as the block."""
    with closing(Control(where.url, where.key)) as routes:
        asked = {"clock": scenario.start.isoformat()}
        made = routes.ask("POST", "/__mock/worlds", asked)
        try:
            yield str(made["private_key"])
        finally:
            routes.ask("DELETE", f"/__mock/worlds/{made['name']}")


@contextmanager
def saving(file: Path | None) -> Iterator[Callable[[Outgoing], None]]:
    """What keeps each request in a file that `vendor-sim replay` reads; nothing when there is none."""
    if file is None:
        yield lambda _: None
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as lines:

        def save(one: Outgoing) -> None:
            request = one.request
            kept = Exchange(request.method, request.path, {}, request.body or None, at=one.at.isoformat())
            lines.write(kept.line())

        yield save


def happening_lines(happening: Happening) -> Iterator[str]:
    """What happens, in a line."""
    event, handover = happening.event, happening.handover
    if event is not None:
        again = "" if handover.number == 1 else f"   delivery {handover.number}"
        forged = "" if handover.is_genuine else f"   {handover.signature}"
        count = len(happening.outgoing)
        at = handover.at or event.occurred_at
        what = f"{event.vendor}/{event.name}{again}{forged}"
        yield f"  {at:%Y-%m-%dT%H:%M:%SZ}  {what}   {count} requests   {handover.entry}"
        return
    for one in happening.outgoing:
        yield f"  {one.at:%Y-%m-%dT%H:%M:%SZ}  {one.request.method} {one.request.path}   {one.vendor}"


@contextmanager
def progress(scenario: Scenario) -> Iterator[Watcher | None]:
    """A watcher that shows how much of a run's time has passed; None where standard error is no terminal."""
    console = report.console(is_error=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    total = (end_of(scenario) - scenario.start).total_seconds()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(report.escaped(scenario.title), total=total)

        def watch(at: datetime, events: int) -> None:
            passed = (at - scenario.start).total_seconds()
            bar.update(task, completed=passed, description=f"{report.escaped(scenario.title)}  {events:,} events")

        yield watch
