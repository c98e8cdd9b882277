"""The webhook that JeriCommerce sends besides: named and signed in headers, and retried."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

from simulator.event import VendorEvent
from simulator.webhook import RetryPolicy, WebhookForm

SIGNATURE = "x-jericommerce-hmac-sha256"
EVENT_TYPE = "x-jericommerce-event-type"


def signature(secret: str, body: bytes) -> str:
    """The HMAC of the raw body.

    Encoding and input are not documented; the header's name mimics Shopify's, which is base64 over the raw body.

    >>> signature("secret", b"{}")
    'dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM='
    """
    return b64encode(hmac.digest(secret.encode(), body, sha256)).decode()


def signed(_: VendorEvent, secret: str, body: bytes) -> Mapping[str, str]:
    """The header that proves who sends a body."""
    return {SIGNATURE: signature(secret, body)}


def is_signed(secret: str, body: bytes, received: Mapping[str, str]) -> bool:
    """Whether a webhook is from whom it claims; compared in constant time."""
    return hmac.compare_digest(signature(secret, body), received.get(SIGNATURE, ""))


WEBHOOK = WebhookForm(
    headers=lambda event: {EVENT_TYPE: event.name},
    sign=signed,
    retry=RetryPolicy(retries=10, first_wait=timedelta(seconds=10)),  # ten are documented; the waits are assumed
)
