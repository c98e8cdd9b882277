"""The command `mock-klaviyo`: one module for each family of commands."""

from __future__ import annotations

import click

from mock_klaviyo import __version__
from mock_klaviyo.cli import clients, clock, demo, execution, faults, flows, recordings, serving

EXIT_CODES = "Exit codes: 0 success, 1 failure, 2 wrong usage, 4 the server cannot be reached."

COMMANDS: tuple[click.Command, ...] = (
    serving.serve,
    demo.demo,
    execution.execute,
    clients.env,
    clients.keys,
    clients.healthcheck,
    clock.clock,
    faults.faults,
    flows.flow,
    recordings.record,
    recordings.coverage,
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MOCK_KLAVIYO"},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, prog_name="mock-klaviyo")
def main() -> None:
    """A local Klaviyo that real clients cannot tell from the real one.

    \b
    Examples:
      mock-klaviyo demo
      mock-klaviyo serve
      mock-klaviyo serve --port 0 --print-url --data shop.sqlite
      eval "$(mock-klaviyo env --export)"
    """


for command in COMMANDS:
    main.add_command(command)
