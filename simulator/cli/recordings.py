"""record, replay, contract infer|drift|diff|schemas: real traffic, and contracts that grow from it."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from simulator.cli.contracts import contract
from simulator.cli.options import json_option, key_option, to_option
from simulator.cli.outcomes import FAILED, understandable

if TYPE_CHECKING:
    from simulator.contract.contract import Contract
    from simulator.recording.replaying import Replayed

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
recording_argument = click.argument("recording", type=EXISTING)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", required=True, metavar="URL", help="Where everything is passed on to.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Where to listen; 0 takes a free port.")
@click.option("--salt", default="", help="Other pseudonyms for the same persons; the same ones for the same salt.")
@click.option("--yes", is_flag=True, help="Do not ask before real traffic is passed on to Klaviyo.")
def record(file: Path, *, to: str, host: str, port: int, salt: str, yes: bool) -> None:
    """Record what passes between a vendor or a mapping service and the server at --to into FILE, as JSON lines.

    Prints the URL to send to, and ends when it is interrupted. Keys and signatures are left out, persons are replaced.

    \b
    Examples:
      vendor-sim record traffic.ndjson --to http://127.0.0.1:4747
      vendor-sim record hooks.ndjson --to http://127.0.0.1:8000 --port 9000
    """
    from simulator.recording.masking import Mask
    from simulator.recording.proxy import Recorder

    if "klaviyo.com" in to and not yes:
        click.confirm(f"Everything sent here reaches the real account at {to}. Record it?", abort=True, err=True)
    try:
        recorder = Recorder(to, file, host=host, port=port, mask=Mask(salt), watch=counter())
    except OSError as reason:
        raise click.ClickException(str(reason)) from None
    signal.signal(signal.SIGTERM, interrupt)
    click.echo(recorder.url)
    try:
        recorder.run()
    finally:
        click.echo(f"{recorder.count:,} exchanges in {file}", err=True)


def counter() -> Any:
    """Shows, on a terminal, how many exchanges there are by now."""
    if not sys.stderr.isatty():
        return lambda _count: None
    return lambda count: click.echo(f"\r{count:,} exchanges", nl=False, err=True)


def interrupt(_signal: int, _frame: Any) -> NoReturn:
    """Stop in good order when the process is told to end."""
    raise SystemExit(0)


@click.command()
@recording_argument
@click.option("--answers", is_flag=True, help="Also tell where the shape of an answer is not the recorded one.")
@to_option
@key_option
def replay(recording: Path, *, answers: bool, to: str | None, key: str | None) -> None:
    """Send what is in RECORDING again, in order; a mock is told the recorded times.

    Exits with 1 when an answer has another status than the recorded one, with --answers also when it lacks members,
    has others, or some of another type: what real Klaviyo answered, recorded, is held against the fake.

    \b
    Examples:
      vendor-sim replay traffic.ndjson --to http://127.0.0.1:4747
      vendor-sim replay real.ndjson --answers --to http://127.0.0.1:4747
    """
    from simulator.delivery import Delivery
    from simulator.recording.exchange import exchanges
    from simulator.recording.replaying import replayed
    from simulator.server import destination

    if to is None:
        raise click.UsageError("--to is missing: where should it be sent?")
    with understandable(), closing(Delivery(destination(to, key))) as delivery:
        found = Counter(shown(one) for one in replayed(exchanges(recording), delivery, compares_answers=answers))
    click.echo(f"{found.total():,} sent, {found[False]:,} answered otherwise")
    if found[False]:
        sys.exit(FAILED)


def shown(one: Replayed) -> bool:
    """Whether an answer is the recorded one; another one is printed."""
    if not one.is_same:
        click.echo(one.line)
    return one.is_same


@contract.command()
@recording_argument
@click.option("--vendor", default="recorded", show_default=True, help="Whose contract it will be.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of the screen.")
def infer(recording: Path, *, vendor: str, output: Path | None) -> None:
    """Propose a contract from RECORDING: types, formats, enums, and what was always there.

    \b
    Example:
      vendor-sim contract infer traffic.ndjson -o contract.yaml
    """
    from simulator.contract.inference.inferring import contract_document, contract_text
    from simulator.contract.inference.traffic import traffic
    from simulator.recording.exchange import exchanges

    with understandable():
        seen = traffic(exchanges(recording))
    if seen.is_empty:
        raise click.ClickException(f"{recording} holds no event, no profile and no webhook that was accepted")
    text = contract_text(contract_document(seen, vendor))
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text)
    click.echo(f"{output}: {len(seen.events)} events, {len(seen.webhooks)} webhooks")


@contract.command()
@recording_argument
@click.argument("contract_or_vendor")
@json_option
def drift(recording: Path, *, contract_or_vendor: str, as_json: bool) -> None:
    """Tell where RECORDING is no longer as a contract says: its file, or a vendor's name for that vendor's own.

    Exits with 1 when something is added, gone, of another type, or has a new value; an event that never
    came is only a note.

    \b
    Examples:
      vendor-sim contract drift traffic.ndjson contract.yaml
      vendor-sim contract drift traffic.ndjson smile
    """
    from simulator.contract.inference.drift import drifts
    from simulator.recording.exchange import exchanges

    with understandable():
        found = drifts(exchanges(recording), known_contract(contract_or_vendor))
    is_drifted = any(not each.is_note for each in found)
    show([each.line for each in found], found, as_json=as_json, nothing="no drift", is_failure=is_drifted)


@contract.command()
@click.argument("before")
@click.argument("after")
@json_option
def diff(before: str, after: str, *, as_json: bool) -> None:
    """Tell how the contract AFTER differs from BEFORE; each is a file or a vendor's name.

    Exits with 1 when they differ.

    \b
    Example:
      vendor-sim contract diff contract.yaml contract.new.yaml
    """
    from simulator.contract.inference.differing import differences

    with understandable():
        found = list(differences(known_contract(before), known_contract(after)))
    lines = [each.line for each in found]
    show(lines, found, as_json=as_json, nothing="no difference", is_failure=bool(found))


@contract.command("schemas")
@click.argument("vendors", nargs=-1)
def print_schemas(vendors: tuple[str, ...]) -> None:
    """Print the contracts of the VENDORS as JSON Schemas, for the server's /__mock/contracts and for `flow lint`.

    \b
    Example:
      vendor-sim contract schemas smile > smile.json
      mock-klaviyo flow lint flow.json --contracts smile.json
    """
    from simulator import json
    from simulator.cli.words import known_vendors
    from simulator.contract.schemas import schemas

    contracts = [known_contract(vendor.name) for vendor in known_vendors(vendors)]
    click.echo(json.written(schemas(contracts)))


def show(lines: list[str], found: list[Any], *, as_json: bool, nothing: str, is_failure: bool) -> None:
    """Print what was found."""
    from simulator import json

    click.echo(json.written(found) if as_json else "\n".join(lines) or nothing)
    if is_failure:
        sys.exit(FAILED)


def known_contract(name: str) -> Contract:
    """The contract in a file, or a vendor's own."""
    from simulator.cli.words import known_vendor
    from simulator.contract.contract import load

    file = Path(name)
    if file.suffix in (".yaml", ".yml"):
        if not file.is_file():
            raise click.UsageError(f"there is no file {name}")
        return load(file)
    return load(known_vendor(name).folder / "contract.yaml")
