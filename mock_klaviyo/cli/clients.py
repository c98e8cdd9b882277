"""env, keys, healthcheck: what a client of the server needs to know."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from mock_klaviyo.account_file import AccountFileError, configs
from mock_klaviyo.cli.options import account_option, accounts_option, host_option, key_option, port_option
from mock_klaviyo.config import Account, Config, Key


@click.command()
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


@click.command()
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


@click.command()
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
