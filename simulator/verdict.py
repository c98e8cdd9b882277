"""Verdict: what a run found, by vendor row and in total."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum

from simulator.chronicle import Chronicle
from simulator.document import Place
from simulator.vendor import Vendor

EXAMPLES = 3
"""How many examples a finding keeps."""


class Kind(StrEnum):
    """What sort of finding it is; warnings and notes break nothing."""

    EXPECTATION = "expectation"
    VIOLATION = "violation"
    REJECTED = "rejected"
    DROPPED = "dropped"
    CHANGED = "changed"
    TARGET = "target"
    LIMIT = "limit"
    WARNING = "warning"
    NOTE = "note"


HARMLESS = frozenset({Kind.WARNING, Kind.NOTE})
"""Kinds of findings that break nothing."""


@dataclass
class Finding:
    """Something that is not as it must be: where that is said, what it is about, expected and got, and how often.

    `examples` show it, `why` says what is known of the reason.
    """

    kind: Kind
    place: Place
    what: str
    expected: str
    got: str
    mapping: str = ""
    times: int = 0
    examples: list[str] = field(default_factory=list)
    why: str = ""


@dataclass
class Counts:
    """How much happened."""

    events: int = 0
    requests: int = 0
    rejected: int = 0
    dropped: int = 0
    violations: int = 0
    notes: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))


@dataclass
class Row:
    """One row of a vendor's event list, and what became of it; `metric` is None when it must not be sent."""

    vendor: str
    event: str
    metric: str | None
    events: int = 0
    sent: int = 0
    broken: int = 0

    @property
    def is_handled(self) -> bool:
        """Whether it happened and did exactly what the contract says."""
        return self.events > 0 and not self.broken


@dataclass
class Tally:
    """What a run has seen so far; its size depends on the vendors and not on the events."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    findings: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    tolerated: set[Kind] = field(default_factory=set)

    @property
    def total(self) -> Counts:
        """The counts of all vendors together."""
        return sum(self.counts.values(), Counts())

    @property
    def failures(self) -> list[Finding]:
        """The findings that break something."""
        return [finding for finding in self.findings.values() if finding.kind not in HARMLESS | self.tolerated]

    @property
    def warnings(self) -> list[Finding]:
        """The findings of what is expected softly."""
        return [finding for finding in self.findings.values() if finding.kind is Kind.WARNING]

    @property
    def notes(self) -> list[Finding]:
        """The findings that break only what is assumed."""
        return [finding for finding in self.findings.values() if finding.kind is Kind.NOTE]

    def find(self, finding: Finding, example: str = "") -> None:
        """Note a finding; one that is known already only counts."""
        key = (finding.kind, str(finding.place), finding.what, finding.mapping)
        known = self.findings.setdefault(key, finding)
        known.times += 1
        if example and len(known.examples) < EXAMPLES:
            known.examples.append(example)

    def count(self, vendor: str) -> Counts:
        """The counts of one vendor."""
        return self.counts.setdefault(vendor, Counts())

    def merge(self, other: Tally) -> None:
        """Add what another run has seen, its findings left out."""
        for vendor, counts in other.counts.items():
            self.counts[vendor] = self.count(vendor) + counts
        for key, row in other.rows.items():
            mine = self.rows.setdefault(key, Row(row.vendor, row.event, row.metric))
            mine.events += row.events
            mine.sent += row.sent
            mine.broken += row.broken


def tally(vendors: Iterable[Vendor]) -> Tally:
    """An empty tally with a row for each event of these vendors."""
    rows = {
        (vendor.name, event): Row(vendor.name, event, vendor.metric(event))
        for vendor in vendors
        for event in vendor.events
    }
    return Tally(rows)


@dataclass(frozen=True)
class Result:
    """What came of one expectation: where it stands, what it is called, and what is not as it must be.

    One that `is_soft` only warns; one that is `pending` is passed as long as it fails, until that is done.
    """

    place: Place
    title: str
    findings: tuple[Finding, ...] = ()
    is_soft: bool = False
    pending: str = ""

    @property
    def is_passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@dataclass(frozen=True)
class Verdict:
    """What came of one scenario; `repeat` is the command to run it again, `results` tell of each expectation,
    `chronicle` of when things happened.
    """

    name: str
    file: str
    seed: int
    repeat: str
    tally: Tally
    expectations: int
    seconds: float
    results: Sequence[Result] = ()
    chronicle: Chronicle | None = None

    @property
    def is_passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.tally.failures

    @property
    def took_too_long(self) -> bool:
        """Whether it was stopped because of its limit of real time."""
        return any(finding.kind is Kind.LIMIT and finding.what.endswith("real_time") for finding in self.tally.failures)

    @property
    def met(self) -> int:
        """How many expectations are met; soft ones that are not do not count as met."""
        unmet = (Kind.EXPECTATION, Kind.WARNING)
        broken = {str(one.place) for one in self.tally.findings.values() if one.kind in unmet}
        return self.expectations - len(broken)


def total(verdicts: Iterable[Verdict]) -> Tally:
    """What all runs have seen together, without their findings."""
    found = Tally()
    for verdict in verdicts:
        found.merge(verdict.tally)
    return found


def handled(rows: Mapping[tuple[str, str], Row]) -> tuple[int, int, int]:
    """How many rows were handled: all, those sent, those deliberately not."""
    good = [row for row in rows.values() if row.is_handled]
    sent = sum(row.metric is not None for row in good)
    return len(good), sent, len(good) - sent
