"""Entries: reads the timeline, and journeys within it, as plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from simulator import json
from simulator.document import Part
from simulator.scenario.arguments import Reader, arguments, only
from simulator.scenario.plans import EntryPlan, rhythm, timing
from simulator.scenario.timeline import ENTRIES, REPEATED
from simulator.scenario.words import EventName, nearest

TIMING = tuple(arguments(timing))
RHYTHM = tuple(arguments(rhythm))


class Entries:
    """Reads the entries of one timeline or journey; those that say the same are told apart by their number."""

    def __init__(self, reader: Reader, *, is_journey: bool = False) -> None:
        self._reader = reader
        self._is_journey = is_journey
        self._seen: dict[str, int] = {}
        self._ids: list[str] = []

    def plans(self, section: Part, path: str) -> Iterator[EntryPlan]:
        """The entries of a list."""
        if not isinstance(section.value, list):
            self._reader.refuse(section.place, f"{path} must be a list of entries")
            return
        for index, part in enumerate(section.value):
            plan = self._plan(part, f"{path}[{index}]", index + 1)
            if plan is not None:
                yield plan

    def _plan(self, part: Part, path: str, number: int) -> EntryPlan | None:
        """One entry."""
        kinds = [key for key in ENTRIES if isinstance(part.value, dict) and key in part.value]
        if len(kinds) != 1:
            self._refuse_kind(part, path)
            return None
        kind, reader = kinds[0], self._reader.knowing(ids=tuple(self._ids))
        shared = (*TIMING, *(RHYTHM if kind in REPEATED else ()))
        told = reader.read(ENTRIES[kind], part, path, besides=shared)
        at, after, id = timing(**reader.read(timing, only(part, TIMING), path))
        beat = rhythm(**reader.read(rhythm, only(part, RHYTHM), path)) if kind in REPEATED else rhythm()
        self._check(part, path, after=after, at=at)
        if id:
            self._ids.append(id)
        return EntryPlan(
            kind=kind,
            at=at,
            key=f"{kind} {self._wording(part, kind, id)}",
            arguments=told,
            part=part,
            make=ENTRIES[kind],
            id=id,
            after=after,
            rhythm=beat,
            number=number,
            inner=self._inner(told.get("journey"), path) if kind == "journey" else (),
        )

    def _refuse_kind(self, part: Part, path: str) -> None:
        """Refuse an entry that is of no kind or of several, with the kind that a key of it is near to."""
        known = {*TIMING, *RHYTHM, *chain.from_iterable(map(arguments, ENTRIES.values()))}
        strangers = {name: place for name, place in part.keys.items() if name not in known and nearest(name, ENTRIES)}
        for name, place in strangers.items():
            self._reader.refuse(place, f"{path}.{name} is unknown{nearest(name, ENTRIES)}")
        if not strangers:
            self._reader.refuse(part.place, f"{path} must have one of the keys {', '.join(ENTRIES)}")

    def _inner(self, found: Part | None, path: str) -> tuple[EntryPlan, ...]:
        """The entries of a journey."""
        if found is None:
            return ()
        inner = Entries(Reader(self._reader.words, self._reader.problems), is_journey=True)
        return tuple(inner.plans(found, f"{path}.journey"))

    def _wording(self, part: Part, kind: str, id: str) -> str:
        """What an entry says: its id, else all of it; the number among those that say the same."""
        first = " ".join(str(part.value[key].plain) for key in (kind, "for", "at") if key in part.value)
        others = {key: part.value[key].plain for key in sorted(part.value) if key not in (kind, "for", "at", "period")}
        wording = id or (f"{first} {json.written(others).decode()}" if others else first)
        self._seen[wording] = self._seen.get(wording, 0) + 1
        return f"{wording} #{self._seen[wording]}"

    def _check(self, part: Part, path: str, *, after: str | None, at: Any) -> None:
        """Gather what does not go together."""
        refuse = self._reader.refuse
        is_absolute = at is not None and any(isinstance(time, datetime) for time in (at.earliest, at.latest))
        if is_absolute and (after is not None or self._is_journey):
            where = "after another entry" if after is not None else "in a journey"
            refuse(part.within(("at",)), f"{path}.at must be an offset {where}")
        if self._is_journey and "for" in part.keys:
            refuse(part.keys["for"], f"{path}.for: a journey is for the person whom its entry names")
        if "rate" in part.keys and "gap" in part.keys:
            refuse(part.keys["gap"], f"{path}.gap: rate says already how far apart they are")
        if self._is_journey and "rate" in part.keys:
            refuse(part.keys["rate"], f"{path}.rate: a journey is one person's")


def entry_plans(reader: Reader, section: Part | None) -> list[EntryPlan]:
    """The entries of the timeline."""
    return [] if section is None else list(Entries(reader).plans(section, "timeline"))


def entry_vendors(plans: list[EntryPlan] | tuple[EntryPlan, ...]) -> set[str]:
    """The vendors that a timeline speaks of."""
    found: set[str] = set()
    for plan in plans:
        told = plan.arguments.get(plan.kind)
        if isinstance(told, EventName):
            found.add(told.vendor)
        elif plan.kind in ("live", "connect"):
            found.update(told or ())
        found |= entry_vendors(tuple(plan.inner))
    return found


def saved_names(plans: list[EntryPlan] | tuple[EntryPlan, ...]) -> set[str]:
    """The names that templates may ask for."""
    found: set[str] = set()
    for plan in plans:
        found |= set(plan.arguments.get("save") or ())
        found |= {f"{plan.id}.at"} if plan.id else set()
        found |= saved_names(tuple(plan.inner))
    return found
