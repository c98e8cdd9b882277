"""compare: two targets on the same stream."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import aim_options, json_option, key_option, to_option
from simulator.cli.outcomes import FAILED, understandable
from simulator.cli.words import known_vendors


@click.command()
@click.argument("a")
@click.argument("b")
@click.argument("scenarios", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--vendor", "names", multiple=True, metavar="VENDOR", help="Without scenarios: whose events; else all.")
@to_option
@key_option
@aim_options
@json_option
def compare(
    a: str, b: str, scenarios: tuple[Path, ...], *, names: tuple[str, ...], as_json: bool, **asked: Any
) -> None:
    """Let the targets A and B work on the same SCENARIOS, and show where Klaviyo ends up with something else.

    Without scenarios, every event of the vendors is tried. Exits with 1 when anything differs: events, profiles, lists
    or consent.

    \b
    Examples:
      vendor-sim compare builtin python:acme.mapping:to_klaviyo scenarios/smile.yaml
      vendor-sim compare python:acme.v1:to_klaviyo python:acme.v2:to_klaviyo --vendor smile --json
    """
    from simulator.scenario.comparing import print_comparisons

    with understandable():
        is_same = print_comparisons((a, b), scenarios, known_vendors(names), as_json=as_json, **asked)
    if not is_same:
        sys.exit(FAILED)
