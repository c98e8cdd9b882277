"""Http: a user's service as a target; it gets the vendor's own webhooks and calls Klaviyo itself."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError

from simulator.delivery import Unreachable, pool
from simulator.event import VendorEvent
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.foreign import Refused
from simulator.targets.surroundings import Surroundings, TargetError
from simulator.targets.target import Handover, TargetFault
from simulator.webhook import Webhook

PLACEHOLDER = "{vendor}"
PORTS = {"http": 80, "https": 443}
SHOWN_LENGTH = 300
TAKEN = "the webhook taken, 2xx"
REFUSALS = (400, 401, 403, 404)
"""How a service may answer a webhook that is not from whom it claims."""


class HttpService:
    """A service at a URL, in which `{vendor}` stands for the vendor's name."""

    def __init__(self, url: str, surroundings: Surroundings) -> None:
        parts = urllib3.util.parse_url(url)
        if parts.scheme not in ("http", "https") or not parts.host:
            raise TargetError(f"target {url!r} must be a URL such as http://localhost:8000/hooks/{PLACEHOLDER}")
        if surroundings.control is None:
            raise TargetError(f"target {url} calls Klaviyo itself, so it needs a server; nothing of it can be printed")
        self.name = self.place = url
        self._url = url
        self._patience = surroundings.patience.total_seconds()
        _, self._pool = pool(f"{parts.scheme}://{parts.netloc}")
        check_reach(url, (parts.host.strip("[]"), parts.port or PORTS[parts.scheme]), self._patience)

    def receive(self, event: VendorEvent, sent: Webhook, handover: Handover) -> Iterable[KlaviyoRequest]:
        """Post a webhook; the service sends its requests itself."""
        answer = self._post(self._url.replace(PLACEHOLDER, quote(event.vendor)), sent)
        is_taken = 200 <= answer.status < 300
        if handover.is_genuine and not is_taken:
            raise Refused(TAKEN, answered(answer))
        if not handover.is_genuine and answer.status not in REFUSALS:
            raise TargetFault(f"401 or 403 to a webhook that is {handover.signature}", answered(answer))
        return ()

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    def _post(self, url: str, sent: Webhook) -> urllib3.BaseHTTPResponse:
        path = urllib3.util.parse_url(url).request_uri
        headers = dict(sent.headers)
        try:
            return self._pool.urlopen(
                "POST", path, body=sent.body, headers=headers, retries=False, redirect=False, timeout=self._patience
            )
        except (HTTPError, OSError) as error:
            raise TargetFault(TAKEN, self._failure(url, error)) from None

    def _failure(self, url: str, error: Exception) -> str:
        """Why there is no answer; a refused connection counts as a time-out to urllib3, not to us."""
        if isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError):
            return f"no answer from {url} within {self._patience:g} s"
        reason = str(error.args[-1]) if error.args else type(error).__name__
        return f"{url} cannot be reached: {reason}"


def check_reach(url: str, address: tuple[str, int], patience: float) -> None:
    """Refuse a service that is not there before anything is played."""
    try:
        socket.create_connection(address, timeout=patience).close()
    except OSError as error:
        told = error.strerror or str(error)
        raise Unreachable(f"the target {url} cannot be reached: {told}; start it before the run") from None


def answered(answer: urllib3.BaseHTTPResponse) -> str:
    """The status of an answer and the beginning of what it says."""
    text = " ".join(answer.data.decode(errors="replace").split())[:SHOWN_LENGTH]
    return f"{answer.status}{f': {text}' if text else ''}"
