"""Mutants: mistakes put into mapped requests; a contract that overlooks one is too weak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from simulator import json, report
from simulator.contract.contract import Contract, Violation, load
from simulator.contract.mutators import MUTATORS, SPELLING, Mistake, Requests, Specimen, properties_of
from simulator.contract.received import ReceivedEvent, ReceivedProfile, received
from simulator.contract.rules import ASSUMED, Rule, Table
from simulator.contract.specimens import Specimens
from simulator.contract.trials import START, trials
from simulator.contract.verify import wire_of
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.aim import OWN, Aim
from simulator.targets.target import TargetFault
from simulator.vendor import Vendor

COLUMNS = ("vendor", "mutants", "killed", "survived, documented", "survived, assumed")


@dataclass(frozen=True, order=True)
class Mutant:
    """A mistake of one kind in one field of one event."""

    vendor: str
    event: str
    field: str
    mutator: str


@dataclass
class Hunt:
    """The mutants of some vendors: the provenance of each one's field, and whether it was noticed.

    `unsound` tells what is wrong with events before any mistake is put in; these are left out.
    """

    seen: dict[Mutant, str] = field(default_factory=dict)
    killed: set[Mutant] = field(default_factory=set)
    unsound: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that nobody noticed."""
        return sorted(self.seen.keys() - self.killed)

    @property
    def is_passed(self) -> bool:
        """Whether every mistake in a documented fact was noticed, and nothing was wrong before."""
        return not self.unsound and all(self.seen[mutant] == ASSUMED for mutant in self.survivors)

    @property
    def score(self) -> float:
        """The share of mutants that were noticed, 0 to 1; of the events that could be judged."""
        return len(self.killed) / len(self.seen) if self.seen else 0.0

    @property
    def judged(self) -> set[tuple[str, str]]:
        """The events into which mistakes were put."""
        return {(mutant.vendor, mutant.event) for mutant in self.seen}

    def leave_out_unsound(self) -> None:
        """Forget the mutants of events that are wrong already, on whatever occasion."""
        for mutant in [each for each in self.seen if (each.vendor, each.event) in self.unsound]:
            del self.seen[mutant]
            self.killed.discard(mutant)

    def lines(self) -> Iterator[str]:
        """A table of vendors, and every survivor."""
        yield from report.text_table(COLUMNS, [self._cells(vendor) for vendor in self._vendors()])
        yield ""
        for mutant in self.survivors:
            text = f"{mutant.vendor} {mutant.event}: {mutant.field}: {mutant.mutator} ({self.seen[mutant]})"
            yield f"survived  {report.escaped(text)}"
        for (vendor, event), text in self.unsound.items():
            yield f"not judged  {report.escaped(f'{vendor} {event}: wrong before any mistake: {text}')}"
        yield f"{len(self.killed):,} of {len(self.seen):,} mutants killed, {len(self.survivors):,} survived"
        events = report.counted(len(self.judged) + len(self.unsound), "event")
        yield f"score {self.score:.1%}" + (f" of {len(self.judged)} of {events}" if self.unsound else "")

    def as_json(self) -> Json:
        """The same as JSON."""
        return {
            "version": 1,
            "passed": self.is_passed,
            "mutants": len(self.seen),
            "killed": len(self.killed),
            "score": round(self.score, 4),
            "events": {"judged": len(self.judged), "left_out": len(self.unsound)},
            "not_judged": [
                {"vendor": vendor, "event": event, "why": text} for (vendor, event), text in self.unsound.items()
            ],
            "survivors": [
                {
                    "vendor": mutant.vendor,
                    "event": mutant.event,
                    "field": mutant.field,
                    "mutator": mutant.mutator,
                    "provenance": self.seen[mutant],
                }
                for mutant in self.survivors
            ],
        }

    def _vendors(self) -> list[str]:
        return sorted({mutant.vendor for mutant in self.seen})

    def _cells(self, vendor: str) -> tuple[str, ...]:
        mine = [mutant for mutant in self.seen if mutant.vendor == vendor]
        alive = [self.seen[mutant] for mutant in self.survivors if mutant.vendor == vendor]
        assumed = alive.count(ASSUMED)
        return (vendor, *map(str, (len(mine), len(mine) - len(alive), len(alive) - assumed, assumed)))


def hunt(vendors: Sequence[Vendor], seed: int = 0, specimens: Specimens | None = None) -> Hunt:
    """Make every mistake in every event of these vendors, on occasions in turn until it is noticed."""
    found = Hunt()
    specimens = specimens or Specimens(OWN.target({vendor.name: vendor for vendor in vendors}))
    for vendor in vendors:
        contract = load(vendor.folder / "contract.yaml")
        for event in sorted(trials(vendor, seed), key=lambda event: event.occurred_at):
            specimen = sound(found, contract, specimens, vendor, event)
            if specimen is None:
                continue
            for name, mutator in MUTATORS.items():
                for mistake in mutator(specimen):
                    try_mutant(found, contract, specimen, mistake, name)
    found.leave_out_unsound()
    return found


def sound(found: Hunt, contract: Contract, specimens: Specimens, vendor: Vendor, event: VendorEvent) -> Specimen | None:
    """The event with what the target makes of it, None when that is wrong already, so that no mistake shows."""
    try:
        specimen = specimens.of(vendor, event)
    except TargetFault as wrong:
        found.unsound.setdefault((vendor.name, event.name), str(wrong))
        return None
    for breach in violations(contract, specimen, (specimen.events, specimen.profiles)):
        if not breach.is_note:
            text = f"{breach.field}: expected {breach.expected}, got {breach.got}"
            found.unsound.setdefault((vendor.name, event.name), text)
            return None
    return specimen


def try_mutant(found: Hunt, contract: Contract, specimen: Specimen, mistake: Mistake, name: str) -> None:
    """Judge a mistake, unless its kind was noticed before, the contract allows it or it changes nothing."""
    mutant = Mutant(contract.vendor, specimen.event.name, mistake.field, name)
    if mutant in found.killed or is_open(contract, specimen, mistake.field, name):
        return
    provenance = provenance_of(contract, specimen.event.name, mistake.field)
    if provenance is None:
        return
    requests = mistake.make()
    if bodies(*requests) == bodies(specimen.events, specimen.profiles):
        return
    found.seen[mutant] = provenance
    if any(provenance == ASSUMED or not violation.is_note for violation in violations(contract, specimen, requests)):
        found.killed.add(mutant)


def bodies(*requests: Sequence[KlaviyoRequest]) -> bytes:
    """The bodies of requests, to tell whether two are the same."""
    return json.written([[request.body for request in group] for group in requests])


def violations(contract: Contract, specimen: Specimen, requests: Requests) -> list[Violation]:
    """What the contract says of the mistaken requests."""
    events, profiles = ([received(request) for request in group] for group in requests)
    found = contract.violations(
        specimen.event,
        [message for message in events if isinstance(message, ReceivedEvent)],
        [message for message in profiles if isinstance(message, ReceivedProfile)],
    )
    return found if profiles else [*found, *contract.forgotten_profile(specimen.event)]


def is_open(contract: Contract, specimen: Specimen, field: str, mutator: str) -> bool:
    """Whether the contract leaves open what a mistake changes: the spelling of a text, or a key without a value."""
    kind, _, path = field.partition(".")
    table = contract.events[specimen.event.name].properties
    rule = table.rules.get(path.partition(".")[0]) if kind == "properties" else None
    if rule is None:
        return False
    if "got" in (rule.equals or "") and (mutator in SPELLING or path not in table.rules):
        return True
    if mutator not in ("property_dropped", "property_renamed") or path in table.required:
        return False
    is_null = all(properties_of(request.body).get(path) is None for request in specimen.events)
    return is_null and (mutator == "property_dropped" or not table.is_closed)


def provenance_of(contract: Contract, event: str, field: str) -> str | None:
    """Where the rule for a field is from; None where the contract leaves it open on purpose."""
    rules = contract.events[event]
    kind, _, name = field.partition(".")
    if field == "profile write" or field.startswith("profile.properties"):
        table = contract.profile.properties if contract.profile else None
        below = name.removeprefix("properties").removeprefix(".")
        return rules.provenance if table is None or field == "profile write" else table_provenance(table, below)
    if kind == "properties":
        return table_provenance(rules.properties, name)
    if kind == "profile":
        return rule_provenance(rules.profile.get(name))
    if kind == "metric":
        return rules.metric_provenance
    words = {"metric": rules.metric_provenance, "sent": rules.provenance if rules.skip else rules.sent_provenance}
    return rule_provenance(rules.members[kind]) if kind in rules.members else words.get(kind, rules.provenance)


def table_provenance(table: Table, path: str) -> str | None:
    """Where the rule for a property is from, named or as the first step of a path."""
    if not path:
        return table.provenance if table.is_closed else None
    rule = table.rules.get(path) or table.rules.get(path.partition(".")[0]) or named(table, path)
    return rule.provenance if rule else None


def named(table: Table, path: str) -> Rule | None:
    """The rule whose name, dots and all, a path begins with: `Influence.io Tier ID`."""
    return next((rule for name, rule in table.rules.items() if path.startswith(f"{name}.")), None)


def rule_provenance(rule: Rule | str | None) -> str:
    """Where a rule is from; what has none is assumed."""
    if rule is None:
        return ASSUMED
    return rule.provenance if isinstance(rule, Rule) else rule


def print_hunt(vendors: Sequence[Vendor], *, seed: int, as_json: bool, aim: Aim = OWN, **asked: str | None) -> bool:
    """Hunt and print; whether every mistake in a documented fact was noticed."""
    named = {vendor.name: vendor for vendor in vendors}
    with wire_of(asked["to"], asked["key"], is_offline=aim.is_own) as wire:
        if wire is not None:
            wire.control.reset(START)
        way = (wire.delivery, wire.control) if wire else None
        with closing(aim.target(named, way)) as target:
            found = hunt(vendors, seed, Specimens(target, wire))
    report.output(found.as_json() if as_json else found.lines())
    return found.is_passed
