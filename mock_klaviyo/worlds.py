"""Worlds: many isolated states of one account in one server, each with keys of its own, begun from its baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from threading import RLock

from mock_klaviyo.config import Account, Config, Key
from mock_klaviyo.ids import SHORT_ALPHABET
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.naming import fault_of

PRIVATE_LENGTH, PUBLIC_LENGTH = 34, 6
"""How many characters a private key has after `pk_`, and a public one in all, as Klaviyo's have."""


class WorldError(ValueError):
    """A world cannot be made or does not exist; says what would be right."""


class Worlds:
    """The worlds of one account; they live in memory, also where the account itself is kept in a file."""

    def __init__(self, account: Klaviyo) -> None:
        self._account = account
        self._made: dict[str, Klaviyo] = {}
        self._by_key: dict[str, str] = {}
        self._unnamed = 0
        self._lock = RLock()

    def __iter__(self) -> Iterator[tuple[str, Klaviyo]]:
        with self._lock:
            return iter([*self._made.items()])

    def __len__(self) -> int:
        return len(self._made)

    @property
    def limit(self) -> int:
        """How many there may be."""
        return self._account.config.most_worlds

    def has(self, name: str) -> bool:
        """Whether there is a world of a name."""
        return name in self._made

    def named(self, name: str) -> Klaviyo:
        """The world of a name; made when there is none."""
        with self._lock:
            return self._made.get(name) or self.make(name)[1]

    def of_key(self, key: str) -> Klaviyo | None:
        """The world that has a private or a public key."""
        with self._lock:
            name = self._by_key.get(key)
            return None if name is None else self._made[name]

    def make(
        self, name: str | None = None, *, clock: datetime | None = None, seed: int | None = None
    ) -> tuple[str, Klaviyo]:
        """A fresh world from the account's baseline, in place of one that has the name already; and its name."""
        with self._lock:
            name = self._free_name() if name is None else checked(name)
            self._remove(name)
            if len(self._made) >= self.limit:
                raise WorldError(
                    f"there are {self.limit} worlds already, as many as `serve --worlds` allows; "
                    "DELETE /__mock/worlds/NAME removes one"
                )
            world = Klaviyo(self._config(name, clock, seed), self._account.baseline)
            self._made[name] = world
            self._by_key |= dict.fromkeys((world.config.private_key, world.config.account.id), name)
            return name, world

    def remove(self, name: str) -> None:
        """End a world and forget all that was in it."""
        with self._lock:
            self._remove(name)

    def _remove(self, name: str) -> None:
        """End a world, if there is one of the name."""
        world = self._made.pop(name, None)
        if world is not None:
            self._by_key = {key: each for key, each in self._by_key.items() if each != name}
            world.close()

    def _free_name(self) -> str:
        """A name that no world has."""
        while True:
            self._unnamed += 1
            if f"world-{self._unnamed}" not in self._made:
                return f"world-{self._unnamed}"

    def _config(self, name: str, clock: datetime | None, seed: int | None) -> Config:
        """The account's settings with keys that come of the name; whoever names the world may use the account's too."""
        config = self._account.config
        account: Account = replace(config.account, id=public_key(config.account.id, name))
        return replace(
            config,
            keys=(Key(private_key(config.account.id, name)), *config.keys),
            account=account,
            other_public_keys=config.other_public_keys | {config.account.id},
            data=None,
            baseline=None,
            clock=clock or config.clock,
            seed=config.seed if seed is None else seed,
        )

    def close(self) -> None:
        """End all worlds."""
        with self._lock:
            for name in [*self._made]:
                self._remove(name)


def checked(name: str) -> str:
    """A name that a world can have; it must fit into a header and a path."""
    if fault := fault_of(name, "a world"):
        raise WorldError(fault)
    return name


def private_key(account_id: str, name: str) -> str:
    """The private key of a world.

    >>> private_key("MOCK01", "test-1")
    'pk_957b08a2acf88f5f0aa897f1cee04fae95'
    """
    return f"pk_{digest(account_id, name)[:PRIVATE_LENGTH]}"


def public_key(account_id: str, name: str) -> str:
    """The public key of a world.

    >>> public_key("MOCK01", "test-1")
    'gzmc9W'
    """
    number = int(digest(account_id, name)[PRIVATE_LENGTH:], 16)
    letters = []
    for _ in range(PUBLIC_LENGTH):
        number, rest = divmod(number, len(SHORT_ALPHABET))
        letters.append(SHORT_ALPHABET[rest])
    return "".join(letters)


def digest(account_id: str, name: str) -> str:
    """What the keys of a world are made of."""
    return sha256(f"{account_id} world {name}".encode()).hexdigest()
