"""Report: verdicts as text and as JSON; colours and boxes only on terminals."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from simulator import json
from simulator.document import Place
from simulator.json import Json
from simulator.vendor import Vendor
from simulator.verdict import Finding, Kind, Tally, Verdict, handled

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS = ("vendor", "rows", "sent", "not sent", "events", "requests", "rejected", "dropped", "violations", "notes")
NOTES_SHOWN = 10

BROKEN = {
    Kind.EXPECTATION: ("expectation", "not met"),
    Kind.VIOLATION: ("contract violation",),
    Kind.REJECTED: ("request", "refused"),
    Kind.DROPPED: ("event", "dropped"),
    Kind.CHANGED: ("value", "changed on the way"),
    Kind.TARGET: ("fault", "of the target"),
    Kind.LIMIT: ("limit", "exceeded"),
}
"""What each kind of finding that breaks something is called, as noun and the rest."""


def console(*, is_error: bool = False) -> Console:
    """Where text goes: colours on terminals only, and never with NO_COLOR; plain text is not wrapped."""
    from rich.console import Console

    return Console(stderr=is_error, highlight=False, soft_wrap=True)


def output(result: Json | Iterable[str]) -> None:
    """Print a result: a table of JSON as JSON, lines as text."""
    if isinstance(result, dict):
        sys.stdout.buffer.write(json.written(result) + b"\n")
        return
    out = console()
    for line in result:
        out.print(line)


def scenario_lines(verdict: Verdict) -> Iterator[str]:
    """What came of one scenario: one line when all is well, else what is wrong and how to repeat it."""
    total = verdict.tally.total
    good, _, _ = handled(verdict.tally.rows)
    mark = "[green]PASS[/]" if verdict.is_passed else "[red]FAIL[/]"
    rows, events = f"{good}/{len(verdict.tally.rows)} rows", counted(total.events, "event")
    yield (
        f"{mark}  {escaped(verdict.name)}   seed {verdict.seed}   {rows}   {events}   "
        f"{verdict.met}/{verdict.expectations} expectations   {verdict.seconds:.1f} s"
    )
    for finding in verdict.tally.failures:
        yield from finding_lines(finding)
    yield from harmless_lines(verdict)
    if not verdict.is_passed:
        yield f"  repeat: {escaped(verdict.repeat)}"


def harmless_lines(verdict: Verdict) -> Iterator[str]:
    """What is not met and breaks nothing: soft expectations, and those that wait for something to be done."""
    for finding in verdict.tally.warnings:
        first, *others = finding_lines(finding)
        yield f"  [yellow]warning[/]{first[1:]}"
        yield from others
    for one in verdict.results:
        if one.pending and one.is_passed:
            waits = f"{one.pending}  {short(one.place)}  {one.title}: fails, as it must until then"
            yield f"  pending {escaped(waits)}"


def finding_lines(finding: Finding) -> Iterator[str]:
    """A finding: where, what, expected and got; examples below."""
    times = f"   ({finding.times:,} times)" if finding.times > 1 else ""
    text = f"{short(finding.place)}  {finding.what}: expected {finding.expected}, got {finding.got}"
    yield f"  {escaped(text)}{times}"
    for example in finding.examples:
        yield f"     {escaped(example)}"
    if finding.why:
        yield f"  why: {escaped(finding.why)}"
    if finding.mapping:
        yield f"     mapping: {escaped(short_path(finding.mapping))}"


def note_lines(tally: Tally) -> Iterator[str]:
    """What breaks only what is assumed, the first few."""
    for finding in tally.notes[:NOTES_SHOWN]:
        yield f"[dim]note[/]  {escaped(short(finding.place))}  {escaped(finding.what)}: " + escaped(
            f"assumed {finding.expected}, got {finding.got}"
        )
    if len(tally.notes) > NOTES_SHOWN:
        yield f"[dim]… and {len(tally.notes) - NOTES_SHOWN} notes more; --json shows all[/]"


def table_lines(tally: Tally) -> list[str]:
    """The table of vendors, with a line for all of them."""
    rows = [vendor_row(tally, vendor) for vendor in sorted({row.vendor for row in tally.rows.values()})]
    if len(rows) > 1:
        rows.append(total_row(tally))
    return text_table(COLUMNS, rows)


def vendor_row(tally: Tally, vendor: str) -> tuple[str, ...]:
    """One vendor's line."""
    rows = {key: row for key, row in tally.rows.items() if row.vendor == vendor}
    numbers = asdict(tally.count(vendor)).values()
    return (vendor, *row_cells(*handled(rows), len(rows)), *(f"{number:,}" for number in numbers))


def total_row(tally: Tally) -> tuple[str, ...]:
    """The line for all vendors."""
    numbers = asdict(tally.total).values()
    return ("all", *row_cells(*handled(tally.rows), len(tally.rows)), *(f"{number:,}" for number in numbers))


def row_cells(good: int, sent: int, not_sent: int, total: int) -> tuple[str, str, str]:
    """How many rows were handled, sent and deliberately not sent."""
    return f"{good}/{total}", str(sent), str(not_sent)


def text_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table as lines of plain text, numbers to the right.

    >>> text_table(["vendor", "rows"], [("smile", "8/8"), ("trifft", "17/17")])
    ['vendor   rows', 'smile     8/8', 'trifft  17/17']
    """
    cells = [list(columns), *map(list, rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
    return [
        "  ".join(
            cell.rjust(width) if index and is_numeric(cells, index) else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def is_numeric(cells: Sequence[Sequence[str]], index: int) -> bool:
    """Whether every cell of a column below its title begins with a digit."""
    return all(row[index][:1].isdigit() for row in cells[1:])


def summary(tally: Tally) -> str:
    """One line for everything."""
    good, sent, not_sent = handled(tally.rows)
    total = tally.total
    return (
        f"{good}/{len(tally.rows)} vendor rows handled ({sent} sent, {not_sent} deliberately not); "
        f"{counted(total.events, 'event')}, {counted(total.requests, 'request')}, {total.rejected:,} rejected, "
        f"{total.dropped:,} dropped, {counted(total.violations, 'violation')}, {counted(total.notes, 'note')}"
    )


def conclusion(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """How all ended, as the last lines: what is wrong with each scenario that failed, and the verdict on all."""
    failed = [verdict for verdict in verdicts if not verdict.is_passed]
    for verdict in failed if len(verdicts) > 1 else ():
        yield f"[red]FAIL[/]  {escaped(verdict.name)}: {broken([verdict])}"
    met, wanted = sum(verdict.met for verdict in verdicts), sum(verdict.expectations for verdict in verdicts)
    told, all_of_them = f"{met:,} of {wanted:,} expectations met", counted(len(verdicts), "scenario")
    if failed:
        yield f"[bold red]FAIL[/]  {len(failed)} of {all_of_them} failed: {told}; {broken(failed)}"
    else:
        yield f"[bold green]PASS[/]  {all_of_them} passed: {told}"


def broken(verdicts: Iterable[Verdict]) -> str:
    """What is wrong, counted by kind: `1 expectation not met, 2 contract violations`."""
    kinds = Counter(finding.kind for verdict in verdicts for finding in verdict.tally.failures)
    return ", ".join(counted(kinds[kind], *words) for kind, words in BROKEN.items() if kinds[kind])


def counted(number: int, noun: str, rest: str = "") -> str:
    """A number of things.

    >>> counted(1, "expectation", "not met"), counted(2, "scenario")
    ('1 expectation not met', '2 scenarios')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'} {rest}".rstrip()


def vendor_rows(vendors: Iterable[Vendor]) -> list[tuple[str, ...]]:
    """A line about each vendor: name, title, rows, those sent and not sent, and whether it writes profiles."""
    return [
        (
            vendor.name,
            vendor.title,
            str(len(vendor.events)),
            str(sum(vendor.metric(name) is not None for name in vendor.events)),
            str(sum(vendor.metric(name) is None for name in vendor.events)),
            "yes" if vendor.mapping.sync else "no",
        )
        for vendor in vendors
    ]


def event_rows(vendor: Vendor) -> list[tuple[str, ...]]:
    """A line about each event of a vendor: name, metric, when, provenance."""
    return [
        (name, vendor.metric(name) or f"not sent: {vendor.skip_reason(name)}", kind.when, kind.provenance)
        for name, kind in vendor.events.items()
    ]


def tally_json(tally: Tally) -> Json:
    """A tally as JSON."""
    good, sent, not_sent = handled(tally.rows)
    return {
        "rows": {"all": len(tally.rows), "handled": good, "sent": sent, "deliberately_not_sent": not_sent},
        "counts": asdict(tally.total),
        "vendors": {vendor: asdict(counts) for vendor, counts in sorted(tally.counts.items())},
        "failures": [finding_json(finding) for finding in tally.failures],
        "notes": [finding_json(finding) for finding in tally.notes],
    }


def finding_json(finding: Finding) -> Json:
    """A finding as JSON."""
    return asdict(finding) | {
        "kind": str(finding.kind),
        "place": {"file": finding.place.file, "line": finding.place.line, "column": finding.place.column},
    }


def short(place: Place) -> str:
    """A place, its file as seen from here."""
    return f"{short_path(place.file)}:{place.line}:{place.column}"


def short_path(path: str) -> str:
    """A path as seen from here, if it is below here."""
    here = f"{Path.cwd()}/"
    return path.removeprefix(here)


def escaped(text: str) -> str:
    """A text without anything that rich would take for markup."""
    return text.replace("[", "\\[")
