"""The page of what is known of Klaviyo and what was chosen, made from docs/fidelity.yaml and from the code itself.

To add a row, put it into docs/fidelity.yaml, whose head says how, and run `cog -r docs/fidelity.md`. What the code
itself tells needs no row: an error whose line in `errors.py` ends with `# unsure`, an operation that is answered by the
form of its path alone, a tag or filter of templates, a condition that is never true, a flow action that is passed over.
"""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.template.defaultfilters import register as django
from ruamel.yaml import YAML

from mock_klaviyo import errors
from mock_klaviyo.engine.conditions import CONDITIONS
from mock_klaviyo.engine.flow_changes import elsewhere
from mock_klaviyo.engine.flow_steps import ACTIONS
from mock_klaviyo.render.filters import FILTERS, surrounded
from mock_klaviyo.render.meter import Meter
from mock_klaviyo.render.surroundings import Surroundings
from mock_klaviyo.render.tags import ALLOWED, library
from mock_klaviyo.resources.definitions import PREDICTIVE
from mock_klaviyo.resources.reference import OWN
from mock_klaviyo.spec.recorded import recording, revisions

SOURCE = Path(__file__).parents[1] / "docs" / "fidelity.yaml"
MARK = "# unsure"

STANDINGS: Mapping[str, str] = {
    "real": "as Klaviyo documents it, or was seen to do it",
    "approximated": "it works, in a simpler way than Klaviyo's",
    "unsure": "not documented; our choice",
    "absent": "not here",
}
"""How a fact stands → what that means."""


@dataclass(frozen=True)
class Fact:
    """Something that Klaviyo's documentation leaves open or that one may wonder about, and how it stands here."""

    asked: str
    chosen: str
    standing: str
    why: str


@cache
def facts() -> Mapping[str, tuple[Fact, ...]]:
    """The facts of docs/fidelity.yaml by area."""
    document = YAML(typ="safe").load(SOURCE.read_text())
    return {each["area"]: tuple(Fact(**fact) for fact in each["facts"]) for each in document}


def standings() -> str:
    """How many facts stand how."""
    counts = Counter(fact.standing for each in facts().values() for fact in each)
    return table(("standing", "", "facts"), ((name, STANDINGS[name], counts[name]) for name in STANDINGS))


def fact_tables() -> str:
    """A table of facts for each area."""
    heads = ("not documented, or in doubt", "chosen", "standing", "why")
    rows = {
        area: [(each.asked, each.chosen, each.standing, each.why) for each in found] for area, found in facts().items()
    }
    return "\n".join(f"## {area}\n\n{table(heads, rows[area])}" for area in rows)


def unsure_errors() -> Iterator[str]:
    """The names of the errors whose texts are ours, in the order of the table."""
    lines = inspect.getsource(errors).splitlines()
    for node in ast.walk(ast.parse("\n".join(lines))):
        if (
            isinstance(node, ast.AnnAssign)
            and getattr(node.target, "id", "") == "ERRORS"
            and isinstance(node.value, ast.Dict)
        ):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if isinstance(key, ast.Constant) and MARK in lines[(value.end_lineno or 0) - 1]:
                    yield str(key.value)


def error_table() -> str:
    """The errors whose texts are ours."""
    found = [errors.ERRORS[name] for name in unsure_errors()]
    return table(("status", "code", "text"), ((each.status, f"`{each.code}`", f"`{each.detail}`") for each in found))


def by_form_table() -> str:
    """The operations that have no behaviour of their own, by tag and form."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in recording(revisions()[-1]).operations.values():
        if each.id not in OWN:
            groups.setdefault((each.tag, str(each.form)), []).append(each.id)
    counts = Counter(tag for tag, _ in groups for _ in groups[tag, _])
    rows = (
        (tag, counts[tag], ", ".join(f"{form} {len(groups[tag, form])}" for form in forms(groups, tag)))
        for tag in sorted(counts)
    )
    return table(("tag", "operations answered by form", "forms"), rows)


def forms(groups: Iterable[tuple[str, str]], tag: str) -> list[str]:
    """The forms of a tag's operations."""
    return sorted(form for each, form in groups if each == tag)


def tag_table() -> str:
    """Klaviyo's template tags."""
    names = sorted(set(library.tags) - set(ALLOWED))
    return table(("tag", ""), ((f"`{name}`", first_line(library.tags[name])) for name in names))


def klaviyo_filters() -> list[str]:
    """The filters that Django lacks or does otherwise."""
    drawing = surrounded(Surroundings(datetime.min.replace(tzinfo=UTC)), Meter())
    own = {name for name, function in FILTERS.items() if django.filters.get(name) is not function}
    return sorted(own | (drawing.keys() - django.filters.keys()))


def filter_list() -> str:
    """Klaviyo's filters beside Django's."""
    return ", ".join(f"`{name}`" for name in klaviyo_filters()) + ".\n"


def never_true() -> list[str]:
    """The conditions that nobody satisfies."""
    return [name for name in CONDITIONS if name == PREDICTIVE]


def passed_over() -> list[str]:
    """The flow actions that only Klaviyo can run."""
    return sorted(name for name, act in ACTIONS.items() if act is elsewhere)


def unworkable_table() -> str:
    """What of segments and flows cannot work here."""
    rows = [(f"condition `{name}`", "false for everybody, with a hint") for name in never_true()]
    rows += [(f"flow action `{name}`", "passed over, and the run says so") for name in passed_over()]
    return table(("absent", "instead"), rows)


def first_line(function: Callable[..., Any]) -> str:
    """What the docstring of a function begins with."""
    return (inspect.getdoc(inspect.unwrap(function)) or "").partition("\n")[0]


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    heads = list(heads)
    lines = [cells(heads), cells(["---"] * len(heads)), *(cells(row) for row in rows)]
    return "\n".join(lines) + "\n"


def cells(row: Iterable[object]) -> str:
    """A row of a table."""
    return f"| {' | '.join(str(each).replace('|', chr(92) + '|') for each in row)} |"
