"""The events of Smile: each gives the API object that it carries, and moves the customer's state on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.chance import Chance
from simulator.event import Occasion
from simulator.json import Json
from simulator.population import friend_of
from simulator.vendor import EventKind
from simulator.vendors.smile import objects
from simulator.vendors.smile.member import (
    CANDIDATE,
    END_OF_DAY,
    PENDING,
    UNTRACKED,
    Member,
    Referral,
    Reward,
    customer,
    new_id,
    new_reward,
)
from simulator.vendors.smile.program import (
    LAST_CHANCE,
    POINTS_MOST,
    POINTS_STEP,
    SIGN_UP_POINTS,
    WARNING,
    Offer,
    PointsProduct,
    Tier,
)

BIRTHDAY_REWARD_ISSUED = "Birthday Reward Issued"
POINTS_EARNED_ON_ORDER = "Points Earned on Order"
POINTS_REDEEMED = "Points Redeemed"
POINTS_EXPIRING = "Points Expiring"
REFERRAL_STARTED = "Referral Started"
REFERRAL_COMPLETED = "Referral Completed"
REWARD_EXPIRING = "Reward Expiring"
VIP_TIER_ACHIEVED = "VIP Tier Achieved"

PENDING_SHARE, UNTRACKED_SHARE = 0.04, 0.03


def birthday_reward_issued(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A Reward Fulfillment: the birthday reward."""
    reward = new_reward(member, member.program.birthday, occasion.at, luck)
    return objects.reward_fulfillment(reward)


def points_earned_on_order(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A Points Transaction: points for an order."""
    enrol(member, occasion.at)
    points = occasion.facts.get("points_change")
    points = member.program.order_points(luck) if points is None else points
    member.earn(points, occasion.at)
    created_at = objects.moment(occasion.at)
    return {
        "id": new_id(luck),
        "customer_id": member.id,
        "points_change": points,
        "description": occasion.facts.get("description", "Placed an order"),
        "internal_note": occasion.facts.get("internal_note", "Order taken by phone" if luck.random() < 0.02 else None),
        "created_at": created_at,
        "updated_at": created_at,
    }


def points_redeemed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A Points Purchase: points exchanged for a reward, whose code sometimes is still being made."""
    enrol(member, occasion.at)
    product, offer, points = purchase(member, occasion, luck)
    member.spend(points, occasion.at)
    reward = new_reward(member, offer, occasion.at, luck)
    chance = luck.random()
    if chance < PENDING_SHARE:
        reward.fulfillment_status, reward.code = PENDING, None
    elif chance < PENDING_SHARE + UNTRACKED_SHARE:
        reward.usage_status = UNTRACKED
    created_at = objects.moment(occasion.at)
    return {
        "id": new_id(luck),
        "customer_id": member.id,
        "points_product_id": product.id,
        "points_spent": points,
        "reward_fulfillment": objects.reward_fulfillment(reward),
        "created_at": created_at,
        "updated_at": created_at,
    }


def purchase(member: Member, occasion: Occasion, luck: Chance) -> tuple[PointsProduct, Offer, int]:
    """What a member buys, and for how many points, of which they have enough."""
    slider, *fixed = member.program.products
    wanted = occasion.facts.get("points_spent")
    afford(member, wanted or POINTS_STEP, occasion.at)
    affordable = [product for product in fixed if product.cost is not None and product.cost <= member.points]
    if wanted is None and affordable and luck.random() < 0.5:
        product = luck.choice(affordable)
        if product.offer is not None and product.cost is not None:
            return product, product.offer, product.cost
    steps = min(member.points, POINTS_MOST) // POINTS_STEP
    points = wanted or POINTS_STEP * (1 + int(luck.random() * steps))
    return slider, member.program.money_off(points // POINTS_STEP), points


def points_expiring(member: Member, occasion: Occasion, _luck: Chance) -> Json:
    """A Customer, with the date at which the points expire nested under `extra`."""
    afford(member, 1, occasion.at)
    expires_at = expiry(occasion)
    member.points_expire_at = expires_at
    return {**objects.customer(member), "extra": {"points_balance_expires_at": objects.moment(expires_at)}}


def expiry(occasion: Occasion) -> datetime:
    """When the points expire: in 30 days, unless the facts say otherwise."""
    told = occasion.facts.get("extra.points_balance_expires_at", occasion.at + WARNING)
    return told if isinstance(told, datetime) else datetime.fromisoformat(told).astimezone(UTC)


def referral_started(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A Referral: a friend, who is no customer yet, has claimed their reward."""
    return objects.referral(new_referral(member, occasion, occasion.at, luck), member)


def new_referral(member: Member, occasion: Occasion, at: datetime, luck: Chance) -> Referral:
    """A referral of a further friend."""
    friend = friend_of(member.person, member.referred, luck)
    friend = replace(friend, email=occasion.facts.get("receiver_customer_email", friend.email))
    member.referred += 1
    reward = new_reward(customer(friend, member.program, luck, at), member.program.friend, at, luck)
    referral = Referral(new_id(luck), friend, reward, created_at=at, updated_at=at)
    member.open_referrals.append(referral)
    return referral


def referral_completed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A Referral: the friend has ordered, and the advocate gets their reward."""
    referral = occasion.facts.get("referral") or open_referral(member, occasion, luck)
    member.open_referrals.remove(referral)
    receiver = customer(referral.friend, member.program, luck, occasion.at)
    receiver.id = referral.receiver_reward.customer_id
    referral.receiver = receiver
    referral.receiver_reward.use(occasion.at, is_noted=True)
    referral.sender_reward = new_reward(member, member.program.advocate, occasion.at, luck)
    referral.updated_at = occasion.at
    return objects.referral(referral, member)


def open_referral(member: Member, occasion: Occasion, luck: Chance) -> Referral:
    """A referral that is not completed yet; if need be one that began some days ago."""
    email = occasion.facts.get("receiver_customer_email")
    for referral in member.open_referrals:
        if email in (None, referral.friend.email):
            return referral
    return new_referral(member, occasion, occasion.at - timedelta(days=5), luck)


def reward_expiring(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A Reward Fulfillment that is still unused three days before it expires."""
    reward: Reward | None = occasion.facts.get("reward")
    if reward is None:
        reward = new_reward(member, member.program.money_off(5), occasion.at - timedelta(days=27), luck)
        reward.expires_at = (occasion.at + LAST_CHANCE).replace(**END_OF_DAY)  # type: ignore[arg-type]
    return objects.reward_fulfillment(reward)


def vip_tier_achieved(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A VIP Tier Change to a higher tier; it tells nothing about whom it concerns."""
    tier = higher_tier(member, occasion.facts.get("tier"))
    previous, member.tier = member.tier, tier
    enrol(member, occasion.at)
    member.updated_at = occasion.at
    return {
        "id": new_id(luck),
        "previous_vip_tier": None if previous is None else objects.vip_tier(previous),
        "current_vip_tier": objects.vip_tier(tier),
        "description": occasion.facts.get("description", f"Achieved {tier.name}"),
    }


def higher_tier(member: Member, wanted: Tier | str | None) -> Tier:
    """The wanted tier or the next higher one; who is that high already falls just below it, as silently as ever."""
    programme = member.program
    if isinstance(wanted, str):
        wanted = programme.tier_named(wanted)
    tier = wanted or programme.tier_after(member.tier) or programme.tiers[-1]
    if member.tier is not None and member.tier.milestone >= tier.milestone:
        member.tier = programme.tier_before(tier)
    return tier


def enrol(member: Member, at: datetime) -> None:
    """Make sure that the customer takes part in the programme."""
    if member.state == CANDIDATE:
        member.enrol(at)


def afford(member: Member, points: int, at: datetime) -> None:
    """Make sure that a member has so many points; points for signing up or for nothing cause no event."""
    if member.points < points:
        member.earn(max(points - member.points, SIGN_UP_POINTS), at)


def kind(name: str, when: str, payload: Any) -> EventKind:
    """One row of the event list; Smile's documentation has them all."""
    return EventKind(name, when, "documented", payload)


EVENTS = {
    entry.name: entry
    for entry in (
        kind(BIRTHDAY_REWARD_ISSUED, "a birthday reward is issued", birthday_reward_issued),
        kind(POINTS_EARNED_ON_ORDER, "points are earned for placing an order", points_earned_on_order),
        kind(POINTS_REDEEMED, "points are exchanged for a reward", points_redeemed),
        kind(POINTS_EXPIRING, "points expire in 30 days, and again in 3 days", points_expiring),
        kind(REFERRAL_STARTED, "a referred friend claims the referral reward", referral_started),
        kind(REFERRAL_COMPLETED, "the advocate is issued their reward", referral_completed),
        kind(REWARD_EXPIRING, "3 days before a reward expires", reward_expiring),
        kind(VIP_TIER_ACHIEVED, "a customer reaches a higher tier or is put in one", vip_tier_achieved),
    )
}
