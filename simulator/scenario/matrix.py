"""Matrix: one document played several times with other values, by dotted path; `--set` works the same way."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from simulator.document import Part, Place
from simulator.scenario.arguments import Reader
from simulator.scenario.words import Mistake, nearest

MATRIX, EXCLUDE = "matrix", "exclude"


@dataclass(frozen=True)
class Variant:
    """One playing of a document: the values that the matrix sets, and the options that set them again."""

    values: Mapping[str, Any]
    options: str = ""

    @property
    def label(self) -> str:
        """What is added to the name, ` [revision=2026-07-15]`."""
        told = ", ".join(f"{path.rpartition('.')[2]}={value}" for path, value in self.values.items())
        return f" [{told}]" if told else ""


def options(values: Mapping[str, Any]) -> str:
    """The options that make a command line play a document with just these values."""
    return "".join(f" --set {quoted(path, value)}" for path, value in values.items())


def quoted(path: str, value: Any) -> str:
    """A setting as a shell takes it.

    >>> quoted("klaviyo.revision", "2026-07-15"), quoted("name", "a b")
    ('klaviyo.revision=2026-07-15', "'name=a b'")
    """
    return shlex.quote(f"{path}={value}")


def variants(reader: Reader, root: Part, fixed: Sequence[str] = ()) -> Iterator[Variant]:
    """The variants that `matrix` asks for; paths that are fixed by the command line multiply nothing."""
    part = root.value.get(MATRIX)
    if part is None:
        yield Variant({})
        return
    if not isinstance(part.value, dict):
        reader.refuse(part.place, "matrix must be a table of lists by dotted path")
        return
    axes = {path: values(reader, path, each) for path, each in part.value.items() if path not in (EXCLUDE, *fixed)}
    left_out = excluded(reader, part.value.get(EXCLUDE), axes)
    for chosen in product(*axes.values()):
        found = dict(zip(axes, chosen, strict=True))
        if not any(rule.items() <= found.items() for rule in left_out):
            yield Variant(found)


def values(reader: Reader, path: str, part: Part) -> list[Any]:
    """The values of one path."""
    if not isinstance(part.value, list) or not part.value:
        reader.refuse(part.place, f"matrix.{path} must be a list of values")
        return []
    return list(part.plain)


def excluded(reader: Reader, part: Part | None, axes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Combinations that are left out."""
    if part is None:
        return []
    rules = part.value if isinstance(part.value, list) else [part]
    for rule in rules:
        for path in rule.keys:
            if path not in axes:
                reader.refuse(rule.keys[path], f"matrix.exclude: {path} is not in the matrix{nearest(path, axes)}")
    return [dict(rule.plain) for rule in rules]


def changed(root: Part, settings: Mapping[str, Any]) -> Part:
    """A document with other values, by dotted path."""
    for path, value in settings.items():
        root = put(root, path.split("."), value, path)
    return root


def put(part: Part, steps: Sequence[str], value: Any, path: str) -> Part:
    """A part in which what a path leads to is another value; members may be new, steps on the way may be new tables."""
    if not steps:
        return as_part(value, part.place)
    step, *rest = steps
    if isinstance(part.value, list):
        if not step.isdecimal() or int(step) >= len(part.value):
            raise Mistake(f"{path}: there is no {step} among {len(part.value)} entries")
        items = list(part.value)
        items[int(step)] = put(items[int(step)], rest, value, path)
        return Part(items, part.place)
    if not isinstance(part.value, dict):
        raise Mistake(f"{path}: {step} leads nowhere, for there stands {part.plain!r}")
    inner = part.value.get(step, Part({}, part.place))
    whole = ".".join(steps)
    if whole in part.value:  # a key that holds dots itself
        step, rest, inner = whole, [], part.value[whole]
    keys = {**part.keys, step: part.keys.get(step, part.place)}
    return Part({**part.value, step: put(inner, rest, value, path)}, part.place, keys)


def as_part(value: Any, place: Place) -> Part:
    """A plain value as a part of a document."""
    if isinstance(value, dict):
        return Part({str(key): as_part(each, place) for key, each in value.items()}, place, dict.fromkeys(value, place))
    if isinstance(value, list):
        return Part([as_part(each, place) for each in value], place)
    return Part(value, place)
