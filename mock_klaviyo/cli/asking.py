"""Asking: the control routes of a running server, from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from mock_klaviyo.config import DEFAULT_PORT

UNREACHABLE = 4
SECONDS = 600
"""A clock that moves on by a year has much to do."""

url_option = click.option(
    "--url", envvar="MOCK_KLAVIYO_URL", default=f"http://127.0.0.1:{DEFAULT_PORT}", show_default=True,
    help="The running server.",
)  # fmt: skip


class NoServer(click.ClickException):
    """Ends the program because nobody answers."""

    exit_code = UNREACHABLE


def unanswered(url: str, reason: Exception) -> str:
    """That a server does not answer, and what to do about it."""
    told = "nothing listens there" if "refused" in str(reason) else str(reason)
    return f"{url} does not answer: {told}. Start one with `mock-klaviyo serve`, or name one that runs with --url URL."


def ask(url: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """What a control route of the server answers; a refusal or silence ends the program with what it says."""
    import requests

    try:
        answer = requests.request(method, f"{url.rstrip('/')}/__mock{path}", json=body, timeout=SECONDS)
    except requests.RequestException as reason:
        raise NoServer(unanswered(url, reason)) from None
    try:
        found = answer.json()
    except ValueError:
        raise click.ClickException(f"{url} is no mock-klaviyo: it answered {answer.status_code}") from None
    if answer.status_code >= 400:
        raise click.ClickException(found.get("error") or str(found))
    return found
