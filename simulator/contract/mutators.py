"""Mutators: mistakes that mappings make, one function each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

from simulator import json
from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import iso_z
from simulator.mapping.mapping import Metric
from simulator.mapping.requests import KlaviyoRequest, event_request, profile_request
from simulator.vendor import Vendor

STRANGER = "stranger@example.net"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
NO_VALUE_WORDS = ("Never", "-")
"""What vendors write for dates that are not there."""


@dataclass(frozen=True)
class Specimen:
    """A vendor event and the requests that the mapping makes of it."""

    vendor: Vendor
    event: VendorEvent
    events: tuple[KlaviyoRequest, ...]
    profiles: tuple[KlaviyoRequest, ...]


Requests: TypeAlias = tuple[tuple[KlaviyoRequest, ...], tuple[KlaviyoRequest, ...]]
"""Requests for events, and for profiles."""


@dataclass(frozen=True)
class Mistake:
    """A mistake in a field of a specimen's requests; `make` makes the requests with the mistake in them."""

    field: str
    make: Callable[[], Requests]


Mutator: TypeAlias = Callable[[Specimen], Iterator[Mistake]]
Change: TypeAlias = Callable[[Json, str], None]
"""Changes one value of a table."""

SPELLING = {"text_case_changed", "text_trimmed", "time_zone_respelled"}
"""Mistakes that change only how a value is written."""

MUTATORS: dict[str, Mutator] = {}
"""Every kind of mistake by its name."""


def mutator(function: Mutator) -> Mutator:
    """Register a kind of mistake under the function's name."""
    MUTATORS[function.__name__] = function
    return function


def value_mutator(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Register a mistake in one value, of an event's or a profile's properties, at any depth.

    The function gives the wrong value, or the value itself when the mistake cannot be made with it.
    """

    def mistakes(specimen: Specimen) -> Iterator[Mistake]:
        yield from at_every_value(specimen, lambda holder, name: holder.__setitem__(name, change(holder[name])))

    mistakes.__doc__ = change.__doc__
    MUTATORS[change.__name__] = mistakes
    return change


def at_every_value(specimen: Specimen, change: Change) -> Iterator[Mistake]:
    """The mistake made at each property in turn, and at each value within."""
    for request in specimen.events:
        for path in value_paths(properties_of(request.body)):
            make = partial(events_at_path, specimen, request, path, change)
            yield Mistake(f"properties.{'.'.join(path)}", make)
    for request in specimen.profiles:
        for path in value_paths(properties_of(request.body)):
            make = partial(profiles_at_path, specimen, request, path, change)
            yield Mistake(f"profile.properties.{'.'.join(path)}", make)


def events_at_path(specimen: Specimen, request: KlaviyoRequest, path: tuple[str, ...], change: Change) -> Requests:
    """The requests with a change in the event."""
    return (at_path(request, path, change),), specimen.profiles


def profiles_at_path(specimen: Specimen, request: KlaviyoRequest, path: tuple[str, ...], change: Change) -> Requests:
    """The requests with a change in the profile write."""
    return specimen.events, (at_path(request, path, change),)


def value_paths(values: Json) -> Iterator[tuple[str, ...]]:
    """The path to each property, and to each value within; of lists only the first item."""
    for name, value in values.items():
        yield (name,)
        inner = value[0] if isinstance(value, list) and value else value
        step = ("0",) if inner is not value else ()
        if isinstance(inner, dict):
            for path in value_paths(inner):
                yield (name, *step, *path)


def at_path(request: KlaviyoRequest, path: tuple[str, ...], change: Change) -> KlaviyoRequest:
    """The request with a change at a path within its properties."""
    body = copied(request.body)
    holder: Any = properties_of(body)
    for step in path[:-1]:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    change(holder, path[-1])
    return replace(request, body=body)


def changed(request: KlaviyoRequest, **attributes: Any) -> KlaviyoRequest:
    """The request with other attributes; those that are None are taken out."""
    body = copied(request.body)
    for name, value in attributes.items():
        if value is None:
            attributes_of(body).pop(name, None)
        else:
            attributes_of(body)[name] = value
    return replace(request, body=body)


def copied(body: Json) -> Json:
    """A deep copy."""
    copy: Json = json.read(json.written(body))
    return copy


def attributes_of(body: Json) -> Json:
    """The attributes of a body."""
    attributes: Json = body["data"]["attributes"]
    return attributes


def properties_of(body: Json) -> Json:
    """The properties of a body."""
    properties: Json = attributes_of(body).get("properties") or {}
    return properties


def profile_of(request: KlaviyoRequest) -> Json:
    """The identifiers of an event's profile."""
    profile: Json = attributes_of(request.body)["profile"]["data"]["attributes"]
    return profile


def metric_of(request: KlaviyoRequest) -> str:
    """The metric's name."""
    return str(attributes_of(request.body)["metric"]["data"]["attributes"]["name"])


def replace_event(specimen: Specimen, field: str, request: KlaviyoRequest) -> Mistake:
    """The mistake of this request in the event's place."""
    return Mistake(field, lambda: ((request,), specimen.profiles))


def replace_profile(specimen: Specimen, field: str, request: KlaviyoRequest) -> Mistake:
    """The mistake of this request in the profile write's place."""
    return Mistake(field, lambda: (specimen.events, (request,)))


def with_profile(request: KlaviyoRequest, profile: Json) -> KlaviyoRequest:
    """The event with another profile."""
    return changed(request, profile={"data": {"type": "profile", "attributes": profile}})


def with_metric(request: KlaviyoRequest, name: str) -> KlaviyoRequest:
    """The event with another metric."""
    return changed(request, metric={"data": {"type": "metric", "attributes": {"name": name}}})


@mutator
def property_dropped(specimen: Specimen) -> Iterator[Mistake]:
    """A value is forgotten."""
    yield from at_every_value(specimen, lambda holder, name: holder.pop(name))


@mutator
def property_renamed(specimen: Specimen) -> Iterator[Mistake]:
    """A key is spelled in another style."""
    yield from at_every_value(specimen, lambda holder, name: holder.__setitem__(respelled(name), holder.pop(name)))


def respelled(name: str) -> str:
    """A key in another style.

    >>> respelled("points_spent"), respelled("pointsSpent"), respelled("Smile State"), respelled("id")
    ('pointsSpent', 'points_spent', 'smile_state', 'ID')
    """
    if "_" in name.strip("_"):
        first, *rest = name.split("_")
        return first + "".join(map(str.capitalize, rest))
    if " " in name:
        return name.lower().replace(" ", "_")
    snake = re.sub(r"(?<=[a-z])([A-Z])", lambda found: "_" + found[1].lower(), name)
    return snake if snake != name else name.swapcase()


@value_mutator
def number_as_text(value: Any) -> Any:
    """A number is written as text."""
    return str(value) if is_number(value) else value


@value_mutator
def text_as_number(value: Any) -> Any:
    """A text of digits is written as a number."""
    return int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() else value


@value_mutator
def text_as_list(value: Any) -> Any:
    """A text is put into a list."""
    return [value] if isinstance(value, str) else value


@value_mutator
def integer_as_float(value: Any) -> Any:
    """A whole number is written with a fraction, 5.0."""
    return float(value) if type(value) is int else value


@value_mutator
def truth_as_text(value: Any) -> Any:
    """true and false are written as text."""
    return str(value).lower() if isinstance(value, bool) else value


@value_mutator
def truth_flipped(value: Any) -> Any:
    """true and false are mixed up."""
    return not value if isinstance(value, bool) else value


@value_mutator
def money_rounded_up(value: Any) -> Any:
    """An amount is a cent too much."""
    return round(value + 0.01, 2) if type(value) is float else value


@value_mutator
def amount_in_hundredths(value: Any) -> Any:
    """An amount is told in cents."""
    return value * 100 if is_number(value) and value else value


@value_mutator
def sign_flipped(value: Any) -> Any:
    """What is added and what is taken are mixed up."""
    return -value if is_number(value) and value else value


@value_mutator
def no_date_as_null(value: Any) -> Any:
    """The word for a date that is not there becomes null."""
    return None if value in NO_VALUE_WORDS else value


@value_mutator
def null_as_text(value: Any) -> Any:
    """null becomes the empty text."""
    return "" if value is None else value


@value_mutator
def value_as_null(_value: Any) -> Any:
    """A value gets lost, its key does not."""
    return None


@value_mutator
def text_trimmed(value: Any) -> Any:
    """Spaces at the end are cut off."""
    return value.strip() if isinstance(value, str) else value


@value_mutator
def text_case_changed(value: Any) -> Any:
    """A text is written in lower case."""
    return value.lower() if isinstance(value, str) else value


@value_mutator
def time_zone_respelled(value: Any) -> Any:
    """A time in UTC ends in another spelling of that."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value):
        return value
    return value.removesuffix("Z") + "+00:00" if value.endswith("Z") else re.sub(r"[+-]\d\d:\d\d$", "Z", value)


@value_mutator
def object_as_text(value: Any) -> Any:
    """An object or a list is written as text."""
    return json.written(value).decode() if isinstance(value, dict | list) else value


@value_mutator
def list_shortened(value: Any) -> Any:
    """The last item of a list is forgotten."""
    return value[:-1] if isinstance(value, list) else value


@value_mutator
def list_as_item(value: Any) -> Any:
    """A list of one is written without the list."""
    return value[0] if isinstance(value, list) and value else value


@mutator
def object_flattened(specimen: Specimen) -> Iterator[Mistake]:
    """The members of an object are laid beside it."""

    def flatten(holder: Json, name: str) -> None:
        if isinstance(holder[name], dict):
            holder.update(holder.pop(name))

    yield from at_every_value(specimen, flatten)


@mutator
def values_swapped(specimen: Specimen) -> Iterator[Mistake]:
    """Two neighbouring properties of one type have each other's values."""
    for request in specimen.events:
        for first, second in alike_neighbours(properties_of(request.body)):
            yield replace_event(specimen, f"properties.{first}", swapped(request, first, second))
    for request in specimen.profiles:
        for first, second in alike_neighbours(properties_of(request.body)):
            yield replace_profile(specimen, f"profile.properties.{first}", swapped(request, first, second))


def swapped(request: KlaviyoRequest, first: str, second: str) -> KlaviyoRequest:
    """The request with the values of two properties swapped."""
    body = copied(request.body)
    values = properties_of(body)
    values[first], values[second] = values[second], values[first]
    return replace(request, body=body)


def alike_neighbours(values: Json) -> Iterator[tuple[str, str]]:
    """Names of neighbours whose values have one type and differ."""
    names = list(values)
    for first, second in pairwise(names):
        if type(values[first]) is type(values[second]) and values[first] != values[second]:
            yield first, second


@mutator
def property_added(specimen: Specimen) -> Iterator[Mistake]:
    """A property that nobody documented is sent along."""
    for request in specimen.events:
        values = properties_of(request.body) | {"mistaken": 1}
        yield replace_event(specimen, "properties", changed(request, properties=values))
    for request in specimen.profiles:
        values = properties_of(request.body) | {"mistaken": 1}
        yield replace_profile(specimen, "profile.properties", changed(request, properties=values))


@mutator
def metric_misspelled(specimen: Specimen) -> Iterator[Mistake]:
    """The metric is written in another case, with a prefix, or with the name of another."""
    for request in specimen.events:
        name = metric_of(request)
        others = (specimen.vendor.metric(event) for event in specimen.vendor.events)
        other = next((metric for metric in others if metric not in (None, name)), None)
        for wrong in (name.lower(), name.upper(), f"{specimen.vendor.title} {name}", name + " ", other):
            if wrong is not None:
                yield replace_event(specimen, "metric", with_metric(request, wrong))


@mutator
def profile_of_a_stranger(specimen: Specimen) -> Iterator[Mistake]:
    """An identifier is somebody else's."""
    for request in specimen.events:
        for name in profile_of(request):
            wrong = profile_of(request) | {name: STRANGER}
            yield replace_event(specimen, f"profile.{name}", with_profile(request, wrong))
    for request in specimen.profiles:
        for name in ("email", "external_id", "phone_number"):
            if name in attributes_of(request.body):
                yield replace_profile(specimen, f"profile.{name}", changed(request, **{name: STRANGER}))


@mutator
def profile_of_the_other_side(specimen: Specimen) -> Iterator[Mistake]:
    """The event goes to another person whom it speaks of: the friend instead of the advocate, say."""
    for request in specimen.events:
        profile = profile_of(request)
        for email in emails(specimen.event):
            if email != profile.get("email"):
                yield replace_event(specimen, "profile.email", with_profile(request, profile | {"email": email}))


def emails(event: VendorEvent) -> list[str]:
    """Every e-mail address that an event and its customer's record tell."""
    text = json.written([event.payload, event.customer]).decode()
    return sorted({found for found in re.findall(r'"([^"\s]+@[^"\s]+\.[^"\s]+)"', text) if EMAIL.fullmatch(found)})


@mutator
def identifier_dropped(specimen: Specimen) -> Iterator[Mistake]:
    """One identifier of the profile is forgotten."""
    for request in specimen.events:
        for dropped in profile_of(request):
            rest = {name: value for name, value in profile_of(request).items() if name != dropped}
            yield replace_event(specimen, f"profile.{dropped}", with_profile(request, rest))


@mutator
def unique_id_missing(specimen: Specimen) -> Iterator[Mistake]:
    """The id that makes retries harmless is forgotten."""
    for request in specimen.events:
        yield replace_event(specimen, "unique_id", changed(request, unique_id=None))


@mutator
def unique_id_misplaced(specimen: Specimen) -> Iterator[Mistake]:
    """The id stands beside the attributes, where Klaviyo does not read it."""
    for request in specimen.events:
        moved = changed(request, unique_id=None)
        moved.body["data"]["unique_id"] = attributes_of(request.body)["unique_id"]
        yield replace_event(specimen, "unique_id", moved)


@mutator
def unique_id_new_on_each_try(specimen: Specimen) -> Iterator[Mistake]:
    """The id is another one on each retry."""
    for request in specimen.events:
        wrong = f"{attributes_of(request.body)['unique_id']}-retry-1"
        yield replace_event(specimen, "unique_id", changed(request, unique_id=wrong))


@mutator
def value_dropped(specimen: Specimen) -> Iterator[Mistake]:
    """The event's value or its currency is forgotten."""
    for request in specimen.events:
        for name in ("value", "value_currency"):
            if name in attributes_of(request.body):
                yield replace_event(specimen, name, changed(request, **{name: None}))


@mutator
def value_in_properties(specimen: Specimen) -> Iterator[Mistake]:
    """The event's value stands among the properties, as older clients wrote it."""
    for request in specimen.events:
        if "value" in attributes_of(request.body):
            values = properties_of(request.body) | {"$value": attributes_of(request.body)["value"]}
            yield replace_event(specimen, "value", changed(request, properties=values, value=None))
            yield replace_event(specimen, "properties", changed(request, properties=values))


@mutator
def value_changed(specimen: Specimen) -> Iterator[Mistake]:
    """The event's value is a cent too much, negative, or in cents."""
    for request in specimen.events:
        value = attributes_of(request.body).get("value")
        for wrong in (round(value + 0.01, 2), -value, value * 100) if value else ():
            yield replace_event(specimen, "value", changed(request, value=wrong))


@mutator
def value_invented(specimen: Specimen) -> Iterator[Mistake]:
    """An event that has no value is given one, or a currency."""
    for request in specimen.events:
        for name, wrong in (("value", 12.5), ("value_currency", "USD")):
            if name not in attributes_of(request.body):
                yield replace_event(specimen, name, changed(request, **{name: wrong}))


@mutator
def time_shifted(specimen: Specimen) -> Iterator[Mistake]:
    """The event happened in another time zone, or when it was delivered."""
    for request in specimen.events:
        at = datetime.fromisoformat(attributes_of(request.body)["time"])
        for wrong in (at + timedelta(hours=2), at + timedelta(seconds=1)):
            yield replace_event(specimen, "time", changed(request, time=iso_z(wrong)))
        yield replace_event(specimen, "time", changed(request, time=None))


@mutator
def event_forgotten(specimen: Specimen) -> Iterator[Mistake]:
    """The event is not sent at all."""
    if specimen.events:
        yield Mistake("event", lambda: ((), specimen.profiles))


@mutator
def event_doubled(specimen: Specimen) -> Iterator[Mistake]:
    """The event is sent twice."""
    if specimen.events:
        yield Mistake("event", lambda: (specimen.events * 2, specimen.profiles))


@mutator
def event_let_through(specimen: Specimen) -> Iterator[Mistake]:
    """An event that Klaviyo must never hear of is sent."""
    if specimen.events:
        return
    requests = let_through(specimen) or (invented_request(specimen),)
    yield Mistake("sent", lambda: (requests, specimen.profiles))


def let_through(specimen: Specimen) -> tuple[KlaviyoRequest, ...]:
    """The requests that the mapping would make if it never said no; none when it would not know of whom."""
    mapped = specimen.vendor.mapping.events[specimen.event.name]
    if not isinstance(mapped, Metric):
        return ()
    events = {specimen.event.name: replace(mapped, when=lambda _: True)}
    return tuple(replace(specimen.vendor.mapping, events=events).event_requests(specimen.event))


def invented_request(specimen: Specimen) -> KlaviyoRequest:
    """The request that a mapping without rules would make of an event."""
    event = specimen.event
    return event_request(
        metric=specimen.vendor.metric(event.name) or event.name,
        profile={"email": STRANGER},
        properties=event.payload,
        time=iso_z(event.occurred_at),
        unique_id=event.id,
        cause=event.id,
    )


@mutator
def profile_write_invented(specimen: Specimen) -> Iterator[Mistake]:
    """A profile is written that must not be."""
    if specimen.vendor.mapping.sync is None or specimen.vendor.metric(specimen.event.name) is None:
        invented = profile_request({"email": STRANGER}, specimen.event.id)
        yield Mistake("profile write", lambda: (specimen.events, (invented,)))


@mutator
def profile_write_forgotten(specimen: Specimen) -> Iterator[Mistake]:
    """A profile is not brought up to date."""
    if specimen.profiles:
        yield Mistake("profile write", lambda: (specimen.events, ()))


def is_number(value: Any) -> bool:
    """Whether a value is a number, which true is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
