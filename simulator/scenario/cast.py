"""Cast: the population of a scenario, single persons and crowds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator import population
from simulator.chance import chance
from simulator.document import Part
from simulator.population import LOCALES, Person
from simulator.scenario.arguments import Reader, VendorNames

NOT_YET = frozenset({"consent", "lists", "properties"})


@dataclass(frozen=True)
class Group:
    """One entry of the population: a person, or a crowd of `count`; `vendors` None stands for all."""

    key: str
    count: int = 0
    known: Mapping[str, str] = field(default_factory=dict)
    locales: Mapping[str, int] = field(default_factory=lambda: LOCALES)
    vendors: tuple[str, ...] | None = None

    def people(self, seed: int, first_number: int) -> Iterator[Person]:
        """The people of the group, numbered from `first_number`."""
        if self.count:
            yield from population.people(self.key, self.count, seed, first_number=first_number, locales=self.locales)
        else:
            luck = chance(seed, "person", self.key)
            yield population.person(self.key, first_number, luck, **self.known)


def crowd(*, count: int, locale: dict[str, int] | None = None, vendors: VendorNames | None = None) -> dict[str, Any]:
    """Many invented people: `{count: 200, locale: {en_US: 3, sk_SK: 1}, vendors: [smile]}`."""
    return {"count": count, "locales": locale or LOCALES, "vendors": vendors}


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
) -> dict[str, Any]:
    """One person: `{email: ana@example.org, vendors: [smile, 99minds]}`; what is not told is invented."""
    told = {
        "email": email,
        "phone": phone,
        "first_name": first_name,
        "last_name": last_name,
        "locale": locale,
        "city": city,
        "birthdate": birthdate,
    }
    return {"known": {name: value for name, value in told.items() if value is not None}, "vendors": vendors}


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
    found = reader.read(form, entry, f"population.{key}", not_yet=NOT_YET)
    return Group(key, **form(**found)) if not reader.problems else Group(key)


def is_crowd(entry: Part) -> bool:
    """Whether an entry is a crowd: whether it has a count."""
    return isinstance(entry.value, dict) and "count" in entry.value


@dataclass(frozen=True)
class Cast:
    """Everybody who takes part, by the names of the population."""

    groups: Mapping[str, Group]
    people: Mapping[str, tuple[Person, ...]]

    def customers(self, who: str | None, vendor: str) -> list[Person]:
        """The people of a name (None: all) who are customers of a vendor."""
        return [
            one
            for key, group in self.groups.items()
            if (who is None or key == who) and (group.vendors is None or vendor in group.vendors)
            for one in self.people[key]
        ]


def cast(found: list[Group], seed: int) -> Cast:
    """The cast of a seed; people are numbered through."""
    people: dict[str, tuple[Person, ...]] = {}
    number = 1
    for group in found:
        people[group.key] = tuple(group.people(seed, number))
        number += len(people[group.key])
    return Cast({group.key: group for group in found}, people)
