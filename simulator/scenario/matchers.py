"""Matchers: what a value in `expect` may be, from a literal to `">= 3"`, `/regex/` and `{contains: x}`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator import json
from simulator.contract.checking import same, shown
from simulator.scenario.moments import duration, instant
from simulator.scenario.saved import Saved, templates

ABSENT = object()
"""Stands for a value that is not there."""

COMPARISON = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: is_number(value),
    "integer": lambda value: is_number(value) and float(value).is_integer(),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


@dataclass(frozen=True, slots=True)
class Matcher:
    """A question that a value answers with yes or no; `text` puts it into words.

    `parts` are the matchers of an object's members. `template` is what the scenario wrote, if saved values must be put
    into it first; such a matcher accepts nothing before.
    """

    text: str
    accepts: Callable[[Any], bool]
    parts: Mapping[str, Matcher] = field(default_factory=dict)
    template: Any = None
    folder: Path = Path()

    def filled(self, saved: Saved, person: str | None = None) -> Matcher:
        """The matcher with the values that were saved."""
        if self.template is None:
            return self
        return matcher(saved.filled(self.template, person), self.folder)


def matcher(wanted: Any, folder: Path = Path()) -> Matcher:
    """The matcher that a scenario's value stands for; files are looked for in a folder.

    >>> matcher(">= 3").accepts(4), matcher("2..4").accepts(5), matcher("/^Go/").accepts("Gold")
    (True, False, True)
    >>> matcher({"one_of": ["Gold", "Silver"]}).accepts("Bronze"), matcher("absent").accepts(ABSENT)
    (False, True)
    """
    if any(templates(wanted)):
        return Matcher(shown(wanted), lambda _: False, template=wanted, folder=folder)
    if isinstance(wanted, dict):
        return table_matcher(wanted, folder)
    if isinstance(wanted, list):
        return in_order([matcher(item, folder) for item in wanted])
    if isinstance(wanted, str):
        return text_matcher(wanted)
    return literal(wanted)


def literal(wanted: Any) -> Matcher:
    """Only this value."""
    return Matcher(repr(wanted), lambda value: same(value, wanted))


def text_matcher(wanted: str) -> Matcher:
    """What a text stands for: one of the words, a comparison, a range, a pattern, else itself."""
    if wanted in WORDS:
        return WORDS[wanted]
    if found := COMPARISON.fullmatch(wanted):
        compare, bound = OPERATORS[found[1]], float(found[2])
        return Matcher(wanted, lambda value: is_number(value) and compare(value, bound))
    if found := RANGE.fullmatch(wanted):
        low, high = float(found[1]), float(found[2])
        return Matcher(wanted, lambda value: is_number(value) and low <= value <= high)
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return pattern(wanted)
    return literal(wanted)


def pattern(wanted: str) -> Matcher:
    """Every text in which a pattern is found."""
    try:
        compiled = re.compile(wanted[1:-1])
    except re.error as error:
        raise ValueError(f"{wanted} is no pattern: {error}") from error
    return Matcher(wanted, lambda value: isinstance(value, str) and compiled.search(value) is not None)


WORDS: Mapping[str, Matcher] = {
    "any": Matcher("any", lambda value: value is not ABSENT),
    "absent": Matcher("absent", lambda value: value is ABSENT),
    "null": Matcher("null", lambda value: value is None),
}


def table_matcher(wanted: Mapping[str, Any], folder: Path) -> Matcher:
    """What a table stands for: one of the forms, else an object with at least these members."""
    for keys, make in FORMS.items():
        if set(wanted) == set(keys) and not (keys == ("type",) and wanted["type"] not in TYPES):
            return make(*(wanted[key] for key in keys), folder)
    members = {name: part for name, part in wanted.items() if name != "strict"}
    return objects(
        {name: matcher(part, folder) for name, part in members.items()}, is_strict=bool(wanted.get("strict"))
    )


def objects(parts: Mapping[str, Matcher], *, is_strict: bool = False) -> Matcher:
    """Objects with at least these members, or with exactly these."""
    text = "{" + ", ".join(f"{name}: {part.text}" for name, part in parts.items()) + "}"

    def accepts(value: Any) -> bool:
        return isinstance(value, dict) and has_all(value, parts) and not (is_strict and set(value) - set(parts))

    return Matcher(f"exactly {text}" if is_strict else text, accepts, parts)


def in_order(items: Sequence[Matcher]) -> Matcher:
    """A list of just these, in order."""
    text = "[" + ", ".join(item.text for item in items) + "]"

    def accepts(value: Any) -> bool:
        return isinstance(value, list) and len(value) == len(items) and all(map(matches, items, value))

    return Matcher(text, accepts)


def any_order(items: Any, folder: Path) -> Matcher:
    """A list of just these, in whatever order."""
    wanted = [matcher(item, folder) for item in listed(items, "any_order")]

    def accepts(value: Any) -> bool:
        return isinstance(value, list) and len(value) == len(wanted) and are_paired(wanted, value)

    return Matcher("in any order " + ", ".join(item.text for item in wanted), accepts)


def are_paired(wanted: Sequence[Matcher], values: Sequence[Any]) -> bool:
    """Whether each matcher has a value of its own."""
    if not wanted:
        return True
    first, *others = wanted
    return any(
        first.accepts(value) and are_paired(others, [*values[:index], *values[index + 1 :]])
        for index, value in enumerate(values)
    )


def contains(part: Any, folder: Path) -> Matcher:
    """A text with this part, or a list with an item that matches it."""
    inner = matcher(part, folder)

    def accepts(value: Any) -> bool:
        if isinstance(value, str):
            return isinstance(part, str) and part in value
        return isinstance(value, list) and any(map(inner.accepts, value))

    return Matcher(f"contains {inner.text}", accepts)


def one_of(choices: Any, folder: Path) -> Matcher:
    """Any of these."""
    matchers = [matcher(choice, folder) for choice in listed(choices, "one_of")]
    text = "one of " + ", ".join(each.text for each in matchers)
    return Matcher(text, lambda value: any(each.accepts(value) for each in matchers))


def of_type(name: Any, _folder: Path) -> Matcher:
    """Any value of a JSON type."""
    return Matcher(f"a value of type {name}", TYPES[name])


def of_schema(told: Any, folder: Path) -> Matcher:
    """Whatever a JSON Schema allows; the schema itself, or the file that holds it."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        schema = told if isinstance(told, dict) else json.read((folder / str(told)).read_bytes())
        Draft202012Validator.check_schema(schema)
    except OSError as error:
        raise ValueError(f"schema {told} cannot be read: {error.strerror}") from error
    except SchemaError as error:
        raise ValueError(f"schema is none: {error.message}") from error
    validator = Draft202012Validator(schema)
    return Matcher(f"what schema {shown(told)} allows", lambda value: value is not ABSENT and validator.is_valid(value))


def near(number: Any, by: Any, _folder: Path) -> Matcher:
    """A number that is about as large."""
    if not is_number(number) or not is_number(by):
        raise ValueError("near and by want numbers, such as {near: 12.5, by: 0.01}")
    return Matcher(f"{number} ± {by}", lambda value: is_number(value) and abs(value - number) <= by)


def within(length: Any, of: Any, _folder: Path) -> Matcher:
    """A time that is about then."""
    most, then = duration(str(length)), instant(str(of))

    def accepts(value: Any) -> bool:
        found = time_of(value)
        return found is not None and abs(found - then) <= most

    return Matcher(f"within {length} of {of}", accepts)


def time_of(value: Any) -> datetime | None:
    """The time that a value names, if it names one."""
    try:
        return instant(value) if isinstance(value, str) else None
    except ValueError:
        return None


FORMS: Mapping[tuple[str, ...], Callable[..., Matcher]] = {
    ("contains",): contains,
    ("one_of",): one_of,
    ("type",): of_type,
    ("schema",): of_schema,
    ("near", "by"): near,
    ("within", "of"): within,
    ("any_order",): any_order,
}
"""Tables that stand for more than their members, by their keys."""


def listed(value: Any, name: str) -> list[Any]:
    """The list that a form wants."""
    if not isinstance(value, list):
        raise ValueError(f"{name} wants a list")
    return value


def matches(wanted: Matcher, value: Any) -> bool:
    """Whether a value matches."""
    return wanted.accepts(value)


def has_all(values: Mapping[str, Any], wanted: Mapping[str, Matcher]) -> bool:
    """Whether each named value matches."""
    return all(each.accepts(values.get(name, ABSENT)) for name, each in wanted.items())


def is_number(value: Any) -> bool:
    """Whether a value can be compared."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def told(value: Any) -> str:
    """A value, or that there is none, as a report shows it."""
    return "absent" if value is ABSENT else shown(value)


def marks(wanted: Matcher, value: Any, name: str) -> Iterator[str]:
    """What matches and what does not, member by member.

    >>> list(marks(matcher({"id": 1, "kind": "tea"}), {"id": 1, "kind": "milk"}, "cup"))
    ['✓ cup.id 1', "✗ cup.kind expected 'tea', got 'milk'"]
    """
    if wanted.parts and isinstance(value, dict):
        for key, part in wanted.parts.items():
            yield from marks(part, value.get(key, ABSENT), f"{name}.{key}")
        if not wanted.accepts(value) and has_all(value, wanted.parts):
            yield f"✗ {name} has more: {', '.join(sorted(set(value) - set(wanted.parts)))}"
    elif wanted.accepts(value):
        yield f"✓ {name} {told(value)}"
    else:
        yield f"✗ {name} expected {wanted.text}, got {told(value)}"
