"""contract: what Klaviyo should receive, and how strong that is."""

from __future__ import annotations

import sys
from typing import Any

import click

from simulator.cli.options import json_option, key_option, target_options, to_option
from simulator.cli.outcomes import FAILED, understandable
from simulator.cli.words import known_vendors


@click.group()
def contract() -> None:
    """Check the contracts of vendors, and how strong they are."""


@contract.command()
@click.argument("vendors", nargs=-1)
@json_option
def coverage(vendors: tuple[str, ...], *, as_json: bool) -> None:
    """Tell which fields of the VENDORS' events reach Klaviyo: `vendor-sim contract coverage smile`."""
    from simulator import json
    from simulator.contract.coverage import coverage_document, coverage_of

    with understandable():
        fields = [field for vendor in known_vendors(vendors) for field in coverage_of(vendor)]
    if as_json:
        click.echo(json.written(coverage_document(fields)))
        return
    for field in fields:
        click.echo(f"{'✓' if field.is_mapped else '✗'} {field}")
    click.echo(f"{sum(field.is_mapped for field in fields)} of {len(fields)} fields reach Klaviyo")


@contract.command()
@click.argument("vendors", nargs=-1)
@click.option("--seed", default=0, show_default=True, help="Chance.")
@click.option("--offline", is_flag=True, help="Judge the requests themselves, without a server.")
@click.option(
    "--destination",
    "destinations",
    multiple=True,
    type=click.Choice(["klaviyo", "omnisend"]),
    help="Where the target sends; else our own mapping to all of a vendor's destinations, any other to Klaviyo.",
)
@to_option
@key_option
@target_options
@json_option
def verify(vendors: tuple[str, ...], *, as_json: bool, **asked: Any) -> None:
    """Send every event of the VENDORS (all, if none is named) through mapping and server, and judge it.

    \b
    Examples:
      vendor-sim contract verify
      vendor-sim contract verify smile --offline
      vendor-sim contract verify smile --target python:acme.mapping:to_klaviyo
      vendor-sim contract verify 99minds --target python:acme.mapping:to_both --destination omnisend
    """
    from simulator.contract.verify import print_verification

    with understandable():
        passed = print_verification(known_vendors(vendors), as_json=as_json, **asked)
    if not passed:
        sys.exit(FAILED)


@contract.command()
@click.argument("vendors", nargs=-1)
@click.option("--seed", default=0, show_default=True, help="Chance.")
@to_option
@key_option
@target_options
@json_option
def mutants(vendors: tuple[str, ...], *, as_json: bool, **asked: Any) -> None:
    """Make mistakes in the requests that the target makes of the VENDORS' events; the contract must notice each.

    Exits with 1 when a mistake in a documented fact goes unnoticed. A target that calls Klaviyo itself works against
    a server, one of our own without --to.

    \b
    Examples:
      vendor-sim contract mutants
      vendor-sim contract mutants smile --target python:acme.mapping:to_klaviyo
    """
    from simulator.contract.mutants import print_hunt

    with understandable():
        passed = print_hunt(known_vendors(vendors), as_json=as_json, **asked)
    if not passed:
        sys.exit(FAILED)
