"""Choosing: makes a target of what a scenario or `--target` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from simulator.targets.builtin import Builtin
from simulator.targets.command import Program
from simulator.targets.foreign import Foreign
from simulator.targets.http import HttpService
from simulator.targets.nobody import Nobody
from simulator.targets.python import PythonFunction
from simulator.targets.surroundings import Surroundings, TargetError
from simulator.targets.target import Target

FORMS = "builtin, python: package.module:function, http: URL, command: program, or none"
OWN = "v1"
"""The version of our own mapping layer."""


def builtin(version: str, surroundings: Surroundings) -> Target:
    """Our own mapping layer."""
    if version != OWN:
        raise TargetError(f"target builtin has no version {version!r}; there is {OWN}")
    mappings = {vendor.name: vendor.mapping for vendor in surroundings.vendors.values()}
    return Builtin(mappings, surroundings.destinations)


KINDS: Mapping[str, Callable[[str, Surroundings], Target]] = {
    "builtin": builtin,
    "python": lambda path, surroundings: Foreign(PythonFunction(path, surroundings), surroundings),
    "http": lambda url, surroundings: Foreign(HttpService(url, surroundings), surroundings),
    "command": lambda command, surroundings: Foreign(Program(command, surroundings), surroundings),
    "none": lambda _, __: Nobody(),
}
"""Every kind of target by its word."""

ALONE: Mapping[str, str] = {"builtin": OWN, "none": ""}
"""The kinds that need nothing more, and what they take then."""


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """Which target is meant: its kind, and what the kind needs."""

    kind: str
    value: str

    def __str__(self) -> str:
        if self.kind in ALONE:
            return self.kind
        return self.value if self.kind == "http" else f"{self.kind}:{self.value}"


def target_spec(told: Any) -> TargetSpec:
    """What a scenario (`builtin`, `{python: "acme.mapping:to_klaviyo"}`) or a command line names.

    >>> target_spec({"python": "acme.mapping:to_klaviyo"}) == target_spec("python:acme.mapping:to_klaviyo")
    True
    >>> target_spec("http://localhost:8000/hooks/{vendor}").kind
    'http'
    """
    kind, value = halves(told)
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        raise TargetError(f"target {kind!r} is unknown{f' ({near[0]}?)' if near else ''}; it must be {FORMS}")
    if kind == "none":
        return TargetSpec(kind, "")
    if value in ("", "True") and kind in ALONE:
        return TargetSpec(kind, ALONE[kind])
    if not value:
        raise TargetError(f"target {kind} says nothing more; it must be {FORMS}")
    return TargetSpec(kind, value)


def halves(told: Any) -> tuple[str, str]:
    """The kind and the rest of what was told."""
    if isinstance(told, Mapping):
        if len(told) != 1:
            raise TargetError(f"target must have one key: {FORMS}")
        ((kind, value),) = told.items()
        return str(kind), "" if value is None else str(value)
    if not isinstance(told, str):
        raise TargetError(f"target must be {FORMS}, not {told!r}")
    if told.startswith(("http://", "https://")):
        return "http", told
    kind, _, value = told.partition(":")
    return kind.strip(), value.strip()


def target(told: Any, surroundings: Surroundings) -> Target:
    """The target that a scenario or a command line names."""
    found = told if isinstance(told, TargetSpec) else target_spec(told)
    return KINDS[found.kind](found.value, surroundings)
