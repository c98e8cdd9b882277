"""Declaring control routes: what each takes and gives stands beside it, and is checked and shown from there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from flask import Blueprint, request

from mock_klaviyo.json import Json

View = TypeVar("View", bound=Callable[..., Any])

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer", "minimum": 0}
TIME: Json = {"type": "string", "format": "date-time", "examples": ["2026-03-01T08:00:00Z"]}
DURATION: Json = {"type": "string", "examples": ["30s", "5m", "1h 30m"]}
OBJECT: Json = {"type": "object"}

DONE: Mapping[int, str] = {200: "What was asked for."}
"""What most routes answer, by status."""

EVERYWHERE = ("company_id",)
"""Arguments that every route takes: they tell which account is meant."""


class ControlError(Exception):
    """A control request that makes no sense; says what is wrong and what would be right."""


@dataclass(frozen=True)
class Argument:
    """An argument of the query string: its name, what it means, the schema of its value, and what stands for it."""

    name: str
    meaning: str
    schema: Json = field(default_factory=lambda: TEXT)
    default: Any = None


@dataclass(frozen=True)
class Route:
    """A control route: method and rule, its view, the arguments and members of the body it takes, what it answers."""

    method: str
    rule: str
    view: Callable[..., Any]
    arguments: tuple[Argument, ...] = ()
    body: Json | None = None
    answers: Mapping[int, str] = field(default_factory=lambda: DONE)
    takes_any: bool = False
    """Whether it takes all arguments there are, since it hands them on."""

    @property
    def summary(self) -> str:
        """What it does: the first line of its view's docstring."""
        return (self.view.__doc__ or "").strip().splitlines()[0]

    @property
    def module(self) -> str:
        """The module that declares it."""
        return self.view.__module__.rpartition(".")[2]

    def argument(self, name: str) -> Argument:
        """The declared argument of a name."""
        found = next((each for each in self.arguments if each.name == name), None)
        if found is None:
            raise LookupError(f"{self.rule} reads {name} and does not declare it: arguments=(…) beside the rule")
        return found


class ControlBlueprint(Blueprint):
    """A blueprint whose routes say what they take: `@blueprint.get("/x", arguments=(…), body={…}, answers={…})`."""

    def __init__(self, name: str, import_name: str, *, url_prefix: str) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.routes: list[Route] = []
        self.before_request(self.check_arguments)

    def route(
        self,
        rule: str,
        *,
        arguments: Iterable[Argument] = (),
        body: Json | None = None,
        answers: Mapping[int, str] = DONE,
        takes_any: bool = False,
        **options: Any,
    ) -> Callable[[View], View]:
        """Declare a view's route; `body` maps the members of the JSON object in the body to their schemas."""

        def register(view: View) -> View:
            for method in options.get("methods", ("GET",)):
                self.routes.append(Route(method, rule, view, tuple(arguments), body, answers, takes_any))
            endpoint = f"{view.__module__.rpartition('.')[2]} {view.__name__}"  # two modules may have views of one name
            return super(ControlBlueprint, self).route(rule, **{"endpoint": endpoint, **options})(view)

        return register

    @property
    def current(self) -> Route | None:
        """The route of the request at hand; None when Flask alone answers it, as it does OPTIONS."""
        rule = str(request.url_rule).removeprefix(self.url_prefix or "")
        known = {each.method: each for each in self.routes if each.rule == rule}
        return known.get(request.method) or (known.get("GET") if request.method == "HEAD" else None)

    def check_arguments(self) -> None:
        """Refuse arguments that the route does not take."""
        route = self.current
        if route is not None and not route.takes_any:
            known = [each.name for each in route.arguments]
            refuse_unknown(request.args, known, f"{route.method} {self.url_prefix}{route.rule}")


def refuse_unknown(given: Iterable[str], known: list[str], where: str) -> None:
    """Refuse names that are not known, with the nearest one that is."""
    for name in given:
        if name not in known and name not in EVERYWHERE:
            raise ControlError(f"{where} takes no {name!r}{nearest(name, known)}; it takes {listed(known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """The nearest known word, as one asks whether it was meant.

    >>> nearest("metrc", ["metric", "profile"])
    ' (metric?)'
    """
    return "".join(f" ({each}?)" for each in get_close_matches(name, list(known), 1))


def listed(known: Iterable[str]) -> str:
    """Known words in a row; `nothing` when there are none."""
    return ", ".join(known) or "nothing"
