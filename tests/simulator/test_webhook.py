"""Each vendor's webhooks: named, signed, and tried again as the vendor's documentation says."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from hashlib import sha256
from itertools import pairwise

import pytest

from simulator.contract.trials import single_events
from simulator.vendors import vendors
from simulator.webhook import CUSTOMER, SECRET, Signature, webhook

PROOFS = {
    "jericommerce": "x-jericommerce-hmac-sha256",
    "trifft": "x-trifft-secret",
    "smile": "webhook-signature",
    "99minds": "webhook-signature",
    "influence": None,
}
"""The header of each vendor that proves who sends."""


def sent(name: str, **options):
    vendor = vendors()[name]
    event = next(single_events(vendor, 0))
    return event, webhook(vendor.webhook, event, **options)


@pytest.mark.parametrize("name", vendors())
def test_every_vendor_posts_its_event_as_json_with_the_payload_in_it(name):
    event, found = sent(name)
    body = json.loads(found.body)

    assert "application/json" == found.headers["content-type"]
    assert event.payload in (body, body.get("data")) or event.payload.items() <= body.items()


@pytest.mark.parametrize("name", vendors())
def test_the_customer_can_be_looked_up_in_the_body_or_beside_it(name):
    event, found = sent(name)
    body = json.loads(found.body)
    beside = json.loads(b64decode(found.headers[CUSTOMER])) if CUSTOMER in found.headers else None

    assert event.customer in (beside, body.get("customer"), body.get("member"))


@pytest.mark.parametrize(("name", "header"), PROOFS.items())
def test_a_webhook_is_proved_forged_or_unsigned(name, header):
    proofs = [sent(name, signature=each)[1].headers.get(header or "") for each in Signature]

    assert (None, None, None) == tuple(proofs) if header is None else proofs[0] != proofs[1] and proofs[2] is None


def test_every_vendor_is_in_the_table_of_proofs():
    assert PROOFS.keys() == vendors().keys()


def test_jericommerce_names_the_event_and_signs_the_raw_body():
    event, found = sent("jericommerce", secret="s3cret")
    wanted = b64encode(hmac.digest(b"s3cret", found.body, sha256)).decode()

    assert event.name == found.headers["x-jericommerce-event-type"]
    assert wanted == found.headers["x-jericommerce-hmac-sha256"]


def test_influence_names_the_topic_and_keeps_the_id_of_a_delivery():
    event, found = sent("influence")

    assert (event.name, event.id) == (found.headers["x-webhook-topic"], found.headers["x-webhook-id"])
    assert found == sent("influence")[1]


@pytest.mark.parametrize(
    ("secret", "headers"),
    [
        ("X-Api-Key: 123", {"x-api-key": "123"}),
        ("Basic ana:pass", {"authorization": "Basic " + b64encode(b"ana:pass").decode()}),
        ("123", {"x-trifft-secret": "123"}),
    ],
)
def test_trifft_sends_the_header_or_the_basic_credentials_of_the_merchant(secret, headers):
    assert headers.items() <= sent("trifft", secret=secret)[1].headers.items()


def test_the_neutral_form_is_signed_as_standard_webhooks_are():
    _, found = sent("smile")
    signed = f"{found.headers['webhook-id']}.{found.headers['webhook-timestamp']}.".encode() + found.body

    wanted = b64encode(hmac.digest(SECRET.encode(), signed, sha256)).decode()
    assert f"v1,{wanted}" == found.headers["webhook-signature"]


def test_jericommerce_tries_ten_times_more_waiting_twice_as_long_each_time():
    waits = [wait.total_seconds() for wait in vendors()["jericommerce"].webhook.retry.waits()]

    assert 10 == len(waits)
    assert all(later == 2 * earlier for earlier, later in pairwise(waits))
