"""Writing: which reports there are, and putting them into a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from simulator.reports import document
from simulator.reports.ctrf import ctrf
from simulator.reports.junit import junit
from simulator.reports.page import page
from simulator.reports.sarif import sarif
from simulator.reports.tap import tap
from simulator.verdict import Verdict

Rendering: TypeAlias = Callable[[Sequence[Verdict]], str]


@dataclass(frozen=True)
class Form:
    """A form of report: the name of its file, and how it is made."""

    file: str
    rendering: Rendering


FORMS: Mapping[str, Form] = {
    "json": Form("report.json", document.text),
    "junit": Form("junit.xml", junit),
    "html": Form("report.html", page),
    "sarif": Form("vendor-sim.sarif", sarif),
    "ctrf": Form("ctrf.json", ctrf),
    "tap": Form("report.tap", tap),
}
"""Every form of report that is a file, by the name that `--report` takes."""


def write(verdicts: Sequence[Verdict], forms: Iterable[str], folder: Path) -> Iterator[Path]:
    """Write reports into a folder, which is made if need be; gives their files."""
    for name in forms:
        yield written(folder / FORMS[name].file, FORMS[name].rendering(verdicts))


def written(file: Path, text: str) -> Path:
    """A file that is there wholly or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_text(text)
    unfinished.replace(file)
    return file
