"""Masking: nothing of a person or a secret stays, and what was equal stays equal."""

from __future__ import annotations

import re

import pytest

from simulator import json
from simulator.recording.exchange import Exchange
from simulator.recording.masking import Mask

SEEN = {
    "email": "ana@shop.test",
    "phone_number": "+421905123456",
    "first_name": "Ana",
    "dateOfBirth": "1990-05-12",
    "card": {"number": 12, "card_number": "GC-7733-AQ", "pin": 4711, "code": "SAVE-20"},
    "customer": {"name": "Ana Nova", "Email Address": "ana@shop.test"},
    "note": "write to ana@shop.test or +421905123456",
    "ip": "10.1.2.3",
}
SECRETS = ("ana@", "905123456", "Ana", "05-12", "7733", "4711", "SAVE-20", "10.1.2.3", "pk_secret", "sha256")


@pytest.fixture
def masked() -> Exchange:
    headers = {"authorization": "Klaviyo-API-Key pk_secret1", "x-hook-hmac": "sha256", "revision": "2026-07-15"}
    path = '/api/profiles?filter=equals(email,"ana%40shop.test")'
    return Mask().exchange(Exchange("POST", path, headers, SEEN, 201, {"echo": SEEN, "key": "pk_secret1"}))


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_of_a_person_or_a_secret_stays(masked: Exchange, secret: str) -> None:
    assert secret not in masked.line().decode()


def test_what_was_equal_stays_equal(masked: Exchange) -> None:
    email = masked.body["email"]

    assert email in masked.path
    assert email in masked.body["note"]
    assert email == masked.body["customer"]["Email Address"] == masked.answer["echo"]["email"]


def test_shape_and_type_stay(masked: Exchange) -> None:
    card = masked.body["card"]

    assert 12 == card["number"]
    assert isinstance(card["pin"], int)
    assert 4 == len(str(card["pin"]))
    assert re.fullmatch("[A-Z]{2}-[0-9]{4}-[A-Z]{2}", card["card_number"])
    assert "1990-01-01" == masked.body["dateOfBirth"]


def test_the_salt_makes_other_pseudonyms() -> None:
    assert Mask("a").email("ana@shop.test") != Mask("b").email("ana@shop.test")
    assert Mask("a").email("ana@shop.test") == Mask("a").email("ANA@shop.test")


def test_what_is_nobodys_stays() -> None:
    told = {"metric": {"name": "Points Earned"}, "points": 12, "tier": "Gold", "at": "2026-01-01T00:00:00Z"}

    assert told == json.read(json.written(Mask().value(told)))
