"""vendors, events, emit: what vendors can send, and sending it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import json_option, key_option, start_option, to_option
from simulator.cli.outcomes import FAILED, understandable
from simulator.cli.words import known_vendor, print_table

PAYLOAD = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@json_option
def vendors(*, as_json: bool) -> None:
    """List the vendors."""
    from simulator.report import vendor_rows
    from simulator.vendors import vendors as found

    print_table(
        ("vendor", "title", "rows", "sent", "not sent", "profiles"), vendor_rows(found().values()), as_json=as_json
    )


@click.command()
@click.argument("vendor")
@json_option
def events(vendor: str, *, as_json: bool) -> None:
    """List the events of a VENDOR: `vendor-sim events trifft`."""
    from simulator.report import event_rows

    rows = event_rows(known_vendor(vendor))
    print_table(("vendor event", "metric", "when", "provenance"), rows, as_json=as_json)


@click.command()
@click.argument("vendor")
@click.argument("event")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="A value of the event, by dotted path.")
@click.option("--from", "captured", type=PAYLOAD, metavar="FILE", help="A captured payload instead of an invented one.")
@click.option("--drop", multiple=True, metavar="PATH", help="A field of the payload to leave out.")
@click.option(
    "--mutate",
    "mutations",
    multiple=True,
    metavar="[PATH=]WAY",
    help="A field to break: wrong_type, missing, null, huge or unknown_field; chance chooses it without a path.",
)
@click.option("--profile", metavar="EMAIL", help="Whose events; else each is somebody else's.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1), help="How many events.")
@click.option("--seed", default=0, show_default=True, help="Chance.")
@start_option
@click.option(
    "--destination",
    type=click.Choice(["klaviyo", "omnisend"]),
    default="klaviyo",
    show_default=True,
    help="Whose format.",
)
@to_option
@key_option
def emit(vendor: str, event: str, **asked: Any) -> None:
    """Send events of a VENDOR; `--to -` prints the requests as JSON lines instead.

    \b
    Examples:
      vendor-sim emit smile "Points Redeemed" --count 3 --to http://127.0.0.1:4747
      vendor-sim emit smile "Points Redeemed" --set points_spent=500 --profile ana@example.org --to -
      vendor-sim emit smile "Points Redeemed" --from captured.json --mutate points_spent=wrong_type --to -
      vendor-sim emit 99minds GiftcardIssued --destination omnisend --to -
      vendor-sim emit 99minds GiftcardIssued --destination omnisend --to http://127.0.0.1:4747
    """
    from simulator.scenario.emission import Emission, lines, send

    with understandable():
        emission = Emission.asked(known_vendor(vendor), event, **asked)
        if emission.is_printed:
            for line in lines(emission):
                sys.stdout.buffer.write(line + b"\n")
            return
        results = list(send(emission))
    for result in results:
        click.echo(result.line)
    if not all(result.is_accepted for result in results):
        sys.exit(FAILED)
