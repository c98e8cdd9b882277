"""Minimizing: makes a failing scenario smaller, entry by entry, person by person, while it fails the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML

from simulator.json import Json
from simulator.scenario.matrix import as_part
from simulator.scenario.scenario import Scenario, ScenarioErrors, scenario
from simulator.vendor import Vendor
from simulator.verdict import Verdict

Play = Callable[[Scenario], Verdict]
Item = TypeVar("Item")

WIDTH = 120


@dataclass
class Shrinking:
    """A scenario that fails, and what it must still do wrong to count as the same failure."""

    original: Scenario
    vendors: Mapping[str, Vendor]
    play: Play
    reasons: frozenset[str]
    trials: int = 0

    def fails(self, document: Json) -> bool:
        """Whether a document fails in the same way."""
        self.trials += 1
        try:
            found = scenario(as_part(document, self.original.place), self.vendors)
        except ScenarioErrors:
            return False
        return bool(reasons(self.play(found)) & self.reasons)

    def smallest(self) -> Json:
        """The document with the fewest entries and people that still fails."""
        document = document_of(self.original)
        for key in ("timeline", "faults"):
            items = document.get(key)
            if items:
                document[key] = self._fewest(document, key, items)
        document["expect"] = self._fewer_expectations(document)
        return self._fewer_people(document)

    def _fewest(self, document: Json, key: str, items: Sequence[Item]) -> list[Item]:
        """The fewest items of a list, by delta debugging."""
        return delta_debugged(list(items), lambda chosen: self.fails({**document, key: chosen}))

    def _fewer_expectations(self, document: Json) -> Json:
        """What is expected, without what holds anyway."""
        kept: Json = dict(document.get("expect") or {})
        for key in list(kept):
            fewer = {name: value for name, value in kept.items() if name != key}
            if self.fails({**document, "expect": fewer}):
                kept = fewer
        for key, told in kept.items():
            if isinstance(told, list):
                kept[key] = delta_debugged(told, partial(self._is_enough, document, kept, key))
        return kept

    def _is_enough(self, document: Json, kept: Json, key: str, chosen: list[Any]) -> bool:
        return self.fails({**document, "expect": {**kept, key: chosen}})

    def _fewer_people(self, document: Json) -> Json:
        """The document with fewer people: those left out whom it does without, crowds as small as can be."""
        people: Json = dict(document.get("population") or {})
        for name in list(people):
            fewer = {key: value for key, value in people.items() if key != name}
            if self.fails({**document, "population": fewer}):
                people = fewer
        for name, told in people.items():
            for count in smaller_counts(told):
                if self.fails({**document, "population": {**people, name: {**told, "count": count}}}):
                    people[name] = {**told, "count": count}
                    break
        return {**document, "population": people}


def reasons(verdict: Verdict) -> frozenset[str]:
    """What a scenario does wrong: the kind and the subject of each failure, without the number in a list."""
    return frozenset(f"{one.kind} {one.what.partition('] ')[2] or one.what}" for one in verdict.tally.failures)


def document_of(found: Scenario) -> Json:
    """A scenario's document; leaving an entry out changes no draw of another, since each has a key of its own."""
    document: Json = {key: part.plain for key, part in found.root.value.items() if key not in ("matrix", "limits")}
    document["seed"] = found.seed
    return document


def delta_debugged(items: list[Item], fails: Callable[[list[Item]], bool]) -> list[Item]:
    """The fewest items with which something still fails: halves, then quarters, and so on are left out.

    >>> delta_debugged(list(range(20)), lambda chosen: {3, 11} <= set(chosen))
    [3, 11]
    """
    parts = 2
    while len(items) >= 1:
        size = max(1, len(items) // parts)
        rest = next((rest for rest in rests(items, size) if fails(rest)), None)
        if rest is not None:
            items, parts = rest, max(2, parts - 1)
        elif size == 1:
            return items
        else:
            parts = min(len(items), parts * 2)
    return items


def rests(items: list[Item], size: int) -> Iterator[list[Item]]:
    """The items without each piece of a size."""
    for begin in range(0, len(items), size):
        yield [*items[:begin], *items[begin + size :]]


def smaller_counts(told: Any) -> Iterator[int]:
    """How many people a crowd might do with: few first."""
    count = told.get("count", 0) if isinstance(told, dict) else 0
    smaller = 1
    while smaller < count:
        yield smaller
        smaller *= 2


def minimized(failing: Scenario, vendors: Mapping[str, Vendor], play: Play, file: Path) -> str:
    """Write the smallest scenario that still fails as this one does; what came of it, in a line."""
    shrinking = Shrinking(failing, vendors, play, reasons(play(failing)))
    document = shrinking.smallest()
    document["description"] = f"The smallest part of {failing.file} that fails in the same way."
    write(document, file)
    before, after = len(failing.entries), len(document.get("timeline", []))
    return f"{file}: {after} of {before} entries still fail, found in {shrinking.trials} runs"


def write(document: Json, file: Path) -> None:
    """Write a document as YAML, whose strings stay strings."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml_text(document), encoding="utf-8")


def yaml_text(document: Json) -> str:
    """A document as YAML in the language's core types."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.width = WIDTH
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = StringIO()
    yaml.dump(in_order(document), out)
    return out.getvalue()


def in_order(document: Json) -> Json:
    """The document with its first key first."""
    return {"scenario": document["scenario"], "name": document["name"], **document}
