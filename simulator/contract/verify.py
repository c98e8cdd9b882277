"""Verify: every event of a vendor through the mapping and the server, judged by its contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from simulator import report
from simulator.contract.inspecting import inspection as inspection_of
from simulator.contract.inspection import Wire
from simulator.contract.trials import START, trials
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import KLAVIYO
from simulator.server import mock
from simulator.targets.aim import OWN, Aim
from simulator.targets.target import Happening, Target, farewell, reaction
from simulator.vendor import Vendor
from simulator.verdict import Kind, Row, Tally, handled

COLUMNS = ("vendor", "event", "metric", "events", "sent", "documented", "assumed", "")


@dataclass(frozen=True)
class EventLine:
    """What came of one event: how often it happened and was sent, and what it broke."""

    vendor: str
    event: str
    metric: str | None
    events: int
    sent: int
    documented: int
    assumed: int
    is_handled: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """The line of a table."""
        mark = "ok" if self.is_handled else "FAILED" if self.events else "NEVER HAPPENED"
        numbers = map(str, (self.events, self.sent, self.documented, self.assumed))
        return (self.vendor, self.event, self.metric or "(not sent)", *numbers, mark)


@dataclass(frozen=True)
class Verification:
    """What came of the events of some vendors."""

    tally: Tally

    @property
    def is_passed(self) -> bool:
        """Whether every event did what the contract says."""
        return not self.tally.failures and all(row.is_handled for row in self.tally.rows.values())

    def lines(self) -> Iterator[str]:
        """The table of events, what is wrong below, one line for all, and the verdict."""
        rows = [event_line(self.tally, row).cells for row in self.tally.rows.values()]
        yield from map(report.escaped, report.text_table(COLUMNS, rows))
        yield ""
        for finding in self.tally.failures:
            yield from report.finding_lines(finding)
        yield from report.note_lines(self.tally)
        yield report.summary(self.tally)
        mark = "[bold green]PASS[/]" if self.is_passed else "[bold red]FAIL[/]"
        good, all_rows = handled(self.tally.rows)[0], report.counted(len(self.tally.rows), "event")
        yield f"{mark}  {good} of {all_rows} did what the contract says"

    def as_json(self) -> Json:
        """The same as JSON."""
        rows = [asdict(event_line(self.tally, row)) for row in self.tally.rows.values()]
        return {"version": 1, "passed": self.is_passed, "events": rows, **report.tally_json(self.tally)}


def event_line(tally: Tally, row: Row) -> EventLine:
    """What came of one event."""
    prefix = f"{row.vendor} {row.event}: "
    found = [finding for finding in tally.findings.values() if finding.what.startswith(prefix)]
    notes = sum(finding.times for finding in found if finding.kind is Kind.NOTE)
    faults = sum(finding.times for finding in found) - notes
    return EventLine(row.vendor, row.event, row.metric, row.events, row.sent, faults, notes, row.is_handled)


def verification(
    vendors: Sequence[Vendor],
    seed: int,
    wire: Wire | None = None,
    aim: Aim = OWN,
    *,
    destinations: Sequence[str] = (),
) -> Verification:
    """Put every event of these vendors to trial; our own mapping sends to all destinations unless they are told."""
    told = destinations or ({each for one in vendors for each in one.mapping.destinations} if aim.is_own else ())
    if wire is not None:
        wire.control.reset(START)
    way = (wire.delivery, wire.control) if wire else None
    named = {vendor.name: vendor for vendor in vendors}
    with closing(aim.target(named, way, destinations=[KLAVIYO, *sorted({*told} - {KLAVIYO})])) as target:
        inspection = inspection_of(target, vendors, wire)
        events = (event for vendor in vendors for event in trials(vendor, seed))
        for event in sorted(events, key=lambda event: event.occurred_at):
            inspection.take(happening(target, event))
        inspection.take(farewell(target))
    inspection.close()
    return Verification(inspection.tally)


def happening(target: Target, event: VendorEvent) -> Happening:
    """An event on its own and everything that it leads to; what our own mapping lets wait too."""
    found = reaction(target, event)
    return found if target.is_foreign else replace(found, outgoing=[*found.outgoing, *target.flush()])


def print_verification(
    vendors: Sequence[Vendor], *, as_json: bool, offline: bool, aim: Aim = OWN, **asked: Any
) -> bool:
    """Verify and print; whether all is as the contracts say."""
    with wire_of(asked["to"], asked["key"], is_offline=offline) as wire:
        found = verification(vendors, asked["seed"], wire, aim, destinations=asked["destinations"])
    report.output(found.as_json() if as_json else found.lines())
    return found.is_passed


@contextmanager
def wire_of(to: str | None, key: str | None, *, is_offline: bool) -> Iterator[Wire | None]:
    """The way to the mock that was asked for, None when there shall be none."""
    if is_offline:
        yield None
        return
    with mock(to, key) as (delivery, control):
        yield Wire(delivery, control)
