"""Profile checks: what is wrong with a profile in a body that its schema cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.errors import Problem, problem
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers
from mock_klaviyo.resources.identifiers import LOCALE, is_email
from mock_klaviyo.resources.properties import limit_problems

COORDINATES = ("latitude", "longitude")
LARGEST = 100
"""How large a profile may be, in KB."""


def problems(
    data: Json,
    place: str,
    *,
    needs_identifier: bool = True,
    forgives_phone_number: bool = False,
    largest: int = LARGEST,
) -> Iterator[Problem]:
    """Everything that is wrong with a profile; `meta` stands beside its attributes or among them."""
    attributes = data.get("attributes") or {}
    pointer = f"{place}/attributes"
    if len(json.written(data)) > largest * 1024:
        yield problem("payload_too_large", what="A profile", limit=f"{largest} KB")
    yield from identifiers.problems(attributes, pointer, forgives_phone_number=forgives_phone_number)
    if needs_identifier and not identifiers.identifiers(attributes, data.get("id")):
        yield problem("no_identifier", pointer=pointer)
    yield from attribute_problems(attributes, pointer)
    if data.get("meta"):
        yield from meta_problems(data["meta"], f"{place}/meta")
    if attributes.get("meta"):
        yield from meta_problems(attributes["meta"], f"{pointer}/meta")


def attribute_problems(attributes: Json, pointer: str) -> Iterator[Problem]:
    """What is wrong with attributes that identify nobody."""
    locale = attributes.get("locale")
    if locale is not None and not LOCALE.fullmatch(locale):
        reason = f"'{locale}' is not a valid locale (Example of a valid locale: en-US)"
        yield problem("invalid", reason=reason, pointer=f"{pointer}/locale")
    if attributes.get("location"):
        yield from location_problems(attributes["location"], f"{pointer}/location")
    if attributes.get("properties"):
        yield from limit_problems(attributes["properties"], f"{pointer}/properties")


def location_problems(location: Json, pointer: str) -> Iterator[Problem]:
    """Coordinates that are texts must be numbers."""
    for name in COORDINATES:
        if isinstance(location.get(name), str) and not is_number(location[name]):
            yield problem("invalid", reason=f"'{location[name]}' is not a number.", pointer=f"{pointer}/{name}")


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False


def meta_problems(meta: Json, pointer: str) -> Iterator[Problem]:
    """What is wrong with patches of single properties and of further email addresses."""
    patch = meta.get("patch_properties") or {}
    for action in ("append", "unappend"):
        yield from limit_problems(patch.get(action) or {}, f"{pointer}/patch_properties/{action}")
    for action, members in (meta.get("patch_identifiers") or {}).items():
        yield from identifier_problems(members or {}, f"{pointer}/patch_identifiers/{action}")


def identifier_problems(members: Json, pointer: str) -> Iterator[Problem]:
    """Only email addresses can be patched: one, or a list of them."""
    for name, value in members.items():
        if name != "email":
            yield problem("unknown_attribute", field=name, type="patch_identifiers", pointer=f"{pointer}/{name}")
        elif not all(isinstance(each, str) and is_email(each.strip()) for each in listed(value)):
            yield problem("invalid_email", pointer=f"{pointer}/{name}")


def listed(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty one, anything else as the only member of one."""
    return value if isinstance(value, list) else [] if value is None else [value]
