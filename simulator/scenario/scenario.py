"""Scenario: reads a scenario file and checks it strictly; every problem is told with file, line and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.document import DocumentError, Part, Place, documents
from simulator.scenario import expectations, timeline
from simulator.scenario.arguments import EventName, Reader, Words, nearest
from simulator.scenario.cast import Cast, Group, groups, is_crowd
from simulator.scenario.expectations import EXPECTATIONS, Expectation, Shape
from simulator.scenario.moments import AT_ONCE, Moment
from simulator.scenario.timeline import ENTRIES, Stage, Step
from simulator.scenario.world import World
from simulator.vendor import Vendor

VERSION = 1
START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a scenario begins that does not say."""

NOT_YET = {"limits", "klaviyo", "target", "matrix", "faults", "env"}
SECTIONS = ("scenario", "population", "timeline", "expect")


class ScenarioErrors(ValueError):
    """Everything that is wrong with a scenario file."""

    def __init__(self, problems: Sequence[DocumentError]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class EntryPlan:
    """An entry of the timeline: its kind, when, its key for chance, and its arguments."""

    kind: str
    at: Moment
    key: str
    arguments: Mapping[str, Any]
    part: Part

    def steps(self, world: World) -> Iterator[Step]:
        """What is due in a world, in order."""
        return ENTRIES[self.kind](Stage(world, self.at, self.key, self.part), **self.arguments)


@dataclass(frozen=True)
class Scenario:
    """A scenario that has been read and checked."""

    file: str
    name: str
    seed: int
    start: datetime
    is_clean: bool
    groups: Sequence[Group]
    entries: Sequence[EntryPlan]
    makers: Sequence[Callable[[Cast], Expectation]]
    vendors: Sequence[str]
    tags: Sequence[str] = ()


def head(
    *,
    name: str,
    description: str = "",
    tags: list[str] | None = None,
    seed: int = 0,
    clock: datetime = START,
) -> dict[str, Any]:
    """The keys at the top of a scenario, beside its sections."""
    return {"name": name, "tags": tags or [], "seed": seed, "start": clock, "description": description}


def scenarios(file: Path, vendors: Mapping[str, Vendor]) -> list[Scenario]:
    """Every scenario in a file; raises `ScenarioErrors` with all problems."""
    try:
        parts = list(documents(file))
    except DocumentError as error:
        raise ScenarioErrors([error]) from error
    if not parts:
        raise ScenarioErrors([DocumentError(Place(str(file)), "the file holds no scenario")])
    return [scenario(part, vendors) for part in parts]


def scenario(root: Part, vendors: Mapping[str, Vendor]) -> Scenario:
    """A scenario from its document."""
    if not isinstance(root.value, dict):
        raise ScenarioErrors([DocumentError(root.place, "a scenario is a table that begins with `scenario: 1`")])
    reader = Reader(Words(vendors, names(root), names(root, are_persons=True)))
    check_version(reader, root)
    known = head(**reader.read(head, root, "", besides=SECTIONS, not_yet=NOT_YET) or {"name": ""})
    found = groups(reader, root.value.get("population"))
    entries = list(entry_plans(reader, root.value.get("timeline")))
    makers = list(expectation_makers(reader, root.value.get("expect")))
    if reader.problems:
        raise ScenarioErrors(reader.problems)
    return Scenario(
        file=root.place.file,
        name=known["name"],
        seed=known["seed"],
        start=known["start"],
        is_clean=is_clean(root),
        groups=found,
        entries=entries,
        makers=makers,
        vendors=sorted(entry_vendors(entries)),
        tags=known["tags"],
    )


def names(root: Part, *, are_persons: bool = False) -> list[str]:
    """The names of the population, of single persons only when that is asked for."""
    population = root.value.get("population")
    if population is None or not isinstance(population.value, dict):
        return []
    return [name for name, part in population.value.items() if not (are_persons and is_crowd(part))]


def check_version(reader: Reader, root: Part) -> None:
    """Gather that the first key is not `scenario: 1`."""
    version = root.value.get("scenario")
    if version is None or next(iter(root.value)) != "scenario":
        reader.refuse(root.place, "the first key must be scenario: 1")
    elif version.value != VERSION:
        reader.refuse(version.place, f"scenario: {version.plain} is no version that this program knows; it knows 1")


def entry_plans(reader: Reader, section: Part | None) -> Iterator[EntryPlan]:
    """The entries of the timeline."""
    if section is None:
        return
    if not isinstance(section.value, list):
        reader.refuse(section.place, "timeline must be a list of entries")
        return
    seen: Counter[str] = Counter()
    for index, part in enumerate(section.value):
        plan = entry_plan(reader, part, f"timeline[{index}]", seen)
        if plan is not None:
            yield plan


def common(*, at: Moment = AT_ONCE, id: str | None = None) -> tuple[Moment, str | None]:
    """The keys that every entry may have: when it happens, and a key for chance."""
    return at, id


def entry_plan(reader: Reader, part: Part, path: str, seen: Counter[str]) -> EntryPlan | None:
    """An entry of the timeline; entries that say the same are told apart by their number."""
    kinds = [key for key in ENTRIES if isinstance(part.value, dict) and key in part.value]
    if len(kinds) != 1:
        not_yet = sorted(timeline.NOT_YET & part.keys.keys())
        if not_yet:
            reader.strict(part, path, known=["at", "id", "for"], not_yet=timeline.NOT_YET)
        else:
            reader.refuse(part.place, f"{path} must have one of the keys {', '.join(ENTRIES)}")
        return None
    kind = kinds[0]
    own = {"at", "id"}
    arguments = reader.read(ENTRIES[kind], part, path, besides=own, not_yet=timeline.NOT_YET)
    shared = Part({key: each for key, each in part.value.items() if key in own}, part.place, {})
    at, told = common(**reader.read(common, shared, path))
    wording = told or " ".join(str(part.value[key].plain) for key in (kind, "for", "at") if key in part.value)
    seen[wording] += 1
    return EntryPlan(kind, at, f"{kind} {wording} #{seen[wording]}", arguments, part)


def expectation_makers(reader: Reader, section: Part | None) -> Iterator[Callable[[Cast], Expectation]]:
    """Functions that make the expectations for a cast."""
    if section is None:
        return
    if not isinstance(section.value, dict):
        reader.refuse(section.place, f"expect must be a table of {', '.join(EXPECTATIONS)}")
        return
    reader.strict(section, "expect", known=list(EXPECTATIONS), not_yet=expectations.NOT_YET)
    for key, part in section.value.items():
        if key in EXPECTATIONS:
            yield from SHAPES[EXPECTATIONS[key].shape](reader, key, part)


def value_maker(reader: Reader, key: str, part: Part) -> Iterator[Callable[[Cast], Expectation]]:
    """An expectation that is one value."""
    function = EXPECTATIONS[key].make
    arguments = reader.read(function, Part({key: part}, part.place, {key: part.place}), "expect")
    yield lambda _: function(part, **arguments)


def list_makers(reader: Reader, key: str, part: Part) -> Iterator[Callable[[Cast], Expectation]]:
    """Expectations in a list."""
    if not isinstance(part.value, list):
        reader.refuse(part.place, f"expect.{key} must be a list")
        return
    for index, item in enumerate(part.value):
        yield list_maker(reader, key, item, f"{key}[{index}]")


def list_maker(reader: Reader, key: str, item: Part, title: str) -> Callable[[Cast], Expectation]:
    """One expectation of a list."""
    function = EXPECTATIONS[key].make
    arguments = reader.read(function, item, f"expect.{title}", not_yet=expectations.NOT_YET)
    return lambda cast: function(title, item, cast, **arguments)


def person_makers(reader: Reader, key: str, part: Part) -> Iterator[Callable[[Cast], Expectation]]:
    """Expectations in a table by person."""
    if not isinstance(part.value, dict):
        reader.refuse(part.place, f"expect.{key} must be a table by person")
        return
    for name, item in part.value.items():
        if name in reader.words.persons:
            yield person_maker(reader, key, item, name)
            continue
        why = "is a crowd, not a person" if name in reader.words.names else "is nobody in the population"
        reader.refuse(part.keys[name], f"expect.{key}.{name} {why}{nearest(name, reader.words.persons)}")


def person_maker(reader: Reader, key: str, item: Part, name: str) -> Callable[[Cast], Expectation]:
    """One person's expectation."""
    function = EXPECTATIONS[key].make
    arguments = reader.read(function, item, f"expect.{key}.{name}", not_yet=expectations.NOT_YET)
    return lambda cast: function(f"{key}.{name}", item, cast.people[name][0], **arguments)


SHAPES = {Shape.VALUE: value_maker, Shape.LIST: list_makers, Shape.BY_PERSON: person_makers}
"""How expectations of each shape are read."""


def is_clean(root: Part) -> bool:
    """Whether rejected and dropped events break the scenario; they do unless it says no."""
    expect = root.value.get("expect")
    told = expect.value.get("clean") if expect and isinstance(expect.value, dict) else None
    return told is None or told.value is True


def entry_vendors(entries: Sequence[EntryPlan]) -> set[str]:
    """The vendors that a timeline speaks of."""
    found: set[str] = set()
    for entry in entries:
        told = entry.arguments.get(entry.kind)
        found |= {told.vendor} if isinstance(told, EventName) else set(told or ())
    return found


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """The scenario files that paths name: files as they are, of folders every .yaml in them."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    return found
