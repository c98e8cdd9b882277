"""Drift: where recorded traffic is no longer as a contract says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from jsonschema_rs import ValidationError

from simulator.contract.checking import shown
from simulator.contract.contract import Contract
from simulator.contract.inference.traffic import ACCEPTED, attributes, event, resources
from simulator.contract.rules import MEMBERS, EventContract, Rule, Table
from simulator.json import Json
from simulator.recording.exchange import Exchange

ADDED, GONE, OTHER_TYPE, NEW_VALUE, OTHER_FORM = "added", "gone", "changed type", "new enum value", "other form"
NEVER_CAME = "never came"
"""Only a note: a recording need not hold every event."""
PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Drift:
    """One way in which a field drifted; `times` of `of` requests show it, `example` is the first one's value."""

    subject: str
    field: str
    kind: str
    expected: str = ""
    example: str = ""
    times: int = 1
    of: int = 0

    @property
    def is_note(self) -> bool:
        """Whether it says nothing of the traffic that there was."""
        return self.kind == NEVER_CAME

    @property
    def key(self) -> tuple[str, str, str]:
        """What drifts are told apart by."""
        return self.subject, self.field, self.kind

    @property
    def line(self) -> str:
        """The drift in one line."""
        wanted = f", expected {self.expected}" if self.expected else ""
        came = f", came {self.example}" if self.example else ""
        share = f"   ({self.times} of {self.of})" if self.of else ""
        return f"{self.subject}: {self.field} {self.kind}{wanted}{came}{share}"


Found: TypeAlias = Iterator[Drift]


@dataclass
class Watch:
    """Counts how traffic drifts from the rules of each metric; several events of a vendor may share a metric."""

    events: Mapping[str, Sequence[EventContract]]
    contract: Contract
    found: dict[tuple[str, str, str], Drift] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def look(self, resource: Json) -> None:
        """Look at one event or profile."""
        if resource["type"] == PROFILE:
            self._note(PROFILE, profile_drifts(self.contract, attributes(resource)))
            return
        metric, values = event(resource)
        if metric in self.events:
            candidates: list[list[Drift]] = [list(event_drifts(metric, rules, values)) for rules in self.events[metric]]
            fewest = min(candidates, key=len)
            self._note(metric, fewest)
        else:
            self._note(metric, [Drift(metric, "event", ADDED, expected="the contract has no such event")])

    def _note(self, subject: str, drifts: Iterable[Drift]) -> None:
        """Count what one resource shows."""
        self.counts[subject] += 1
        for each in drifts:
            before = self.found.get(each.key)
            self.found[each.key] = replace(before, times=before.times + 1) if before else each

    def drifts(self) -> list[Drift]:
        """Everything that drifted, in order of subject and field; an event that never came is a note."""
        unseen = [Drift(metric, "event", NEVER_CAME) for metric in self.events.keys() - self.counts.keys()]
        counted = [replace(each, of=self.counts[each.subject]) for each in self.found.values()]
        return sorted(unseen + counted, key=lambda each: each.key)


def drifts(exchanges: Iterable[Exchange], contract: Contract) -> list[Drift]:
    """Where traffic has drifted from a contract; requests that Klaviyo refused count for nothing."""
    by_metric: dict[str, list[EventContract]] = {}
    for rules in contract.events.values():
        if rules.metric:
            by_metric.setdefault(rules.metric, []).append(rules)
    watch = Watch(by_metric, contract)
    for exchange in exchanges:
        if exchange.status < ACCEPTED and exchange.is_for_klaviyo:
            for resource in resources(exchange.body):
                watch.look(resource)
    return watch.drifts()


def event_drifts(metric: str, rules: EventContract, values: Json) -> Found:
    """How an event differs from its rules."""
    beside = {name: each for name, each in rules.members.items() if isinstance(each, Rule)}
    yield from member_drifts(metric, "profile.", rules.profile, values["profile"])
    yield from member_drifts(metric, "", beside, {name: values[name] for name in MEMBERS if name in values})
    yield from table_drifts(metric, rules.properties, values["properties"])


def profile_drifts(contract: Contract, values: Json) -> Found:
    """How a profile write differs from its rules."""
    if contract.profile is not None:
        yield from member_drifts(PROFILE, "", contract.profile.attributes, values)
        yield from table_drifts(PROFILE, contract.profile.properties, values.get("properties") or {})


def member_drifts(subject: str, where: str, rules: Mapping[str, Rule], values: Json) -> Found:
    """How members differ from their rules."""
    for name, rule in rules.items():
        if name in values:
            yield from value_drifts(subject, f"{where}{name}", rule, values[name])
        elif not rule.is_optional:
            yield Drift(subject, f"{where}{name}", GONE, expected=described(rule))


def table_drifts(subject: str, rules: Table, values: Json) -> Found:
    """How a table of properties differs from its rules."""
    for name, rule in rules.rules.items():
        if name in values:
            yield from value_drifts(subject, f"properties.{name}", rule, values[name])
        elif name in rules.required:
            yield Drift(subject, f"properties.{name}", GONE, expected=described(rule))
    if rules.is_closed and rules.equals is None:
        for name in sorted(values.keys() - rules.rules.keys()):
            yield Drift(subject, f"properties.{name}", ADDED, example=shown(values[name]))


def value_drifts(subject: str, field: str, rule: Rule, value: Any) -> Found:
    """How a value differs from its rule; of another type is all that is said of a place where it is."""
    problems = list(rule.validator.iter_errors(value))
    retyped = [each.instance_path for each in problems if each.kind.name == "type"]
    for problem in problems:
        if problem.kind.name != "type" and problem.instance_path in retyped:
            continue
        path = field + "".join(f".{step}" for step in problem.instance_path)
        inner = reach(value, problem.instance_path)
        for name, kind, example in problem_drifts(problem, inner):
            yield Drift(subject, path + name, kind, described(rule), example)


def problem_drifts(problem: ValidationError, value: Any) -> Iterator[tuple[str, str, str]]:
    """What a problem with a value says: the field within it, the kind of drift, and an example."""
    known = problem.kind.as_dict()
    match problem.kind.name:
        case "required":
            yield f".{known['property']}", GONE, ""
        case "additionalProperties":
            yield from ((f".{name}", ADDED, shown(value[name])) for name in known["unexpected"])
        case "type":
            yield "", OTHER_TYPE, shown(value)
        case "enum" | "const":
            yield "", NEW_VALUE, shown(value)
        case _:
            yield "", OTHER_FORM, shown(value)


def reach(value: Any, path: Iterable[str | int]) -> Any:
    """What stands at a path within a value."""
    for step in path:
        value = value[step]
    return value


def described(rule: Rule) -> str:
    """What a rule allows, in a few words."""
    return shown({name: part for name, part in rule.schema.items() if not name.startswith("x-")})
