"""Scenario: reads a scenario file and checks it strictly; every problem is told with file, line and column."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.document import DocumentError, Part, Place, documents
from simulator.mapping.mapping import KLAVIYO
from simulator.scenario.arguments import Reader
from simulator.scenario.cast import Group, groups, is_crowd
from simulator.scenario.destinations import check_destinations
from simulator.scenario.entries import Entries, entry_plans, entry_vendors, saved_names
from simulator.scenario.expecting import Expecting, Wanted, patience
from simulator.scenario.incidents import Incident, incidents
from simulator.scenario.matrix import Variant, changed, options, variants
from simulator.scenario.plans import EntryPlan
from simulator.scenario.saved import templates
from simulator.scenario.settings import (
    ClockSettings,
    KlaviyoSettings,
    Limits,
    clock_settings,
    klaviyo_settings,
    limits,
    with_environment,
)
from simulator.scenario.words import Mistake, Words, nearest
from simulator.scenario.world import PERSON
from simulator.targets.choosing import TargetSpec
from simulator.vendor import Vendor

VERSION = 1
SECTIONS = ("scenario", "matrix", "env", "klaviyo", "limits", "clock", "population", "timeline", "faults", "expect")
BUILTIN = TargetSpec("builtin", "v1")
ONLY = Variant({})
"""The one variant of a document without a matrix."""


class ScenarioErrors(ValueError):
    """Everything that is wrong with a scenario file."""

    def __init__(self, problems: Sequence[DocumentError]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Scenario:
    """A scenario that has been read and checked; `root` is its document as it is played."""

    file: str
    name: str
    seed: int
    clock: ClockSettings
    is_clean: bool
    groups: Sequence[Group]
    entries: Sequence[EntryPlan]
    wanted: Sequence[Wanted]
    vendors: Sequence[str]
    root: Part
    tags: Sequence[str] = ()
    incidents: Sequence[Incident] = ()
    klaviyo: KlaviyoSettings = field(default_factory=KlaviyoSettings)
    limits: Limits = field(default_factory=Limits)
    target: TargetSpec = BUILTIN
    destinations: Sequence[str] = (KLAVIYO,)
    patience: timedelta = timedelta(0)
    settings: str = ""
    title: str = ""
    baseline: Sequence[EntryPlan] = ()

    @property
    def start(self) -> datetime:
        """When it begins."""
        return self.clock.start

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.root.place

    @property
    def folder(self) -> Path:
        """The folder of its file."""
        return Path(self.file).parent


def head(
    *,
    name: str,
    description: str = "",
    tags: list[str] | None = None,
    seed: int = 0,
    target: TargetSpec = BUILTIN,
    destinations: list[str] | None = None,
) -> dict[str, Any]:
    """The keys at the top of a scenario, beside its sections."""
    return {
        "name": name,
        "tags": tags or [],
        "seed": seed,
        "target": target,
        "description": description,
        "destinations": destinations or [KLAVIYO],
    }


def scenarios(file: Path, vendors: Mapping[str, Vendor], settings: Mapping[str, Any] | None = None) -> list[Scenario]:
    """Every scenario in a file, once for each variant; raises `ScenarioErrors` with all problems."""
    try:
        parts = list(documents(file))
    except DocumentError as error:
        raise ScenarioErrors([error]) from error
    except OSError as error:
        raise ScenarioErrors([DocumentError(Place(str(file)), f"cannot be read: {error.strerror}")]) from error
    if not parts:
        raise ScenarioErrors([DocumentError(Place(str(file)), "the file holds no scenario")])
    return [found for part in parts for found in played(part, vendors, settings or {})]


def played(root: Part, vendors: Mapping[str, Vendor], settings: Mapping[str, Any]) -> Iterator[Scenario]:
    """A document's variants."""
    reader = Reader(Words(vendors))
    if not isinstance(root.value, dict):
        raise ScenarioErrors([DocumentError(root.place, "a scenario is a table that begins with `scenario: 1`")])
    found = list(variants(reader, root, list(settings)))
    if reader.problems:
        raise ScenarioErrors(reader.problems)
    for variant in found:
        try:
            values = {**variant.values, **settings}
            yield scenario(changed(root, values), vendors, replace(variant, options=options(values)))
        except Mistake as error:
            raise ScenarioErrors([DocumentError(root.place, str(error))]) from error


def scenario(root: Part, vendors: Mapping[str, Vendor], variant: Variant = ONLY) -> Scenario:
    """A scenario from its document."""
    if not isinstance(root.value, dict):
        raise ScenarioErrors([DocumentError(root.place, "a scenario is a table that begins with `scenario: 1`")])
    reader = Reader(Words(vendors, names(root), names(root, are_persons=True)))
    root = with_environment(reader, root, os.environ)
    section = root.value.get
    check_version(reader, root)
    known = head(**({"name": ""} | reader.read(head, root, "", besides=SECTIONS)))
    klaviyo = klaviyo_settings(reader, section("klaviyo"))
    baseline = list(Entries(reader).plans(klaviyo.baseline, "klaviyo.baseline")) if klaviyo.baseline else []
    entries = entry_plans(reader, section("timeline"))
    found = Scenario(
        file=root.place.file,
        name=f"{known['name']}",
        title=f"{known['name']}{variant.label}",
        seed=known["seed"],
        clock=clock_settings(reader, section("clock")),
        is_clean=is_clean(root),
        groups=groups(reader, section("population")),
        entries=entries,
        wanted=list(Expecting(reader).wanted(section("expect"))),
        vendors=sorted(entry_vendors([*baseline, *entries])),
        root=root,
        tags=known["tags"],
        incidents=list(incidents(reader, section("faults"))),
        klaviyo=klaviyo,
        limits=limits(reader, section("limits")),
        target=known["target"],
        destinations=known["destinations"],
        patience=patience(reader, section("expect")),
        settings=variant.options,
        baseline=baseline,
    )
    check_templates(reader, root, saved_names([*baseline, *entries]))
    check_destinations(reader, section("destinations"), found.destinations, [vendors[name] for name in found.vendors])
    if reader.problems:
        raise ScenarioErrors(sorted(reader.problems, key=lambda error: (error.place.line, error.place.column)))
    return found


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


def check_templates(reader: Reader, part: Part, known: set[str]) -> None:
    """Gather templates that ask for what nothing saves."""
    if isinstance(part.value, dict | list):
        for each in part.value.values() if isinstance(part.value, dict) else part.value:
            check_templates(reader, each, known)
        return
    for name in templates(part.value):
        if name not in known and not name.startswith(PERSON):
            reader.refuse(part.place, f"{{{{{name}}}}} is saved by no entry{nearest(name, known)}")


def is_clean(root: Part) -> bool:
    """Whether rejected and dropped events break the scenario; they do unless it says no."""
    expect = root.value.get("expect")
    told = expect.value.get("clean") if expect and isinstance(expect.value, dict) else None
    return told is None or told.value is True


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """The scenario files that paths name: files as they are, of folders every .yaml in them."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    return found
