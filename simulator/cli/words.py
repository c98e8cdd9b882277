"""Words: vendors by name, and tables to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.vendor import Vendor


def known_vendor(name: str) -> Vendor:
    """The vendor of a name; the nearest is suggested when there is none."""
    from simulator.scenario.words import Mistake, Words, vendor
    from simulator.vendors import vendors as found

    try:
        return vendor(name, Words(found()))
    except Mistake as error:
        raise click.UsageError(str(error)) from error


def known_vendors(names: tuple[str, ...]) -> list[Vendor]:
    """The vendors of these names, all when there are none."""
    from simulator.vendors import vendors as found

    return [known_vendor(name) for name in names or found()]


def print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]], *, as_json: bool) -> None:
    """Print rows as a table or as JSON."""
    from simulator import json
    from simulator.report import text_table

    if as_json:
        keys = [column.replace(" ", "_") for column in columns]
        click.echo(json.written([dict(zip(keys, row, strict=True)) for row in rows]))
    else:
        click.echo("\n".join(text_table(columns, rows)))
