"""The events of Influence.io: each gives the webhook's body, and moves the customer's state on.

Beside what the webhooks are known to hold, the bodies have what the vendor must know to tell Klaviyo of it: why a
tier changed, the title of its entry reward, and the titles of a referral's rewards.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.chance import Chance, uuid
from simulator.event import Occasion
from simulator.json import Json
from simulator.population import Person, friend_of
from simulator.vendor import EventKind
from simulator.vendors.influence.member import (
    GUEST,
    USED,
    Member,
    Referral,
    Reward,
    customer,
    new_code,
    new_reward,
    webhook_customer,
)
from simulator.vendors.influence.program import SIGN_UP_POINTS, EarnRule, Program, RedeemRule, Tier

POINTS_EARNED = "points/earned"
POINTS_REDEEMED = "points/redeemed"
TIER_CHANGED = "customers/tier_changed"
REFERRALS_STARTED = "referrals/started"
REFERRALS_COMPLETED = "referrals/completed"

REACHED, EXPIRED, MANUAL = "Reached the points milestone", "Tier expired", "Manually changed tier"
GIFT_ACTION, GIFT_TYPE, GIFT_COST = "Gift at the till", "manual", 200
"""A reward that staff hand out: it costs points and has no code."""

GIFT_SHARE, NAMELESS_SHARE = 0.05, 0.3


def points_earned(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Points from an earn rule, an order unless the facts name another; guests open an account first."""
    enrol(member, occasion)
    rule = earn_rule(member.program, occasion.facts.get("action"))
    points = occasion.facts.get("points")
    if points is None:
        points = rule.points or member.program.order_points(luck)
    member.earn(points, occasion.at)
    return {
        "id": uuid(luck),
        "customer": webhook_customer(member),
        "action": occasion.facts.get("action", rule.title),
        "points": points,
        "type": rule.type,
        "ruleId": rule.id,
    }


def earn_rule(program: Program, title: str | None) -> EarnRule:
    """The earn rule of a title; points for other things come by hand."""
    if title is None:
        return program.order
    return program.earn_rule(title) or EarnRule(program.order.id, title, "manual", None)


def points_redeemed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Points spent on a redeem rule, of which the member has enough."""
    enrol(member, occasion)
    rule = redeem_rule(member, occasion, luck)
    points = occasion.facts.get("points", rule.cost)
    afford(member, points, occasion)
    member.spend(points, occasion.at)
    code = None if rule.type == GIFT_TYPE else new_code(luck, rule.prefix)
    return {
        "id": uuid(luck),
        "customer": webhook_customer(member),
        "action": occasion.facts.get("action", rule.title),
        "points": points,
        "type": "redeemed",
        "ruleId": rule.id,
        "couponCode": occasion.facts.get("couponCode", code),
        "rewardType": rule.type,
    }


def redeem_rule(member: Member, occasion: Occasion, luck: Chance) -> RedeemRule:
    """What the points are spent on: what the facts say, else something that the member can afford."""
    rules = member.program.redeem_rules
    gift = RedeemRule(rules[0].id, GIFT_ACTION, GIFT_TYPE, GIFT_COST, 0.0)
    if title := occasion.facts.get("action"):
        return member.program.redeem_rule(title) or replace(gift, title=title)
    if member.points >= GIFT_COST and luck.random() < GIFT_SHARE:
        return gift
    return luck.choice([rule for rule in rules if rule.cost <= member.points] or rules[-1:])


def tier_changed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """Another tier, higher or lower; chosen by hand unless the facts say why."""
    enrol(member, occasion)
    old = member.tier or member.program.tiers[0]
    new = other_tier(member.program, old, occasion.facts.get("tier"), luck)
    member.tier = new
    member.updated_at = occasion.at
    return {
        "customer": webhook_customer(member),
        "oldTier": webhook_tier(old),
        "newTier": webhook_tier(new),
        "reason": occasion.facts.get("reason", MANUAL),
        "entryReward": {"title": new.entry_reward} if new.entry_reward and new.threshold > old.threshold else None,
    }


def other_tier(program: Program, old: Tier, wanted: str | None, luck: Chance) -> Tier:
    """The wanted tier, or one of those next to the old one."""
    if wanted is not None:
        return program.tier_titled(wanted)
    return luck.choice([tier for tier in (program.neighbour(old, -1), program.neighbour(old, 1)) if tier != old])


def webhook_tier(tier: Tier) -> Json:
    """A tier in a webhook's body; the threshold is text there."""
    return {"id": tier.id, "title": tier.title, "threshold": str(tier.threshold)}


def referral_started(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """A friend submits their e-mail and gets a code; they are a guest."""
    referral = new_referral(member, occasion, luck)
    member.touch(occasion.at)
    return referral_body(referral, member)


def new_referral(member: Member, occasion: Occasion, luck: Chance) -> Referral:
    """A referral of a further friend, who often tells no name yet."""
    person = friend(member, occasion, luck)
    member.referred += 1
    referral = Referral(
        id=uuid(luck),
        friend=customer(person, member.program, luck, occasion.at),
        friend_reward=new_reward(member.program.friend_reward, luck),
        customer_reward=new_reward(member.program.customer_reward, luck),
    )
    referral.friend_reward.give(luck)
    member.open_referrals.append(referral)
    return referral


def friend(member: Member, occasion: Occasion, luck: Chance) -> Person:
    """The next friend of a member, with the e-mail that the facts name and sometimes without a name."""
    someone = friend_of(member.person, member.referred, luck)
    email = occasion.facts.get("friendEmail", someone.email)
    if luck.random() < NAMELESS_SHARE:
        return replace(someone, email=email, first_name="", last_name="")
    return replace(someone, email=email)


def referral_completed(member: Member, occasion: Occasion, luck: Chance) -> Json:
    """The friend has ordered: their code is used, and the referrer gets one of their own."""
    referral = occasion.facts.get("referral") or open_referral(member, occasion, luck)
    member.open_referrals.remove(referral)
    referral.friend_reward.status = USED
    referral.customer_reward.give(luck)
    member.touch(occasion.at)
    return referral_body(referral, member)


def open_referral(member: Member, occasion: Occasion, luck: Chance) -> Referral:
    """A referral that is not completed yet; if need be one begins first."""
    email = occasion.facts.get("friendEmail")
    for referral in member.open_referrals:
        if email in (None, referral.friend.person.email):
            return referral
    return new_referral(member, occasion, luck)


def referral_body(referral: Referral, member: Member) -> Json:
    """The body of both webhooks about a referral."""
    return {
        "id": referral.id,
        "customer": webhook_customer(member),
        "friendCustomer": webhook_customer(referral.friend),
        "friendEmail": referral.friend.person.email,
        "customerReward": webhook_reward(referral.customer_reward),
        "friendReward": webhook_reward(referral.friend_reward),
    }


def webhook_reward(reward: Reward) -> Json:
    """A referral's reward in a webhook's body."""
    return {
        "id": reward.id,
        "title": reward.reward.title,
        "couponCode": reward.code,
        "couponCodeStatus": reward.status,
        "discountType": reward.reward.discount_type,
        "discountAmount": reward.reward.amount,
    }


def enrol(member: Member, occasion: Occasion) -> None:
    """Make sure that the customer has an account."""
    if member.status == GUEST:
        member.open_account(occasion.at)


def afford(member: Member, points: int, occasion: Occasion) -> None:
    """Make sure that a member has so many points."""
    if member.points < points:
        member.earn(max(points - member.points, SIGN_UP_POINTS), occasion.at)


def kind(name: str, when: str, payload: Any) -> EventKind:
    """One row of the event list; that it is sent is documented, its metric's exact name is not."""
    return EventKind(name, when, "documented", payload)


EVENTS = {
    entry.name: entry
    for entry in (
        kind(POINTS_EARNED, "points are earned through any earn rule", points_earned),
        kind(POINTS_REDEEMED, "points are spent on a redeem rule", points_redeemed),
        kind(TIER_CHANGED, "the tier changes, up or down, by itself or by hand", tier_changed),
        kind(REFERRALS_STARTED, "a friend submits their e-mail in the referral form", referral_started),
        kind(REFERRALS_COMPLETED, "the friend orders with the code or with the same e-mail", referral_completed),
    )
}
