"""Arguments: reads tables of a scenario by the signature of the function that they are for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from inspect import Parameter, signature
from types import NoneType
from typing import Any, get_args, get_type_hints

from simulator.document import DocumentError, Part, Place
from simulator.scenario.kinds import KINDS
from simulator.scenario.words import Words, nearest

TAKEN = ("for", "with", "from", "not", "subject")
"""Keys of the language whose names are taken in Python or by us; functions write them with an underscore."""


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

    def knowing(self, **words: Any) -> Reader:
        """A reader that knows further words; problems go to the same place."""
        return Reader(replace(self.words, **words), self.problems)

    def read(
        self, function: Callable[..., Any], entry: Part, path: str, *, besides: Collection[str] = ()
    ) -> dict[str, Any]:
        """The keyword arguments for a function from a table; keys in `besides` are for somebody else."""
        wanted = arguments(function)
        if not isinstance(entry.value, dict):
            self.refuse(entry.place, f"{path} must be a table of {', '.join(wanted)}")
            return {}
        self.strict(entry, path, known=[*wanted, *besides])
        for name, argument in wanted.items():
            if argument.is_required and name not in entry.value:
                self.refuse(entry.place, f"{path} lacks {name}".strip())
        return {
            keyword(name): self.value(argument.type, entry.value[name], f"{path}.{name}" if path else name)
            for name, argument in wanted.items()
            if name in entry.value
        }

    def strict(self, entry: Part, path: str, *, known: Sequence[str]) -> None:
        """Gather every key of a table that is unknown."""
        prefix = f"{path}." if path else ""
        for name, place in entry.keys.items():
            if name not in known:
                self.refuse(place, f"{prefix}{name} is unknown{nearest(name, known)}")

    def value(self, kind: Any, entry: Part, path: str) -> Any:
        """A part as the value of a type."""
        try:
            return KINDS[bare(kind)].read(entry, self.words)
        except ValueError as error:
            self.refuse(entry.place, f"{path}: {error}")
            return None


def keyword(name: str) -> str:
    """The Python name of an argument; a name that is taken gets an underscore."""
    return f"{name}_" if name in TAKEN else name


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
    is_optional = kind not in KINDS and NoneType in get_args(kind)
    return choices[0] if is_optional and len(choices) == 1 else kind


def only(entry: Part, keys: Collection[str]) -> Part:
    """The table with just these keys."""
    if not isinstance(entry.value, dict):
        return entry
    values = {name: part for name, part in entry.value.items() if name in keys}
    return Part(values, entry.place, {name: entry.keys[name] for name in values})
