"""Saved: values that a scenario keeps on its way, and texts such as `"{{code}}"` that stand for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

TEMPLATE = re.compile(r"\{\{\s*([\w.\-]+)\s*\}\}")


class NothingSaved(ValueError):
    """A value is asked for that nobody saved."""


class Saved:
    """Values by name; each person has their own, and the last one saved is everybody's."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str | None], Any] = {}

    def put(self, name: str, value: Any, person: str | None = None) -> None:
        """Keep a value."""
        self._values[name, person] = value
        self._values[name, None] = value

    def find(self, name: str, person: str | None = None) -> Any:
        """The value of a name: the person's own, else the last one."""
        for key in ((name, person), (name, None)):
            if key in self._values:
                return self._values[key]
        raise NothingSaved(f"nothing was saved as {name}")

    def filled(self, value: Any, person: str | None = None) -> Any:
        """A JSON value with every template replaced."""
        return filled(value, lambda name: self.find(name, person))


class Unanswered(Saved):
    """The values of a run whose calls nobody answers: what an answer would have told stays the template that it is."""

    def find(self, name: str, person: str | None = None) -> Any:
        """The value of a name, else its template."""
        try:
            return super().find(name, person)
        except NothingSaved:
            return f"{{{{{name}}}}}"


def filled(value: Any, find: Callable[[str], Any]) -> Any:
    """A JSON value with every template replaced; a text that is nothing but one template keeps the value's type.

    >>> filled({"a": "{{n}}", "b": ["card {{n}}"]}, {"n": 7}.get)
    {'a': 7, 'b': ['card 7']}
    """
    if isinstance(value, dict):
        return {name: filled(part, find) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, find) for part in value]
    if not isinstance(value, str):
        return value
    whole = TEMPLATE.fullmatch(value)
    return find(whole[1]) if whole else TEMPLATE.sub(lambda found: str(find(found[1])), value)


def templates(value: Any) -> Iterator[str]:
    """The names that a JSON value asks for."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from templates(part)
    elif isinstance(value, str):
        yield from TEMPLATE.findall(value)
