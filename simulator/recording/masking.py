"""Masking: persons and secrets in recorded traffic become others of the same shape, the same one each time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, unquote

from simulator.recording.exchange import Exchange

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
PHONE = re.compile(r"\+[1-9]\d{7,14}\b")
KEY = re.compile(r"\bpk_[0-9a-zA-Z]{6,}\b")
DATE = re.compile(r"^(\d{4})-\d\d-\d\d")

KEPT_HEADERS = (
    "content-type", "accept", "revision", "user-agent", "x-webhook-topic", "x-webhook-id", "x-jericommerce-event-type",
    "x-event-type", "x-event", "x-mock-cause", "x-mock-clock", "retry-after",
)  # fmt: skip
"""All other headers are left out of a recording: they carry keys, signatures and cookies."""


@dataclass(frozen=True)
class Mask:
    """Replaces what must not be seen; one salt always gives the same replacements, so that equal values stay equal."""

    salt: str = ""

    def exchange(self, exchange: Exchange) -> Exchange:
        """An exchange without persons and secrets."""
        return replace(
            exchange,
            path=quote(self.text(unquote(exchange.path)), safe="/?&=,()[]\"':%+-._~@$*!;"),
            headers={name: self.text(text) for name, text in exchange.headers.items() if name in KEPT_HEADERS},
            body=self.value(exchange.body),
            answer=self.value(exchange.answer),
        )

    def value(self, value: Any, name: str = "", owner: str = "") -> Any:
        """A JSON value masked; `name` is its key, `owner` the key of the object that it stands in."""
        if isinstance(value, dict):
            return {self.text(key): self.value(each, key, name) for key, each in value.items()}
        if isinstance(value, list):
            return [self.value(each, name, owner) for each in value]
        if isinstance(value, str) and value:
            return self.named(value, name, owner)
        return self.number(value, name, owner) if type(value) in (int, float) else value

    def named(self, text: str, name: str, owner: str) -> str:
        """A text masked as its key asks."""
        kind = kind_of(name, owner)
        return MASKS[kind](self, text) if kind else self.text(text)

    def number(self, value: float, name: str, owner: str) -> float:
        """A number masked when its key asks for that: a card's PIN may come as one, and so may a place."""
        if kind_of(name, owner) is None:
            return value
        shaped = self.shaped(str(abs(value)))
        return type(value)(float(shaped))

    def text(self, text: str) -> str:
        """A text in which every address, phone number and private key is masked."""
        text = EMAIL.sub(lambda found: self.email(found[0]), text) if "@" in text else text
        text = PHONE.sub(lambda found: self.phone(found[0]), text) if "+" in text else text
        return KEY.sub("pk_masked", text) if "pk_" in text else text

    def email(self, text: str) -> str:
        """An address that nobody has."""
        return f"{self.digest(text.lower())[:10]}@example.org"

    def phone(self, text: str) -> str:
        """A phone number from the range for fiction."""
        return f"+1415555{int(self.digest(text), 16) % 10_000:04d}"

    def day(self, text: str) -> str:
        """A day of birth: the year stays."""
        return DATE.sub(r"\1-01-01", text) if DATE.match(text) else self.shaped(text)

    def shaped(self, text: str) -> str:
        """A text of the same shape: letters become letters, digits digits, everything else stays."""
        noise = self.digest(text)
        return "".join(
            shaped_character(each, int(noise[number % len(noise)], 16) + number) for number, each in enumerate(text)
        )

    def digest(self, text: str) -> str:
        """A hexadecimal number that a text always leads to, and that does not lead back."""
        return blake2b(text.encode(), key=self.salt.encode()[:64], digest_size=16).hexdigest()


def shaped_character(character: str, noise: int) -> str:
    """Another character of the same kind; a first digit that is not zero does not become one.

    >>> shaped_character("a", 3), shaped_character("Q", 3), shaped_character("7", 3), shaped_character("-", 3)
    ('d', 'D', '4', '-')
    """
    if character.isdecimal():
        return str(noise % 9 + 1)
    if character.isalpha():
        return chr(ord("A" if character.isupper() else "a") + noise % 26)
    return character


NAMES: Mapping[str, str] = {
    "email": r"(^|_|\b)e_?mail(_?address)?$",
    "phone": r"phone(_?number)?$|^mobile$",
    "day": r"birth_?(day|date)|date_?of_?birth",
    "shaped": (
        r"^(first|last|middle|full|given|family|display)_?name$|^(address|street)(_?line)?_?\d?$|^(zip|post)(al)?_?code$"
        r"|^zip$|^ip(_?address)?$|^(lat|long)itude$|(^|_)(pin|token|secret|password|api_?key|signature|card_?number)$"
        r"|^(gift_?card_?|card_?|discount_?|coupon_?)code$|^code$"
    ),
}
"""Kind of masking → the keys that ask for it."""

KINDS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in NAMES.items()}
PERSONS = re.compile(r"(customer|person|friend|member|recipient|sender|buyer|referr(er|ed)|user|contact|holder)$", re.I)
"""The keys of objects whose `name` is a person's."""

MASKS: Mapping[str, Callable[[Mask, str], str]] = {
    "email": lambda mask, text: mask.email(text) if "@" in text else mask.shaped(text),
    "phone": lambda mask, text: mask.phone(text) if text.startswith("+") else mask.shaped(text),
    "day": Mask.day,
    "shaped": Mask.shaped,
}


def kind_of(name: str, owner: str) -> str | None:
    """How the value of a key is masked, None when only what it holds tells.

    >>> kind_of("customer_email", ""), kind_of("name", "customer"), kind_of("name", "metric"), kind_of("points", "")
    ('email', 'shaped', None, None)
    """
    plain = snake(name)
    if plain == "name" and PERSONS.search(snake(owner)):
        return "shaped"
    return next((kind for kind, pattern in KINDS.items() if pattern.search(plain)), None)


def snake(name: str) -> str:
    """A key as words joined by `_`, whatever the vendor's way of writing: `firstName`, `First Name` → `first_name`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[ \-.$]+", "_", name).strip("_").lower()
