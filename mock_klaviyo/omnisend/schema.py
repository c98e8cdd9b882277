"""What Omnisend takes, version 2026-03-15, and what it says of what it does not take.

https://api-docs.omnisend.com/reference/post_events; the words of its messages are not published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from mock_klaviyo.json import Json

IDENTIFIERS = ("id", "email", "phone")
LENGTHS = {"phone": 15, "firstName": 50, "lastName": 50, "address": 500, "city": 100, "state": 100, "country": 100}
LENGTHS |= {"countryCode": 3, "postalCode": 20}
TEXT: Json = {"type": "string"}
CONSENTS: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["channel"],
        "properties": {"channel": {"enum": ["email", "sms"]}},
    },
}

CONTACT: Json = {
    "type": "object",
    "anyOf": [{"required": [name]} for name in IDENTIFIERS],
    "properties": {
        "id": {**TEXT, "minLength": 1},
        "email": {**TEXT, "format": "address"},
        **{name: {**TEXT, "maxLength": length} for name, length in LENGTHS.items()},
        "birthdate": {**TEXT, "format": "day"},
        "gender": {"enum": ["m", "f"]},
        "tags": {"type": "array", "maxItems": 100, "items": TEXT},
        "customProperties": {"type": "object"},
        **dict.fromkeys(("consents", "optIns", "optOuts"), CONSENTS),
    },
}

EVENT: Json = {
    "type": "object",
    "required": ["eventName", "contact"],
    "properties": {
        "eventName": {**TEXT, "minLength": 1},
        "origin": TEXT,
        "eventVersion": TEXT,
        "eventID": {**TEXT, "format": "uuid"},
        "eventTime": {**TEXT, "format": "moment"},
        "contact": CONTACT,
        "properties": {"type": "object"},
    },
}

CODES: Mapping[str, str] = {
    "required": "required",
    "anyOf": "required",
    "type": "type",
    "maxLength": "max",
    "enum": "oneof",
}
"""The keyword that a value breaks → Omnisend's code for it, as far as one may guess."""

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[4-7][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
FORMATS = FormatChecker(formats=())


@FORMATS.checks("uuid")
def is_uuid(value: Any) -> bool:
    """Whether a text is a UUID of version 4 to 7."""
    return not isinstance(value, str) or UUID.fullmatch(value) is not None


@FORMATS.checks("address")
def is_address(value: Any) -> bool:
    """Whether a text looks like an email address."""
    return not isinstance(value, str) or ADDRESS.fullmatch(value) is not None


@FORMATS.checks("day", raises=ValueError)
def is_day(value: Any) -> bool:
    """Whether a text is a day, YYYY-MM-DD."""
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


@FORMATS.checks("moment", raises=ValueError)
def is_moment(value: Any) -> bool:
    """Whether a text is a time with its offset."""
    return not isinstance(value, str) or moment(value) is not None


def moment(text: str) -> datetime:
    """The time that a text names, in RFC 3339 or with a space.

    >>> moment("2026-03-01 08:00:00+02:00").isoformat()
    '2026-03-01T08:00:00+02:00'
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return found


def problems(body: Any) -> list[Json]:
    """Everything that is wrong with an event, as Omnisend lists it; nothing when it is right.

    >>> [each["field"] for each in problems({"eventName": "A", "contact": {"email": "ana"}})]
    ['contact.email']
    """
    return [told for fault in validator().iter_errors(body) for told in explained(fault)]


@cache
def validator() -> Draft202012Validator:
    """What decides."""
    return Draft202012Validator(EVENT, format_checker=FORMATS)


def explained(fault: ValidationError) -> Iterator[Json]:
    """A fault as Omnisend tells it, with the dotted path of the field."""
    path = [str(step) for step in fault.absolute_path]
    code = CODES.get(str(fault.validator), "invalid")
    if fault.validator == "required":
        path += [fault.message.split("'")[1]]
    message = "one of email, phone and id is required" if fault.validator == "anyOf" else fault.message
    yield {"field": ".".join(path), "code": code, "message": message}


def kinds(properties: Json) -> dict[str, str]:
    """The type of each property; nothing for one that is null. A number without a fraction is an integer.

    >>> kinds({"points": 10.0, "rate": 0.5, "until": None})
    {'points': 'integer', 'rate': 'number'}
    """
    return {name: kind(value) for name, value in properties.items() if value is not None}


def kind(value: Any) -> str:
    """The type of a value that is not null."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == int(value) else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
