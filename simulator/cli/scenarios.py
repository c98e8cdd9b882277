"""run: plays scenarios and judges what Klaviyo received."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.options import json_option, key_option, start_option, target_options, to_option
from simulator.cli.outcomes import FAILED, TOO_LONG, understandable
from simulator.cli.reporting import Reporting, report_options

if TYPE_CHECKING:
    from simulator.verdict import Verdict

FILES = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=FILES)
@click.option("--seed", type=int, help="Chance, instead of the scenario's own seed.")
@start_option
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Another value, by dotted path.")
@click.option("--only", metavar="TAG", help="Only scenarios with this tag.")
@click.option("--until", metavar="LENGTH", help="End each scenario after this time of its own, such as 1d.")
@click.option("--dry-run", is_flag=True, help="Print the resolved timeline; send nothing, judge nothing.")
@click.option("--update-golden", is_flag=True, help="Write golden files anew instead of comparing with them.")
@click.option("--save-run", type=click.Path(path_type=Path), metavar="FILE", help="Keep every request, for replay.")
@click.option("-j", "--jobs", default=1, show_default=True, type=click.IntRange(1), help="How many at a time.")
@click.option(
    "--minimize", type=click.Path(path_type=Path), metavar="FILE", help="Where to write the smallest that fails."
)
@report_options
@click.option("--yes", is_flag=True, help="Do not ask before writing to real Klaviyo.")
@to_option
@key_option
@target_options
@json_option
def run(
    scenarios: tuple[Path, ...],
    *,
    as_json: bool,
    dry_run: bool,
    minimize: Path | None,
    yes: bool,
    reporting: Reporting,
    **asked: Any,
) -> None:
    """Run SCENARIOS, files or folders of them, and judge what Klaviyo received.

    Without --to it starts a server of its own and ends it. A server at --to is emptied before each scenario; with -j
    each scenario gets a world of its own in it. `--to -` prints the requests as JSON lines.

    \b
    Examples:
      vendor-sim run scenarios
      vendor-sim run scenarios -j 2
      vendor-sim run scenarios/smile.yaml --seed 7 --set population.shoppers.count=3 --json
      vendor-sim run scenarios/smile.yaml --dry-run | head -3
      vendor-sim run scenarios/smile.yaml --until 1d --save-run run.ndjson
      vendor-sim run scenarios/smile.yaml --minimize smallest.yaml
      vendor-sim run scenarios --report html --report junit --report-dir out
      vendor-sim run scenarios/smile.yaml --target python:acme.mapping:to_klaviyo
      vendor-sim run scenarios --target http://localhost:8000/hooks/{vendor} --to http://127.0.0.1:4747
    """
    from simulator.scenario.playing import Playing

    with understandable():
        playing = Playing.asked(scenarios, **asked)
        if dry_run or playing.is_printed:
            for line in playing.timeline() if dry_run else playing.lines():
                sys.stdout.buffer.write(line + b"\n")
            return
        if playing.is_for_real_klaviyo and not yes:
            click.confirm(f"{playing.to} is real Klaviyo: people and events are written there. Go on?", abort=True)
        if minimize is not None:
            told = playing.minimized(minimize)
            click.echo(told or "every scenario passes; there is nothing to make smaller", err=True)
            sys.exit(FAILED if told else 0)
        verdicts = playing.play(as_json=as_json)
        reporting.report(verdicts)
    sys.exit(exit_code(verdicts))


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """How the program ends."""
    if any(verdict.took_too_long for verdict in verdicts):
        return TOO_LONG
    return 0 if all(verdict.is_passed for verdict in verdicts) else FAILED


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=FILES)
def validate(scenarios: tuple[Path, ...]) -> None:
    """Check SCENARIOS, files or folders of them, without running anything: `vendor-sim validate scenarios`."""
    from simulator.scenario.playing import read

    with understandable():
        found = list(read(scenarios, seed=None, start=None, settings=()))
    files = len({scenario.file for scenario in found})
    click.echo(f"{len(found)} scenarios in {files} files are valid")


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors: `vendor-sim schema > scenario.schema.json`."""
    from simulator.scenario.schema import scenario_schema, written

    click.echo(written(scenario_schema()), nl=False)


@click.command(name="save-scenario")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="What happened", show_default=True, help="The scenario's name.")
@to_option
@key_option
def save_scenario(file: Path, *, name: str, to: str | None, key: str | None) -> None:
    """Save what happened in the mock at --to as a scenario FILE: its calls with their times, and how it ended.

    \b
    Example:
      vendor-sim save-scenario --to http://127.0.0.1:4747 happened.yaml
    """
    from simulator.scenario.saving import save

    if to is None:
        raise click.UsageError("where from? Say --to URL, or set MOCK_KLAVIYO_URL")
    with understandable():
        click.echo(save(to, key, file, name=name), err=True)
