"""Accounts: several Klaviyos in one server, told apart by key; each has a world, a clock and a store of its own."""

from __future__ import annotations

from collections.abc import Sequence

from mock_klaviyo.klaviyo import Klaviyo


class Accounts:
    """The accounts of a server; the first one answers whoever names none that is known."""

    def __init__(self, accounts: Sequence[Klaviyo]) -> None:
        self.all = tuple(accounts)
        self.first = self.all[0]
        self._by_name = {
            name: account
            for account in self.all
            for name in (account.config.account.id, *(key.key for key in account.config.keys))
        }

    def named(self, name: str) -> Klaviyo:
        """The account of a private key, a public key or an access token."""
        found = self._by_name.get(name)
        if found is None:
            found = next((account for account in self.all if account.has_granted(name)), None)
        return found or self.first

    def close(self) -> None:
        """Close all stores."""
        for account in self.all:
            account.close()
