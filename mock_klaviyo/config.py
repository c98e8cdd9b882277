"""Config: everything about a server that its user can choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeAlias

DEFAULT_PORT = 4747
PRIVATE_KEY = "pk_0123456789abcdef0123456789abcdef01"
PUBLIC_KEY = "MOCK01"
CLIENT_ID = "00000000-0000-4000-8000-000000000001"
CLIENT_SECRET = "mock-klaviyo-client-secret"
DEFAULT_JOURNAL = 1000
LATE_LIMIT = timedelta(hours=6)
"""How late an event may come and still start a flow; another page says 4 hours.

https://help.klaviyo.com/hc/en-us/articles/12278373016603
"""
DEFAULT_WORLDS = 256


class RateLimits(StrEnum):
    """Whether the recorded rate limits hold."""

    OFF = "off"
    REAL = "real"


WhenMissing: TypeAlias = Literal["newest", "refuse"]
"""What a request without a revision header gets: the newest revision, or a 400."""


@dataclass(frozen=True)
class Account:
    """The account itself; its id is also its public key."""

    id: str = "MOCK01"
    name: str = "Mock Shop"
    timezone: str = "US/Eastern"
    currency: str = "USD"
    locale: str = "en-US"
    opt_in_process: str = "double_opt_in"


@dataclass(frozen=True)
class Key:
    """A private key and what it may do, without scopes everything; an app's access token tells which app has it."""

    key: str
    scopes: frozenset[str] | None = None
    app: str | None = None

    @classmethod
    def read(cls, text: str) -> Key:
        """The key that `KEY[:scope,...]` describes.

        >>> Key.read("pk_1:events:write,profiles:read").scopes == {"events:write", "profiles:read"}
        True
        """
        key, separator, scopes = text.partition(":")
        return cls(key, frozenset(scopes.split(",")) if separator else None)


@dataclass(frozen=True)
class App:
    """An OAuth app; without a secret every secret is right, without redirect URIs every one may be used."""

    client_id: str
    client_secret: str | None = None
    redirect_uris: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> App:
        """The app that `CLIENT_ID:CLIENT_SECRET[,redirect_uri...]` describes.

        >>> App.read("shop:secret,https://shop.example/callback").redirect_uris
        ('https://shop.example/callback',)
        """
        credentials, *redirect_uris = text.split(",")
        client_id, separator, secret = credentials.partition(":")
        return cls(client_id, secret if separator else None, tuple(redirect_uris))


@dataclass(frozen=True)
class Config:
    """A server's settings; the defaults are those of a fresh server."""

    keys: tuple[Key, ...] = (Key(PRIVATE_KEY),)
    takes_any_key: bool = False
    data: Path | None = None
    baseline: Path | None = None
    seed: int = 0
    clock: datetime | None = None
    rate_limits: RateLimits = RateLimits.OFF
    without_revision: WhenMissing = "newest"
    drops_placeholder_domains: bool = True
    processing_delay: timedelta = timedelta(0)
    job_delay: timedelta = timedelta(0)
    late_limit: timedelta = LATE_LIMIT
    journal_size: int = DEFAULT_JOURNAL
    recordings: Path | None = None
    allowed_hosts: frozenset[str] = frozenset()
    webhooks_need_plan: bool = False
    smtp: str | None = None
    link_base: str | None = None
    """What the links of messages begin with; the URL at which the server is called unless it is set."""
    is_legacy: bool = False
    lock: str | None = None
    """What the control routes ask for in X-Mock-Token; nothing unless it is set."""
    apps: tuple[App, ...] = (App(CLIENT_ID, CLIENT_SECRET),)
    account: Account = field(default_factory=lambda: Account(id=PUBLIC_KEY))
    other_public_keys: frozenset[str] = frozenset()
    most_worlds: int = DEFAULT_WORLDS
    keeps_history: bool = False

    @property
    def private_key(self) -> str:
        """The first private key, which the banner prints."""
        return self.keys[0].key

    def environment(self, url: str) -> Mapping[str, str]:
        """The variables that a client of this server needs."""
        return {
            "MOCK_KLAVIYO_URL": url,
            "MOCK_KLAVIYO_API_KEY": self.private_key,
            "KLAVIYO_API_BASE": url,
            "KLAVIYO_API_KEY": self.private_key,
            "KLAVIYO_PRIVATE_KEY": self.private_key,
            "KLAVIYO_PUBLIC_KEY": self.account.id,
            "KLAVIYO_COMPANY_ID": self.account.id,
            "KLAVIYO_CLIENT_ID": self.apps[0].client_id,
            "KLAVIYO_CLIENT_SECRET": self.apps[0].client_secret or "",
        }
