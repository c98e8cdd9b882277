"""Member: a customer of the shop as 99minds keeps them, with the books that their next events go on from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from simulator.agenda import Agenda
from simulator.chance import Chance, chance
from simulator.json import Json
from simulator.population import Person, friend_of
from simulator.shop import Shop
from simulator.vendors.ninetynine_minds.account import (
    CENT,
    LOYALTY,
    STORE_CREDIT,
    UNIT,
    Account,
    Card,
    card_value,
    gift_card,
    is_likely,
    plain_card,
)
from simulator.vendors.ninetynine_minds.ledger import Coupon, Membership, Order, Referral, new_membership

TIERS = ("Bronze", "Silver", "Gold", "Platinum")
SPECIAL_TIER = "Ambassador"
TIER_DESCRIPTIONS = {
    "Bronze": "Where everybody starts",
    "Silver": "5% back in points",
    "Gold": "8% back in points, free shipping",
    "Platinum": "10% back in points, free shipping, early access",
}
"""There is none for the special tier, which staff assign by hand."""


@dataclass(slots=True, eq=False)
class Member:
    """A customer; cards, order and the rest are the latest ones, `agenda` has steps and what they are about."""

    account: Account
    shop: Shop
    joined: datetime
    friends: dict[int, Account] = field(default_factory=dict)
    gift_card: Card | None = None
    order: Order | None = None
    coupon: Coupon | None = None
    membership: Membership | None = None
    referral: Referral | None = None
    partner_name: str | None = None
    referrals: int = 0
    agenda: Agenda[tuple[Callable[..., Any], Any]] = field(default_factory=Agenda)
    is_planned: bool = False

    def friend(self, nth: int) -> Account:
        """The account of the member's nth friend (0 to 3); the same in every programme of a seed."""
        if nth not in self.friends:
            person = self.account.person
            luck = chance(person.key, person.number, person.email, "friend", nth)
            self.friends[nth] = friend_account(friend_of(person, nth, luck), luck)
        return self.friends[nth]


def friend_account(person: Person, luck: Chance) -> Account:
    """What the vendor knows of a friend: some only by phone, some without one, some as customers of long standing."""
    known_by = luck.choices(("both", "email", "phone"), (80, 12, 8))[0]
    if known_by == "phone":
        person = replace(person, email="")
    if known_by == "email":
        person = replace(person, phone="")
    account = Account(person, wallet=wallet(luck))
    if is_likely(luck, 0.4):
        account.points = plain_card(LOYALTY, account, luck.randrange(10, 900) * UNIT, luck)
        account.rank = luck.randrange(len(TIERS))
        account.tier = TIERS[account.rank]
    if is_likely(luck, 0.3):
        account.credit = plain_card(STORE_CREDIT, account, luck.randrange(300, 6_000) * CENT, luck)
    return account


def wallet(luck: Chance) -> str | None:
    """The key of a person's wallet passes; two in five have none."""
    return f"{luck.getrandbits(64):016x}" if is_likely(luck, 0.6) else None


def join(person: Person, shop: Shop, luck: Chance, at: datetime) -> Member:
    """A person as a customer, perhaps with a card, a membership or a partner account from earlier days."""
    member = Member(Account(person, wallet=wallet(luck)), shop, at)
    if is_likely(luck, 0.35):
        member.gift_card = earlier_card(member.account, at.date(), luck)
    if is_likely(luck, 0.4):
        member.membership = new_membership(at.date() - timedelta(days=luck.randint(10, 355)), luck)
        member.membership.state = "ACTIVE"
    # More partners than a real shop has, so that a crowd of two hundred always has one. An account needs an address.
    if person.email and is_likely(luck, 0.06):
        member.partner_name = f"{person.last_name} {luck.choice(('Travel', 'Catering', 'Logistics', 'Studios'))}"
    return member


def earlier_card(holder: Account, today: date, luck: Chance) -> Card:
    """A gift card bought in the years before, with an end in the year to come."""
    card = gift_card(holder, card_value(luck), today, luck)
    card.expires = today + timedelta(days=luck.randint(5, 360))
    if is_likely(luck, 0.5):
        card.redeem(card.balance // 3)
    return card


def record(member: Member) -> Json:
    """The customer as the vendor's API tells them."""
    return member.account.record()
