"""Mutants: mistakes put into mapped requests; a contract that overlooks one is too weak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from simulator import json, report
from simulator.contract.contract import Contract, Violation, load
from simulator.contract.mutators import MUTATORS, SPELLING, Mistake, Requests, Specimen, properties_of
from simulator.contract.received import ReceivedEvent, ReceivedProfile, received
from simulator.contract.rules import ASSUMED, Rule, Table
from simulator.contract.trials import trials
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.builtin import Builtin
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
    """The mutants of some vendors: the provenance of each one's field, and whether it was noticed."""

    seen: dict[Mutant, str] = field(default_factory=dict)
    killed: set[Mutant] = field(default_factory=set)

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that nobody noticed."""
        return sorted(self.seen.keys() - self.killed)

    @property
    def is_passed(self) -> bool:
        """Whether every mistake in a documented fact was noticed."""
        return all(self.seen[mutant] == ASSUMED for mutant in self.survivors)

    def lines(self) -> Iterator[str]:
        """A table of vendors, and every survivor."""
        yield from report.text_table(COLUMNS, [self._cells(vendor) for vendor in self._vendors()])
        yield ""
        for mutant in self.survivors:
            text = f"{mutant.vendor} {mutant.event}: {mutant.field}: {mutant.mutator} ({self.seen[mutant]})"
            yield f"survived  {report.escaped(text)}"
        yield f"{len(self.killed):,} of {len(self.seen):,} mutants killed, {len(self.survivors):,} survived"

    def as_json(self) -> Json:
        """The same as JSON."""
        return {
            "version": 1,
            "passed": self.is_passed,
            "mutants": len(self.seen),
            "killed": len(self.killed),
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


def hunt(vendors: Sequence[Vendor], seed: int = 0) -> Hunt:
    """Make every mistake in every event of these vendors, on occasions in turn until it is noticed."""
    found = Hunt()
    for vendor in vendors:
        contract = load(vendor.folder / "contract.yaml")
        for event in trials(vendor, seed):
            specimen = specimen_of(vendor, event)
            for name, mutator in MUTATORS.items():
                for mistake in mutator(specimen):
                    try_mutant(found, contract, specimen, mistake, name)
    return found


def specimen_of(vendor: Vendor, event: VendorEvent) -> Specimen:
    """The event with what the mapping makes of it."""
    target = Builtin({vendor.name: vendor.mapping})
    requests = [one.request for one in (*target.take(event), *target.flush())]
    events = tuple(request for request in requests if isinstance(received(request), ReceivedEvent))
    profiles = tuple(request for request in requests if isinstance(received(request), ReceivedProfile))
    return Specimen(vendor, event, events, profiles)


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


def print_hunt(vendors: Sequence[Vendor], seed: int, *, as_json: bool) -> bool:
    """Hunt and print; whether every mistake in a documented fact was noticed."""
    found = hunt(vendors, seed)
    report.output(found.as_json() if as_json else found.lines())
    return found.is_passed
