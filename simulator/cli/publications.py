"""contract publish, contract can-i-deploy: what parties give and need, in files that they hold each other to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import json_option, key_option, target_options, to_option
from simulator.cli.outcomes import FAILED, understandable
from simulator.cli.words import known_vendors

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("vendors", nargs=-1)
@click.option("--as", "participant", required=True, metavar="NAME", help="Who publishes.")
@click.option("--version", required=True, metavar="VERSION", help="Which version of it.")
@click.option("--side", type=click.Choice(["vendor", "mapping", "merchant"]), default="mapping", show_default=True,
              help="Who that is.")  # fmt: skip
@click.option(
    "--flow", "flows", multiple=True, type=EXISTING, help="A merchant's flow, as `flow load` takes it; repeat it."
)
@click.option("--seed", default=0, show_default=True, help="Chance.")
@to_option
@key_option
@target_options
def publish(file: Path, vendors: tuple[str, ...], **asked: Any) -> None:
    """Write into FILE what a party gives and needs, and whether it keeps its contract; exits with 1 when it does not.

    A mapping gives metrics and needs the VENDORS' events, and is verified first. A vendor gives events. A merchant
    needs the metrics and properties that its flows name.

    \b
    Examples:
      vendor-sim contract publish mapping.json smile --as acme-mapping --version 1.4.0
      vendor-sim contract publish smile.json smile --side vendor --as smile.io --version 2026-03
      vendor-sim contract publish shop.json --side merchant --as shop --version 7 --flow flows/points_expiring.json
    """
    from simulator.contract.publishing.publishing import published

    with understandable():
        made = published(known_vendors(vendors), **asked)
    file.write_text(made.text())
    click.echo(f"{file}: {made.name}, gives {len(made.gives)}, needs {len(made.needs)}")
    for failure in made.failures:
        click.echo(f"  {failure}", err=True)
    if made.failures:
        sys.exit(FAILED)


@click.command("can-i-deploy")
@click.argument("files", nargs=-1, required=True, type=EXISTING)
@json_option
def can_i_deploy(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Tell from published FILES whether these parties work together; exits with 1 when they do not.

    \b
    Example:
      vendor-sim contract can-i-deploy smile.json mapping.json shop.json
    """
    from simulator import json
    from simulator.contract.publishing.deciding import obstacles
    from simulator.contract.publishing.publication import publication

    with understandable():
        found = list(obstacles([publication(file) for file in files]))
    is_no = any(not each.is_unknown for each in found)
    if as_json:
        click.echo(json.written({"version": 1, "can_deploy": not is_no, "obstacles": found}))
    else:
        click.echo("\n".join([*(each.line for each in found), "no" if is_no else "yes"]))
    if is_no:
        sys.exit(FAILED)
