"""The examples of the scenario language: each is played, and a change makes it fail in the way that it tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator import report
from simulator.contract.inspection import Wire
from simulator.document import DocumentError, document, documents
from simulator.scenario.arguments import arguments
from simulator.scenario.cast import crowd, person
from simulator.scenario.expectations import EXPECTATIONS, Shape
from simulator.scenario.expecting import terms
from simulator.scenario.incidents import at_klaviyo, at_vendor
from simulator.scenario.judging import judged
from simulator.scenario.matchers import FORMS, WORDS
from simulator.scenario.plans import rhythm, timing
from simulator.scenario.scenario import SECTIONS, ScenarioErrors, head, played
from simulator.scenario.settings import clock_table, klaviyo_table, limits_table
from simulator.scenario.timeline import ENTRIES
from simulator.server import mock
from simulator.vendors import vendors

FOLDER = Path(__file__).parents[1] / "docs" / "examples"
FILE = FOLDER / "language.yaml"
TOLD = FOLDER / "language" / "told.yaml"
COMMENT = "What each example of language.yaml tells when its change is made; `python -m tests.language` writes it anew."
HEAD = "scenario: 1\nname: {}\n"
PEOPLE = (
    "population: {ana: {email: ana@example.org, vendors: [smile, 99minds]}, crowd: {count: 10, vendors: [smile]}}\n"
)


@dataclass(frozen=True)
class Example:
    """An example of some keys: its text, the change that breaks it, and what is told then."""

    keys: tuple[str, ...]
    good: str
    change: tuple[str, str]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.keys[0]

    @property
    def bad(self) -> str:
        """The text with the change."""
        return self.good.replace(*self.change)


def examples() -> list[Example]:
    """Every example."""
    return [Example(tuple(one["keys"]), whole(one), tuple(one["bad"])) for one in document(FILE).plain]


def whole(one: dict[str, Any]) -> str:
    """The whole text of an example."""
    people = "" if "population:" in one["good"] else PEOPLE
    return HEAD.format(one["keys"][0]) + people + one["good"]


def told() -> dict[str, str]:
    """What each example tells when it fails, by name."""
    return next(documents(TOLD)).plain if TOLD.exists() else {}


def outcome(text: str, wire: Wire) -> list[str]:
    """What is wrong with an example: nothing, or the lines of the report."""
    try:
        root = document(str(FOLDER / "example.yaml"), text)
        verdicts = [judged(scenario, vendors(), wire) for scenario in played(root, vendors(), {})]
    except (ScenarioErrors, DocumentError) as error:
        return short(str(error)).splitlines()
    return [
        short(line.replace("\\[", "[")).removeprefix("  ")
        for verdict in verdicts
        for finding in verdict.tally.failures
        for line in report.finding_lines(finding)
        if "mapping:" not in line
    ]


def short(text: str) -> str:
    """A text whose paths begin at the repository."""
    return text.replace(f"{FOLDER}/", "").replace(f"{FOLDER.parents[1]}/", "").replace("docs/examples/", "")


def write_told() -> None:
    """Write anew what each example tells when it fails."""
    with mock() as (delivery, control):
        found = {each.name: outcome(each.bad, Wire(delivery, control)) for each in examples()}
    texts = (f"{name}: |-\n" + "".join(f"  {line}\n" for line in lines) for name, lines in found.items())
    TOLD.write_text(f"# {COMMENT}\n" + "".join(texts))


def page() -> str:
    """The examples as a page of the docs shows them."""
    known = told()
    return "\n".join(section(each, known[each.name]) for each in examples())


def section(example: Example, lines: str) -> str:
    """One example: its keys, its text, the change, and what is told then."""
    keys = ", ".join(f"`{key}`" for key in example.keys)
    old, new = example.change
    text = example.good.partition("\n")[2].partition("\n")[2].replace(PEOPLE, "")
    return f"{keys}\n\n```yaml\n{text}```\n\nWith `{new}` instead of `{old}`:\n\n```\n{lines}\n```\n"


def language() -> set[str]:
    """Every key of the language, from the signatures that read them."""
    tables = {
        "": (head,),
        "clock": (clock_table,),
        "klaviyo": (klaviyo_table,),
        "limits": (limits_table,),
        "person": (person,),
        "crowd": (crowd,),
        "timing": (timing,),
        "rhythm": (rhythm,),
        "vendor": (at_vendor,),
        "klaviyo_fault": (at_klaviyo,),
        "terms": (terms,),
        **{name: (function,) for name, function in ENTRIES.items()},
    }
    found = {key(table, name) for table, functions in tables.items() for each in functions for name in arguments(each)}
    words = {"matcher.comparison", "matcher.range", "matcher.pattern", "matcher.strict"}
    words |= {f"matcher.{' '.join(keys)}" for keys in FORMS} | {f"matcher.{word}" for word in WORDS}
    return found | words | set(SECTIONS) | set(expectation_keys()) | {"expect.within"}


def expectation_keys() -> Iterator[str]:
    """The keys of what is expected."""
    for name, kind in EXPECTATIONS.items():
        if kind.shape is Shape.VALUE:
            yield f"expect.{name}"
        else:
            yield from (f"{name}.{each}" for each in arguments(kind.make))


def key(table: str, name: str) -> str:
    """A key and the table that it stands in."""
    return f"{table}.{name}" if table else name


if __name__ == "__main__":
    write_told()
