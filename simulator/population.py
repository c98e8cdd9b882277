"""Who takes part: invented people with unique e-mail addresses and valid phone numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import phonenumbers
from faker import Faker

from simulator.chance import Chance, chance

DOMAINS = ("example.org", "example.net")
"""Domains that belong to nobody. Not example.com: Klaviyo drops events for it without a word."""

LOCALES: Mapping[str, int] = {"en_US": 4, "en_GB": 2, "de_DE": 1, "fr_FR": 1, "sk_SK": 1}
"""Locales of people and their weights, unless a scenario says otherwise."""

POOL_SIZE = 300
OLDEST, YOUNGEST = date(1945, 1, 1), date(2008, 12, 31)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person: `key` is the scenario's name for them, `number` tells them apart, `phone` is in E.164."""

    key: str
    number: int
    email: str
    phone: str
    first_name: str
    last_name: str
    locale: str = "en_US"
    city: str = ""
    postcode: str = ""
    street: str = ""
    birthdate: date | None = None
    tells_birthdate: bool = False
    """Whether the scenario says when they were born: then every vendor knows, which else is left to chance."""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def language(self) -> str:
        """The two-letter language, `en`."""
        return self.locale.partition("_")[0]

    @property
    def country(self) -> str:
        """The two-letter country, `US`."""
        return self.locale.partition("_")[2]


@cache
def pool(locale: str, kind: str) -> tuple[str, ...]:
    """Values of one Faker method in one locale; drawing from a pool is forty times faster than asking Faker."""
    faker = Faker(locale, use_weighting=False)
    faker.seed_instance(f"{locale} {kind}")
    return tuple(getattr(faker, kind)().replace("\n", ", ") for _ in range(POOL_SIZE))


@cache
def phone_prefix(country: str) -> str:
    """The start of a mobile number of the country, all but its last six digits."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        raise ValueError(f"no phone numbers are known for the country {country!r}")
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[:-6]


def phone(country: str, number: int) -> str:
    """The valid mobile number of the country for a person's number; a million people before it repeats."""
    return f"{phone_prefix(country)}{(number * 7919 + 130_013) % 1_000_000:06d}"


def slug(text: str) -> str:
    """The text in lower-case ASCII letters and digits.

    >>> slug("Ľubomír O'Neil")
    'lubomironeil'
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", ascii_text.lower())


def person(key: str, number: int, luck: Chance, *, locale: str = "en_US", **known: str) -> Person:
    """An invented person; `number` makes address and phone unique, `known` overrides what is invented."""
    first = known.get("first_name") or luck.choice(pool(locale, "first_name"))
    last = known.get("last_name") or luck.choice(pool(locale, "last_name"))
    invented = {
        "email": f"{slug(first) or 'p'}.{slug(last) or 'p'}{number}@{luck.choice(DOMAINS)}",
        "phone": phone(locale.partition("_")[2], number),
        "city": luck.choice(pool(locale, "city")),
        "postcode": luck.choice(pool(locale, "postcode")),
        "street": luck.choice(pool(locale, "street_address")),
    }
    born = OLDEST + timedelta(days=luck.randrange((YOUNGEST - OLDEST).days))
    birthdate = date.fromisoformat(known["birthdate"]) if "birthdate" in known else born
    texts = invented | {name: value for name, value in known.items() if name != "birthdate"}
    return Person(
        key=key,
        number=number,
        locale=locale,
        birthdate=birthdate,
        tells_birthdate="birthdate" in known,
        **(texts | {"first_name": first, "last_name": last}),
    )


def friend_of(someone: Person, nth: int, luck: Chance) -> Person:
    """The person's nth friend (0 to 3), whom they refer: somebody new, of the same locale."""
    number = 500_000 + (someone.number * 4 + nth % 4) % 500_000
    return person(f"{someone.key}/friend-{nth + 1}", number, luck, locale=someone.locale)


def people(
    key: str, count: int, seed: int, *, first_number: int = 1, locales: Mapping[str, int] = LOCALES
) -> Iterator[Person]:
    """A crowd: `count` people named `key-1`, `key-2` …, each drawn from a source of chance of their own."""
    names, weights = list(locales), list(locales.values())
    for index in range(count):
        luck = chance(seed, "person", key, index)
        locale = luck.choices(names, weights)[0]
        yield person(f"{key}-{index + 1}", first_number + index, luck, locale=locale)
