"""The books that an event writes in: those that the life names, else the member's latest ones, else new ones."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from simulator.chance import Chance
from simulator.event import Occasion
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
from simulator.vendors.ninetynine_minds.ledger import Membership, Referral, new_membership, new_referral
from simulator.vendors.ninetynine_minds.member import Member


def amount(occasion: Occasion, otherwise: int, step: int = 1) -> int:
    """The amount that the facts tell, in ten-thousandths and whole steps."""
    told = occasion.facts.get("amount")
    units = otherwise if told is None else int(Decimal(str(told)) * UNIT) // step * step
    if units <= 0:
        raise ArithmeticError(f"{told!r} is no amount of money or points")
    return units


def known_gift_card(member: Member, occasion: Occasion, luck: Chance) -> Card:
    """A gift card of the member that has money on it."""
    card: Card | None = occasion.facts.get("card") or member.gift_card
    if card is None or not card.balance:
        card = member.gift_card = gift_card(member.account, card_value(luck), occasion.at.date(), luck)
    return card


def credit_card(member: Member, luck: Chance, *, is_filled: bool = True) -> Card:
    """The member's card of store credit, as a rule with something on it."""
    account = member.account
    if account.credit is None:
        account.credit = plain_card(STORE_CREDIT, account, 0, luck)
    if is_filled and not account.credit.balance:
        account.credit.load(luck.randrange(500, 8_000) * CENT)
    return account.credit


def loyalty_card(member: Member, luck: Chance) -> Card:
    """The member's loyalty card, with points on it."""
    account = member.account
    if account.points is None:
        account.points = plain_card(LOYALTY, account, 0, luck)
    if not account.points.balance:
        account.points.load(luck.randrange(1, 400) * UNIT)
    return account.points


def spend(card: Card, units: int) -> int:
    """Spend an amount from a card; what is missing for it is loaded first."""
    card.load(max(0, units - card.balance))
    card.redeem(units)
    return units


def give_back(card: Card, units: int) -> int:
    """Put back an amount that was spent from a card; what is missing for it is spent first."""
    if units > card.spent:
        spend(card, units - card.spent)
    card.refund(units)
    return units


def part_of(units: int, luck: Chance, step: int = 1) -> int:
    """What is spent of a balance: in two of five cases and of little all, else a part in whole steps."""
    if units <= 2 * UNIT or is_likely(luck, 0.4):
        return units
    return max(step, int(units * luck.uniform(0.2, 0.8)) // step * step)


def any_friend(member: Member, luck: Chance) -> Account:
    """One of the member's friends."""
    return member.friend(luck.randrange(4))


def known_membership(member: Member, occasion: Occasion, luck: Chance, *states: str) -> Membership:
    """The member's membership, in one of the states that the event goes on from."""
    membership: Membership | None = occasion.facts.get("membership") or member.membership
    if membership is None or (membership.is_over and membership.state not in states):
        membership = new_membership(occasion.at.date() - timedelta(days=30), luck)
    if membership.state not in states:
        membership.state = states[0]
    member.membership = membership
    return membership


def as_advocate(member: Member, occasion: Occasion, luck: Chance) -> Referral:
    """The referral that the life names, else one in which the member is the advocate."""
    referral: Referral | None = occasion.facts.get("referral") or member.referral
    if referral is None or referral.advocate is not member.account:
        referral = new_referral(member.account, any_friend(member, luck), luck)
    member.referral = referral
    return referral


def as_friend(member: Member, occasion: Occasion, luck: Chance) -> Referral:
    """The referral that the life names, else one in which the member is the friend."""
    referral: Referral | None = occasion.facts.get("referral")
    return referral or new_referral(any_friend(member, luck), member.account, luck)
