"""Reads contract.yaml; what is not a contract is refused with its place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from simulator.contract.rules import DOCUMENTED, MEMBERS, PROVENANCES, EventContract, ProfileContract, Rule, Table
from simulator.document import DocumentError, Part, document

EVENT_KEYS = {
    "metric",
    "metric_provenance",
    "provenance",
    "sent",
    "sent_provenance",
    "skip",
    "profile",
    "properties",
    *MEMBERS,
}
PROFILE_KEYS = {"attributes", "properties", "sent"}
TABLE_KEYS = {"type", "required", "additionalProperties", "properties", "x-equals", "x-provenance"}
RULE_KEYS = {"x-provenance", "x-equals", "x-optional"}


@cache
def contract_document(file: Path) -> Part:
    """The document in a contract's file, with the place of each rule."""
    return document(file)


def strict(entry: Part, keys: set[str]) -> Mapping[str, Part]:
    """The table that a part holds; a key that nobody knows is refused."""
    if not isinstance(entry.value, dict):
        raise DocumentError(entry.place, f"must be a table of {', '.join(sorted(keys))}")
    for name, place in entry.keys.items():
        if name not in keys:
            raise DocumentError(place, f"{name} is unknown here; there are {', '.join(sorted(keys))}")
    return entry.value


def provenance(entry: Part | None, default: str) -> str:
    """One of the words for where a rule is from."""
    if entry is None:
        return default
    if entry.value not in PROVENANCES:
        raise DocumentError(entry.place, f"{entry.value!r} is no provenance; there are {', '.join(PROVENANCES)}")
    return str(entry.value)


def text(entry: Part | None) -> str | None:
    """The text of a part, None when there is no such part."""
    return None if entry is None else str(entry.value)


def rule(entry: Part, default: str) -> Rule:
    """A rule: a JSON Schema with x-provenance, x-equals and x-optional."""
    if not isinstance(entry.value, dict):
        raise DocumentError(entry.place, "a rule is a table such as {type: string, x-provenance: documented}")
    parts = entry.value
    return Rule(
        schema={name: part.plain for name, part in parts.items() if name not in RULE_KEYS},
        provenance=provenance(parts.get("x-provenance"), default),
        equals=text(parts.get("x-equals")),
        is_optional="x-optional" in parts and parts["x-optional"].value is True,
    )


def rules(entry: Part | None, default: str) -> dict[str, Rule]:
    """A table of rules by field."""
    return {} if entry is None else {name: rule(part, default) for name, part in entry.value.items()}


def table(entry: Part | None, default: str) -> Table:
    """The rules for a table of properties, written as the JSON Schema of an object."""
    if entry is None:
        return Table(is_closed=False)
    parts = strict(entry, TABLE_KEYS)
    required = parts["required"].plain if "required" in parts else ()
    is_open = parts["additionalProperties"].plain if "additionalProperties" in parts else True
    known = rules(parts.get("properties"), provenance(parts.get("x-provenance"), default))
    for name in required:
        if name not in known:
            raise DocumentError(parts["required"].place, f"{name} is required but has no rule")
    return Table(
        known,
        frozenset(required),
        is_closed=is_open is False,
        equals=text(parts.get("x-equals")),
        provenance=provenance(parts.get("x-provenance"), DOCUMENTED),
    )


def event_contract(entry: Part) -> EventContract:
    """One entry below `events`."""
    parts = strict(entry, EVENT_KEYS)
    default = provenance(parts.get("provenance"), DOCUMENTED)
    if ("metric" in parts) == ("skip" in parts):
        raise DocumentError(entry.place, "an event has either a metric or the reason why it is skipped")
    return EventContract(
        metric=text(parts.get("metric")) or "",
        provenance=default,
        sent=text(parts.get("sent")),
        skip=text(parts.get("skip")),
        profile=rules(parts.get("profile"), default),
        members={name: member(part, default) for name, part in parts.items() if name in MEMBERS},
        properties=table(parts.get("properties"), default),
        metric_provenance=provenance(parts.get("metric_provenance"), default),
        sent_provenance=provenance(parts.get("sent_provenance"), default),
    )


def member(entry: Part, default: str) -> Rule | str:
    """The rule for a member beside the properties, or the provenance of its absence."""
    return rule(entry, default) if isinstance(entry.value, dict) else provenance(entry, default)


def profile_contract(entry: Part | None) -> ProfileContract | None:
    """The entry `profile`; None when the vendor writes no profiles."""
    if entry is None:
        return None
    parts = strict(entry, PROFILE_KEYS)
    return ProfileContract(
        attributes=rules(parts.get("attributes"), DOCUMENTED),
        properties=table(parts.get("properties"), DOCUMENTED),
        sent=text(parts.get("sent")),
    )


def event_contracts(root: Part) -> dict[str, EventContract]:
    """All events of a contract by their vendor-side names."""
    return {name: event_contract(entry) for name, entry in root.value["events"].value.items()}


def swaps(entry: Part | None) -> dict[str, dict[str, Any]] | None:
    """The entry `omnisend`: for each property that differs, what Omnisend gets instead of a value; None without one."""
    if entry is None:
        return None
    if not isinstance(entry.value, dict) or not all(isinstance(part.value, dict) for part in entry.value.values()):
        raise DocumentError(entry.place, "omnisend must be a table such as {expiration_date: {Never: null}}")
    return {name: part.plain for name, part in entry.value.items()}
