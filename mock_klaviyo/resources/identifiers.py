"""Identifiers: what finds a profile, and which of them Klaviyo refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from mock_klaviyo.errors import Problem, problem
from mock_klaviyo.json import Json

IDENTIFIERS = ("id", "external_id", "email", "phone_number", "_kx", "anonymous_id")
"""The identifiers, strongest first. Which one wins is not documented (see docs/fidelity.md)."""

OF_A_PERSON = ("external_id", "email", "phone_number")
"""The identifiers that make a profile more than an anonymous visitor."""

LONGEST_EMAIL = 100
LONGEST_EXTERNAL_ID = 255
PLACEHOLDER_DOMAINS = ("@example.com", "@test.com")
"""Events for these addresses are accepted and dropped. https://developers.klaviyo.com/en/docs/guide_to_integrating_a_platform"""

LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


@lru_cache(maxsize=100_000)
def is_email(text: str) -> bool:
    """Whether Klaviyo takes a text for an email address."""
    if len(text) > LONGEST_EMAIL:
        return False
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


@lru_cache(maxsize=100_000)
def is_phone_number(text: str) -> bool:
    """Whether a text is a valid phone number in E.164."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return False
    return text.startswith("+") and text[1:].isdigit() and phonenumbers.is_valid_number(number)


def normal_email(text: str) -> str:
    """The address as it is kept and compared: without blanks around it, in lower case."""
    return text.strip().lower()


def identifiers(attributes: Json, id: str | None = None) -> Json:
    """The identifiers among attributes that are set, the email address in its normal form; an integer 0 is one."""
    found = {name: value for name in IDENTIFIERS[1:] if (value := attributes.get(name)) not in (None, "")}
    if "email" in found:
        found["email"] = normal_email(found["email"])
    return {"id": id, **found} if id else found


def problems(attributes: Json, pointer: str, *, forgives_phone_number: bool = False) -> Iterator[Problem]:
    """What is wrong with the identifiers; an event forgives a bad phone number beside a good email address."""
    email, phone_number = attributes.get("email"), attributes.get("phone_number")
    if email is not None and not is_email(email.strip()):
        yield problem("invalid_email", pointer=f"{pointer}/email")
    if phone_number is not None and not is_phone_number(phone_number) and not (forgives_phone_number and email):
        yield problem("invalid_phone_number", pointer=f"{pointer}/phone_number")
    if len(str(attributes.get("external_id") or "")) > LONGEST_EXTERNAL_ID:
        reason = f"external_id may not be longer than {LONGEST_EXTERNAL_ID} characters."
        yield problem("invalid", reason=reason, pointer=f"{pointer}/external_id")


def is_placeholder(email: str | None) -> bool:
    """Whether an address is at a domain whose events Klaviyo drops."""
    return bool(email) and normal_email(str(email)).endswith(PLACEHOLDER_DOMAINS)
