"""Playing: runs scenario files one after the other and reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from simulator import json, report
from simulator.contract.inspection import Wire
from simulator.scenario.arguments import Mistake
from simulator.scenario.moments import instant
from simulator.scenario.run import Watcher, changed, end_of, judged, outgoing
from simulator.scenario.scenario import Scenario, scenario_files, scenarios
from simulator.server import mock
from simulator.targets.aim import OWN, Aim
from simulator.targets.target import Outgoing
from simulator.vendors import vendors
from simulator.verdict import Tally, Verdict, tally

STDOUT = "-"


@dataclass(frozen=True)
class Playing:
    """Scenarios to run, and where."""

    scenarios: Sequence[Scenario]
    to: str | None = None
    key: str | None = None
    aim: Aim = OWN

    @classmethod
    def asked(  # the options of the command line
        cls,
        paths: Sequence[Path],
        *,
        seed: int | None,
        start: str | None,
        only: str | None,
        to: str | None,
        key: str | None,
        aim: Aim = OWN,
    ) -> Playing:
        """What the command line asks for; all files are read and checked before anything runs."""
        began = beginning(start)
        found = [
            changed(scenario, seed=seed, start=began)
            for file in scenario_files(paths)
            for scenario in scenarios(file, vendors())
            if only is None or only in scenario.tags
        ]
        if not found:
            raise Mistake(f"there is no scenario in {', '.join(map(str, paths))}" + (f" tagged {only}" if only else ""))
        return cls(found, to, key, aim)

    @property
    def is_printed(self) -> bool:
        """Whether requests are printed and not sent."""
        return self.to == STDOUT

    def lines(self) -> Iterator[bytes]:
        """Every request as a JSON line."""
        for scenario in self.scenarios:
            for one in outgoing(scenario, vendors(), self.aim):
                yield line(one)

    def play(self, *, as_json: bool) -> bool:
        """Run the scenarios and print the report; whether all passed."""
        printed = report.console(is_error=as_json)
        verdicts: list[Verdict] = []
        with mock(self.to, self.key) as (delivery, control):
            for scenario in self.scenarios:
                with progress(scenario) as watch:
                    verdict = judged(scenario, vendors(), Wire(delivery, control), watch=watch, aim=self.aim)
                verdicts.append(verdict)
                for text in report.scenario_lines(verdict):
                    printed.print(text)
        total = together(verdicts)
        if as_json:
            report.output(report.verdict_json(verdicts, total))
        else:
            printed.print("\n".join(["", *report.note_lines(total), *report.table_lines(total), report.summary(total)]))
        return all(verdict.is_passed for verdict in verdicts)


def beginning(start: str | None) -> datetime | None:
    """The time that an option tells."""
    try:
        return None if start is None else instant(start)
    except ValueError as error:
        raise Mistake(f"--start: {error}") from error


def line(one: Outgoing) -> bytes:
    """A request as a JSON line."""
    request = one.request
    return json.written(
        {
            "at": one.at,
            "vendor": one.vendor,
            "cause": request.cause,
            "method": request.method,
            "path": request.path,
            "body": request.body,
        }
    )


def together(verdicts: Sequence[Verdict]) -> Tally:
    """What all runs have seen; rows that no scenario exercised stand there too."""
    taking_part = {vendor for verdict in verdicts for vendor, _ in verdict.tally.rows}
    total = tally(vendor for name, vendor in vendors().items() if name in taking_part)
    for verdict in verdicts:
        total.merge(verdict.tally)
    return total


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
        task = bar.add_task(report.escaped(scenario.name), total=total)

        def watch(at: datetime, events: int) -> None:
            passed = (at - scenario.start).total_seconds()
            bar.update(task, completed=passed, description=f"{report.escaped(scenario.name)}  {events:,} events")

        yield watch
