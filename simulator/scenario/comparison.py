"""Comparison: two targets on the same stream, and what each made Klaviyo end up with, field by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, TypeAlias

from simulator import report
from simulator.contract.checking import same, shown
from simulator.contract.inspection import Wire
from simulator.contract.verify import verification
from simulator.json import Json
from simulator.scenario.judging import judged
from simulator.scenario.scenario import Scenario
from simulator.targets.aim import Aim
from simulator.targets.choosing import TargetSpec
from simulator.vendor import Vendor
from simulator.vendors import vendors
from simulator.verdict import Kind

State: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Fields by what they belong to: an event of a vendor, or a profile."""

ABSENT = "absent"
EVENT_FIELDS = ("metric", "time", "value", "value_currency", "unique_id")
IDENTIFIERS = ("email", "phone_number", "external_id")
CHANCE = frozenset({"id", "created", "updated", "last_event_date", "lineage", "_kx"})
"""Attributes of a profile that no target decides."""


@dataclass(frozen=True)
class Difference:
    """A field that is not the same at Klaviyo after both targets."""

    of: str
    field: str
    a: str
    b: str


@dataclass
class Ending:
    """What a target made Klaviyo end up with, and what it did wrong by itself."""

    target: str
    state: dict[str, Json] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """What two targets did on one stream."""

    stream: str
    a: Ending
    b: Ending

    @property
    def differences(self) -> list[Difference]:
        """Every field that differs."""
        return list(differences(self.a.state, self.b.state))

    @property
    def is_same(self) -> bool:
        """Whether both did the same, and nothing wrong."""
        return not self.differences and not self.a.faults and not self.b.faults

    def lines(self) -> Iterator[str]:
        """The differences, by what they belong to."""
        found = self.differences
        yield f"{'SAME' if self.is_same else 'DIFFERENT'}  {report.escaped(self.stream)}"
        for of, fields in groupby(found, key=lambda one: one.of):
            yield f"  {report.escaped(of)}"
            for one in fields:
                yield report.escaped(f"     {one.field}: {one.a} | {one.b}")
        for ending in (self.a, self.b):
            for text in ending.faults:
                yield f"  {report.escaped(f'{ending.target}: {text}')}"

    def as_json(self) -> Json:
        """The same as JSON."""
        return {
            "stream": self.stream,
            "same": self.is_same,
            "differences": [asdict(one) for one in self.differences],
            "faults": {"a": self.a.faults, "b": self.b.faults},
        }


def differences(a: State, b: State) -> Iterator[Difference]:
    """Where two states differ, in order of their names."""
    for of in sorted(a.keys() | b.keys()):
        one, other = a.get(of), b.get(of)
        if one is None or other is None:
            yield Difference(of, "", ABSENT if one is None else "present", ABSENT if other is None else "present")
            continue
        for name in sorted(one.keys() | other.keys()):
            if name not in one or name not in other or not same(one[name], other[name]):
                yield Difference(of, name, shown_of(one, name), shown_of(other, name))


def shown_of(fields: Mapping[str, Any], name: str) -> str:
    """A field as a report shows it."""
    return shown(fields[name]) if name in fields else ABSENT


def compared(
    streams: Sequence[Scenario | Vendor], specs: tuple[TargetSpec, TargetSpec], aim: Aim, wire: Wire
) -> Iterator[Comparison]:
    """Each scenario, or all events of each vendor, through both targets."""
    for stream in streams:
        a, b = (ending(stream, aim.at(spec), wire) for spec in specs)
        name = f"{stream.file}: {stream.name}" if isinstance(stream, Scenario) else f"every event of {stream.name}"
        yield Comparison(name, a, b)


def ending(stream: Scenario | Vendor, aim: Aim, wire: Wire) -> Ending:
    """Let a target work on a stream, and read what Klaviyo has then."""
    if isinstance(stream, Scenario):
        tally = judged(stream, vendors(), wire, aim=aim).tally
    else:
        tally = verification([stream], 0, wire, aim).tally
    wrong = [found for found in tally.findings.values() if found.kind is Kind.TARGET]
    faults = [f"{found.what}: expected {found.expected}, got {found.got} {found.mapping}".rstrip() for found in wrong]
    return Ending(str(aim.spec), events(wire) | profiles(wire), faults)


def events(wire: Wire) -> dict[str, Json]:
    """The events that Klaviyo keeps, by the vendor event that they come from."""
    found: dict[str, Json] = {}
    seen: Counter[str] = Counter()
    for kept in wire.control.events():
        if kept["outcome"] != "stored":
            continue
        cause = kept["cause"] or "nothing known"
        seen[cause] += 1
        key = f"event of {cause}" + (f", number {seen[cause]}" if seen[cause] > 1 else "")
        profile = {f"profile.{name}": value for name, value in kept["profile"].items() if name != "id"}
        properties = dict(flat("properties", kept["properties"]))
        found[key] = {name: kept[name] for name in EVENT_FIELDS} | profile | properties
    return found


def profiles(wire: Wire) -> dict[str, Json]:
    """The profiles at Klaviyo with their consent, by their first identifier."""
    found: dict[str, Json] = {}
    for kept in wire.control.profiles():
        attributes = {name: value for name, value in kept["attributes"].items() if name not in CHANCE}
        name = next((str(attributes[each]) for each in IDENTIFIERS if attributes.get(each)), "nobody known")
        found[f"profile {name}"] = dict(flat("", attributes)) | {"lists": kept["lists"]}
    return found


def flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values within an object by dotted path; lists stay whole."""
    if not isinstance(value, dict) or not value:
        yield path, value
        return
    for name, inner in value.items():
        yield from flat(f"{path}.{name}" if path else name, inner)
