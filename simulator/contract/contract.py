"""Contract: what Klaviyo must have received for each event of a vendor, and what it breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from ruamel.yaml import YAML

from simulator.contract.expressions import expected, facts
from simulator.contract.received import ReceivedEvent, ReceivedProfile
from simulator.event import VendorEvent
from simulator.json import Json

ASSUMED = "assumed"
ABSENT = "absent"
MEMBERS = ("unique_id", "time", "value", "value_currency")


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that is not as the contract says; one of an assumed field is only a note."""

    vendor: str
    event: str
    field: str
    expected: str
    got: str
    provenance: str

    @property
    def is_note(self) -> bool:
        """Whether it breaks only what we assume."""
        return self.provenance == ASSUMED


@dataclass(frozen=True)
class Rule:
    """What one field must be: a JSON Schema, and where its value comes from in the vendor's event."""

    schema: Json
    provenance: str
    equals: str | None = None


@dataclass(frozen=True)
class EventContract:
    """What must arrive for one vendor event; `sent` says for which events one must, `skip` that none ever may."""

    metric: str
    provenance: str
    sent: str | None = None
    skip: str | None = None
    profile: Mapping[str, Rule] = field(default_factory=dict)
    members: Mapping[str, Rule | str] = field(default_factory=dict)
    properties: Mapping[str, Rule] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_closed: bool = True


@dataclass(frozen=True)
class ProfileContract:
    """What may be written to a profile; every rule's expression speaks of the vendor's customer."""

    attributes: Mapping[str, Rule] = field(default_factory=dict)
    properties: Mapping[str, Rule] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_closed: bool = True
    sent: str | None = None


@dataclass(frozen=True)
class Contract:
    """A vendor's contract: its events by vendor-side name, and its profiles."""

    vendor: str
    file: Path
    events: Mapping[str, EventContract]
    profile: ProfileContract | None

    def violations(
        self, event: VendorEvent, events: Sequence[ReceivedEvent], profiles: Sequence[ReceivedProfile]
    ) -> list[Violation]:
        """What is wrong with that which Klaviyo received for an event of the vendor."""
        known = facts(event)
        contract = self.events[event.name]
        found = [*received_events(contract, known, events), *received_profiles(self.profile, contract, known, profiles)]
        return [Violation(self.vendor, event.name, *parts) for parts in found]


Breach = tuple[str, str, str, str]
"""field, expected, got, provenance"""


def received_events(contract: EventContract, known: Json, events: Sequence[ReceivedEvent]) -> Iterator[Breach]:
    """Breaches of the events that arrived for one vendor event."""
    due = contract.skip is None and (contract.sent is None or bool(expected(contract.sent, known)))
    if len(events) != int(due):
        why = contract.skip or contract.sent or "it is a mapped event"
        yield ("event", f"{int(due)} event: {why}", f"{len(events)} events", contract.provenance)
    if due:
        for event in events:
            yield from event_breaches(contract, known, event)


def event_breaches(contract: EventContract, known: Json, event: ReceivedEvent) -> Iterator[Breach]:
    """Breaches of one event."""
    if event.metric != contract.metric:
        yield ("metric", shown(contract.metric), shown(event.metric), contract.provenance)
    for name, rule in contract.profile.items():
        yield from rule_breaches(rule, known, f"profile.{name}", event.profile, name)
    for name in sorted(event.profile.keys() - contract.profile.keys() - {"properties"}):
        yield (f"profile.{name}", ABSENT, shown(event.profile[name]), ASSUMED)
    for name, member_rule in contract.members.items():
        yield from member_breaches(name, member_rule, known, getattr(event, name))
    yield from table_breaches(contract, known, "properties", event.properties)


def member_breaches(name: str, rule: Rule | str, known: Json, value: Any) -> Iterator[Breach]:
    """Breaches of a member beside the properties; a rule that is a word is the provenance of its absence."""
    if isinstance(rule, str):
        if value is not None:
            yield (name, ABSENT, shown(value), rule)
        return
    yield from rule_breaches(rule, known, name, {name: value} if value is not None else {}, name)


def received_profiles(
    contract: ProfileContract | None, event: EventContract, known: Json, profiles: Sequence[ReceivedProfile]
) -> Iterator[Breach]:
    """Breaches of the profile writes that an event caused."""
    if contract is None or event.skip is not None:
        for profile in profiles:
            yield ("profile write", ABSENT, shown(profile.attributes), event.provenance)
        return
    for profile in profiles:
        custom = profile.attributes.get("properties") or {}
        native = {name: value for name, value in profile.attributes.items() if name != "properties"}
        for name, rule in contract.attributes.items():
            yield from rule_breaches(rule, known, f"profile.{name}", native, name)
        yield from table_breaches(contract, known, "profile.properties", custom)


def table_breaches(
    contract: EventContract | ProfileContract, known: Json, where: str, values: Json
) -> Iterator[Breach]:
    """Breaches of a table of properties: those missing, wrong, or unheard of."""
    for name, rule in contract.properties.items():
        is_due = name in values or name in contract.required
        if is_due:
            yield from rule_breaches(rule, known, f"{where}.{name}", values, name)
    if contract.is_closed:
        for name in sorted(values.keys() - contract.properties.keys()):
            yield (f"{where}.{name}", ABSENT, shown(values[name]), "documented")


def rule_breaches(rule: Rule, known: Json, where: str, values: Json, name: str) -> Iterator[Breach]:
    """Breaches of one rule: the value is missing, is of the wrong form, or is not the vendor's."""
    if name not in values:
        yield (where, described(rule, known), ABSENT, rule.provenance)
        return
    value = values[name]
    for problem in validator(repr(rule.schema), rule).iter_errors(value):
        yield (where + dotted(problem.absolute_path), described(rule, known), problem.message, rule.provenance)
        return
    if rule.equals is not None and not same(value, wanted := expected(rule.equals, known)):
        yield (where, shown(wanted), shown(value), rule.provenance)


_VALIDATORS: dict[str, Validator] = {}


def validator(key: str, rule: Rule) -> Validator:
    """The rule's schema, compiled once."""
    if key not in _VALIDATORS:
        _VALIDATORS[key] = Draft202012Validator(rule.schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return _VALIDATORS[key]


def described(rule: Rule, known: Json) -> str:
    """What a rule expects, in a few words."""
    if rule.equals is not None:
        return shown(expected(rule.equals, known))
    return shown({name: part for name, part in rule.schema.items() if not name.startswith("x-")})


def dotted(path: Sequence[str | int]) -> str:
    """A path within a value, `.items.0.price`."""
    return "".join(f".{part}" for part in path)


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal, where true is not 1 and 1 is 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def shown(value: Any) -> str:
    """A value as a report shows it."""
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


# --- reading contract.yaml


def rule(name: str, entry: Any, default: str) -> Rule:
    """A rule as contract.yaml writes it: a JSON Schema with x-provenance and x-equals."""
    if not isinstance(entry, dict):
        raise ValueError(f"{name}: a rule is a mapping such as {{type: string, x-provenance: documented}}")
    schema = {key: part for key, part in entry.items() if key not in ("x-provenance", "x-equals")}
    return Rule(schema, entry.get("x-provenance", default), entry.get("x-equals"))


def rules(table: Json, default: str) -> dict[str, Rule]:
    """A table of rules."""
    return {name: rule(name, entry, default) for name, entry in table.items()}


def event_contract(entry: Json) -> EventContract:
    """One entry below `events`."""
    provenance = entry.get("provenance", "documented")
    properties = entry.get("properties", {})
    members = {
        name: member if isinstance(member, str) else rule(name, member, provenance)
        for name, member in entry.items()
        if name in MEMBERS
    }
    return EventContract(
        metric=entry.get("metric", ""),
        provenance=provenance,
        sent=entry.get("sent"),
        skip=entry.get("skip"),
        profile=rules(entry.get("profile", {}), provenance),
        members=members,
        properties=rules(properties.get("properties", {}), provenance),
        required=frozenset(properties.get("required", ())),
        is_closed=properties.get("additionalProperties", True) is False,
    )


def profile_contract(entry: Json | None) -> ProfileContract | None:
    """The entry `profile`; None when the vendor writes no profiles."""
    if entry is None:
        return None
    properties = entry.get("properties", {})
    return ProfileContract(
        attributes=rules(entry.get("attributes", {}), "documented"),
        properties=rules(properties.get("properties", {}), "documented"),
        required=frozenset(properties.get("required", ())),
        is_closed=properties.get("additionalProperties", True) is False,
    )


@cache
def load(file: Path) -> Contract:
    """The contract in a file."""
    document = YAML(typ="safe").load(file)
    events = {name: event_contract(entry) for name, entry in document["events"].items()}
    return Contract(document["vendor"], file, events, profile_contract(document.get("profile")))
