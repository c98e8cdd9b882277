"""Authentication: private keys and tokens on /api, the public key on /client, and what a key may do."""

from __future__ import annotations

from collections.abc import Callable

from mock_klaviyo.config import Config, Key
from mock_klaviyo.errors import error
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.wire.messages import Request

CHALLENGE = {"WWW-Authenticate": "Bearer, Klaviyo-API-Key"}
SCHEMES = ("klaviyo-api-key", "bearer")


class Authentication:
    """Who may call: the keys of a configuration, and the tokens that apps were granted."""

    def __init__(self, config: Config, granted: Callable[[str], Key | None] = lambda _: None) -> None:
        self._granted = granted
        self._keys = {key.key: key for key in config.keys}
        self._takes_any = config.takes_any_key
        self._public_key = config.account.id
        self._public_keys = {self._public_key, *config.other_public_keys}

    def key(self, request: Request) -> Key:
        """The key that a request comes with; refuses one that is missing or unknown."""
        return self._public(request) if request.path.startswith("/client/") else self._private(request)

    def _private(self, request: Request) -> Key:
        """The private key or token of a request to /api."""
        scheme, _, key = request.headers.get("authorization", "").strip().partition(" ")
        key = key.strip()
        if scheme.lower() in SCHEMES and key:
            if key in self._keys:
                return self._keys[key]
            granted = self._granted(key) if scheme.lower() == "bearer" else None
            if granted is not None:
                return granted
            if self._takes_any:
                return Key(key)
        raise error("not_authenticated", headers=CHALLENGE, hint=authentication_hint(scheme, key))

    def _public(self, request: Request) -> Key:
        """The public key of a request to /client; that one is there is for the operation's parameters to say."""
        company_id = dict(request.arguments).get("company_id", self._public_key)
        if company_id not in self._public_keys and not self._takes_any:
            raise error("invalid_company_id", hint=f"this server's public key is {self._public_key}")
        return Key(company_id)


def check_scopes(key: Key, operation: Operation) -> None:
    """Refuse a key that lacks a scope of the operation."""
    missing = [scope for scope in operation.scopes if key.scopes is not None and scope not in key.scopes]
    if missing:
        raise error("missing_scopes", scopes=", ".join(missing))


def authentication_hint(scheme: str, key: str) -> str:
    """What to do about a refused key."""
    if not scheme:
        return "send the header Authorization: Klaviyo-API-Key <key>; `mock-klaviyo env` prints the key"
    if scheme.lower() not in SCHEMES or not key:
        return "the Authorization header must read: Klaviyo-API-Key <key>, or Bearer <token>"
    if scheme.lower() == "bearer":
        return "this access token is unknown, expired or revoked; POST /oauth/token gives a new one"
    return "this key is unknown; `mock-klaviyo env` prints the right one, `serve --any-key` takes every key"
