"""Cast: the population of a scenario, single persons and crowds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from faker.config import AVAILABLE_LOCALES

from simulator import population
from simulator.chance import chance
from simulator.document import Part
from simulator.json import Json
from simulator.population import LOCALES, Person
from simulator.scenario.arguments import Reader
from simulator.scenario.kinds import Shares, VendorNames
from simulator.scenario.words import nearest

CHANNELS = ("email", "sms", "whatsapp")


@dataclass(frozen=True)
class Group:
    """One entry of the population: a person, or a crowd of `count`; `vendors` None stands for all.

    `consent` is the share of people who agreed to each channel; all are on the `lists` and have the `properties`.
    """

    key: str
    count: int = 0
    known: Mapping[str, str] = field(default_factory=dict)
    locales: Mapping[str, int] = field(default_factory=lambda: LOCALES)
    vendors: tuple[str, ...] | None = None
    consent: Mapping[str, float] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    properties: Json = field(default_factory=dict)

    @property
    def is_known_before(self) -> bool:
        """Whether Klaviyo knows these people before anything happens."""
        return bool(self.consent or self.lists or self.properties)

    def channels(self, person: Person, seed: int) -> list[str]:
        """The channels that a person agreed to."""
        return [
            channel
            for channel, share in self.consent.items()
            if chance(seed, "consent", person.key, channel).random() < share
        ]

    def people(self, seed: int, first_number: int) -> Iterator[Person]:
        """The people of the group, numbered from `first_number`."""
        if self.count:
            yield from population.people(self.key, self.count, seed, first_number=first_number, locales=self.locales)
        else:
            luck = chance(seed, "person", self.key)
            yield population.person(self.key, first_number, luck, **self.known)


def crowd(  # every argument is a key of the language
    *,
    count: int,
    locale: dict[str, int] | None = None,
    vendors: VendorNames | None = None,
    consent: Shares | None = None,
    lists: list[str] | None = None,
    properties: Json | None = None,
) -> dict[str, Any]:
    """Many invented people: `{count: 200, locale: {en_US: 3, sk_SK: 1}, vendors: [smile], consent: {email: 0.8}}`."""
    return {
        "count": count,
        "locales": locale or LOCALES,
        "vendors": vendors,
        **before(consent=consent, lists=lists, properties=properties),
    }


def before(*, consent: Shares | None, lists: list[str] | None, properties: Json | None) -> dict[str, Any]:
    """What Klaviyo knows of people before anything happens."""
    return {"consent": consent or {}, "lists": tuple(lists or ()), "properties": properties or {}}


def person(  # every argument is a key of the language
    *,
    email: str | None = None,
    phone: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    locale: str | None = None,
    city: str | None = None,
    birthdate: str | None = None,
    vendors: VendorNames | None = None,
    consent: Shares | None = None,
    lists: list[str] | None = None,
    properties: Json | None = None,
) -> dict[str, Any]:
    """One person: `{email: ana@example.org, vendors: [smile], consent: {email: true}}`; the rest is invented."""
    told = {
        "email": email,
        "phone": phone,
        "first_name": first_name,
        "last_name": last_name,
        "locale": locale,
        "city": city,
        "birthdate": birthdate,
    }
    return {
        "known": {name: value for name, value in told.items() if value is not None},
        "vendors": vendors,
        **before(consent=consent, lists=lists, properties=properties),
    }


def groups(reader: Reader, entry: Part | None) -> list[Group]:
    """The groups that `population` names."""
    if entry is None:
        return []
    if not isinstance(entry.value, dict):
        reader.refuse(entry.place, "population must be a table of persons and crowds")
        return []
    return [group(reader, key, part) for key, part in entry.value.items()]


def group(reader: Reader, key: str, entry: Part) -> Group:
    """A person, or a crowd when there is a count."""
    form = crowd if is_crowd(entry) else person
    before = len(reader.problems)
    found = reader.read(form, entry, f"population.{key}")
    if len(reader.problems) > before:
        return Group(key)
    for channel in found.get("consent") or {}:
        if channel not in CHANNELS:
            place = entry.within(("consent", channel))
            reader.refuse(place, f"population.{key}.consent.{channel} is unknown{nearest(channel, CHANNELS)}")
    check(reader, key, entry, found)
    return Group(key, **form(**found))


def check(reader: Reader, key: str, entry: Part, found: Mapping[str, Any]) -> None:
    """Gather what no person can be: of a country that is unknown, or born on no day."""
    locales = found.get("locale") or {}
    for locale in [locales] if isinstance(locales, str) else locales:
        if not re.fullmatch(r"[a-z]{2}_[A-Z]{2}", locale) or locale not in AVAILABLE_LOCALES:
            place = entry.within(("locale",))
            reader.refuse(place, f"population.{key}.locale: {locale} is no locale{nearest(locale, AVAILABLE_LOCALES)}")
    try:
        date.fromisoformat(found.get("birthdate") or "2000-01-01")
    except ValueError:
        reader.refuse(entry.within(("birthdate",)), f"population.{key}.birthdate must be a day such as 1990-05-17")


def is_crowd(entry: Part) -> bool:
    """Whether an entry is a crowd: whether it has a count."""
    return isinstance(entry.value, dict) and "count" in entry.value


@dataclass(frozen=True)
class Cast:
    """Everybody who takes part, by the names of the population."""

    groups: Mapping[str, Group]
    people: Mapping[str, tuple[Person, ...]]

    def customers(self, who: str | None, vendor: str | None = None) -> list[Person]:
        """The people of a name (None: all) who are customers of a vendor (None: whoever's)."""
        return [
            one
            for key, group in self.groups.items()
            if (who is None or key == who) and is_customer(group, vendor)
            for one in self.people[key]
        ]

    def is_customer(self, person: Person, vendor: str | None) -> bool:
        """Whether a person is a customer of a vendor."""
        return any(is_customer(group, vendor) for key, group in self.groups.items() if person in self.people[key])


def cast(found: list[Group], seed: int) -> Cast:
    """The cast of a seed; people are numbered through."""
    people: dict[str, tuple[Person, ...]] = {}
    number = 1
    for group in found:
        people[group.key] = tuple(group.people(seed, number))
        number += len(people[group.key])
    return Cast({group.key: group for group in found}, people)


def is_customer(group: Group, vendor: str | None) -> bool:
    """Whether the people of a group are customers of a vendor."""
    return vendor is None or group.vendors is None or vendor in group.vendors
