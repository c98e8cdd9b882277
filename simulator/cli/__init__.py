"""vendor-sim: vendors, their events, scenarios and contracts on the command line."""

from __future__ import annotations

import click

from simulator.cli import comparisons, contracts, events, publications, recordings, scenarios
from simulator.cli.outcomes import EXIT_CODES, Program

COMMANDS: tuple[click.Command, ...] = (
    events.vendors,
    events.events,
    events.emit,
    scenarios.run,
    scenarios.validate,
    scenarios.schema,
    scenarios.save_scenario,
    contracts.contract,
    comparisons.compare,
    recordings.record,
    recordings.replay,
)


@click.group(
    cls=Program,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
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


contracts.contract.add_command(publications.publish)
contracts.contract.add_command(publications.can_i_deploy)

for command in COMMANDS:
    main.add_command(command)
