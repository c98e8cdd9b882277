"""A YAML document read with the place of each part; YAML 1.2's core types only, so `no` and dates are text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

INTEGER = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
MERGE = "<<"
INCLUDE = "!include"
INCLUDABLE = ("population", "journey", "expect")
"""Keys whose value may stand in a file of its own: `population: !include people.yaml`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file, counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class DocumentError(ValueError):
    """A document that is not as it must be, and where."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document: a scalar, a list of parts or a table of parts; `keys` are the places of a table's keys."""

    value: Any
    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)

    @property
    def plain(self) -> Any:
        """The part as Python's own values."""
        if isinstance(self.value, dict):
            return {name: part.plain for name, part in self.value.items()}
        if isinstance(self.value, list):
            return [part.plain for part in self.value]
        return self.value

    def within(self, path: tuple[str | int, ...]) -> Place:
        """The place of what a path leads to, or of the last step on it that exists."""
        place, part = self.place, self
        for step in path:
            try:
                place, part = part.keys.get(str(step), part.value[step].place), part.value[step]
            except (KeyError, IndexError, TypeError):
                return place
        return place


def scalar(text: str) -> Any:
    """What a plain word means in YAML's core schema.

    >>> [scalar(word) for word in ("12", "1e3", "no", "2026-07-15", "true", "~", "0012")]
    [12, 1000.0, 'no', '2026-07-15', True, None, 12]
    """
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if FLOAT.fullmatch(text) else text


def documents(file: Path | str, text: str | None = None) -> Iterator[Part]:
    """Every document in a file; `text` is read instead of the file when it is given."""
    source = Path(file).read_text(encoding="utf-8") if text is None else text
    try:
        for node in YAML(typ="safe", pure=True).compose_all(StringIO(source)):
            yield part(node, str(file))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(str(file), mark.line + 1, mark.column + 1) if mark else Place(str(file))
        raise DocumentError(place, f"not YAML: {error.problem or error.context}") from error


def document(file: Path | str, text: str | None = None) -> Part:
    """The first document in a file."""
    return next(documents(file, text), Part(None, Place(str(file))))


def part(node: Node, file: str, key: str = "") -> Part:
    """A part of a document from a node of the YAML parser; `key` is what it stands for in a table."""
    place = Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
    if str(node.tag).startswith("!"):
        return included(node, place, key)
    if isinstance(node, MappingNode):
        return table(node, file, place)
    if isinstance(node, SequenceNode):
        return Part([part(item, file) for item in node.value], place)
    is_plain = isinstance(node, ScalarNode) and node.style is None
    return Part(scalar(node.value) if is_plain else node.value, place)


def included(node: Node, place: Place, key: str) -> Part:
    """What another file holds, its name told from the folder of the one that includes it."""
    if node.tag != INCLUDE:
        raise DocumentError(place, f"{node.tag} is unknown ({INCLUDE}?)")
    if key not in INCLUDABLE:
        raise DocumentError(place, f"{INCLUDE} is for {', '.join(INCLUDABLE)} only")
    file = Path(place.file).parent / str(node.value)
    if file.resolve() == Path(place.file).resolve():
        raise DocumentError(place, f"{node.value} includes itself")
    try:
        return document(file)
    except OSError as error:
        raise DocumentError(place, f"{file} cannot be read: {error.strerror}") from error


def table(node: MappingNode, file: str, place: Place) -> Part:
    """A table; keys of merged tables (`<<`) stand behind its own."""
    values: dict[str, Part] = {}
    keys: dict[str, Place] = {}
    merged: list[Part] = []
    for key_node, value_node in node.value:
        key, value = part(key_node, file), part(value_node, file, str(key_node.value))
        if key.value == MERGE:
            merged.extend(value.value if isinstance(value.value, list) else [value])
            continue
        name = key_node.value
        if name in values:
            raise DocumentError(key.place, f"{name} is there twice")
        values[name], keys[name] = value, key.place
    for other in merged:
        values |= {name: item for name, item in other.value.items() if name not in values}
        keys = {**other.keys, **keys}
    return Part(values, place, keys)
