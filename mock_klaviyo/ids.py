"""Ids in Klaviyo's forms, from one seeded source of chance."""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251 - the server's one source of chance, seeded
from typing import Any

SHORT_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)


class Ids:
    """A maker of ids; the same seed gives the same ids in the same order."""

    def __init__(self, seed: int | str = 0) -> None:
        self._random = Random(seed)
        self._last_ulid = 0
        self._numbers: set[int] = set()

    def remember(self) -> object:
        """What tells which ids come next."""
        return self._random.getstate(), self._last_ulid, frozenset(self._numbers)

    def recall(self, state: Any) -> None:
        """Make again the ids that came next at that time."""
        chance, self._last_ulid, numbers = state
        self._numbers = set(numbers)
        self._random.setstate(chance)

    def short(self, length: int = 6) -> str:
        """A list, metric or account id: six letters and digits, case matters."""
        return "".join(self._random.choices(SHORT_ALPHABET, k=length))

    def event(self) -> str:
        """An event id: eleven letters and digits."""
        return self.short(11)

    def ulid(self, now: datetime) -> str:
        """A profile id: 26 characters that begin with the time and always grow."""
        milliseconds = round(now.timestamp() * 1000)
        number = (milliseconds << 80) | self._random.getrandbits(80)
        self._last_ulid = max(number, self._last_ulid + 1)
        return crockford(self._last_ulid)

    def uuid(self) -> str:
        """A tag id or request id: a version 4 UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hexadecimal(self, length: int = 32) -> str:
        """A push token or metric property id: lower-case hexadecimal digits."""
        return f"{self._random.getrandbits(length * 4):0{length}x}"

    def job(self, account_id: str, now: datetime) -> str:
        """A profile import job's id: the account, the time and chance, in base64url."""
        text = f"{account_id}_maintenance.{self.short()}.{int(now.timestamp())}.{self.short()}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def numeric(self) -> str:
        """An image, review or flow action id: eight digits; of so few, chance alone would soon give one twice."""
        while (number := self._random.randrange(10_000_000, 100_000_000)) in self._numbers:
            continue
        self._numbers.add(number)
        return str(number)


def crockford(number: int) -> str:
    """A 130-bit number in 26 Crockford characters."""
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def event_uuid(second: datetime, node: int) -> str:
    """The version 1 UUID whose embedded time is exactly the event's second, as Klaviyo's are."""
    ticks = (second - GREGORIAN) // timedelta(microseconds=1) * 10
    fields = (ticks & 0xFFFFFFFF, (ticks >> 32) & 0xFFFF, (ticks >> 48) & 0x0FFF, 0x80, 1, node & 0xFFFFFFFFFFFF)
    return str(uuid.UUID(fields=fields, version=1))
