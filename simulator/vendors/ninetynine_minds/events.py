"""What 99minds tells of: one function per event, which makes the ledger's entry and moves the books on.

Without facts the member is the person whom the event is about: the friend in a friend's event, the recipient of an
order. Lives say who takes part.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from simulator.chance import Chance
from simulator.event import Occasion
from simulator.json import Json
from simulator.vendor import EventKind
from simulator.vendors.ninetynine_minds.account import (
    CENT,
    LOYALTY,
    UNIT,
    Account,
    Card,
    card_value,
    gift_card,
    is_likely,
    plain_card,
    written,
)
from simulator.vendors.ninetynine_minds.books import (
    amount,
    any_friend,
    as_advocate,
    as_friend,
    credit_card,
    give_back,
    known_gift_card,
    known_membership,
    loyalty_card,
    part_of,
    spend,
)
from simulator.vendors.ninetynine_minds.ledger import (
    GREETINGS,
    LEVELS,
    PHYSICAL,
    STORE_TIMEZONE,
    Coupon,
    Membership,
    Order,
    Referral,
    bulk_order,
    client_order_id,
    day,
    new_coupon,
    new_membership,
    new_order,
    new_referral,
    stamp,
)
from simulator.vendors.ninetynine_minds.member import SPECIAL_TIER, TIER_DESCRIPTIONS, TIERS, Member

Payload: TypeAlias = Callable[[Member, Occasion, Chance], Json]

EVENTS: dict[str, EventKind] = {}
LOST = "; its attributes are assumed, the documentation lost them"


def event(name: str, when: str) -> Callable[[Payload], Payload]:
    """Register the function that makes the payload of an event."""

    def register(payload: Payload) -> Payload:
        EVENTS[name] = EventKind(name, when, "documented", payload)
        return payload

    return register


def transaction_id(payload: Json, _: Chance) -> str:
    """The id of the ledger's entry, which no retry changes."""
    return str(payload["id"])


def entry(member: Member, occasion: Occasion, luck: Chance, activity: str, **parts: Any) -> Json:
    """An entry of the ledger."""
    return {
        "id": f"transaction_{luck.getrandbits(72):018x}",
        "activity_type": activity,
        "created_at": stamp(occasion.at),
        "store": {"name": member.shop.name, "currency": member.shop.currency, "timezone": STORE_TIMEZONE},
        **parts,
    }


def card_entry(
    member: Member, occasion: Occasion, luck: Chance, card: Card, *, type: str, units: int = 0, **told: str | None
) -> Json:
    """An entry about a card after a transaction of this type."""
    return entry(
        member,
        occasion,
        luck,
        f"{card.kind}_{type}",
        account=card.holder.record(),
        card=card.record(member.shop.currency),
        transaction={
            "type": type,
            "amount": written(units),
            "message": told.get("message"),
            "client_order_id": told.get("client_order_id"),
        },
    )


@event("OrderPlaced", "a gift card order reaches its recipient")
def order_placed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The recipient's notice that there is a card for them."""
    order: Order = occasion.facts.get("order") or new_order(
        any_friend(member, luck), member.account, occasion.at, luck, is_scheduled=is_likely(luck, 0.3)
    )
    card: Card = occasion.facts.get("card") or order.cards[0]
    if card.holder is member.account:
        member.gift_card = card
    return order_entry(member, occasion, luck, order, activity="GIFTCARD_ISSUED", card=card)


@event("OrderScheduleConfirmation", "a scheduled gift card order is confirmed, to the buyer")
def order_schedule_confirmation(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The buyer's notice of when a card will be delivered."""
    order: Order = occasion.facts.get("order") or new_order(
        member.account, any_friend(member, luck), occasion.at, luck, is_scheduled=True
    )
    return order_entry(member, occasion, luck, order, activity="ORDER_SCHEDULED", card=order.cards[0])


@event("OrderConfirmation", "an order is confirmed")
def order_confirmation(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The buyer's notice that the order has been taken."""
    order: Order = occasion.facts.get("order") or new_order(member.account, any_friend(member, luck), occasion.at, luck)
    member.order = order
    return order_entry(member, occasion, luck, order, activity="ORDER_CONFIRMED")


@event("ShippingConfirmation", "the shipment of an order is confirmed" + LOST)
def shipping_confirmation(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The buyer's notice that the cards are on their way."""
    order: Order | None = occasion.facts.get("order") or member.order
    if order is None or order.mode != PHYSICAL:
        order = new_order(
            member.account, any_friend(member, luck), occasion.at - timedelta(days=2), luck, mode=PHYSICAL
        )
    return order_entry(member, occasion, luck, order, activity="ORDER_SHIPPED")


def order_entry(
    member: Member, occasion: Occasion, luck: Chance, order: Order, *, activity: str, card: Card | None = None
) -> Json:
    """An entry about an order, and about one of its cards."""
    currency = member.shop.currency
    told = {"card": card.record(currency)} if card else {}
    return entry(member, occasion, luck, activity, order=order.record(currency), **told)


@event("GiftcardIssued", "a new gift card is issued")
def giftcard_issued(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A gift card in its holder's hands."""
    order: Order | None = occasion.facts.get("order")
    card: Card | None = occasion.facts.get("card")
    if card is None:
        card = gift_card(member.account, amount(occasion, card_value(luck)), occasion.at.date(), luck)
    if card.holder is member.account:
        member.gift_card = card
    message = order.message if order else luck.choice((None, *GREETINGS))
    return card_entry(member, occasion, luck, card, type="ISSUED", units=card.original, message=message)


@event("GiftcardRedeemed", "a gift card is used")
def giftcard_redeemed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A purchase paid by a gift card."""
    card = known_gift_card(member, occasion, luck)
    spent = spend(card, amount(occasion, part_of(card.balance, luck)))
    return card_entry(member, occasion, luck, card, type="REDEEMED", units=spent, client_order_id=client_order_id(luck))


@event("GiftcardReloaded", "money is added to a gift card")
def giftcard_reloaded(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Money put on a card."""
    card: Card = occasion.facts.get("card") or known_gift_card(member, occasion, luck)
    units = amount(occasion, card_value(luck))
    card.load(units)
    return card_entry(member, occasion, luck, card, type="RELOADED", units=units, message="Reloaded in the shop")


@event("GiftcardRefunded", "a gift card transaction is refunded")
def giftcard_refunded(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Money that was spent comes back on the card."""
    card: Card = occasion.facts.get("card") or known_gift_card(member, occasion, luck)
    units = give_back(card, amount(occasion, part_of(card.spent or card.balance, luck)))
    shop_order = client_order_id(luck)
    return card_entry(
        member, occasion, luck, card, type="REFUNDED", units=units, message="Goods returned", client_order_id=shop_order
    )


@event("GiftcardExpirationReminder", "some time before a gift card expires")
def giftcard_expiration_reminder(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A card with money on it is about to expire."""
    card = known_gift_card(member, occasion, luck)
    if card.expires is None:
        card.expires = occasion.at.date() + timedelta(days=luck.choice((7, 30)))
    return card_entry(member, occasion, luck, card, type="REMINDER")


@event("StoreCreditIssued", "store credit is granted" + LOST)
def store_credit_issued(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Credit granted for a return, as a reward or out of goodwill."""
    card = credit_card(member, luck, is_filled=False)
    units = amount(occasion, luck.randrange(500, 9_000) * CENT, CENT)
    card.load(units)
    card.original = card.loaded
    message = luck.choice((None, "Refund of your return", "Sorry for the delay", "Reward"))
    return card_entry(member, occasion, luck, card, type="ISSUED", units=units, message=message)


@event("StoreCreditRedeemed", "store credit is used" + LOST)
def store_credit_redeemed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A purchase paid by store credit."""
    card = credit_card(member, luck)
    spent = spend(card, amount(occasion, part_of(card.balance, luck, CENT), CENT))
    return card_entry(member, occasion, luck, card, type="REDEEMED", units=spent, client_order_id=client_order_id(luck))


@event("StoreCreditReminder", "a reminder of available store credit" + LOST)
def store_credit_reminder(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """There is credit left."""
    return card_entry(member, occasion, luck, credit_card(member, luck), type="REMINDER")


@event("LoyaltyCardIssued", "a loyalty card is issued")
def loyalty_card_issued(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A customer enrols, with a welcome gift of points."""
    units = amount(occasion, luck.choice((50, 100, 150)) * UNIT, UNIT)
    card = member.account.points = plain_card(LOYALTY, member.account, units, luck)
    return card_entry(member, occasion, luck, card, type="ISSUED", units=units, message="Welcome to the programme")


@event("LoyaltyCardRedeemed", "points are used")
def loyalty_card_redeemed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A purchase paid by points."""
    card = loyalty_card(member, luck)
    spent = spend(card, amount(occasion, part_of(card.balance, luck, UNIT), UNIT))
    return card_entry(member, occasion, luck, card, type="REDEEMED", units=spent, client_order_id=client_order_id(luck))


@event("LoyaltyCardReminder", "a reminder of available points")
def loyalty_card_reminder(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """There are points left."""
    return card_entry(member, occasion, luck, loyalty_card(member, luck), type="REMINDER")


def coupon_entry(
    member: Member, occasion: Occasion, luck: Chance, coupon: Coupon, *, type: str, message: str | None = None
) -> Json:
    """An entry about a coupon of the member."""
    return entry(
        member,
        occasion,
        luck,
        f"COUPON_{type}",
        account=member.account.record(),
        coupon=coupon.record(member.shop.currency),
        transaction={"type": type, "message": message},
    )


@event("CouponIssued", "a new coupon is issued")
def coupon_issued(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A coupon for the member."""
    coupon: Coupon = occasion.facts.get("coupon") or new_coupon(occasion.at, luck)
    member.coupon = coupon
    message = luck.choice((None, "Thanks for being with us", "Your monthly treat"))
    return coupon_entry(member, occasion, luck, coupon, type="ISSUED", message=message)


@event("CouponExpirationReminder", "some time before a coupon expires")
def coupon_expiration_reminder(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A coupon that has not been used is about to expire."""
    coupon: Coupon = occasion.facts.get("coupon") or member.coupon or new_coupon(occasion.at, luck)
    if coupon.expires is None:
        coupon.expires = occasion.at.date() + timedelta(days=5)
    member.coupon = coupon
    return coupon_entry(member, occasion, luck, coupon, type="REMINDER")


def membership_entry(member: Member, occasion: Occasion, luck: Chance, membership: Membership, *, type: str) -> Json:
    """An entry about the member's membership."""
    return entry(
        member,
        occasion,
        luck,
        f"MEMBERSHIP_{type}",
        account=member.account.record(),
        membership=membership.record(),
    )


@event("MembershipIssued", "a new membership is issued")
def membership_issued(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership begins."""
    member.membership = occasion.facts.get("membership") or new_membership(occasion.at.date(), luck)
    return membership_entry(member, occasion, luck, member.membership, type="ISSUED")


@event("MembershipExpired", "a membership expires")
def membership_expired(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership has come to its end."""
    membership = known_membership(member, occasion, luck, "ACTIVE", "PAUSED", "INACTIVE")
    membership.state = "EXPIRED"
    membership.expires = occasion.at.date()
    return membership_entry(member, occasion, luck, membership, type="EXPIRED")


@event("MembershipExtendExpiry", "the end of a membership is moved to a later day")
def membership_extend_expiry(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership lasts longer."""
    membership = known_membership(member, occasion, luck, "ACTIVE", "PAUSED")
    membership.expires = (membership.expires or occasion.at.date()) + timedelta(days=luck.choice((30, 60, 90)))
    return membership_entry(member, occasion, luck, membership, type="EXTEND_EXPIRY")


@event("MembershipActivated", "a membership is activated")
def membership_activated(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership takes effect."""
    membership = known_membership(member, occasion, luck, "ISSUED", "INACTIVE")
    membership.state = "ACTIVE"
    return membership_entry(member, occasion, luck, membership, type="ACTIVATED")


@event("MembershipDeactivated", "a membership is deactivated")
def membership_deactivated(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership is out of effect."""
    membership = known_membership(member, occasion, luck, "ACTIVE")
    membership.state = "INACTIVE"
    return membership_entry(member, occasion, luck, membership, type="DEACTIVATED")


@event("MembershipRenewed", "a membership is renewed")
def membership_renewed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership goes on for a year."""
    membership = known_membership(member, occasion, luck, "ACTIVE")
    membership.expires = (membership.expires or occasion.at.date()) + timedelta(days=365)
    return membership_entry(member, occasion, luck, membership, type="RENEWED")


@event("MembershipCancelled", "a membership is cancelled")
def membership_cancelled(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A member leaves."""
    membership = known_membership(member, occasion, luck, "ACTIVE", "ISSUED", "PAUSED", "INACTIVE")
    membership.state = "CANCELLED"
    return membership_entry(member, occasion, luck, membership, type="CANCELLED")


@event("MembershipPaused", "a membership is paused")
def membership_paused(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership rests."""
    membership = known_membership(member, occasion, luck, "ACTIVE")
    membership.state = "PAUSED"
    return membership_entry(member, occasion, luck, membership, type="PAUSED")


@event("MembershipResume", "a paused membership is resumed")
def membership_resume(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership goes on after a pause."""
    membership = known_membership(member, occasion, luck, "PAUSED")
    membership.state = "ACTIVE"
    return membership_entry(member, occasion, luck, membership, type="RESUME")


@event("MembershipChanged", "a membership is moved to another level")
def membership_changed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A membership is of another level from now on."""
    membership = known_membership(member, occasion, luck, "ACTIVE")
    membership.previous = membership.level
    membership.level = luck.choice([level for level in LEVELS if level != membership.level])
    return membership_entry(member, occasion, luck, membership, type="CHANGED")


def tier(name: str | None) -> Json | None:
    """A tier as the ledger shows it."""
    return {"name": name, "description": TIER_DESCRIPTIONS.get(name)} if name else None


def tier_entry(
    member: Member, occasion: Occasion, luck: Chance, current: str, *, change: str, locked_until: date | None = None
) -> Json:
    """An entry about the member's move to another tier, which is done with it."""
    account = member.account
    previous, account.tier, account.tier_locked_until = account.tier, current, locked_until
    return entry(
        member,
        occasion,
        luck,
        f"TIER_{change}",
        account=account.record(),
        tier={
            "current": tier(current),
            "previous": tier(previous),
            "change": change.lower(),
            "locked_until": day(locked_until),
        },
    )


def lock(at: datetime, luck: Chance) -> date | None:
    """Until when a new tier is safe; one in three is not."""
    return at.date() + timedelta(days=luck.choice((60, 90, 180))) if is_likely(luck, 0.65) else None


@event("TierUpgraded", "a customer rises to a higher VIP tier")
def tier_upgraded(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """One tier up."""
    account = member.account
    if account.tier is None or account.rank + 1 == len(TIERS):
        account.rank = luck.randrange(len(TIERS) - 1)
        account.tier = TIERS[account.rank]
    account.rank += 1
    return tier_entry(
        member, occasion, luck, TIERS[account.rank], change="UPGRADED", locked_until=lock(occasion.at, luck)
    )


@event("TierDowngraded", "a customer falls to a lower VIP tier")
def tier_downgraded(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """One tier down."""
    account = member.account
    if account.tier is None or account.rank == 0:
        account.rank = luck.randrange(1, len(TIERS))
        account.tier = TIERS[account.rank]
    account.rank -= 1
    return tier_entry(member, occasion, luck, TIERS[account.rank], change="DOWNGRADED")


@event("TierChanged", "a customer's VIP tier changes neither up nor down: the first one, or one set by hand")
def tier_changed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The first tier, or to the special one and back."""
    account = member.account
    back_to = TIERS[account.rank]
    current = SPECIAL_TIER if account.tier == back_to else back_to
    return tier_entry(member, occasion, luck, current, change="CHANGED", locked_until=lock(occasion.at, luck))


@event("PartnerOrderPlaced", "a partner places a bulk order")
def partner_order_placed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A company orders many cards."""
    name = member.partner_name or f"{member.account.person.last_name} Trading"
    order = occasion.facts.get("order") or bulk_order(name, luck)
    return entry(
        member,
        occasion,
        luck,
        "PARTNER_ORDER_PLACED",
        partner={"email": member.account.person.email or None, "account_name": order.account_name},
        order=order.record(member.shop.currency),
    )


@event("PartnerGiftcardIssued", "a gift card of a partner's order is issued")
def partner_giftcard_issued(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """One of many cards, in its holder's hands."""
    holder: Account = occasion.facts.get("holder") or member.account
    order = occasion.facts.get("order")
    value = amount(occasion, order.value if order else card_value(luck))
    card = gift_card(holder, value, occasion.at.date(), luck)
    message = f"From {order.account_name}" if order else None
    return card_entry(member, occasion, luck, card, type="ISSUED", units=value, message=message)


def referral_entry(member: Member, occasion: Occasion, luck: Chance, referral: Referral, *, type: str) -> Json:
    """An entry about a referral."""
    return entry(member, occasion, luck, f"REFERRAL_{type}", referral=referral.record(member.shop.currency))


@event("ReferralCreated", "a customer creates a referral, to the advocate")
def referral_created(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """An invitation goes out."""
    referral: Referral = occasion.facts.get("referral") or new_referral(member.account, any_friend(member, luck), luck)
    member.referral = referral
    return referral_entry(member, occasion, luck, referral, type="CREATED")


@event("ReferralAcceptedAdvocate", "a referral is accepted, to the advocate")
def referral_accepted_advocate(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The friend said yes."""
    referral = as_advocate(member, occasion, luck)
    referral.coupon = referral.coupon or new_coupon(occasion.at, luck)
    return referral_entry(member, occasion, luck, referral, type="ACCEPTED")


@event("ReferralAcceptedFriend", "a referral is accepted, to the friend")
def referral_accepted_friend(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The friend's welcome, with a coupon."""
    referral = as_friend(member, occasion, luck)
    referral.coupon = referral.coupon or new_coupon(occasion.at, luck)
    return referral_entry(member, occasion, luck, referral, type="ACCEPTED")


@event("ReferralCompletedAdvocate", "a referral is completed, to the advocate")
def referral_completed_advocate(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The friend has bought something."""
    return referral_entry(member, occasion, luck, as_advocate(member, occasion, luck), type="COMPLETED")


@event("ReferralCompletedFriend", "a referral is completed, to the friend")
def referral_completed_friend(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The friend's thanks for the first purchase."""
    return referral_entry(member, occasion, luck, as_friend(member, occasion, luck), type="COMPLETED")


@event("ReferralCancelled", "a referral is cancelled, to the friend")
def referral_cancelled(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The invitation holds no longer."""
    return referral_entry(member, occasion, luck, as_friend(member, occasion, luck), type="CANCELLED")
