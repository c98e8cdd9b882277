"""Options that several commands share."""

from __future__ import annotations

import click

to_option = click.option(
    "--to", envvar="MOCK_KLAVIYO_URL", metavar="URL", help="Where to send. [env: MOCK_KLAVIYO_URL]"
)
key_option = click.option("--key", envvar="MOCK_KLAVIYO_API_KEY", help="Private key. [env: MOCK_KLAVIYO_API_KEY]")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
start_option = click.option("--start", metavar="TIME", help="When it begins, such as 2026-03-01T08:00:00Z.")
