"""Settings: tables at the top of a scenario beside who, what, faults and expectations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.document import Part, Place
from simulator.scenario.arguments import Reader
from simulator.scenario.flow_files import FlowFile
from simulator.scenario.kinds import FlowFiles, Include
from simulator.scenario.words import nearest

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a scenario begins that does not say."""

VIRTUAL, REAL = "virtual", "real"
SCALED = re.compile(r"(\d+(?:\.\d+)?)\s*x")
VALIDATIONS = ("accept", "reject")


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """When a scenario begins, and how fast its time passes in real time; None: it jumps to what is due next."""

    start: datetime = START
    pace: float | None = None


@dataclass(frozen=True, slots=True)
class KlaviyoSettings:
    """Which Klaviyo a scenario meets: revision, whether contracts are enforced, and what it holds at the start."""

    revision: str | None = None
    validation: str | None = None
    baseline: Part | None = None
    place: Place | None = None
    flows: Sequence[FlowFile] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What stops a run that goes on too long."""

    real_time: timedelta | None = None
    events: int | None = None


def clock_table(*, start: datetime = START, mode: str = VIRTUAL) -> tuple[datetime, str]:
    """When it begins and how time passes: `{start: "2026-03-01T08:00:00Z", mode: 1440x}`; or virtual, or real."""
    return start, mode


def klaviyo_table(
    *,
    revision: str | None = None,
    validation: str | None = None,
    baseline: Include | None = None,
    flows: FlowFiles | None = None,
) -> KlaviyoSettings:
    """Which Klaviyo it is: `{revision: "2026-07-15", baseline: gold.yaml, flows: [welcome.json]}`."""
    return KlaviyoSettings(revision, validation, baseline, flows=flows or ())


def limits_table(*, real_time: timedelta | None = None, events: int | None = None) -> Limits:
    """What stops a run that goes on too long: `{real_time: 60s, events: 2000}`."""
    return Limits(real_time, events)


def clock_settings(reader: Reader, part: Part | None) -> ClockSettings:
    """The clock: a time, or a table."""
    if part is None:
        return ClockSettings()
    if not isinstance(part.value, dict):
        part = Part({"start": part}, part.place, {})
    start, mode = clock_table(**reader.read(clock_table, part, "clock"))
    return ClockSettings(start or START, pace(reader, part, mode))


def pace(reader: Reader, part: Part, mode: str | None) -> float | None:
    """How fast time passes."""
    if mode in (VIRTUAL, None):
        return None
    if mode == REAL:
        return 1.0
    found = SCALED.fullmatch(mode or "")
    if found is None or float(found[1]) == 0:
        reader.refuse(part.within(("mode",)), f"clock.mode: {mode!r} must be virtual, real, or a scale such as 1440x")
        return None
    return float(found[1])


def klaviyo_settings(reader: Reader, part: Part | None) -> KlaviyoSettings:
    """Which Klaviyo a scenario meets."""
    if part is None:
        return KlaviyoSettings()
    found = klaviyo_table(**reader.read(klaviyo_table, part, "klaviyo"))
    if found.validation not in (None, *VALIDATIONS):
        near = nearest(found.validation, VALIDATIONS)
        words = " or ".join(VALIDATIONS)
        reader.refuse(part.within(("validation",)), f"klaviyo.validation: {found.validation} must be {words}{near}")
    return replace(found, place=part.place)


def limits(reader: Reader, part: Part | None) -> Limits:
    """What stops a run."""
    return Limits() if part is None else limits_table(**reader.read(limits_table, part, "limits"))


VARIABLE = re.compile(r"\$\{env\.(\w+)\}")


def with_environment(reader: Reader, root: Part, environment: Mapping[str, str]) -> Part:
    """A document in which `${env.NAME}` is replaced by the variables that `env` names, and no others."""
    known = declared(reader, root.value.get("env"), environment)
    return replaced(reader, root, known)


def declared(reader: Reader, part: Part | None, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a scenario may read: a list of names, or a table of names and defaults."""
    if part is None:
        return {}
    if not isinstance(part.value, list | dict):
        reader.refuse(part.place, "env must be a list of names, or a table of names and defaults")
        return {}
    told: dict[str, Any] = part.plain if isinstance(part.value, dict) else dict.fromkeys(map(str, part.plain))
    found: dict[str, str] = {}
    for name, otherwise in told.items():
        value = environment.get(name, otherwise)
        if value is None:
            reader.refuse(part.place, f"env.{name} is not set, and has no default")
        else:
            found[name] = str(value)
    return found


def replaced(reader: Reader, part: Part, known: Mapping[str, str]) -> Part:
    """A part with variables replaced."""
    value = part.value
    if isinstance(value, dict):
        return Part({name: replaced(reader, each, known) for name, each in value.items()}, part.place, part.keys)
    if isinstance(value, list):
        return Part([replaced(reader, each, known) for each in value], part.place)
    if not isinstance(value, str) or "${env." not in value:
        return part
    for name in VARIABLE.findall(value):
        if name not in known:
            reader.refuse(part.place, f"${{env.{name}}} must be declared in env{nearest(name, known)}")
    return Part(VARIABLE.sub(lambda found: known.get(found[1], ""), value), part.place)
