"""Arguments: reads tables of a scenario by the signature of the function that they are for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from inspect import Parameter, signature
from types import NoneType
from typing import Any, NewType, get_args, get_type_hints

from simulator.document import DocumentError, Part, Place
from simulator.json import Json
from simulator.scenario.matchers import Matcher, matcher
from simulator.scenario.moments import Moment, duration, instant, moment
from simulator.vendor import Vendor

Who = NewType("Who", str)
"""The name of a person or a crowd of the population."""

Share = NewType("Share", float)
"""A number from 0 to 1."""

Matchers = NewType("Matchers", dict[str, Matcher])
"""What named values must be."""

Count = NewType("Count", Matcher)
"""How many."""

VendorNames = NewType("VendorNames", tuple[str, ...])
"""One vendor or several."""


class Mistake(ValueError):
    """Something that the user told and that makes no sense."""


@dataclass(frozen=True, slots=True)
class EventName:
    """An event of a vendor, `smile/Points Redeemed`: by its vendor-side name or its metric."""

    vendor: str
    name: str


@dataclass(frozen=True, slots=True)
class Amount:
    """How often: between two numbers, both included."""

    least: int
    most: int


@dataclass(frozen=True)
class Words:
    """What a scenario may speak of: vendors, and the names of its population, of which some are single persons."""

    vendors: Mapping[str, Vendor]
    names: Sequence[str] = ()
    persons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function as a scenario writes it."""

    name: str
    type: Any
    is_required: bool


@dataclass
class Reader:
    """Reads parts of a document as arguments and gathers what is wrong with them."""

    words: Words
    problems: list[DocumentError] = field(default_factory=list)

    def refuse(self, place: Place, message: str) -> None:
        """Gather a problem."""
        self.problems.append(DocumentError(place, message))

    def read(
        self,
        function: Callable[..., Any],
        entry: Part,
        path: str,
        *,
        besides: Collection[str] = (),
        not_yet: Collection[str] = (),
    ) -> dict[str, Any]:
        """The keyword arguments for a function from a table; keys in `besides` are for somebody else.

        Keys in `not_yet` belong to the language but do not work yet.
        """
        wanted = arguments(function)
        if not isinstance(entry.value, dict):
            self.refuse(entry.place, f"{path} must be a table of {', '.join(wanted)}")
            return {}
        self.strict(entry, path, known=[*wanted, *besides], not_yet=not_yet)
        for name, argument in wanted.items():
            if argument.is_required and name not in entry.value:
                self.refuse(entry.place, f"{path} lacks {name}")
        return {
            keyword(name): self.value(argument.type, entry.value[name], f"{path}.{name}")
            for name, argument in wanted.items()
            if name in entry.value
        }

    def strict(self, entry: Part, path: str, *, known: Sequence[str], not_yet: Collection[str]) -> None:
        """Gather every key of a table that is unknown or does not work yet."""
        prefix = f"{path}." if path else ""
        for name, place in entry.keys.items():
            if name in known:
                continue
            if name in not_yet:
                self.refuse(place, f"{prefix}{name} is part of the language but does not work yet")
            else:
                self.refuse(place, f"{prefix}{name} is unknown{nearest(name, [*known, *not_yet])}")

    def value(self, kind: Any, entry: Part, path: str) -> Any:
        """A part as the value of a type."""
        try:
            return READERS[bare(kind)](entry, self.words)
        except ValueError as error:
            self.refuse(entry.place, f"{path}: {error}")
            return None


def nearest(name: str, known: Sequence[str]) -> str:
    """The nearest known word as a question, ` (metric?)`; nothing when none is near.

    >>> nearest("metrc", ["metric", "for"])
    ' (metric?)'
    """
    by_lower = {word.lower(): word for word in known}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" ({by_lower[found[0]]}?)" if found else ""


def keyword(name: str) -> str:
    """The Python name of an argument; Python's own words get an underscore."""
    return f"{name}_" if name in ("for", "with") else name


def arguments(function: Callable[..., Any]) -> dict[str, Argument]:
    """The keyword arguments of a function by the names that a scenario writes."""
    hints = get_type_hints(function)
    return {
        name.rstrip("_"): Argument(name.rstrip("_"), hints[name], parameter.default is Parameter.empty)
        for name, parameter in signature(function).parameters.items()
        if parameter.kind is Parameter.KEYWORD_ONLY
    }


def bare(kind: Any) -> Any:
    """A type without its `| None`, unless that is a type of argument of its own."""
    choices = [choice for choice in get_args(kind) if choice is not NoneType]
    is_optional = kind not in READERS and NoneType in get_args(kind)
    return choices[0] if is_optional and len(choices) == 1 else kind


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


def vendor(name: str, words: Words) -> Vendor:
    """The vendor of a name."""
    if name not in words.vendors:
        known = ", ".join(words.vendors)
        raise Mistake(f"{name} is no vendor{nearest(name, list(words.vendors))}; there are {known}")
    return words.vendors[name]


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


def known_event(owner: Vendor, event: str) -> EventName:
    """An event of a vendor by its vendor-side name or its metric."""
    name = owner.named(event)
    if name is None:
        names = [*owner.events, *filter(None, map(owner.metric, owner.events))]
        raise Mistake(f"{event!r} is no event of {owner.name}{nearest(event, names)}")
    return EventName(owner.name, name)


def matchers(entry: Part, _words: Words) -> Matchers:
    """A table of matchers."""
    return Matchers({name: matcher(part.plain) for name, part in table(entry).items()})


def table(entry: Part) -> Mapping[str, Part]:
    """The table that a part holds."""
    if not isinstance(entry.value, dict):
        raise Mistake(f"{entry.plain!r} must be a table")
    return entry.value


def texts(entry: Part, _words: Words) -> list[str]:
    """A list of texts."""
    if not isinstance(entry.value, list):
        raise Mistake(f"{entry.plain!r} must be a list")
    return [text(part, _words) for part in entry.value]


def weights(entry: Part, words: Words) -> dict[str, int]:
    """A text, or a table of weights."""
    if isinstance(entry.value, dict):
        return {name: number(part, words) for name, part in entry.value.items()}
    return {text(entry, words): 1}


READERS: Mapping[Any, Callable[[Part, Words], Any]] = {
    str: text,
    str | None: optional_text,
    int: number,
    bool: yes_or_no,
    Json: lambda entry, _words: {name: part.plain for name, part in table(entry).items()},
    timedelta: lambda entry, _words: duration(str(entry.value)),
    datetime: lambda entry, _words: instant(str(entry.value)),
    Moment: lambda entry, _words: moment(str(entry.value)),
    Matcher: lambda entry, _words: matcher(entry.plain),
    Count: lambda entry, _words: matcher(entry.plain),
    Matchers: matchers,
    Amount: amount,
    Share: share,
    Who: who,
    VendorNames: vendor_names,
    EventName: event_name,
    list[str]: texts,
    dict[str, int]: weights,
}
"""How each type of argument is read."""
