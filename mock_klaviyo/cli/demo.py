"""demo: a server with a shop to look at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import click

import mock_klaviyo
from mock_klaviyo.cli.asking import ask
from mock_klaviyo.cli.flow_texts import flow_lines
from mock_klaviyo.cli.options import host_option, port_option
from mock_klaviyo.cli.serving import interrupt, tune
from mock_klaviyo.cli.starting import failures

PACKAGE = Path(mock_klaviyo.__file__).parent
PLACES = (PACKAGE / "scenarios", PACKAGE.parent / "scenarios")
"""Where the scenarios lie: in the package once it is installed, beside it in a checkout."""

SCENARIO = "demo.yaml"
SIMULATOR = (sys.executable, "-m", "simulator", "run", "--no-github")
"""The other program, which plays the scenario; the two meet over HTTP only."""

PREFIX = "MOCK_KLAVIYO_"
SECOND = 1.0

PEOPLE = {
    "ana@example.org": "waits in two flows; a text was skipped for want of consent",
    "cleo@example.org": "redeemed in time, so that her second reminder was skipped",
    "hal@example.org": "has unsubscribed, but reached Gold",
}
"""Whom to look at, and why."""


@click.command()
@host_option
@port_option
@click.option("--once", is_flag=True, help="End when everything is told, as a test wants it.")
def demo(host: str, port: int, once: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Run a server with a shop to look at: five weeks of five loyalty programmes, and their eight flows.

    The clock stands still afterwards, so that it is yours to move. It is the same shop each time.

    \b
    Examples:
      mock-klaviyo demo
      mock-klaviyo demo --port 0 --once
    """
    from mock_klaviyo.app import create_app
    from mock_klaviyo.serving import Server

    with failures():
        server = Server(create_app(), host, port)
    tune()
    signal.signal(signal.SIGTERM, interrupt)
    server.start()
    with closing(server):
        play(server.url)
        click.echo("\n".join(tour(server.url)))
        if not once:
            wait()


def play(url: str) -> None:
    """Let the simulator play the scenario of the demo; ends the program when it does not go as it should."""
    scenario = next((place / SCENARIO for place in PLACES if (place / SCENARIO).exists()), None)
    if scenario is None:
        raise click.ClickException(f"{SCENARIO} is not in {' or '.join(map(str, PLACES))}; install the package anew")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    click.echo("playing five weeks of a shop ...", err=True)
    command = (*SIMULATOR, str(scenario), "--to", url)
    played = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    if played.returncode:
        raise click.ClickException(f"the demo went wrong, it ended with {played.returncode}:\n{played.stdout}")


def tour(url: str) -> Iterator[str]:
    """Where to look, and what to do next."""
    config, clock = ask(url, "GET", "/config"), ask(url, "GET", "/clock")
    pages = f"{url}/__mock"
    yield f"Klaviyo      {url}   key {config['private_key']}"
    yield f"the time     {clock['now']}, {clock['mode']}"
    yield f"start page   {pages}/"
    yield f"messages     {pages}/console/messages"
    yield ""
    yield "People"
    yield from (f"  {pages}/console/profiles/{who}   {why}" for who, why in PEOPLE.items())
    yield ""
    yield "Flows"
    yield from (f"  {line}" for line in flow_lines(ask(url, "GET", "/flows")["data"]))
    yield ""
    yield "Next, in another shell"
    yield f"  export MOCK_KLAVIYO_URL={url}"
    yield "  mock-klaviyo clock next-message ana@example.org"
    yield "  mock-klaviyo clock advance 3d"
    yield "  mock-klaviyo flow list"
    yield "  mock-klaviyo flow runs 'Points expiring (Smile.io)' --profile ana@example.org"
    yield "  vendor-sim emit smile 'Points Expiring' --profile ben@example.org"


def wait() -> None:
    """Answer until the program is interrupted."""
    click.echo("\nIt answers until it is interrupted with Ctrl-C.", err=True)
    never = Event()
    try:
        while not never.wait(SECOND):  # a wait without end cannot be interrupted everywhere
            pass
    except KeyboardInterrupt:
        return
