"""clock: the clock of a running server, shown and moved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import click

from mock_klaviyo.cli.asking import ask, url_option
from mock_klaviyo.cli.options import Duration, Moment

within_option = click.option("--within", type=Duration(), default="366d", show_default=True, help="How far to look.")


@click.group(invoke_without_command=True)
@url_option
@click.pass_context
def clock(context: click.Context, url: str) -> None:
    """Show or move the clock of a running server; whatever falls due on the way happens in order.

    \b
    Examples:
      mock-klaviyo clock
      mock-klaviyo clock advance 3d
      mock-klaviyo clock next-message ana@example.org
      mock-klaviyo clock idle --within 90d
    """
    context.obj = url
    if context.invoked_subcommand is None:
        show(ask(url, "GET", "/clock"))


@clock.command("set")
@click.argument("time", type=Moment())
@click.pass_obj
def set_clock(url: str, time: datetime) -> None:
    """Freeze the clock at TIME: `mock-klaviyo clock set 2026-03-01T08:00:00Z`."""
    show(ask(url, "PUT", "/clock", {"now": time.isoformat()}))


@clock.command()
@click.pass_obj
def freeze(url: str) -> None:
    """Let the clock stand still where it is."""
    show(ask(url, "PUT", "/clock", {"mode": "frozen"}))


@clock.command()
@click.pass_obj
def real(url: str) -> None:
    """Let the clock follow the wall clock."""
    show(ask(url, "PUT", "/clock", {"mode": "real"}))


@clock.command()
@click.argument("rate", type=float)
@click.pass_obj
def scale(url: str, rate: float) -> None:
    """Let the clock run RATE times as fast as life: `mock-klaviyo clock scale 1440` is a day a minute."""
    show(ask(url, "PUT", "/clock", {"mode": "scaled", "rate": rate}))


@clock.command()
@click.argument("by", type=Duration())
@click.pass_obj
def advance(url: str, by: timedelta) -> None:
    """Move the clock forward BY a duration: `mock-klaviyo clock advance 3d`."""
    show(ask(url, "POST", "/clock/advance", {"by_seconds": by.total_seconds()}))


@clock.command("next")
@within_option
@click.pass_obj
def to_next(url: str, within: timedelta) -> None:
    """Move to the next time at which something is due."""
    show(ask(url, "POST", "/clock/next", {"within": text(within)}))


@clock.command("next-message")
@click.argument("profile", required=False)
@within_option
@click.pass_obj
def next_message(url: str, profile: str | None, within: timedelta) -> None:
    """Move to the next message, to PROFILE if one is named, by id, email, phone number or external id."""
    wanted = {"within": text(within)} | ({"profile": profile} if profile else {})
    found = ask(url, "POST", "/clock/next-message", wanted)
    show(found)
    message = found["message"]
    click.echo(f"{message['channel']} to {message['to']}: {message.get('subject') or message.get('body') or ''}")


@clock.command()
@within_option
@click.pass_obj
def idle(url: str, within: timedelta) -> None:
    """Move on until nothing is due any more; exits with 1 when something still is."""
    found = ask(url, "POST", "/clock/idle", {"within": text(within)})
    show(found)
    if not found["is_idle"]:
        raise click.ClickException(f"something is still due after {text(within)}; `mock-klaviyo clock due` lists it")


@clock.command()
@click.option("--limit", default=10, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def due(url: str, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """List what is due next."""
    found = ask(url, "GET", f"/clock/due?limit={limit}")["data"]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for each in found:
        click.echo(f"{each['due']}  {each['kind']:20} {each['subject']}")


def show(document: Mapping[str, Any]) -> None:
    """Print the time and how the clock runs."""
    rate = f" {document['rate']:g} times as fast as life" if document["mode"] == "scaled" else ""
    click.echo(f"{document['now']}  {document['mode']}{rate}")


def text(duration: timedelta) -> str:
    """A duration as the server reads it."""
    return f"{int(duration.total_seconds())}s"
