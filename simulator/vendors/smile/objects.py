"""The objects of Smile's API as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from simulator.json import Json
from simulator.vendors.smile.program import Tier

if TYPE_CHECKING:
    from simulator.vendors.smile.member import Member, Referral, Reward


def moment(at: datetime) -> str:
    """An instant as Smile writes it.

    >>> from datetime import UTC
    >>> moment(datetime(2024, 12, 7, 20, 15, 27, 893_000, tzinfo=UTC))
    '2024-12-07T20:15:27.893Z'
    """
    return at.isoformat(timespec="milliseconds")[:23] + "Z"


def reward_fulfillment(reward: Reward) -> Json:
    """A Reward Fulfillment object."""
    offer = reward.offer
    return {
        "id": reward.id,
        "name": offer.name,
        "code": reward.code,
        "customer_id": reward.customer_id,
        "fulfillment_status": reward.fulfillment_status,
        "image_url": reward.image_url,
        "action_text": offer.action_text,
        "action_url": offer.action_url,
        "usage_instructions": offer.usage_instructions,
        "terms_and_conditions": offer.terms_and_conditions,
        "expires_at": None if reward.expires_at is None else moment(reward.expires_at),
        "usage_status": reward.usage_status,
        "used_at": None if reward.used_at is None else moment(reward.used_at),
        "created_at": moment(reward.created_at),
        "updated_at": moment(reward.updated_at),
    }


def customer(member: Member) -> Json:
    """A Customer object, without the VIP status, which one must ask for."""
    person, tier = member.person, member.tier
    return {
        "id": member.id,
        "first_name": person.first_name or None,
        "last_name": person.last_name or None,
        "email": person.email or None,
        "state": member.state,
        "date_of_birth": member.date_of_birth,
        "points_balance": member.points,
        "referral_url": member.referral_url,
        "vip_tier_id": None if tier is None else tier.id,
        "created_at": moment(member.created_at),
        "updated_at": moment(member.updated_at),
    }


def vip_status(member: Member) -> Json:
    """The VIP status of a customer; the period is the calendar year, and nothing expires before it ends."""
    tier = member.tier
    following = member.program.tier_after(tier)
    year = member.updated_at.year
    return {
        "vip_tier_id": None if tier is None else tier.id,
        "vip_tier_expires_at": None if tier is None else f"{year + 1}-12-31T23:59:59.999Z",
        "progress_value": None if tier is None else member.year_points,
        "current_vip_period_end": None if tier is None else f"{year}-12-31T23:59:59.999Z",
        "delta_to_retain_vip_tier": None if tier is None else max(tier.milestone - member.year_points, 0),
        "next_vip_tier_id": None if following is None else following.id,
        "delta_to_next_vip_tier": None if following is None else max(following.milestone - member.year_points, 0),
    }


def vip_tier(tier: Tier) -> Json:
    """A VIP tier as a VIP Tier Change names it."""
    return {"id": tier.id, "name": tier.name, "image_url": tier.image_url}


def referral(referral: Referral, sender: Member) -> Json:
    """A Referral object: the friend's customer and the advocate's reward exist only once it is completed."""
    receiver, reward = referral.receiver, referral.sender_reward
    return {
        "id": referral.id,
        "receiver_customer": None if receiver is None else customer(receiver),
        "receiver_customer_email": referral.friend.email,
        "receiver_reward_fulfillment": reward_fulfillment(referral.receiver_reward),
        "sender_customer": customer(sender),
        "sender_reward_fulfillment": None if reward is None else reward_fulfillment(reward),
        "created_at": moment(referral.created_at),
        "updated_at": moment(referral.updated_at),
    }
