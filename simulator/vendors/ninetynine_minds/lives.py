"""A customer's life with 99minds: what follows what, when and how often."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from simulator.chance import Chance
from simulator.event import Occasion
from simulator.vendors.ninetynine_minds.account import UNIT, Card, card_value, gift_card, is_likely
from simulator.vendors.ninetynine_minds.ledger import (
    PHYSICAL,
    BulkOrder,
    Coupon,
    Membership,
    Order,
    Referral,
    bulk_order,
    new_coupon,
    new_membership,
    new_order,
    new_referral,
)
from simulator.vendors.ninetynine_minds.member import SPECIAL_TIER, TIERS, Member

FIRST_HOUR = 13
"""Eight in the morning at the store, in UTC."""

GIFT_SEASONS = (((2, 7), (2, 14), 3), ((5, 5), (5, 13), 2), ((11, 20), (12, 24), 4))
"""From, to and how many times as many gifts are bought: Valentine, Mother's Day, Christmas."""

BUSIEST = 4
WEEKDAYS = 5


@dataclass(slots=True)
class Life:
    """A member's life and its source of chance."""

    member: Member
    luck: Chance

    def plan(self, at: datetime, step: Step, about: Any = None) -> None:
        """Let a step follow at a time."""
        self.member.agenda.plan(at, (step, about))

    def shopping(self, after: datetime, low: float, high: float) -> datetime:
        """An hour between eight and midnight at the store, so many days later; most likely in the evening."""
        return self.moment(after, self.luck.uniform(low, high), self.luck.triangular(0, 16, 11))

    def some_time(self, after: datetime, mean: float) -> datetime:
        """A shopping hour after a wait that is so many days long on average."""
        return self.moment(after, self.luck.expovariate(1 / mean), self.luck.triangular(0, 16, 11))

    def mailing(self, after: datetime, low: float, high: float) -> datetime:
        """Shortly after ten, when the vendor sends its reminders, so many days later."""
        return self.moment(after, self.luck.uniform(low, high), self.luck.uniform(2.0, 2.4))

    def office(self, after: datetime, mean: float) -> datetime:
        """An hour when offices are open."""
        at = self.moment(after, self.luck.expovariate(1 / mean), self.luck.uniform(1, 9))
        return at + timedelta(days=7 - at.weekday()) if at.weekday() >= WEEKDAYS else at

    def moment(self, after: datetime, days: float, hour: float) -> datetime:
        """A time of day so many days later, but never earlier than `after`."""
        on = (after + timedelta(days=days)).date()
        at = datetime.combine(on, time(FIRST_HOUR), UTC) + timedelta(seconds=int(hour * 3600))
        return at if at > after else at + timedelta(days=1)


Step: TypeAlias = Callable[[Life, datetime, Any], Iterator[Occasion]]


def live(member: Member, start: datetime, end: datetime, luck: Chance) -> Iterator[Occasion]:
    """What happens to a member between two times; plans that reach further wait for the next period."""
    life = Life(member, luck)
    if not member.is_planned:
        member.is_planned = True
        begin(life, start)
    for at, (step, about) in member.agenda.until(end):
        yield from step(life, max(at, start), about)


def begin(life: Life, start: datetime) -> None:
    """Plan what a member's life consists of."""
    member, luck = life.member, life.luck
    if is_likely(luck, 0.85):
        life.plan(life.shopping(start, 0, 25), enrol)
    if member.gift_card is not None:
        plan_card(life, start, member.gift_card)
    if member.membership is not None:
        plan_membership(life, start, member.membership)
    elif is_likely(luck, 0.5):
        life.plan(life.shopping(start, 0, 200), buy_membership)
    if member.partner_name is not None:
        life.plan(life.office(start, 100), place_bulk_order)
    life.plan(life.some_time(start, 80), buy_gift)
    life.plan(life.some_time(start, 180), grant_credit)
    life.plan(life.some_time(start, 60), grant_coupon)
    life.plan(life.some_time(start, 250), refer)


def season(on: date) -> int:
    """How many times as many gifts as usual are bought on a day."""
    return next((times for first, last, times in GIFT_SEASONS if first <= (on.month, on.day) <= last), 1)


def buy_gift(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """Perhaps an order of gift cards, two of three for somebody else; most likely before a feast."""
    luck = life.luck
    life.plan(life.some_time(at, 80), buy_gift)
    if not is_likely(luck, season(at.date()) / BUSIEST):
        return
    member = life.member
    recipient = member.friend(luck.randrange(4)) if is_likely(luck, 0.67) else member.account
    kind = luck.choices(("at once", "scheduled", "shipped"), (58, 25, 17))[0]
    order = new_order(
        member.account,
        recipient,
        at,
        luck,
        mode=PHYSICAL if kind == "shipped" else "",
        is_scheduled=kind == "scheduled",
    )
    yield Occasion(at, "OrderConfirmation", {"order": order})
    if order.deliver_at is not None:
        yield Occasion(at, "OrderScheduleConfirmation", {"order": order})
        life.plan(order.deliver_at, deliver, order)
    elif kind == "shipped":
        yield from issue_cards(life, at, order)
        life.plan(life.office(life.shopping(at, 1, 3), 1), ship, order)
    else:
        life.plan(at + timedelta(seconds=luck.randint(5, 90)), deliver, order)


def ship(_: Life, at: datetime, order: Order) -> Iterator[Occasion]:
    """The cards of an order go to the post."""
    yield Occasion(at, "ShippingConfirmation", {"order": order})


def deliver(life: Life, at: datetime, order: Order) -> Iterator[Occasion]:
    """The cards of an order reach their recipient."""
    for card in order.cards:
        yield Occasion(at, "OrderPlaced", {"order": order, "card": card})
    yield from issue_cards(life, at, order)


def issue_cards(life: Life, at: datetime, order: Order) -> Iterator[Occasion]:
    """The cards of an order become their holder's."""
    for card in order.cards:
        yield Occasion(at, "GiftcardIssued", {"order": order, "card": card})
        plan_card(life, at, card)


def plan_card(life: Life, at: datetime, card: Card) -> None:
    """Plan a gift card's life: first used after a month or two, one in eight never; reminders before its end."""
    luck = life.luck
    if not is_likely(luck, 0.12):
        life.plan(life.shopping(at, 0, 0) + timedelta(days=int(luck.lognormvariate(math.log(42), 0.7))), use_card, card)
    if is_likely(luck, 0.08):
        life.plan(life.shopping(at, 20, 150), reload_card, card)
    if card.expires is not None:
        for days in (30, 7):
            on = datetime.combine(card.expires - timedelta(days=days), time(FIRST_HOUR + 2, days), UTC)
            if on > at:
                life.plan(on, remind_of_card, card)


def is_valid(card: Card, at: datetime) -> bool:
    """Whether a card can still be used."""
    return card.expires is None or at.date() <= card.expires


def use_card(life: Life, at: datetime, card: Card) -> Iterator[Occasion]:
    """A purchase with a gift card, perhaps returned; what is left is used later, as a rule."""
    if not card.balance or not is_valid(card, at):
        return
    yield Occasion(at, "GiftcardRedeemed", {"card": card})
    if is_likely(life.luck, 0.1):
        life.plan(life.shopping(at, 1, 14), refund_card, card)
    if card.balance and is_likely(life.luck, 0.8):
        life.plan(life.shopping(at, 5, 60), use_card, card)


def refund_card(life: Life, at: datetime, card: Card) -> Iterator[Occasion]:
    """A purchase with a gift card is returned."""
    yield Occasion(at, "GiftcardRefunded", {"card": card})
    life.plan(life.shopping(at, 5, 60), use_card, card)


def reload_card(life: Life, at: datetime, card: Card) -> Iterator[Occasion]:
    """Somebody puts money on a gift card."""
    if is_valid(card, at):
        yield Occasion(at, "GiftcardReloaded", {"card": card})
        life.plan(life.shopping(at, 5, 60), use_card, card)


def remind_of_card(_: Life, at: datetime, card: Card) -> Iterator[Occasion]:
    """The reminder that a card with money on it will expire."""
    if card.balance:
        yield Occasion(at, "GiftcardExpirationReminder", {"card": card})


def grant_credit(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """Store credit, of which the customer is reminded, and which they spend in a purchase or two."""
    life.plan(life.some_time(at, 240), grant_credit)
    yield Occasion(at, "StoreCreditIssued")
    life.plan(life.mailing(at, 20, 35), remind_of_credit)
    life.plan(life.shopping(at, 5, 70), spend_credit)


def has_credit(member: Member) -> bool:
    """Whether there is store credit left."""
    return member.account.credit is not None and member.account.credit.balance > 0


def remind_of_credit(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """The reminder that there is credit left."""
    if has_credit(life.member):
        yield Occasion(at, "StoreCreditReminder")


def spend_credit(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """A purchase with store credit."""
    if has_credit(life.member):
        yield Occasion(at, "StoreCreditRedeemed")
        if has_credit(life.member):
            life.plan(life.shopping(at, 10, 60), spend_credit)


def enrol(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """A loyalty card; points come and go from then on, and a first tier follows."""
    if life.member.account.points is not None:
        return
    yield Occasion(at, "LoyaltyCardIssued")
    life.plan(life.some_time(at, 15), earn)
    life.plan(life.mailing(at, 28, 35), remind_of_points)
    life.plan(life.shopping(at, 1, 60), review_tier)


def points(member: Member) -> int:
    """The member's points, in ten-thousandths."""
    return member.account.points.balance if member.account.points else 0


def earn(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """A purchase that brings points, of which the vendor tells nobody; enough of them are spent."""
    life.plan(life.some_time(at, 20), earn)
    if life.member.account.points is not None:
        life.member.account.points.load(life.luck.randrange(10, 120) * UNIT)
    if points(life.member) >= 100 * UNIT and is_likely(life.luck, 0.35):
        life.plan(life.shopping(at, 0, 6), spend_points)
    return iter(())


def spend_points(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """A purchase with points."""
    if points(life.member):
        yield Occasion(at, "LoyaltyCardRedeemed")


def remind_of_points(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """The reminder, about once a month, that there are points left."""
    life.plan(life.mailing(at, 28, 35), remind_of_points)
    if points(life.member):
        yield Occasion(at, "LoyaltyCardReminder")


def review_tier(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """The tier is looked at every few months; a lock keeps it from falling."""
    life.plan(life.shopping(at, 50, 150), review_tier)
    change = tier_change(life.member, at, life.luck)
    if change is not None:
        yield Occasion(at, change)


def tier_change(member: Member, at: datetime, luck: Chance) -> str | None:
    """Which way a member's tier moves, if any."""
    account = member.account
    if account.tier is None:
        return "TierChanged"
    lot = luck.random()
    if lot < 0.4:
        return "TierUpgraded" if account.rank + 1 < len(TIERS) else None
    if lot < 0.75:
        is_locked = account.tier_locked_until is not None and at.date() < account.tier_locked_until
        return "TierDowngraded" if account.rank > 0 and not is_locked else None
    return "TierChanged" if lot < 0.82 or account.tier == SPECIAL_TIER else None


def grant_coupon(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """A coupon; who has not used it is reminded."""
    life.plan(life.some_time(at, 85), grant_coupon)
    coupon: Coupon = new_coupon(at, life.luck)
    yield Occasion(at, "CouponIssued", {"coupon": coupon})
    if coupon.expires is not None and is_likely(life.luck, 0.6):
        on = datetime.combine(coupon.expires - timedelta(days=5), time(FIRST_HOUR + 2, 20), UTC)
        life.plan(on, remind_of_coupon, coupon)


def remind_of_coupon(_: Life, at: datetime, coupon: Coupon) -> Iterator[Occasion]:
    """The reminder that a coupon will expire."""
    yield Occasion(at, "CouponExpirationReminder", {"coupon": coupon})


def buy_membership(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """A membership, which takes effect within days."""
    membership = new_membership(at.date(), life.luck)
    yield Occasion(at, "MembershipIssued", {"membership": membership})
    life.plan(life.shopping(at, 0, 3), activate, membership)


def activate(life: Life, at: datetime, membership: Membership) -> Iterator[Occasion]:
    """A membership takes effect; the shop's workflows may answer with points or a gift card."""
    if membership.is_over:
        return
    is_first = membership.state == "ISSUED"
    yield Occasion(at, "MembershipActivated", {"membership": membership})
    if is_first:
        plan_membership(life, at, membership)
        yield from welcome(life, at)


def welcome(life: Life, at: datetime) -> Iterator[Occasion]:
    """What a shop's workflow gives to a new member, if anything."""
    if is_likely(life.luck, 0.3):
        yield from enrol(life, at, None)
    elif is_likely(life.luck, 0.3):
        card = gift_card(life.member.account, card_value(life.luck), at.date(), life.luck)
        yield Occasion(at, "GiftcardIssued", {"card": card})
        plan_card(life, at, card)


def plan_membership(life: Life, at: datetime, membership: Membership) -> None:
    """Plan what happens to a membership in effect: changes, and its end."""
    life.plan(life.shopping(at, 10, 90), change_membership, membership)
    plan_end(life, at, membership)


def plan_end(life: Life, at: datetime, membership: Membership) -> None:
    """Plan what happens on the last day of a membership."""
    if membership.expires is not None:
        last = datetime.combine(membership.expires, time(FIRST_HOUR - 8), UTC)
        life.plan(max(last, at), end_membership, membership)


def end_membership(life: Life, at: datetime, membership: Membership) -> Iterator[Occasion]:
    """The last day: most memberships are renewed, others expire."""
    if membership.is_over or membership.expires is None:
        return
    if membership.expires <= at.date():
        is_renewed = membership.state == "ACTIVE" and is_likely(life.luck, 0.6)
        name = "MembershipRenewed" if is_renewed else "MembershipExpired"
        yield Occasion(at, name, {"membership": membership})
    if not membership.is_over and membership.expires > at.date():
        plan_end(life, at, membership)


CHANGES = {
    "MembershipPaused": 24,
    "MembershipChanged": 22,
    "MembershipExtendExpiry": 18,
    "MembershipDeactivated": 16,
    "MembershipCancelled": 12,
}
"""What happens to a membership, with weights. More than in a real shop, so that a year of 200 lives has them all."""


def change_membership(life: Life, at: datetime, membership: Membership) -> Iterator[Occasion]:
    """Something happens to a membership, once or twice a year."""
    if membership.is_over:
        return
    life.plan(life.shopping(at, 60, 200), change_membership, membership)
    if membership.state != "ACTIVE":
        return
    name = life.luck.choices(list(CHANGES), list(CHANGES.values()))[0]
    if name == "MembershipExtendExpiry" and membership.expires is None:
        return
    yield Occasion(at, name, {"membership": membership})
    if name == "MembershipPaused":
        life.plan(life.shopping(at, 14, 56), resume, membership)
    if name == "MembershipDeactivated" and is_likely(life.luck, 0.6):
        life.plan(life.shopping(at, 10, 40), activate, membership)


def resume(_: Life, at: datetime, membership: Membership) -> Iterator[Occasion]:
    """A pause ends, unless the membership ended first."""
    if membership.state == "PAUSED":
        yield Occasion(at, "MembershipResume", {"membership": membership})


def place_bulk_order(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """A partner's order; its cards are made within the hour."""
    life.plan(life.office(at, 200), place_bulk_order)
    order = bulk_order(life.member.partner_name or "", life.luck)
    yield Occasion(at, "PartnerOrderPlaced", {"order": order})
    life.plan(at + timedelta(minutes=life.luck.randint(1, 60)), issue_bulk, order)


def issue_bulk(life: Life, at: datetime, order: BulkOrder) -> Iterator[Occasion]:
    """All cards of a partner's order in one second, spread over the partner and four colleagues."""
    member = life.member
    holders = [member.account, *(member.friend(nth) for nth in range(4))]
    for number in range(order.quantity):
        yield Occasion(at, "PartnerGiftcardIssued", {"order": order, "holder": holders[number % len(holders)]})


def refer(life: Life, at: datetime, _: Any) -> Iterator[Occasion]:
    """The invitation of a friend, each friend once."""
    member, luck = life.member, life.luck
    if member.referrals == 4:
        return
    referral = new_referral(member.account, member.friend(member.referrals), luck)
    member.referrals += 1
    life.plan(life.some_time(at, 250), refer)
    yield Occasion(at, "ReferralCreated", {"referral": referral})
    if is_likely(luck, 0.6):
        life.plan(life.shopping(at, 0, 20), accept_referral, referral)
    elif is_likely(luck, 0.5):
        life.plan(life.shopping(at, 10, 40), cancel_referral, referral)


def accept_referral(life: Life, at: datetime, referral: Referral) -> Iterator[Occasion]:
    """The friend accepts, and both hear of it; a first purchase follows, as a rule."""
    yield Occasion(at, "ReferralAcceptedAdvocate", {"referral": referral})
    yield Occasion(at, "ReferralAcceptedFriend", {"referral": referral})
    if is_likely(life.luck, 0.7):
        life.plan(life.shopping(at, 1, 30), complete_referral, referral)
    elif is_likely(life.luck, 0.5):
        life.plan(life.shopping(at, 10, 40), cancel_referral, referral)


def complete_referral(_: Life, at: datetime, referral: Referral) -> Iterator[Occasion]:
    """The friend's first purchase, and both hear of it."""
    yield Occasion(at, "ReferralCompletedAdvocate", {"referral": referral})
    yield Occasion(at, "ReferralCompletedFriend", {"referral": referral})


def cancel_referral(_: Life, at: datetime, referral: Referral) -> Iterator[Occasion]:
    """The invitation is withdrawn, and the friend hears of it."""
    yield Occasion(at, "ReferralCancelled", {"referral": referral})
