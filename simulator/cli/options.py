"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from simulator.cli.outcomes import understandable

to_option = click.option(
    "--to", envvar="MOCK_KLAVIYO_URL", metavar="URL", help="Where to send. [env: MOCK_KLAVIYO_URL]"
)
key_option = click.option("--key", envvar="MOCK_KLAVIYO_API_KEY", help="Private key. [env: MOCK_KLAVIYO_API_KEY]")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
target_option = click.option(
    "--target",
    metavar="SPEC",
    help="What is tested: builtin, python:MODULE:FUNCTION, http://URL, command:PROGRAM, none.",
)
secret_option = click.option(
    "--webhook-secret",
    "secrets",
    multiple=True,
    metavar="[VENDOR=]SECRET",
    help="What vendors sign their webhooks with.",
)
python_option = click.option(
    "--allow-python", is_flag=True, help="Import code from anywhere, not only from here or the scenario's folder."
)


def target_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that choose what is tested; the command gets them as one `aim`."""
    return target_option(aim_options(command))


def aim_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that all targets need; the command gets them as `aim`."""

    @wraps(command)
    def aimed(
        *arguments: Any, secrets: tuple[str, ...], allow_python: bool, target: str | None = None, **options: Any
    ) -> None:
        from simulator.targets.aim import Aim

        with understandable():
            aim = Aim.asked(target, secrets, is_python_allowed=allow_python)
        command(*arguments, aim=aim, **options)

    for option in (python_option, secret_option):
        aimed = option(aimed)
    return aimed


start_option = click.option("--start", metavar="TIME", help="When it begins, such as 2026-03-01T08:00:00Z.")
