"""Differing: how two contracts differ, event by event and field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.contract.checking import shown
from simulator.contract.contract import Contract
from simulator.contract.inference.drift import ADDED, GONE
from simulator.contract.rules import EventContract, Rule, Table

CHANGED = "changed"
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: what is added, gone or changed from the first contract to the second."""

    subject: str
    field: str
    kind: str
    before: str = NOTHING
    after: str = NOTHING

    @property
    def line(self) -> str:
        """The difference in one line."""
        told = f"{self.before} → {self.after}" if self.kind == CHANGED else self.before or self.after
        return f"{self.subject}: {self.field} {self.kind}" + (f": {told}" if told else "")


def differences(before: Contract, after: Contract) -> Iterator[Difference]:
    """How the second contract differs from the first; events are told apart by the vendor's name."""
    for name in sorted(before.events.keys() | after.events.keys()):
        yield from event_differences(name, before.events.get(name), after.events.get(name))
    if before.profile and after.profile:
        yield from rule_differences("profile", "", before.profile.attributes, after.profile.attributes)
        yield from table_differences("profile", before.profile.properties, after.profile.properties)
    elif before.profile or after.profile:
        yield Difference("profile", "writes", GONE if before.profile else ADDED)


def event_differences(name: str, before: EventContract | None, after: EventContract | None) -> Iterator[Difference]:
    """How the rules for one event differ."""
    if before is None or after is None:
        yield Difference(name, "event", GONE if after is None else ADDED)
        return
    for field in ("metric", "sent", "skip", "provenance"):
        if getattr(before, field) != getattr(after, field):
            yield Difference(name, field, CHANGED, shown(getattr(before, field)), shown(getattr(after, field)))
    yield from rule_differences(name, "profile.", before.profile, after.profile)
    yield from rule_differences(name, "", before.members, after.members)
    yield from table_differences(name, before.properties, after.properties)


def table_differences(subject: str, before: Table, after: Table) -> Iterator[Difference]:
    """How two tables of properties differ."""
    yield from rule_differences(subject, "properties.", before.rules, after.rules)
    for field in sorted((before.required ^ after.required) & before.rules.keys() & after.rules.keys()):
        words = ("required", "optional") if field in before.required else ("optional", "required")
        yield Difference(subject, f"properties.{field}", CHANGED, *words)
    if before.is_closed != after.is_closed:
        words = ("closed", "open") if before.is_closed else ("open", "closed")
        yield Difference(subject, "properties", CHANGED, *words)


def rule_differences(
    subject: str, where: str, before: Mapping[str, Rule | str], after: Mapping[str, Rule | str]
) -> Iterator[Difference]:
    """How the rules of two groups of fields differ."""
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield Difference(subject, f"{where}{name}", GONE, before=described(before[name]))
        elif name not in before:
            yield Difference(subject, f"{where}{name}", ADDED, after=described(after[name]))
        elif described(before[name]) != described(after[name]):
            yield Difference(subject, f"{where}{name}", CHANGED, described(before[name]), described(after[name]))


def described(rule: Rule | str) -> str:
    """A rule in a few words: its schema, where its value comes from, and who says so."""
    if isinstance(rule, str):
        return f"absent ({rule})"
    known: dict[str, Any] = {name: part for name, part in rule.schema.items() if name != "x-seen"}
    if rule.equals is not None:
        known["x-equals"] = rule.equals
    if rule.is_optional:
        known["x-optional"] = True
    return f"{shown(known)} ({rule.provenance})"
