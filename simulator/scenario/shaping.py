"""Shaping: an event made to order: told facts, captured bodies, and payloads broken on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.chance import Chance
from simulator.event import Occasion, VendorEvent
from simulator.json import Json
from simulator.scenario.overrides import CUSTOMER, OverrideError, holder_of, overridden, paths, put
from simulator.scenario.words import nearest
from simulator.vendor import Vendor

HUGE_NUMBER = 10**15
HUGE_TEXT = 100_000
"""How many characters a huge text has."""

UNKNOWN_FIELD = "field_nobody_expects"


@dataclass(frozen=True)
class Mutation:
    """How fields of a payload are broken: a word of MUTATIONS by path; chance chooses the field of the path ""."""

    words: Mapping[str, str]


@dataclass(frozen=True)
class Shape:
    """What makes an event other than the vendor would."""

    overrides: Json = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    mutation: Mutation | None = None
    captured: Json | None = None

    @property
    def is_broken(self) -> bool:
        """Whether the event is no more what its vendor documents."""
        return bool(self.drop or self.mutation)


def shaped(vendor: Vendor, member: Any, occasion: Occasion, luck: Chance, *, shape: Shape) -> VendorEvent:
    """The event of an occasion, shaped."""
    if shape.captured is not None:
        event = captured(vendor, member, occasion, luck, shape=shape)
    elif shape.overrides:
        event = overridden(vendor, member, occasion, luck, overrides=shape.overrides)
    else:
        event = vendor.event(member, occasion, luck)
    for path in shape.drop:
        remove(event, path)
    if shape.mutation is not None:
        for path, word in shape.mutation.words.items():
            mutate(event, path or luck.choice(leaves(event.payload)), word)
    return replace(event, is_broken=True) if shape.is_broken else event


def captured(vendor: Vendor, member: Any, occasion: Occasion, luck: Chance, *, shape: Shape) -> VendorEvent:
    """An event with a body that was captured elsewhere; values that are told go into it."""
    payload = copied(shape.captured)
    record = vendor.record(member)
    for path, value in shape.overrides.items():
        is_theirs = path.startswith(CUSTOMER)
        put(record if is_theirs else payload, path.removeprefix(CUSTOMER) if is_theirs else path, value, path)
    try:
        id = vendor.event_id(payload, luck)
    except (LookupError, TypeError):
        id = f"{luck.getrandbits(96):024x}"
    return VendorEvent(vendor.name, occasion.name, id, occasion.at, payload, record)


def copied(value: Any) -> Any:
    """A JSON value with tables and lists of its own."""
    if isinstance(value, dict):
        return {name: copied(part) for name, part in value.items()}
    return [copied(part) for part in value] if isinstance(value, list) else value


def leaves(payload: Json) -> list[str]:
    """The paths of a payload that lead to plain values."""
    known = paths(payload)
    return [path for path in known if not any(other.startswith(f"{path}.") for other in known)]


def remove(event: VendorEvent, path: str) -> None:
    """Remove a field from a payload."""
    known = paths(event.payload)
    if path not in known:
        raise OverrideError(path, f"drop: {path} is unknown{nearest(path, known)}")
    holder, last = holder_of(event.payload, path)
    del holder[last]


def mutate(event: VendorEvent, path: str, word: str) -> None:
    """Break a field of a payload."""
    known = paths(event.payload)
    if path not in known:
        raise OverrideError(path, f"mutate: {path} is unknown{nearest(path, known)}")
    MUTATIONS[word](*holder_of(event.payload, path))


def wrong_type(holder: Any, key: Any) -> None:
    """A text becomes a number, everything else a text."""
    holder[key] = 12345 if isinstance(holder[key], str) else f"not a {type(holder[key]).__name__}"


def missing(holder: Any, key: Any) -> None:
    """The field is not there."""
    del holder[key]


def null(holder: Any, key: Any) -> None:
    """The field holds nothing."""
    holder[key] = None


def huge(holder: Any, key: Any) -> None:
    """A number of sixteen digits, a text of a hundred thousand letters."""
    is_number = isinstance(holder[key], int | float) and not isinstance(holder[key], bool)
    holder[key] = HUGE_NUMBER if is_number else "x" * HUGE_TEXT


def unknown_field(holder: Any, key: Any) -> None:
    """A field stands there that nobody knows."""
    if isinstance(holder, dict):
        holder[UNKNOWN_FIELD] = key
    else:
        holder.append(UNKNOWN_FIELD)


MUTATIONS: Mapping[str, Callable[[Any, Any], None]] = {
    "wrong_type": wrong_type,
    "missing": missing,
    "null": null,
    "huge": huge,
    "unknown_field": unknown_field,
}
"""Ways to break a field."""
