"""Programme: what the shop has set up at JeriCommerce: tiers, rewards, campaigns and locations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from simulator.chance import chance, uuid
from simulator.shop import Shop

POINTS_PER_UNIT = 5
"""With a hundred points worth one unit of money that is 5 % back, within the 3 to 8 that the vendor advises."""

CAMPAIGNS = ("Spring drop", "Double points weekend", "Summer sale", "Back in stock", "Members first", "Gift season")


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the ladder: from how many tier points on, and how many times the points one earns there."""

    name: str
    threshold: int
    multiplier: float


@dataclass(frozen=True, slots=True)
class Reward:
    """What points buy."""

    title: str
    price: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """A push campaign to wallet passes."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Location:
    """A store with a Shopify till."""

    id: str
    name: str


LADDER = (Tier("Bronze", 0, 1), Tier("Silver", 500, 1.25), Tier("Gold", 2_000, 1.5), Tier("Platinum", 5_000, 2))
"""One stands on the lowest step with the first points; before that there is no tier."""

REWARDS = (Reward("Free shipping", 300), Reward("$5 off", 500), Reward("10% off", 800), Reward("$10 off", 1_000))


@dataclass(frozen=True, slots=True)
class Programme:
    """The shop's whole set-up."""

    domain: str
    campaigns: Sequence[Campaign]
    locations: Sequence[Location]


@cache
def programme(shop: Shop) -> Programme:
    """The programme of a shop; the same for the same shop."""
    luck = chance("jericommerce", shop.domain)
    campaigns = tuple(Campaign(uuid(luck), name) for name in CAMPAIGNS)
    return Programme(shop.domain, campaigns, tuple(Location(store.id, store.name) for store in shop.stores))


def tier_for(points: int) -> Tier:
    """The highest tier that so many tier points give."""
    return next(tier for tier in reversed(LADDER) if points >= tier.threshold)


def tier_named(name: str | None) -> Tier | None:
    """The tier of a name."""
    return next((tier for tier in LADDER if tier.name == name), None)
