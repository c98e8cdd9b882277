"""Kinds: the types that arguments of the language have, how each is read, and its JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NewType

import jmespath
from jmespath.exceptions import JMESPathError

from simulator import json
from simulator.document import DocumentError, Part, documents
from simulator.json import Json
from simulator.scenario import moments
from simulator.scenario.flow_files import FlowFile
from simulator.scenario.matchers import Matcher, matcher
from simulator.scenario.moments import GAP_FORMS, Gap, Moment
from simulator.scenario.shaping import MUTATIONS, Mutation
from simulator.scenario.words import EventName, Mistake, Words, known_event, nearest, vendor
from simulator.targets.choosing import TargetSpec, target_spec
from simulator.targets.surroundings import TargetError

Who = NewType("Who", str)
"""The name of a person or a crowd of the population."""

StepId = NewType("StepId", str)
"""The id of another entry."""

Share = NewType("Share", float)
"""A number from 0 to 1."""

Matchers = NewType("Matchers", dict[str, Matcher])
"""What named values must be."""

Count = NewType("Count", Matcher)
"""How many."""

VendorNames = NewType("VendorNames", tuple[str, ...])
"""One vendor or several."""

Rate = NewType("Rate", timedelta)
"""The time between two events."""

JsonFile = NewType("JsonFile", dict[str, Any])
"""The JSON object that a file holds."""

Include = NewType("Include", Part)
"""Entries in a file of their own, or right here."""

RawCall = NewType("RawCall", tuple[str, str])
"""A method and a path."""

Shares = NewType("Shares", dict[str, float])
"""How many of some, by name, from 0 to 1."""

Expression = NewType("Expression", str)
"""A JMESPath expression."""

FlowFiles = NewType("FlowFiles", tuple[FlowFile, ...])
"""Files of flows."""

FilePath = NewType("FilePath", Path)
"""A file, told from the folder of the scenario."""

Anything = NewType("Anything", object)
"""Any JSON value."""

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Amount:
    """How often: between two numbers, both included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Unmapped:
    """How many fields may reach nothing, those that match an allowed pattern left aside."""

    most: int
    allowed: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """How a type of argument is read, and which JSON values it takes."""

    read: Callable[[Part, Words], Any]
    schema: Json


def text(entry: Part, _words: Words) -> str:
    """A text."""
    if not isinstance(entry.value, str) or not entry.value:
        raise Mistake(f"{entry.plain!r} must be a text")
    return entry.value


def optional_text(entry: Part, words: Words) -> str:
    """A text; null is the empty one."""
    return "" if entry.value is None else text(entry, words)


def number(entry: Part, _words: Words) -> int:
    """A whole number of at least 0."""
    if type(entry.value) is not int or entry.value < 0:
        raise Mistake(f"{entry.plain!r} must be a whole number")
    return entry.value


def yes_or_no(entry: Part, _words: Words) -> bool:
    """true or false."""
    if not isinstance(entry.value, bool):
        raise Mistake(f"{entry.plain!r} must be true or false")
    return entry.value


def share(entry: Part, _words: Words) -> Share:
    """A number from 0 to 1."""
    if type(entry.value) not in (int, float) or not 0 <= entry.value <= 1:
        raise Mistake(f"{entry.plain!r} must be a number from 0 to 1")
    return Share(entry.value)


def shares(entry: Part, words: Words) -> Shares:
    """Numbers from 0 to 1 by name; true is 1."""
    read = {name: part.value for name, part in table(entry).items()}
    known = {name: float(value) if isinstance(value, bool) else value for name, value in read.items()}
    return Shares({name: share(Part(value, entry.place), words) for name, value in known.items()})


def amount(entry: Part, _words: Words) -> Amount:
    """A number or a range, `3` or `1..4`."""
    least, _, most = str(entry.value).partition("..")
    if not (least.strip().isdecimal() and (most.strip() or least).strip().isdecimal()):
        raise Mistake(f"{entry.plain!r} must be a number such as 3 or a range such as 1..4")
    found = Amount(int(least), int(most or least))
    if found.least > found.most:
        raise Mistake(f"{entry.plain!r} must not begin above its end")
    return found


def who(entry: Part, words: Words) -> Who:
    """A person or a crowd."""
    name = text(entry, words)
    if name not in words.names:
        raise Mistake(f"{name} is nobody in the population{nearest(name, words.names)}")
    return Who(name)


def step_id(entry: Part, words: Words) -> StepId:
    """The id of an entry that stands above."""
    name = text(entry, words)
    if name not in words.ids:
        raise Mistake(f"{name} is the id of no entry above{nearest(name, words.ids)}")
    return StepId(name)


def vendor_names(entry: Part, words: Words) -> VendorNames:
    """One vendor, a list of vendors, or `all`."""
    if entry.value == "all":
        return VendorNames(tuple(words.vendors))
    named = entry.plain if isinstance(entry.value, list) else [text(entry, words)]
    return VendorNames(tuple(vendor(str(name), words).name for name in named))


def event_name(entry: Part, words: Words) -> EventName:
    """An event as `vendor/event`."""
    owner, slash, event = text(entry, words).partition("/")
    if not slash:
        raise Mistake(f"{entry.value!r} must be vendor/event, such as smile/Points Redeemed")
    return known_event(vendor(owner.strip(), words), event.strip())


def raw_call(entry: Part, words: Words) -> RawCall:
    """A method and a path."""
    method, _, path = text(entry, words).partition(" ")
    if method not in METHODS or not path.strip().startswith(("/api/", "/client/")):
        raise Mistake(f"{entry.value!r} must be a method and a path, such as POST /api/events")
    return RawCall((method, path.strip()))


def matchers(entry: Part, _words: Words) -> Matchers:
    """A table of matchers."""
    return Matchers({name: placed(part) for name, part in table(entry).items()})


def placed(entry: Part, _words: Words | None = None) -> Matcher:
    """A matcher; files that it names are looked for beside the scenario."""
    return matcher(entry.plain, folder(entry))


def folder(entry: Part) -> Path:
    """The folder of the file in which a part stands."""
    return Path(entry.place.file).parent


def table(entry: Part) -> Mapping[str, Part]:
    """The table that a part holds."""
    if not isinstance(entry.value, dict):
        raise Mistake(f"{entry.plain!r} must be a table")
    return entry.value


def texts(entry: Part, words: Words) -> list[str]:
    """A list of texts; one text stands for a list of it."""
    parts = entry.value if isinstance(entry.value, list) else [entry]
    return [text(part, words) for part in parts]


def text_table(entry: Part, words: Words) -> dict[str, str]:
    """A table of texts."""
    return {name: text(part, words) for name, part in table(entry).items()}


def weights(entry: Part, words: Words) -> dict[str, int]:
    """A text, or a table of weights."""
    if isinstance(entry.value, dict):
        return {name: number(part, words) for name, part in entry.value.items()}
    return {text(entry, words): 1}


def mutation(entry: Part, words: Words) -> Mutation:
    """How to break a payload: a word for a field that chance chooses, or a table of words by path."""
    told: Mapping[str, Part] = entry.value if isinstance(entry.value, dict) else {"": entry}
    for part in told.values():
        word = "null" if part.value is None else text(part, words)
        if word not in MUTATIONS:
            raise Mistake(f"{word} must be one of {', '.join(MUTATIONS)}{nearest(word, MUTATIONS)}")
    return Mutation({path: "null" if part.value is None else str(part.value) for path, part in told.items()})


def json_file(entry: Part, words: Words) -> JsonFile:
    """The JSON object of a file."""
    try:
        found = json.read((folder(entry) / text(entry, words)).read_bytes())
    except OSError as error:
        raise Mistake(f"{entry.value} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Mistake(f"{entry.value} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise Mistake(f"{entry.value} must hold a JSON object")
    return JsonFile(found)


def include(entry: Part, words: Words) -> Include:
    """A list of entries: here, or in a file."""
    if isinstance(entry.value, list):
        return Include(entry)
    file = folder(entry) / text(entry, words)
    try:
        found = next(documents(file), None)
    except OSError as error:
        raise Mistake(f"{entry.value} cannot be read: {error.strerror}") from error
    except DocumentError as error:
        raise Mistake(str(error)) from error
    if found is None or not isinstance(found.value, list):
        raise Mistake(f"{entry.value} must hold a list of entries")
    return Include(found)


def expression(entry: Part, words: Words) -> Expression:
    """A JMESPath expression."""
    told = text(entry, words)
    try:
        jmespath.compile(told)
    except JMESPathError as error:
        raise Mistake(f"{told} is no JMESPath: {str(error).splitlines()[0]}") from error
    return Expression(told)


def unmapped(entry: Part, words: Words) -> Unmapped:
    """A number, or a table of max and allow."""
    if not isinstance(entry.value, dict):
        return Unmapped(number(entry, words), ())
    strangers = set(entry.value) - {"max", "allow"}
    if strangers:
        raise Mistake(f"{', '.join(sorted(strangers))} is unknown; say max and allow")
    most = number(entry.value["max"], words) if "max" in entry.value else 0
    return Unmapped(most, tuple(texts(entry.value["allow"], words)) if "allow" in entry.value else ())


def file_path(entry: Part, words: Words) -> FilePath:
    """A file beside the scenario."""
    return FilePath(folder(entry) / text(entry, words))


def flow_files(entry: Part, words: Words) -> FlowFiles:
    """The flows of one file or several."""
    parts = entry.value if isinstance(entry.value, list) else [entry]
    return FlowFiles(tuple(flow_file(part, words) for part in parts))


def flow_file(entry: Part, words: Words) -> FlowFile:
    """The flows of a file."""
    try:
        return FlowFile.read(entry.place, folder(entry) / text(entry, words))
    except OSError as error:
        raise Mistake(f"{entry.value} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Mistake(f"{entry.value} is not JSON: {error}") from error


def target_named(entry: Part, _words: Words) -> TargetSpec:
    """What is under test."""
    try:
        return target_spec(entry.plain)
    except TargetError as error:
        raise Mistake(str(error)) from error


def simple(read: Callable[[str], Any]) -> Callable[[Part, Words], Any]:
    """Reads what is told as one text."""
    return lambda entry, _words: read(str(entry.value))


STRING: Json = {"type": "string"}
STRINGS: Json = {"type": ["string", "array"], "items": STRING}
WHOLE: Json = {"type": "integer", "minimum": 0}
FROM_0_TO_1: Json = {"type": "number", "minimum": 0, "maximum": 1}
OBJECT: Json = {"type": "object"}
MUTATION: Json = {"enum": [*MUTATIONS, None]}
DURATION: Json = {"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d|w))+$"}
TIME: Json = {"type": "string", "description": "An absolute time such as 2026-03-01T08:00:00Z."}

KINDS: Mapping[Any, Kind] = {
    str: Kind(text, STRING),
    str | None: Kind(optional_text, {"type": ["string", "null"]}),
    int: Kind(number, WHOLE),
    bool: Kind(yes_or_no, {"type": "boolean"}),
    Json: Kind(lambda entry, _words: {name: part.plain for name, part in table(entry).items()}, OBJECT),
    Anything: Kind(lambda entry, _words: entry.plain, {}),
    timedelta: Kind(simple(moments.duration), DURATION),
    datetime: Kind(simple(moments.instant), TIME),
    Moment: Kind(
        simple(moments.moment), {"type": "string", "description": "An offset 5m, a time, or a window 10m..2h."}
    ),
    Gap: Kind(simple(moments.gap), {"type": "string", "description": GAP_FORMS}),
    Rate: Kind(simple(moments.rate), {"type": "string", "pattern": r"^\d+(\.\d+)?\s*/\s*[smhd]$"}),
    Matcher: Kind(placed, {}),
    Count: Kind(placed, {"type": ["integer", "string", "object"]}),
    Matchers: Kind(matchers, OBJECT),
    Amount: Kind(amount, {"type": ["integer", "string"], "pattern": r"^\d+(\s*\.\.\s*\d+)?$"}),
    Share: Kind(share, FROM_0_TO_1),
    Shares: Kind(shares, {"type": "object", "additionalProperties": {"type": ["number", "boolean"]}}),
    Who: Kind(who, STRING),
    StepId: Kind(step_id, STRING),
    VendorNames: Kind(vendor_names, STRINGS),
    EventName: Kind(event_name, {"type": "string", "pattern": "/"}),
    RawCall: Kind(raw_call, {"type": "string", "pattern": rf"^({'|'.join(METHODS)}) /(api|client)/"}),
    Mutation: Kind(
        mutation,
        {
            "anyOf": [
                {"enum": [*MUTATIONS, None]},
                {"type": "object", "additionalProperties": {"enum": [*MUTATIONS, None]}},
            ]
        },
    ),
    JsonFile: Kind(json_file, STRING),
    Include: Kind(include, {"anyOf": [STRING, {"type": "array", "items": {"$ref": "#/$defs/entry"}}]}),
    Expression: Kind(expression, STRING),
    Unmapped: Kind(unmapped, {"type": ["integer", "object"], "properties": {"max": WHOLE, "allow": STRINGS}}),
    FilePath: Kind(file_path, STRING),
    FlowFiles: Kind(flow_files, STRINGS),
    TargetSpec: Kind(target_named, {"type": ["string", "object"]}),
    list[str]: Kind(texts, STRINGS),
    dict[str, str]: Kind(text_table, {"type": "object", "additionalProperties": STRING}),
    dict[str, int]: Kind(weights, {"type": ["string", "object"], "additionalProperties": WHOLE}),
}
"""How each type of argument is read, and what it takes."""
