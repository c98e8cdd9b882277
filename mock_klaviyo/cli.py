"""The command `mock-klaviyo`: serve, env, keys, healthcheck, record, coverage."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from mock_klaviyo import __version__
from mock_klaviyo.account_file import AccountFileError, configs
from mock_klaviyo.clock import EARLIEST, LATEST, checked
from mock_klaviyo.config import DEFAULT_JOURNAL, DEFAULT_PORT, PRIVATE_KEY, Account, App, Config, Key, RateLimits
from mock_klaviyo.durations import duration

SWITCH_INTERVAL = 0.0005
"""How often threads take turns; with one answering thread this makes reads four times as fast as the default."""

EXIT_CODES = "Exit codes: 0 success, 1 failure, 2 wrong usage, 4 the server cannot be reached."


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MOCK_KLAVIYO"},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, prog_name="mock-klaviyo")
def main() -> None:
    """A local Klaviyo that real clients cannot tell from the real one.

    \b
    Examples:
      mock-klaviyo serve
      mock-klaviyo serve --port 0 --print-url --data shop.sqlite
      eval "$(mock-klaviyo env --export)"
    """


class Moment(click.ParamType[datetime]):
    """A time in ISO 8601; without an offset it is in UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time that a text names."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
            return checked((found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC))
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is not a time such as 2026-03-01T08:00:00Z, {EARLIEST.year} to {LATEST.year}", param, ctx
            )


class Duration(click.ParamType[timedelta]):
    """A duration such as 30s, 5m or 1h 30m."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The duration that a text names."""
        try:
            return value if isinstance(value, timedelta) else duration(value)
        except ValueError as reason:
            self.fail(str(reason), param, ctx)


port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, envvar="MOCK_KLAVIYO_PORT",
    help="Where to listen; 0 takes a free port.",
)  # fmt: skip
host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, envvar="MOCK_KLAVIYO_HOST", help="The address to listen at.",
)  # fmt: skip
key_option = click.option(
    "--key", "keys", multiple=True, default=(PRIVATE_KEY,), envvar="MOCK_KLAVIYO_KEY", metavar="KEY[:scope,...]",
    help="A private key, perhaps with scopes such as pk_1:events:write,profiles:read; repeat it for several.",
)  # fmt: skip
account_option = click.option(
    "--public-key", default="MOCK01", show_default=True, envvar="MOCK_KLAVIYO_PUBLIC_KEY",
    help="The account's id, which is its public key.",
)  # fmt: skip

accounts_option = click.option(
    "--accounts", "account_file", type=click.Path(dir_okay=False, path_type=Path), envvar="MOCK_KLAVIYO_ACCOUNTS",
    metavar="FILE", help="Further accounts, in TOML: [[account]] tables with id, keys, name, timezone and so on.",
)  # fmt: skip


@main.command(
    context_settings={"auto_envvar_prefix": "MOCK_KLAVIYO"},
    epilog="Each option is also read from MOCK_KLAVIYO_ and its name, such as MOCK_KLAVIYO_RATE_LIMITS=real.",
)
@host_option
@port_option
@key_option
@account_option
@click.option("--app", "apps", multiple=True, metavar="ID:SECRET[,uri...]",
              help="An OAuth app, perhaps with the only redirect URIs it may use; repeat it for several.")  # fmt: skip
@click.option("--legacy", is_flag=True, help="Let /api/track and /api/identify work as before they were retired.")
@click.option("--any-key", is_flag=True, help="Take every key, private and public.")
@click.option("--data", type=click.Path(dir_okay=False, path_type=Path), help="Keep everything in this SQLite file.")
@click.option("--clock", type=Moment(), help="Hold the clock at this time instead of following the wall clock.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of all ids.")
@click.option(
    "--rate-limits", type=click.Choice([each.value for each in RateLimits]), default=RateLimits.OFF.value,
    show_default=True, help="Whether the recorded rate limits hold.",
)  # fmt: skip
@click.option(
    "--without-revision", type=click.Choice(["newest", "refuse"]), default="newest", show_default=True,
    help="What a request without a revision header gets.",
)  # fmt: skip
@click.option(
    "--opt-in", type=click.Choice(["double_opt_in", "single_opt_in"]), default="double_opt_in", show_default=True,
    help="The account's opt-in process, for consent without a list.",
)  # fmt: skip
@click.option("--baseline", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Begin with what this data file holds, and go back to it at every reset.")  # fmt: skip
@click.option("--processing-delay", type=Duration(), default="0s", show_default=True,
              help="How long accepted events wait before they can be read, such as 30s or 5m.")  # fmt: skip
@click.option("--keep-placeholders", is_flag=True, help="Keep events for @example.com, which Klaviyo drops.")
@click.option(
    "--allow-host", multiple=True, metavar="HOST",
    help="A host beside this machine that webhooks and image URLs may lead to; repeat it for several.",
)  # fmt: skip
@click.option("--webhooks-need-plan", is_flag=True, help="Refuse webhooks to private keys, as without Advanced KDP.")
@click.option("--journal", type=click.IntRange(1), default=DEFAULT_JOURNAL, show_default=True,
              help="How many requests /__mock/requests shows; counts are exact anyway.")  # fmt: skip
@click.option("--recordings", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIRECTORY",
              help="Serve the recordings in this folder beside the shipped ones, such as one of a beta.")  # fmt: skip
@accounts_option
@click.option("--print-url", is_flag=True, help="Print the URL as the only line on standard output.")
def serve(host: str, port: int, account_file: Path | None, print_url: bool, **settings: Any) -> None:  # noqa: FBT001 - click passes flags so
    """Run the server until it is interrupted.

    \b
    Examples:
      mock-klaviyo serve
      mock-klaviyo serve --port 0 --print-url
      mock-klaviyo serve --data shop.sqlite --key pk_mine --key pk_readonly:profiles:read
    """
    from mock_klaviyo.app import create_app
    from mock_klaviyo.serving import Server
    from mock_klaviyo.spec.recorded import RecordingsError
    from mock_klaviyo.store.database import StoreError

    try:
        accounts = configs(configured(**settings), account_file)
        server = Server(create_app(*accounts), host, port)
    except (OSError, StoreError, RecordingsError, AccountFileError) as reason:
        raise click.ClickException(str(reason)) from None
    if print_url:
        click.echo(server.url)
    banner(server.url, accounts)
    signal.signal(signal.SIGTERM, interrupt)
    sys.setswitchinterval(SWITCH_INTERVAL)
    server.run()


def configured(
    keys: tuple[str, ...],
    public_key: str,
    any_key: bool,  # noqa: FBT001 - click passes flags so
    data: Path | None,
    clock: datetime | None,
    seed: int,
    rate_limits: str,
    without_revision: Any,
    opt_in: str,
    keep_placeholders: bool,  # noqa: FBT001
    journal: int,
    baseline: Path | None,
    processing_delay: timedelta,
    recordings: Path | None,
    allow_host: tuple[str, ...] = (),
    webhooks_need_plan: bool = False,  # noqa: FBT001, FBT002
    apps: tuple[str, ...] = (),
    legacy: bool = False,  # noqa: FBT001, FBT002
) -> Config:
    """The configuration that the options of `serve` describe."""
    return Config(
        keys=tuple(map(Key.read, keys)),
        takes_any_key=any_key,
        data=data,
        seed=seed,
        clock=clock,
        rate_limits=RateLimits(rate_limits),
        without_revision=without_revision,
        drops_placeholder_domains=not keep_placeholders,
        journal_size=journal,
        baseline=baseline,
        processing_delay=processing_delay,
        recordings=recordings,
        allowed_hosts=frozenset(allow_host),
        webhooks_need_plan=webhooks_need_plan,
        is_legacy=legacy,
        apps=tuple(map(App.read, apps)) or Config.apps,
        account=Account(id=public_key, opt_in_process=opt_in),
    )


def banner(url: str, accounts: Sequence[Config]) -> None:
    """Tell, on standard error, where the server is and how to use it."""
    store = accounts[0].data or "memory (use --data FILE to keep it)"
    lines = {
        "Klaviyo": url,
        "private key": ", ".join(key.key for config in accounts for key in config.keys),
        "public key": ", ".join(config.account.id for config in accounts),
        "store": store,
        "control": f"{url}/__mock/  (POST reset, GET requests, rejected, events, profiles, clock)",
    }
    click.echo("\n".join(f"{name:>12}  {text}" for name, text in lines.items()), err=True)


def interrupt(_signal: int, _frame: Any) -> NoReturn:
    """Stop in good order when the process is told to end."""
    raise SystemExit(0)


@main.command()
@host_option
@port_option
@key_option
@account_option
@click.option("--export", "style", flag_value="export", help="As shell commands.")
@click.option("--json", "style", flag_value="json", help="As a JSON object.")
def env(host: str, port: int, keys: tuple[str, ...], public_key: str, style: str | None) -> None:
    """Print the variables that a client of the server needs.

    \b
    Examples:
      eval "$(mock-klaviyo env --export)"
      mock-klaviyo env --json | jq -r .KLAVIYO_API_KEY
    """
    config = Config(keys=tuple(map(Key.read, keys)), account=Account(id=public_key))
    click.echo(rendered(config.environment(f"http://{host}:{port}"), style))


def rendered(variables: Mapping[str, str], style: str | None) -> str:
    """Variables as lines, as shell commands or as JSON."""
    if style == "json":
        return json.dumps(dict(variables), indent=2)
    prefix = "export " if style == "export" else ""
    return "\n".join(f"{prefix}{name}={value}" for name, value in variables.items())


@main.command()
@key_option
@account_option
@accounts_option
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def keys(keys: tuple[str, ...], public_key: str, account_file: Path | None, as_json: bool) -> None:  # noqa: FBT001
    """List the keys of each account that `serve` has with the same options, and what each may do.

    \b
    Example:
      mock-klaviyo keys --key pk_reader:profiles:read --accounts accounts.toml
    """
    config = Config(keys=tuple(map(Key.read, keys)), account=Account(id=public_key))
    try:
        rows = list(key_rows(configs(config, account_file)))
    except AccountFileError as reason:
        raise click.ClickException(str(reason)) from None
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['account']:10} {row['key']:40} {', '.join(row['scopes']) or 'everything'}")


def key_rows(accounts: Sequence[Config]) -> Iterator[dict[str, Any]]:
    """Each private key with its account and its scopes; none means that it may do everything."""
    for config in accounts:
        for key in config.keys:
            yield {"account": config.account.id, "key": key.key, "scopes": sorted(key.scopes or ())}


@main.command()
@host_option
@port_option
def healthcheck(host: str, port: int) -> None:
    """Exit with 0 when a server answers, with 4 when none does: `HEALTHCHECK CMD ["mock-klaviyo", "healthcheck"]`."""
    import requests

    url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/__mock/health"
    try:
        requests.get(url, timeout=5).raise_for_status()
    except requests.RequestException as reason:
        click.echo(f"{url} does not answer: {reason}", err=True)
        raise SystemExit(4) from None
    click.echo("ok")


@main.command()
@click.argument("definitions", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Another folder to write into.")
def record(definitions: tuple[Path, ...], folder: Path | None) -> None:
    """Record Klaviyo's OpenAPI definitions in our own form.

    \b
    Example:
      mock-klaviyo record openapi/2026-07-15.json
    """
    from mock_klaviyo.spec.openapi import RecordError
    from mock_klaviyo.spec.record import record as record_definition

    for definition in definitions:
        target = folder / f"{definition.stem}.json.gz" if folder else None
        try:
            click.echo(record_definition(definition, target))
        except RecordError as reason:
            raise click.ClickException(f"{reason}. Nothing was written.") from None


@main.command()
@click.option("--revision", help="A recorded revision; the newest unless given.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def coverage(revision: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Tell, tag by tag, how many operations are recorded, answered, and have behaviour of their own."""
    from mock_klaviyo.resources.reference import OWN, handler
    from mock_klaviyo.spec.counterparts import counterpart
    from mock_klaviyo.spec.coverage import coverage as covered
    from mock_klaviyo.spec.recorded import recording, revisions

    try:
        recorded = recording(revision or revisions()[-1])
    except LookupError as reason:
        raise click.UsageError(str(reason.args[0])) from None
    operations = recorded.operations.items()
    answered = frozenset(name for name, operation in operations if handler(operation))
    own = frozenset(name for name, operation in operations if counterpart(operation).id in OWN)
    found = covered(recorded, answered, own)
    click.echo(json.dumps(found.document(), indent=2) if as_json else found.text())
