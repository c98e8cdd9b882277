"""run: plays scenarios and judges what Klaviyo received."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import json_option, key_option, start_option, target_options, to_option
from simulator.cli.outcomes import FAILED, understandable


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--seed", type=int, help="Chance, instead of the scenario's own seed.")
@start_option
@click.option("--only", metavar="TAG", help="Only scenarios with this tag.")
@click.option("--dry-run", is_flag=True, help="Print the requests as JSON lines; send nothing, judge nothing.")
@to_option
@key_option
@target_options
@json_option
def run(scenarios: tuple[Path, ...], *, as_json: bool, dry_run: bool, **asked: Any) -> None:
    """Run SCENARIOS, files or folders of them, and judge what Klaviyo received.

    Without --to it starts a server of its own and ends it. A server at --to is emptied before each scenario.

    \b
    Examples:
      vendor-sim run scenarios
      vendor-sim run scenarios/smile.yaml --seed 7 --json
      vendor-sim run scenarios/smile.yaml --dry-run | head -3
      vendor-sim run scenarios/smile.yaml --target python:acme.mapping:to_klaviyo
      vendor-sim run scenarios --target http://localhost:8000/hooks/{vendor} --to http://127.0.0.1:4747
    """
    from simulator.scenario.playing import Playing

    with understandable():
        playing = Playing.asked(scenarios, **asked)
        if dry_run or playing.is_printed:
            for line in playing.lines():
                sys.stdout.buffer.write(line + b"\n")
            return
        passed = playing.play(as_json=as_json)
    if not passed:
        sys.exit(FAILED)
