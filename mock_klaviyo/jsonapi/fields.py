"""Sparse fieldsets, `fields[profile]=email,location.city`, and `additional-fields[profile]=subscriptions`."""

from __future__ import annotations

from collections.abc import Iterable

from mock_klaviyo.errors import problem, raise_all
from mock_klaviyo.json import Json


def parse(text: str) -> tuple[str, ...]:
    """The names that a text lists; Klaviyo warns of spaces around the commas, so they count.

    >>> parse("email,location.city")
    ('email', 'location.city')
    """
    return tuple(text.split(",")) if text else ()


def checked(text: str, allowed: Iterable[str], *, type: str, parameter: str) -> tuple[str, ...]:
    """The names, all of which must be allowed; without allowed names the type itself is refused."""
    names, known = parse(text), frozenset(allowed)
    wrong = [name for name in names if name not in known] if known else names or ("",)
    raise_all(problem("invalid_field", field=name, type=type, parameter=parameter) for name in wrong)
    return names


def pruned(attributes: Json, names: Iterable[str]) -> Json:
    """The attributes that are named, in their order; a dotted name keeps that part of an object.

    >>> profile = {"email": "anna@example.com", "title": None, "location": {"city": "Bonn", "zip": "53111"}}
    >>> pruned(profile, ["location.city", "email"])
    {'email': 'anna@example.com', 'location': {'city': 'Bonn'}}
    """
    kept: dict[str, list[str]] = {}
    for name in names:
        attribute, _, part = name.partition(".")
        kept.setdefault(attribute, []).append(part)
    return {
        attribute: pruned(value, kept[attribute]) if isinstance(value, dict) and "" not in kept[attribute] else value
        for attribute, value in attributes.items()
        if attribute in kept
    }
