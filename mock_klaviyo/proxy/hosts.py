"""Which hosts are Klaviyo's, which are this machine, and which others a program may reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

KLAVIYO_HOSTS = ("a.klaviyo.com", "www.klaviyo.com")
"""The API with its OAuth token endpoint, and the page where people grant OAuth apps access."""

HTTPS = 443


def is_loopback(host: str) -> bool:
    """Whether a host is this machine.

    >>> is_loopback("127.0.0.2"), is_loopback("localhost"), is_loopback("localhost.example")
    (True, True, False)
    """
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True)
class Address:
    """A host and a port; a port of None is any port."""

    host: str
    port: int | None = None

    @classmethod
    def read(cls, text: str) -> Address:
        """The address that `HOST[:PORT]` names.

        >>> Address.read("Shop.example:8443"), Address.read("[::1]:80").host
        (Address(host='shop.example', port=8443), '::1')
        """
        host, separator, port = text.rpartition(":")
        if not separator or text.endswith("]"):
            host, port = text, ""
        if not host.strip("[]") or (separator and not text.endswith("]") and not is_port(port)):
            raise ValueError(f"{text!r} is not HOST or HOST:PORT, such as api.example.com:443")
        return cls(host.strip("[]").lower(), int(port) if port else None)

    def __str__(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"


def is_port(text: str) -> bool:
    """Whether a text is the number of a port."""
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def is_allowed(asked: Address, allowed: Iterable[Address]) -> bool:
    """Whether a program may reach an address.

    >>> is_allowed(Address("shop.example", 443), [Address("shop.example")])
    True
    """
    return is_loopback(asked.host) or any(
        each.host == asked.host and each.port in (None, asked.port) for each in allowed
    )
