"""The webhook that a merchant sets up at TRIFFT: a body from a template, and one header or HTTP Basic as proof."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.webhook import WebhookForm

HEADER = "x-trifft-secret"
"""The header of a secret that names none; the merchant is free to choose, TRIFFT documents no name."""

BASIC = "basic "


def body(event: VendorEvent) -> Json:
    """What a template makes that shows the whole event and the whole member."""
    return {**event.payload, "member": event.customer}


def proof(_event: VendorEvent, secret: str, _body: bytes) -> Mapping[str, str]:
    """The header that a merchant configured: `name: value`, `basic user:password`, or a value alone.

    >>> event, body = None, b""
    >>> proof(event, "X-Api-Key: 123", body), proof(event, "basic ana:pass", body), proof(event, "123", body)
    ({'x-api-key': '123'}, {'authorization': 'Basic YW5hOnBhc3M='}, {'x-trifft-secret': '123'})
    """
    if secret.lower().startswith(BASIC):
        return {"authorization": f"Basic {b64encode(secret[len(BASIC) :].encode()).decode()}"}
    name, colon, value = secret.partition(":")
    return {name.strip().lower(): value.strip()} if colon else {HEADER: secret}


WEBHOOK = WebhookForm(body=body, sign=proof, shows_customer=True)
