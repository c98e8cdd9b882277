"""Reporting: the options that ask for reports, and writing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from simulator.verdict import Verdict

NAMES = ("json", "junit", "html", "sarif", "ctrf", "tap")
"""The names of simulator.reports.writing.FORMS, here so that --help need not load them; a test compares them."""

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

OPTIONS = (
    click.option("--report", "reports", multiple=True, type=click.Choice(NAMES), help="A report to write; repeat it."),
    click.option("--report-dir", "folder", default="reports", show_default=True, type=FOLDER, help="Where to."),
    click.option("--junit-xml", type=FILE, metavar="FILE", help="Write JUnit XML here."),
    click.option(
        "--github/--no-github", default=False, envvar="GITHUB_ACTIONS", help="Annotate files. [env: GITHUB_ACTIONS]"
    ),
    click.option(
        "--github-summary",
        type=FILE,
        envvar="GITHUB_STEP_SUMMARY",
        metavar="FILE",
        help="Append a summary in Markdown here. [env: GITHUB_STEP_SUMMARY]",
    ),
)


@dataclass(frozen=True)
class Reporting:
    """The reports that a command line asks for."""

    reports: Sequence[str]
    folder: Path
    junit_xml: Path | None
    github: bool
    github_summary: Path | None

    def report(self, verdicts: Sequence[Verdict]) -> None:
        """Write every report; its file is named on standard error."""
        from simulator.reports import github, writing
        from simulator.reports.junit import junit

        files = [*writing.write(verdicts, self.reports, self.folder)]
        if self.junit_xml is not None:
            files.append(writing.written(self.junit_xml, junit(verdicts)))
        for file in files:
            click.echo(f"report: {file}", err=True)
        if self.github:
            for line in github.commands(verdicts):
                click.echo(line, err=True)
            if self.github_summary is not None:
                with self.github_summary.open("a") as summary:
                    summary.write(github.step_summary(verdicts))


def report_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options of reports; the command gets them as one `reporting`."""

    @wraps(command)
    def reporting(*arguments: Any, **options: Any) -> None:
        asked = {name: options.pop(name) for name in Reporting.__dataclass_fields__}
        command(*arguments, reporting=Reporting(**asked), **options)

    wrapped: Callable[..., None] = reporting
    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped
