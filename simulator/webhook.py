"""Webhook: a vendor event as the vendor itself posts it, signed as the vendor signs, and tried again as it tries."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from simulator import json
from simulator.event import VendorEvent
from simulator.json import Json

SECRET = "webhook-secret"
"""What webhooks are signed with when nothing else is told."""

STRANGERS_SECRET = "whoever sends this does not know the secret"
CONTENT_TYPE = "application/json"
CUSTOMER = "x-mock-customer"
"""Our own header: the vendor's record of the customer, base64 of JSON; it stands for a look-up at the vendor's API."""

STANDARD_ID, STANDARD_TIME, STANDARD_SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
STANDARD_PREFIX = "whsec_"


class Signature(StrEnum):
    """Whether a webhook is signed by whom it claims to be from."""

    VALID = "valid"
    FORGED = "forged"
    UNSIGNED = "unsigned"


@dataclass(frozen=True)
class RetryPolicy:
    """How often a vendor tries again what was not answered with 2xx, and how long it waits, each time twice as long."""

    retries: int
    first_wait: timedelta
    longest_wait: timedelta = timedelta(hours=12)

    def waits(self) -> Iterator[timedelta]:
        """How long it waits before each retry.

        >>> [wait.total_seconds() for wait in RetryPolicy(3, timedelta(seconds=30)).waits()]
        [30.0, 60.0, 120.0]
        """
        for number in range(self.retries):
            yield min(self.first_wait * 2**number, self.longest_wait)


AT_LEAST_ONCE = RetryPolicy(retries=5, first_wait=timedelta(seconds=10))
"""Of the vendors whose policy is not documented: assumed."""

Sign = Callable[[VendorEvent, str, bytes], Mapping[str, str]]
"""Gives the headers that prove who sends an event: of the event, the secret and the raw body."""


def in_the_payload(event: VendorEvent) -> Json:
    """The body of vendors whose payload is the webhook's body."""
    return event.payload


def no_headers(_: VendorEvent) -> Mapping[str, str]:
    """The headers of vendors that have none of their own."""
    return {}


@dataclass(frozen=True)
class WebhookForm:
    """How a vendor's webhooks look: what names the event, the body, the proof, and the retries.

    `sign` is None when the vendor proves nothing; `shows_customer` says that the body holds the customer's record.
    """

    headers: Callable[[VendorEvent], Mapping[str, str]] = no_headers
    body: Callable[[VendorEvent], Json] = in_the_payload
    sign: Sign | None = None
    retry: RetryPolicy = AT_LEAST_ONCE
    shows_customer: bool = False


@dataclass(frozen=True, slots=True)
class Webhook:
    """One delivery: headers in small letters, and the raw body."""

    headers: Mapping[str, str]
    body: bytes


def webhook(
    form: WebhookForm, event: VendorEvent, *, secret: str = SECRET, signature: Signature = Signature.VALID
) -> Webhook:
    """An event as its vendor posts it; one that is forged is signed with another secret."""
    body = json.written(form.body(event))
    headers = {"content-type": CONTENT_TYPE, **form.headers(event)}
    if form.sign is not None and signature is not Signature.UNSIGNED:
        headers |= form.sign(event, STRANGERS_SECRET if signature is Signature.FORGED else secret, body)
    if event.customer is not None and not form.shows_customer:
        headers[CUSTOMER] = b64encode(json.written(event.customer)).decode()
    return Webhook(headers, body)


def standard_body(event: VendorEvent) -> Json:
    """The body of the neutral form: what the event is, the payload, and the vendor's record of the customer."""
    return {
        "type": event.name,
        "id": event.id,
        "timestamp": event.occurred_at,
        "data": event.payload,
        "customer": event.customer,
    }


def standard_signature(event: VendorEvent, secret: str, body: bytes) -> Mapping[str, str]:
    """The three headers of the Standard Webhooks specification, https://www.standardwebhooks.com."""
    moment = str(int(event.occurred_at.timestamp()))
    signed = b".".join((event.id.encode(), moment.encode(), body))
    digest = b64encode(hmac.digest(standard_key(secret), signed, sha256)).decode()
    return {STANDARD_ID: event.id, STANDARD_TIME: moment, STANDARD_SIGNATURE: f"v1,{digest}"}


def standard_key(secret: str) -> bytes:
    """The key of a secret; one that begins with whsec_ is base64.

    >>> standard_key("whsec_a2V5"), standard_key("plain")
    (b'key', b'plain')
    """
    is_encoded = secret.startswith(STANDARD_PREFIX)
    return b64decode(secret.removeprefix(STANDARD_PREFIX)) if is_encoded else secret.encode()


STANDARD = WebhookForm(body=standard_body, sign=standard_signature, shows_customer=True)
"""The neutral form, for vendors of whose webhooks nothing is documented."""
