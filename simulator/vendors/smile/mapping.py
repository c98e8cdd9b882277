"""What Smile sends to Klaviyo: its API objects as they are, under the names that it uses itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.mapping import Metric, ProfileSync, VendorMapping

REWARD_FULFILLMENT = (
    "id",
    "name",
    "code",
    "customer_id",
    "fulfillment_status",
    "image_url",
    "action_text",
    "action_url",
    "usage_instructions",
    "terms_and_conditions",
    "expires_at",
    "usage_status",
    "used_at",
    "created_at",
    "updated_at",
)
POINTS_TRANSACTION = (
    "id",
    "customer_id",
    "points_change",
    "description",
    "internal_note",  # Smile says not to show it to customers; it is part of the object, so it is sent
    "created_at",
    "updated_at",
)
POINTS_PURCHASE = ("id", "customer_id", "points_product_id", "points_spent", "created_at", "updated_at")
CUSTOMER = (
    "id",
    "first_name",
    "last_name",
    "email",
    "state",
    "date_of_birth",  # the year 1004 means that it is unknown, so this never becomes Klaviyo's own birthday
    "points_balance",
    "referral_url",
    "vip_tier_id",
    "created_at",
    "updated_at",
)
REFERRAL = ("id", "receiver_customer_email", "created_at", "updated_at")
VIP_TIER = ("id", "name", "image_url")
VIP_TIER_CHANGE = ("id", "description")


def fields(source: Json | None, names: Sequence[str]) -> Any:
    """These fields of an object, None where there is no object."""
    return None if source is None else {name: source[name] for name in names}


def reward_fulfillment(event: VendorEvent) -> Any:
    """The reward alone."""
    return fields(event.payload, REWARD_FULFILLMENT)


def points_transaction(event: VendorEvent) -> Any:
    """The points that an order earned."""
    return fields(event.payload, POINTS_TRANSACTION)


def points_purchase(event: VendorEvent) -> Json:
    """The points that were spent, and the reward for them."""
    purchase = event.payload
    return {
        **fields(purchase, POINTS_PURCHASE),
        "reward_fulfillment": fields(purchase["reward_fulfillment"], REWARD_FULFILLMENT),
    }


def expiring_customer(event: VendorEvent) -> Json:
    """The customer, and the date under `extra`, where Smile puts it."""
    expires_at = event.payload["extra"]["points_balance_expires_at"]
    return {**fields(event.payload, CUSTOMER), "extra": {"points_balance_expires_at": expires_at}}


def referral(event: VendorEvent) -> Json:
    """The referral; the friend's customer and the advocate's reward are null until it is completed."""
    payload = event.payload
    return {
        **fields(payload, REFERRAL),
        "receiver_customer": fields(payload.get("receiver_customer"), CUSTOMER),
        "receiver_reward_fulfillment": fields(payload["receiver_reward_fulfillment"], REWARD_FULFILLMENT),
        "sender_customer": fields(payload["sender_customer"], CUSTOMER),
        "sender_reward_fulfillment": fields(payload.get("sender_reward_fulfillment"), REWARD_FULFILLMENT),
    }


def vip_tier_change(event: VendorEvent) -> Json:
    """The tiers before and now."""
    change = event.payload
    return {
        **fields(change, VIP_TIER_CHANGE),
        "previous_vip_tier": fields(change["previous_vip_tier"], VIP_TIER),
        "current_vip_tier": fields(change["current_vip_tier"], VIP_TIER),
    }


def by_email(email: str | None) -> Json | None:
    """The profile of an e-mail address; without one Smile sends nothing."""
    return {"email": email} if email else None


def looked_up(event: VendorEvent) -> Json | None:
    """The customer's profile; the objects hold their id at most, so the address is looked up."""
    return None if event.customer is None else by_email(event.customer["email"])


def friend(event: VendorEvent) -> Json | None:
    """The friend's profile, which the event creates: the friend is no customer yet."""
    return by_email(event.payload["receiver_customer_email"])


def advocate(event: VendorEvent) -> Json | None:
    """The profile of who referred the friend."""
    return by_email(event.payload["sender_customer"]["email"])


def once(event: VendorEvent) -> str:
    """One for each object and metric, since a referral's two events share an id."""
    return f"{event.name}:{event.payload['id']}"


def once_a_threshold(event: VendorEvent) -> str:
    """One for each expiry date and threshold: a customer is warned 30 and 3 days before the same date."""
    text = event.payload["extra"]["points_balance_expires_at"]
    days = round((datetime.fromisoformat(text) - event.occurred_at) / timedelta(days=1))
    return f"{once(event)}:{text}:{days}"


def is_gain(event: VendorEvent) -> bool:
    """Whether points were added."""
    return bool(event.payload["points_change"] > 0)


def is_unused(event: VendorEvent) -> bool:
    """Whether the reward expires at all and was issued but not used."""
    reward = event.payload
    return bool(
        reward["expires_at"] and reward["fulfillment_status"] == "issued" and reward["usage_status"] == "unused"
    )


def is_another_tier(event: VendorEvent) -> bool:
    """Whether the tier changed at all."""
    previous = event.payload["previous_vip_tier"]
    return previous is None or bool(previous["id"] != event.payload["current_vip_tier"]["id"])


def profile_attributes(customer: Json) -> Json | None:
    """The customer's profile, whatever their state; outside any VIP tier both VIP properties are left out."""
    profile, tier = by_email(customer["email"]), customer["vip_tier"]
    if profile is None:
        return None
    vip = {"Smile VIP Tier Name": tier["name"], "Smile VIP Tier ID": tier["id"]} if tier else {}
    properties = {
        "Smile Points Balance": customer["points_balance"],
        "Smile Referral URL": customer["referral_url"].replace("http://", "https://"),
        **vip,
        "Smile State": customer["state"],
    }
    return {**profile, "properties": properties}


MAPPING = VendorMapping(
    vendor="smile",
    profile=looked_up,
    sync=ProfileSync(attributes=profile_attributes),
    events={
        "Birthday Reward Issued": Metric("Birthday Reward Issued", reward_fulfillment, unique_id=once),
        "Points Earned on Order": Metric("Points Earned on Order", points_transaction, unique_id=once, when=is_gain),
        "Points Redeemed": Metric("Points Redeemed", points_purchase, unique_id=once),
        "Points Expiring": Metric("Points Expiring", expiring_customer, unique_id=once_a_threshold),
        "Referral Started": Metric("Referral Started", referral, profile=friend, unique_id=once),
        "Referral Completed": Metric("Referral Completed", referral, profile=advocate, unique_id=once),
        "Reward Expiring": Metric("Reward Expiring", reward_fulfillment, unique_id=once, when=is_unused),
        "VIP Tier Achieved": Metric("VIP Tier Achieved", vip_tier_change, unique_id=once, when=is_another_tier),
    },
)
