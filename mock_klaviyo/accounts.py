"""Accounts: several Klaviyos in one server, told apart by key; each has a store and a clock of its own, and worlds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.worlds import Worlds


class NoAccount(ValueError):
    """There is no account of a name that was asked for; says which there are."""


class Accounts:
    """The accounts of a server; the first one answers whoever names none that is known."""

    def __init__(self, accounts: Sequence[Klaviyo]) -> None:
        self.all = tuple(accounts)
        self.first = self.all[0]
        self._worlds = {account.config.account.id: Worlds(account) for account in self.all}
        self._by_name = {
            name: account
            for account in self.all
            for name in (account.config.account.id, *(key.key for key in account.config.keys))
        }

    @property
    def is_one(self) -> bool:
        """Whether there is nothing to tell apart."""
        return len(self.all) == 1 and not any(self._worlds.values())

    def named(self, name: str) -> Klaviyo:
        """The account, or the world, of a private key, a public key or an access token."""
        return self._found(name) or self.first

    def check(self, name: str) -> None:
        """Refuse a name that no account and no world has."""
        if self._found(name) is None:
            known = ", ".join(account.config.account.id for account in self.all)
            raise NoAccount(f"there is no account {name!r}; there are: {known}. A key of theirs names one as well")

    def _found(self, name: str) -> Klaviyo | None:
        """The account, or the world, of a key or token, if there is one."""
        found = self._by_name.get(name) or self._world_of(name)
        return found or next((each for each in self.every() if each.has_granted(name)), None)

    def worlds(self, of: str) -> Worlds:
        """The worlds of the account that a key names, be it the key of one of them."""
        for worlds in self._worlds.values():
            if worlds.of_key(of) is not None:
                return worlds
        return self._worlds[self._by_name.get(of, self.first).config.account.id]

    def _world_of(self, key: str) -> Klaviyo | None:
        """The world of a key."""
        return next((found for worlds in self._worlds.values() if (found := worlds.of_key(key))), None)

    def every(self) -> Iterator[Klaviyo]:
        """All accounts, and all their worlds."""
        yield from self.all
        for worlds in self._worlds.values():
            yield from (world for _, world in worlds)

    def close(self) -> None:
        """Close all stores."""
        for worlds in self._worlds.values():
            worlds.close()
        for account in self.all:
            account.close()
