"""Account: a person whom 99minds knows, and the numbered cards that hold their money and points."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import date, timedelta

from simulator.chance import Chance
from simulator.json import Json
from simulator.population import Person

UNIT = 10_000
"""Amounts are whole ten-thousandths, since converted money has four places in the ledger."""

CENT = UNIT // 100
CARD_ALPHABET = string.ascii_uppercase + string.digits
CDN = "https://cdn.99minds.example.org"
GIFTCARD, STORE_CREDIT, LOYALTY = "GIFTCARD", "STORE_CREDIT", "LOYALTY_CARD"


def written(units: int) -> str:
    """An amount as the ledger writes it.

    >>> written(499_990)
    '49.9990'
    """
    return f"{units // UNIT}.{units % UNIT:04d}"


@dataclass(slots=True, eq=False)
class Card:
    """A numbered card; `loaded` is all that was ever put on it, refunds aside."""

    kind: str
    holder: Account
    id: str
    number: str
    pin: str | None
    original: int
    balance: int
    loaded: int
    expires: date | None = None
    theme_url: str | None = None
    barcode_url: str | None = None
    campaign_id: str | None = None

    @property
    def spent(self) -> int:
        """What has been spent and not been given back."""
        return self.loaded - self.balance

    def load(self, units: int) -> None:
        """Put an amount on the card."""
        self.balance += units
        self.loaded += units

    def redeem(self, units: int) -> None:
        """Spend an amount that is on the card."""
        if not 0 < units <= self.balance:
            raise ValueError(f"{written(units)} cannot be spent from {written(self.balance)}")
        self.balance -= units

    def refund(self, units: int) -> None:
        """Give back an amount that was spent from the card."""
        self.balance += units

    def record(self, currency: str) -> Json:
        """The card as the ledger shows it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "number": self.number,
            "pin": self.pin,
            "currency": currency,
            "original_value": written(self.original),
            "balance": written(self.balance),
            "expires_on": self.expires.isoformat() if self.expires else None,
            "theme_url": self.theme_url,
            "barcode_url": self.barcode_url,
            "campaign_id": self.campaign_id,
        }


@dataclass(slots=True, eq=False)
class Account:
    """What 99minds knows of a person; `wallet` is the key of their wallet passes."""

    person: Person
    points: Card | None = None
    credit: Card | None = None
    tier: str | None = None
    rank: int = 0
    tier_locked_until: date | None = None
    wallet: str | None = None

    def record(self) -> Json:
        """The person as the vendor's API tells them, balances included."""
        person, wallet = self.person, self.wallet
        return {
            "email": person.email or None,
            "phone": person.phone or None,
            "first_name": person.first_name or None,
            "last_name": person.last_name or None,
            "loyalty_points": self.points.balance // UNIT if self.points else 0,
            "store_credit": written(self.credit.balance) if self.credit else "0.0000",
            "vip_tier": self.tier,
            "google_pass_url": f"https://pay.google.com/gp/v/save/{wallet}" if wallet else None,
            "apple_pass_url": f"https://passes.99minds.example.org/{wallet}.pkpass" if wallet else None,
        }


def is_likely(luck: Chance, share: float) -> bool:
    """Whether something happens that happens in this share of cases."""
    return luck.random() < share


def card_number(luck: Chance) -> str:
    """A card number of twelve characters, leading zeros included."""
    return "".join(luck.choices(CARD_ALPHABET, k=12))


def card_value(luck: Chance) -> int:
    """What a gift card is worth: a round sum, or one converted from another currency at a rate of four places."""
    face = luck.choices((25, 50, 100, 200, 500), (30, 35, 22, 10, 3))[0]
    return face * (UNIT if is_likely(luck, 0.4) else luck.randrange(7_001, 13_999))


def gift_card(holder: Account, value: int, bought: date, luck: Chance) -> Card:
    """A new gift card; three in five never expire."""
    number = card_number(luck)
    return Card(
        kind=GIFTCARD,
        holder=holder,
        id=f"card_{luck.getrandbits(72):018x}",
        number=number,
        pin=f"{luck.randrange(10_000):04d}" if is_likely(luck, 0.8) else None,
        original=value,
        balance=value,
        loaded=value,
        expires=None if is_likely(luck, 0.6) else bought + timedelta(days=365 * luck.randint(1, 5)),
        theme_url=f"{CDN}/themes/{luck.randrange(1, 30)}.png" if is_likely(luck, 0.9) else None,
        barcode_url=f"{CDN}/barcodes/{number}.png" if is_likely(luck, 0.7) else None,
        campaign_id=str(luck.randrange(100, 140)) if is_likely(luck, 0.8) else None,
    )


def plain_card(kind: str, holder: Account, value: int, luck: Chance) -> Card:
    """A card of store credit or of points: neither PIN nor artwork nor campaign."""
    return Card(
        kind=kind,
        holder=holder,
        id=f"card_{luck.getrandbits(72):018x}",
        number=card_number(luck),
        pin=None,
        original=value,
        balance=value,
        loaded=value,
    )
