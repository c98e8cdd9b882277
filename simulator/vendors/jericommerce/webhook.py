"""The webhook that JeriCommerce sends besides, as its receiver sees it: signed, and retried."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256

from simulator.event import VendorEvent

RETRIES = 10
SIGNATURE = "x-jericommerce-hmac-sha256"
EVENT_TYPE = "x-jericommerce-event-type"


def signature(secret: str, body: bytes) -> str:
    """The HMAC of the raw body.

    Encoding and input are not documented; the header's name mimics Shopify's, which is base64 over the raw body.

    >>> signature("secret", b"{}")
    'dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM='
    """
    return b64encode(hmac.digest(secret.encode(), body, sha256)).decode()


def headers(event: VendorEvent, secret: str, body: bytes) -> Mapping[str, str]:
    """What an event's webhook carries besides its body."""
    return {SIGNATURE: signature(secret, body), EVENT_TYPE: event.name, "content-type": "application/json"}


def is_signed(secret: str, body: bytes, received: Mapping[str, str]) -> bool:
    """Whether a webhook is from whom it claims; compared in constant time."""
    return hmac.compare_digest(signature(secret, body), received.get(SIGNATURE, ""))
