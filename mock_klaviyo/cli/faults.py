"""faults: what goes wrong on a running server, shown, set and taken away."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click

from mock_klaviyo.cli.asking import ask, url_option

COUNTS = ("id", "draws", "hits")


@click.group(invoke_without_command=True)
@url_option
@click.pass_context
def faults(context: click.Context, url: str) -> None:
    """Let things go wrong on a running server, and see how often they did.

    \b
    Examples:
      mock-klaviyo faults add match="POST /api/events" status=503 phase=after rate=0.5
      mock-klaviyo faults add preset=rate-limit-storm to=10m
      mock-klaviyo faults
      mock-klaviyo faults clear
    """
    context.obj = url
    if context.invoked_subcommand is None:
        show(ask(url, "GET", "/faults")["data"])


@faults.command("list")
@click.pass_obj
def list_faults(url: str) -> None:
    """List the faults that are set, each with how often it was drawn for and how often it hit."""
    show(ask(url, "GET", "/faults")["data"])


@faults.command()
@click.argument("members", nargs=-1, required=True, metavar="MEMBER=VALUE...")
@click.pass_obj
def add(url: str, members: tuple[str, ...]) -> None:
    """Set a fault: `mock-klaviyo faults add match="GET *" latency=2s`; values are JSON or plain text."""
    show(ask(url, "POST", "/faults", dict(map(member, members)))["data"])


@faults.command()
@click.argument("id", required=False)
@click.pass_obj
def clear(url: str, id: str | None) -> None:
    """Take away the fault of an ID, or all."""
    removed = ask(url, "DELETE", f"/faults/{id}" if id else "/faults")["removed"]
    click.echo(f"{removed} removed")


@faults.command()
@click.pass_obj
def presets(url: str) -> None:
    """List the incidents that can be set by name."""
    for preset in ask(url, "GET", "/presets")["data"]:
        click.echo(f"{preset['name']:20} {preset['meaning']}")


def member(text: str) -> tuple[str, Any]:
    """A member of a fault and its value.

    >>> member("rate=0.5"), member("match=POST *")
    (('rate', 0.5), ('match', 'POST *'))
    """
    name, separator, value = text.partition("=")
    if not separator:
        raise click.UsageError(f"{text!r} is not MEMBER=VALUE, such as status=503")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def show(found: Iterable[dict[str, Any]]) -> None:
    """Each fault on a line."""
    for fault in found:
        given = " ".join(f"{name}={value}" for name, value in fault.items() if name not in COUNTS)
        click.echo(f"{fault['id']:10} {fault['hits']} of {fault['draws']:<8} {given}")
