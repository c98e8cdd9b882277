"""Options and types of argument that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mock_klaviyo.clock import EARLIEST, LATEST, checked
from mock_klaviyo.config import DEFAULT_PORT, PRIVATE_KEY
from mock_klaviyo.durations import duration


class HostName(click.ParamType[str]):
    """The name or address of a host, without scheme, port or path."""

    name = "host"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The host that a text names."""
        if not value or set(value) & set("/@?# "):
            self.fail(f"{value!r} is not a host such as shop.example.org, without scheme and path", param, ctx)
        return str(value)


class WebAddress(click.ParamType[str]):
    """An address that links begin with: scheme, host and perhaps a path, nothing after it."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address that a text is, without a slash at its end."""
        found = urlsplit(value)
        if found.scheme not in ("http", "https") or not found.hostname or found.query or found.fragment or " " in value:
            self.fail(f"{value!r} is not a URL to begin links with, such as https://mock.example.org", param, ctx)
        return str(value).rstrip("/")


class Token(click.ParamType[str]):
    """A secret that fits into a header: printable ASCII, and not nothing."""

    name = "token"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The token that a text is."""
        if not value or not value.isascii() or not value.isprintable() or value != value.strip():
            self.fail(f"{value!r} is not a token: it must be printable ASCII characters", param, ctx)
        return str(value)


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
