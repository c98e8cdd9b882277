"""Checks what arrived against a contract's rules; one validator per contract decides, the rules explain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import jsonschema_rs

from simulator.contract.expressions import compiled, expected
from simulator.contract.received import ReceivedEvent, ReceivedProfile
from simulator.contract.rules import (
    ASSUMED,
    MEMBERS,
    EventContract,
    ProfileContract,
    Rule,
    Table,
    schema_validator,
)
from simulator.json import Json

ABSENT = "absent"
SHOWN_LENGTH = 120

Breach: TypeAlias = tuple[str, str, str, str]
"""Field, what was expected, what came, and the provenance of the rule."""

Origin: TypeAlias = tuple[str, str, Callable[[Json], Any]]
"""A field of a table and how to read its value from the facts of the vendor's event."""


@dataclass(frozen=True)
class EventChecker:
    """Checks the Klaviyo events that one kind of vendor event led to."""

    contract: EventContract

    @cached_property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        """The whole contract as one schema."""
        return schema_validator(event_schema(self.contract))

    @cached_property
    def origins(self) -> Sequence[Origin]:
        """Every field whose value the vendor's event tells."""
        members = {name: rule for name, rule in self.contract.members.items() if isinstance(rule, Rule)}
        tables = {"profile": self.contract.profile, "": members, "properties": self.contract.properties.rules}
        return origins(tables)

    @cached_property
    def integers(self) -> Sequence[tuple[str, str]]:
        """Every property that must be written as an integer."""
        return [("properties", name) for name, rule in self.contract.properties.rules.items() if is_integer(rule)]

    def is_due(self, known: Json) -> bool:
        """Whether one Klaviyo event must arrive."""
        return self.contract.skip is None and (self.contract.sent is None or bool(expected(self.contract.sent, known)))

    def breaches(self, known: Json, events: Sequence[ReceivedEvent]) -> Iterator[Breach]:
        """What is wrong with the events that arrived for one vendor event."""
        is_due = self.is_due(known)
        if len(events) != is_due:
            why = self.contract.skip or self.contract.sent or "it is a mapped event"
            got = f"{len(events)} events" if len(events) != 1 else f"1 event, {events[0].metric!r}"
            sure = self.contract.provenance if is_due or self.contract.skip else self.contract.sent_provenance
            yield ("event", f"{int(is_due)} events: {why}", got, sure)
        for event in events if is_due else ():
            values = event_values(event)
            if not (
                self.validator.is_valid(values)
                and are_equal(self.origins, self.integers, known, values)
                and is_whole(self.contract.properties, known, values["properties"])
            ):
                yield from event_breaches(self.contract, known, values)


@dataclass(frozen=True)
class ProfileChecker:
    """Checks the profile writes that a vendor event led to."""

    contract: ProfileContract | None

    @cached_property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        """The whole contract as one schema."""
        return schema_validator(profile_schema(self.contract or ProfileContract()))

    @cached_property
    def origins(self) -> Sequence[Origin]:
        """Every field whose value the vendor's customer tells."""
        contract = self.contract or ProfileContract()
        return origins({"": contract.attributes, "properties": contract.properties.rules})

    @cached_property
    def integers(self) -> Sequence[tuple[str, str]]:
        """Every property that must be written as an integer."""
        contract = self.contract or ProfileContract()
        return [("properties", name) for name, rule in contract.properties.rules.items() if is_integer(rule)]

    def is_due(self, known: Json) -> bool:
        """Whether a profile write must follow sooner or later."""
        return (
            self.contract is not None and self.contract.sent is not None and bool(expected(self.contract.sent, known))
        )

    def forgotten(self, event: EventContract, known: Json) -> Iterator[Breach]:
        """That a write is missing when none followed an event."""
        if event.skip is None:
            yield from self.owed(known, event.provenance)

    def owed(self, known: Json, provenance: str) -> Iterator[Breach]:
        """That a write is missing."""
        if self.is_due(known):
            yield ("profile write", "one, sooner or later", ABSENT, provenance)

    def identity(self, known: Json) -> str:
        """What tells the customers apart whose profiles are written."""
        contract = self.contract or ProfileContract()
        return repr([expected(rule.equals, known) for rule in contract.attributes.values() if rule.equals])

    def identity_of(self, profile: ReceivedProfile) -> str:
        """The identity of the customer whom a write seems to be for."""
        contract = self.contract or ProfileContract()
        return repr([profile.attributes.get(name) for name, rule in contract.attributes.items() if rule.equals])

    def is_barred(self, known: Json) -> bool:
        """Whether no profile write may follow."""
        return self.contract is None or (self.contract.sent is not None and not expected(self.contract.sent, known))

    def breaches(self, event: EventContract, known: Json, profiles: Sequence[ReceivedProfile]) -> Iterator[Breach]:
        """What is wrong with the writes that arrived for one vendor event."""
        for profile in profiles:
            if self.contract is None or event.skip is not None or self.is_barred(known):
                yield ("profile write", ABSENT, shown(profile.attributes), event.provenance)
            else:
                yield from self.value_breaches(known, profile)

    def value_breaches(self, known: Json, profile: ReceivedProfile) -> Iterator[Breach]:
        """What is wrong with the values that a write holds."""
        values = profile.attributes
        is_right = self.validator.is_valid(values) and are_equal(self.origins, self.integers, known, values)
        if self.contract is not None and not is_right:
            yield from profile_breaches(self.contract, known, values)


def event_schema(contract: EventContract) -> Json:
    """The JSON Schema of a Klaviyo event that keeps the contract."""
    profile = {"properties": True} | {name: rule.schema for name, rule in contract.profile.items()}
    members = {name: rule.schema if isinstance(rule, Rule) else False for name, rule in contract.members.items()}
    due = [name for name, rule in contract.members.items() if isinstance(rule, Rule) and not rule.is_optional]
    return {
        "required": ["metric", *due],
        "properties": {
            "metric": {"const": contract.metric},
            "profile": {"properties": profile, "required": due_names(contract.profile), "additionalProperties": False},
            "properties": table_schema(contract.properties),
            **members,
        },
    }


def profile_schema(contract: ProfileContract) -> Json:
    """The JSON Schema of a profile's attributes that keep the contract."""
    attributes = {name: rule.schema for name, rule in contract.attributes.items()}
    needs_properties = ["properties"] if contract.properties.required else []
    return {
        "properties": attributes | {"properties": table_schema(contract.properties)},
        "required": [*due_names(contract.attributes), *needs_properties],
        "additionalProperties": False,
    }


def due_names(rules: Mapping[str, Rule]) -> list[str]:
    """The fields that may never be absent."""
    return [name for name, rule in rules.items() if not rule.is_optional]


def table_schema(table: Table) -> Json:
    """The JSON Schema of a table of properties."""
    return {
        "properties": {name: rule.schema for name, rule in table.rules.items()},
        "required": sorted(table.required),
        "additionalProperties": not table.is_closed,
    }


def origins(tables: Mapping[str, Mapping[str, Rule]]) -> Sequence[Origin]:
    """How to read, from a vendor's event, each field of these tables that says so."""
    return [
        (table, name, compiled(rule.equals))
        for table, rules in tables.items()
        for name, rule in rules.items()
        if rule.equals is not None
    ]


def event_values(event: ReceivedEvent) -> Json:
    """The event as JSON, without members that it does not have."""
    values: Json = {"metric": event.metric, "profile": event.profile, "properties": event.properties}
    for name in MEMBERS:
        if (value := getattr(event, name)) is not None:
            values[name] = value
    return values


def are_equal(origins: Sequence[Origin], integers: Sequence[tuple[str, str]], known: Json, values: Json) -> bool:
    """Whether every field has the value that the vendor's event tells; one that is absent has none."""
    facts = dict(known)
    for table, name, read in origins:
        holder = values.get(table, {}) if table else values
        facts["got"] = value = holder.get(name)
        if not same(value, read(facts)):
            return False
    return all(type(values.get(table, {}).get(name)) is not float for table, name in integers)


def is_whole(table: Table, known: Json, values: Json) -> bool:
    """Whether a table that must equal something of the vendor's event does."""
    return table.equals is None or same(values, expected(table.equals, known))


def is_integer(rule: Rule) -> bool:
    """Whether a rule is for integers; 5.0 is none here, since templates show it as `5.0`."""
    kind = rule.schema.get("type")
    return kind == "integer" or (isinstance(kind, list) and "integer" in kind and "number" not in kind)


def event_breaches(contract: EventContract, known: Json, values: Json) -> Iterator[Breach]:
    """Every breach of one event."""
    if values["metric"] != contract.metric:
        yield ("metric", shown(contract.metric), shown(values["metric"]), contract.metric_provenance)
    profile = values["profile"]
    for name, rule in contract.profile.items():
        yield from rule_breaches(rule, known, f"profile.{name}", profile, name)
    for name in sorted(profile.keys() - contract.profile.keys() - {"properties"}):
        yield (f"profile.{name}", ABSENT, shown(profile[name]), ASSUMED)
    for name, member in contract.members.items():
        yield from member_breaches(member, known, values, name)
    yield from table_breaches(contract.properties, known, "properties", values["properties"])


def member_breaches(rule: Rule | str, known: Json, values: Json, name: str) -> Iterator[Breach]:
    """Breaches of a member beside the properties."""
    if isinstance(rule, Rule):
        yield from rule_breaches(rule, known, name, values, name)
    elif name in values:
        yield (name, ABSENT, shown(values[name]), rule)


def profile_breaches(contract: ProfileContract, known: Json, values: Json) -> Iterator[Breach]:
    """Every breach of one profile write."""
    for name, rule in contract.attributes.items():
        yield from rule_breaches(rule, known, f"profile.{name}", values, name)
    for name in sorted(values.keys() - contract.attributes.keys() - {"properties"}):
        yield (f"profile.{name}", ABSENT, shown(values[name]), ASSUMED)
    yield from table_breaches(contract.properties, known, "profile.properties", values.get("properties") or {})


def table_breaches(table: Table, known: Json, where: str, values: Json) -> Iterator[Breach]:
    """Breaches of a table of properties: those missing, wrong, or unheard of."""
    for name, rule in table.rules.items():
        if name in table.required or not is_rightly_absent(rule, known, values, name):
            yield from rule_breaches(rule, known, f"{where}.{name}", values, name)
    for name in sorted(values.keys() - table.rules.keys()) if table.is_closed else ():
        yield (f"{where}.{name}", ABSENT, shown(values[name]), table.provenance)
    if table.equals is not None:
        yield from unruled_breaches(table, expected(table.equals, known), where, values)


def unruled_breaches(table: Table, wanted: Json, where: str, values: Json) -> Iterator[Breach]:
    """Breaches of properties that have no rule of their own in a table that must equal something."""
    for name in sorted((wanted.keys() | values.keys()) - table.rules.keys()):
        if name not in wanted or name not in values or not same(values[name], wanted[name]):
            yield (f"{where}.{name}", shown_in(wanted, name), shown_in(values, name), table.provenance)


def is_rightly_absent(rule: Rule, known: Json, values: Json, name: str) -> bool:
    """Whether a field is absent because the vendor's event has no value for it."""
    return name not in values and (rule.equals is None or expected(rule.equals, known) is None)


def rule_breaches(rule: Rule, known: Json, where: str, values: Json, name: str) -> Iterator[Breach]:
    """The breach of one rule, if any: the value is missing, is of the wrong form, or is not the vendor's."""
    if name not in values:
        if not (rule.is_optional and is_rightly_absent(rule, known, values, name)):
            yield (where, described(rule, known), ABSENT, rule.provenance)
        return
    value = values[name]
    for problem in rule.validator.iter_errors(value):
        yield (where + dotted(problem.instance_path), described(rule, known), problem.message, rule.provenance)
        return
    if is_integer(rule) and type(value) is float:
        yield (where, described(rule, known), f"{value!r}, which is no integer", rule.provenance)
    elif rule.equals is not None and not same(value, wanted := expected(rule.equals, {**known, "got": value})):
        yield (where, shown(wanted), shown(value), rule.provenance)


def described(rule: Rule, known: Json) -> str:
    """What a rule expects, in a few words."""
    if rule.equals is not None:
        return shown(expected(rule.equals, known))
    return shown({name: part for name, part in rule.schema.items() if not name.startswith("x-")})


def dotted(path: Sequence[str | int]) -> str:
    """A path within a value, `.items.0.price`."""
    return "".join(f".{step}" for step in path)


def same(value: Any, wanted: Any) -> bool:
    """Whether a JSON value is the wanted one; true is not 1, and within objects and lists 5.0 is not 5.

    >>> same(5.0, 5), same({"points": 5.0}, {"points": 5}), same(True, 1)
    (True, False, False)
    """
    if type(value) is type(wanted):
        if isinstance(value, dict):
            return value.keys() == wanted.keys() and all(same_within(value[name], wanted[name]) for name in value)
        if isinstance(value, list):
            return len(value) == len(wanted) and all(map(same_within, value, wanted))
        return bool(value == wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return False
    return bool(value == wanted)


def same_within(value: Any, wanted: Any) -> bool:
    """Whether a value within an object or a list is the wanted one; templates show 5.0 as `5.0`."""
    return same(value, wanted) and not (type(value) is float and type(wanted) is int)


def shown(value: Any) -> str:
    """A value as a report shows it."""
    text = repr(value)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 3] + "..."


def shown_in(values: Json, name: str) -> str:
    """A value of a table as a report shows it, or that it is absent."""
    return shown(values[name]) if name in values else ABSENT
