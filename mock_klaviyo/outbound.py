"""Outbound: the only way out; it leads to this machine and to hosts that the user allowed, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from mock_klaviyo.deadline import deadline

LONGEST_WAIT = 5.0
"""How many seconds a call may wait for each part of its answer."""

LONGEST_CALL = 10.0
"""How many seconds a call may take as a whole, however busily its answer trickles in."""

MOST_OF_AN_ANSWER = 10_000
"""How many bytes of an answer to a post are read."""


class Unreachable(Exception):
    """A call could not be made or was not answered; says why."""


class Outbound:
    """Calls to hosts that may be called; redirects are not followed, since they could lead elsewhere."""

    def __init__(self, allowed_hosts: frozenset[str] = frozenset()) -> None:
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)

    def is_allowed(self, url: str) -> bool:
        """Whether a URL leads to this machine or to an allowed host.

        >>> Outbound().is_allowed("http://127.0.0.1:8000/hook"), Outbound().is_allowed("https://example.com/")
        (True, False)
        """
        host = host_of(url)
        return host is not None and (is_loopback(host) or host in self._allowed_hosts)

    def get(self, url: str, limit: int, method: str = "GET") -> bytes:
        """What a URL gives, at most `limit` bytes of it and one more."""
        status, content = self._call(method, url, {}, None, limit + 1)
        if status != 200:
            raise Unreachable(f"{url} answered {status}")
        return content

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status with which a URL answers what is sent there."""
        return self._call("POST", url, headers, body, MOST_OF_AN_ANSWER)[0]

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int
    ) -> tuple[int, bytes]:
        """The status of an answer and the beginning of its body."""
        import urllib3  # only few servers ever call out

        host = host_of(url)
        if host is None or not self.is_allowed(url):
            raise Unreachable(f"{host or 'the address'} is neither this machine nor a host that --allow-host names")
        # What runs on this machine has a certificate of its own making, if any.
        with (
            urllib3.PoolManager(cert_reqs="CERT_NONE" if is_loopback(host) else None, retries=False) as pool,
            deadline(LONGEST_CALL, pool.connection_from_url(url)) as end,
        ):
            try:
                answer = pool.request(
                    method, url, headers=dict(headers), body=body, timeout=LONGEST_WAIT, preload_content=False
                )
                found = answer.status, answer.read(limit)
            except (urllib3.exceptions.HTTPError, ValueError) as reason:
                if not end.has_passed:
                    raise Unreachable(f"{url} cannot be reached: {reason}") from None
        if end.has_passed:
            raise Unreachable(f"{url} has not answered completely within {LONGEST_CALL:g} s")
        return found


class Rehearsal(Outbound):
    """Calls that are only rehearsed: what would be posted goes nowhere, as if it were answered with 200."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of an answer that nobody gave; a host that may not be called cannot be reached here either."""
        if not self.is_allowed(url):
            return super().post(url, headers, body)
        return 200


def host_of(url: str) -> str | None:
    """The host that a call to a URL would go to; None when the URL makes no sense. The caller's own parser decides."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        parts = parse_url(url)
    except LocationParseError:
        return None
    return parts.host.strip("[]").lower() if parts.scheme in ("http", "https") and parts.host else None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("127.0.0.1.example.com")
    (True, True, False)
    """
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
