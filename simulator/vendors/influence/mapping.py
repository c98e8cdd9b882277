"""What Influence.io sends to Klaviyo. Its documentation lost every name: those assumed stand in two tables here."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import counted
from simulator.mapping.mapping import Metric, ProfileSync, VendorMapping

METRICS: Mapping[str, str] = {
    "points/earned": "Influence.io Points Earned",
    "points/redeemed": "Influence.io Points Redeemed",
    "customers/tier_changed": "Influence.io Tier Changed",
    "referrals/started": "Influence.io Referral Started",
    "referrals/completed": "Influence.io Referral Completed",
}
"""Metric by webhook topic; all assumed, after the profile properties' prefix and the webhooks' words."""

KEYS: Mapping[str, str] = {
    "action": "action",
    "points in words": "pointsFormatted",
    "points": "points",
    "code bought": "couponCode",
    "tier": "tierId",
    "tier title": "tierTitle",
    "reason": "reason",
    "referrer": "customerName",
    "friend": "friendName",
    "friend's address": "friendEmail",
    "side": "rewardFor",
    "reward": "rewardTitle",
}
"""Property by meaning; all assumed."""

REWARD_CODE = "rewardCode"
"""The one property whose name is documented."""

FRIEND, CUSTOMER = "friend", "customer"
"""Whom a referral's reward is for; both words are assumed."""

POINTS_NAME = {"one": "Point", "other": "Points"}
"""What points are called when the merchant gave them no name."""


def keyed(values: Json) -> Json:
    """Values by meaning as properties by name."""
    return {KEYS.get(meaning, meaning): value for meaning, value in values.items()}


def in_words(event: VendorEvent) -> str:
    """The points as people read them, in the merchant's own words."""
    name = event.customer["program"]["pointsName"] if event.customer else POINTS_NAME
    return counted(event.payload["points"], name["one"], name["other"])


def points_earned(event: VendorEvent) -> Json:
    """What earned the points, and how many."""
    return keyed(
        {
            "action": event.payload["action"],
            "points in words": in_words(event),
            "points": event.payload["points"],
        }
    )


def points_redeemed(event: VendorEvent) -> Json:
    """What the points bought, and how many were spent; a reward handed out by staff has no code."""
    return keyed(
        {
            "action": event.payload["action"],
            "points in words": in_words(event),
            "code bought": event.payload["couponCode"],
            "points": event.payload["points"],
        }
    )


def tier_changed(event: VendorEvent) -> Json:
    """The new tier alone, and why.

    The documentation has a lone row "title of the reward" behind the tier's; it may as well be an event of its own.
    """
    tier, entry_reward = event.payload["newTier"], event.payload["entryReward"]
    return keyed(
        {
            "tier": tier["id"],
            "tier title": tier["title"],
            "reason": event.payload["reason"],
            "reward": entry_reward["title"] if entry_reward else None,
        }
    )


def referral_started(event: VendorEvent) -> Json:
    """Who referred the friend, and what the friend gets."""
    reward = event.payload["friendReward"]
    return keyed(
        {
            "referrer": event.payload["customer"]["name"],
            "friend's address": event.payload["friendEmail"],
            REWARD_CODE: reward["couponCode"],
            "side": FRIEND,
            "reward": reward["title"],
        }
    )


def referral_completed(event: VendorEvent) -> Json:
    """Who referred whom, and what the referrer gets."""
    reward, friend = event.payload["customerReward"], event.payload["friendCustomer"]
    return keyed(
        {
            "referrer": event.payload["customer"]["name"],
            "friend": friend["name"] if friend else None,
            REWARD_CODE: reward["couponCode"],
            "side": CUSTOMER,
            "reward": reward["title"],
        }
    )


def customer_profile(event: VendorEvent) -> Json | None:
    """The customer's profile; without an e-mail address there is none."""
    email = event.payload["customer"]["email"]
    return {"email": email} if email else None


def friend_profile(event: VendorEvent) -> Json | None:
    """The friend's profile, which the event creates; a friend is a guest until they open an account."""
    return {
        "email": event.payload["friendEmail"],
        "properties": {"Influence.io Customer Member Status": "guest"},
    }


def is_another_person(event: VendorEvent) -> bool:
    """Whether the friend is not the referrer themselves."""
    email = event.payload["customer"]["email"]
    return email is None or bool(email.casefold() != event.payload["friendEmail"].casefold())


def birthday(customer: Json) -> str | None:
    """The birthday as text with the year 0000, which no calendar has; None unless month and day are known."""
    month, day = customer["birthdayMonth"], customer["birthdayDay"]
    return f"0000-{month:02d}-{day:02d}T00:00:00" if month and day else None


def profile_attributes(customer: Json) -> Json | None:
    """The customer's profile; without a tier or a birthday, these properties are left out."""
    if not customer["email"]:
        return None
    tier = customer["currentLoyaltyTier"] or {"id": None, "title": None}
    known = {
        "Influence.io Tier ID": tier["id"],
        "Influence.io Tier Title": tier["title"],
        "Influence.io Birthday": birthday(customer),
    }
    properties = {
        "Influence.io Point Balance": customer["pointBalance"],
        "Influence.io Referral Code": customer["referralCode"],
        "Influence.io Referral URL": customer["referralUrl"],
        "Influence.io Customer Member Status": customer["memberStatus"],
        **{name: value for name, value in known.items() if value is not None},
        "Influence.io Last Seen At": customer["lastSeenAt"],
        "Influence.io Points Expire At": customer["pointsExpireAt"],
        "Influence.io Loyalty Card Lookup": customer["loyaltyCardLookup"],
    }
    return {"email": customer["email"], "properties": properties}


MAPPING = VendorMapping(
    vendor="influence",
    profile=customer_profile,
    sync=ProfileSync(attributes=profile_attributes),
    events={
        "points/earned": Metric(METRICS["points/earned"], points_earned),
        "points/redeemed": Metric(METRICS["points/redeemed"], points_redeemed),
        "customers/tier_changed": Metric(METRICS["customers/tier_changed"], tier_changed),
        "referrals/started": Metric(
            METRICS["referrals/started"],
            referral_started,
            profile=friend_profile,
            when=is_another_person,
            syncs=False,
        ),
        "referrals/completed": Metric(METRICS["referrals/completed"], referral_completed, when=is_another_person),
    },
)
