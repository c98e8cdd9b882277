"""vendor-sim: vendors, their events, scenarios and contracts on the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from simulator.vendor import Vendor

FAILED, INVALID, UNREACHABLE = 1, 3, 4
EXIT_CODES = """\b
Exit codes:
  0  everything passed
  1  an expectation or a contract failed, or Klaviyo refused an event
  2  the command line is wrong
  3  a scenario file is invalid
  4  the server cannot be reached"""


class InvalidScenario(click.ClickException):
    """Ends the program because of a scenario file."""

    exit_code = INVALID


class NoServer(click.ClickException):
    """Ends the program because nobody answers."""

    exit_code = UNREACHABLE


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mock-klaviyo", message="%(version)s")
def main() -> None:
    """Simulates loyalty and gift-card vendors, maps their events to Klaviyo, and judges what arrives.

    \b
    Examples:
      vendor-sim events smile
      vendor-sim emit smile "Points Redeemed" --to -
      vendor-sim run scenarios
      vendor-sim contract verify smile trifft
    """


to_option = click.option(
    "--to", envvar="MOCK_KLAVIYO_URL", metavar="URL", help="Where to send. [env: MOCK_KLAVIYO_URL]"
)
key_option = click.option("--key", envvar="MOCK_KLAVIYO_API_KEY", help="Private key. [env: MOCK_KLAVIYO_API_KEY]")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
start_option = click.option("--start", metavar="TIME", help="When it begins, such as 2026-03-01T08:00:00Z.")


@main.command()
@json_option
def vendors(*, as_json: bool) -> None:
    """List the vendors."""
    from simulator.report import vendor_rows
    from simulator.vendors import vendors as found

    print_table(
        ("vendor", "title", "rows", "sent", "not sent", "profiles"), vendor_rows(found().values()), as_json=as_json
    )


@main.command()
@click.argument("vendor")
@json_option
def events(vendor: str, *, as_json: bool) -> None:
    """List the events of a VENDOR: `vendor-sim events trifft`."""
    from simulator.report import event_rows

    rows = event_rows(known_vendor(vendor))
    print_table(("vendor event", "metric", "when", "provenance"), rows, as_json=as_json)


@main.command()
@click.argument("vendor")
@click.argument("event")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="A value of the event, by dotted path.")
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
      vendor-sim emit 99minds GiftcardIssued --destination omnisend --to -
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


@main.command()
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--seed", type=int, help="Chance, instead of the scenario's own seed.")
@start_option
@click.option("--only", metavar="TAG", help="Only scenarios with this tag.")
@click.option("--dry-run", is_flag=True, help="Print the requests as JSON lines; send nothing, judge nothing.")
@to_option
@key_option
@json_option
def run(scenarios: tuple[Path, ...], *, as_json: bool, dry_run: bool, **asked: Any) -> None:
    """Run SCENARIOS, files or folders of them, and judge what Klaviyo received.

    Without --to it starts a server of its own and ends it. A server at --to is emptied before each scenario.

    \b
    Examples:
      vendor-sim run scenarios
      vendor-sim run scenarios/smile.yaml --seed 7 --json
      vendor-sim run scenarios/smile.yaml --dry-run | head -3
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


@main.group()
def contract() -> None:
    """Check the contracts of vendors, and how strong they are."""


@contract.command()
@click.argument("vendors", nargs=-1)
@click.option("--seed", default=0, show_default=True, help="Chance.")
@click.option("--offline", is_flag=True, help="Judge the requests themselves, without a server.")
@to_option
@key_option
@json_option
def verify(vendors: tuple[str, ...], *, as_json: bool, **asked: Any) -> None:
    """Send every event of the VENDORS (all, if none is named) through mapping and server, and judge it.

    \b
    Examples:
      vendor-sim contract verify
      vendor-sim contract verify smile --offline
    """
    from simulator.contract.verify import print_verification

    with understandable():
        passed = print_verification(known_vendors(vendors), as_json=as_json, **asked)
    if not passed:
        sys.exit(FAILED)


@contract.command()
@click.argument("vendors", nargs=-1)
@click.option("--seed", default=0, show_default=True, help="Chance.")
@json_option
def mutants(vendors: tuple[str, ...], *, seed: int, as_json: bool) -> None:
    """Make mistakes in the mapped requests of the VENDORS; the contract must notice each.

    Exits with 1 when a mistake in a documented fact goes unnoticed.
    """
    from simulator.contract.mutants import print_hunt

    with understandable():
        passed = print_hunt(known_vendors(vendors), seed, as_json=as_json)
    if not passed:
        sys.exit(FAILED)


def known_vendor(name: str) -> Vendor:
    """The vendor of a name; the nearest is suggested when there is none."""
    from simulator.scenario.arguments import Mistake, Words, vendor
    from simulator.vendors import vendors as found

    try:
        return vendor(name, Words(found()))
    except Mistake as error:
        raise click.UsageError(str(error)) from error


def known_vendors(names: tuple[str, ...]) -> list[Vendor]:
    """The vendors of these names, all when there are none."""
    from simulator.vendors import vendors as found

    return [known_vendor(name) for name in names or found()]


@contextmanager
def understandable() -> Iterator[None]:
    """Turns what can go wrong into messages and exit codes."""
    from simulator.delivery import Unreachable
    from simulator.document import DocumentError
    from simulator.scenario.arguments import Mistake
    from simulator.scenario.scenario import ScenarioErrors

    try:
        yield
    except (ScenarioErrors, DocumentError) as error:
        raise InvalidScenario(str(error)) from error
    except Unreachable as error:
        raise NoServer(str(error)) from error
    except Mistake as error:
        raise click.UsageError(str(error)) from error


def print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]], *, as_json: bool) -> None:
    """Print rows as a table or as JSON."""
    from simulator import json
    from simulator.report import text_table

    if as_json:
        keys = [column.replace(" ", "_") for column in columns]
        click.echo(json.written([dict(zip(keys, row, strict=True)) for row in rows]))
    else:
        click.echo("\n".join(text_table(columns, rows)))
