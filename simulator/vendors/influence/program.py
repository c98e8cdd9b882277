"""The merchant's Influence.io programme: earn rules, redeem rules, tiers, and what referrals bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from simulator.chance import Chance, chance, uuid
from simulator.shop import Shop

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
POINTS_NAMES = (("Point", "Points"), ("Bean", "Beans"), ("Star", "Stars"))
SIGN_UP_POINTS, FOLLOW_POINTS, BIRTHDAY_POINTS = 100, 50, 150
POINTS_LAST = timedelta(days=365)
"""After so long without activity the points expire."""


@dataclass(frozen=True, slots=True)
class EarnRule:
    """What earns points; `points` is None where the amount spent decides."""

    id: str
    title: str
    type: str
    points: int | None


@dataclass(frozen=True, slots=True)
class RedeemRule:
    """What points buy; `amount` is what the discount takes off, `prefix` begins its codes."""

    id: str
    title: str
    type: str
    cost: int
    amount: float
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier and the points that lead to it; `entry_reward` is the title of what one gets on reaching it."""

    id: str
    title: str
    threshold: int
    entry_reward: str | None


@dataclass(frozen=True, slots=True)
class ReferralReward:
    """What a referral brings to one side."""

    title: str
    discount_type: str
    amount: float


@dataclass(frozen=True)
class Program:
    """The whole programme; `prices` are in hundredths of the shop's currency."""

    domain: str
    points_name: tuple[str, str]
    prices: tuple[int, ...]
    points_per_unit: int
    have_points_end: bool
    sign_up: EarnRule
    order: EarnRule
    birthday: EarnRule
    follows: tuple[EarnRule, ...]
    redeem_rules: tuple[RedeemRule, ...]
    tiers: tuple[Tier, ...]
    friend_reward: ReferralReward
    customer_reward: ReferralReward

    def order_points(self, luck: Chance) -> int:
        """The points that an order of one to three products earns."""
        cents = sum(luck.choices(self.prices, k=luck.choice((1, 1, 2, 3))))
        return cents * self.points_per_unit // 100

    def tier_at(self, points: int) -> Tier:
        """The tier that so many points lead to."""
        return next(tier for tier in reversed(self.tiers) if tier.threshold <= points)

    def tier_titled(self, title: str) -> Tier:
        """The tier of a title."""
        titles = [tier.title for tier in self.tiers]
        if title not in titles:
            raise ValueError(f"there is no tier {title!r}; there are {', '.join(titles)}")
        return self.tiers[titles.index(title)]

    def neighbour(self, tier: Tier, steps: int) -> Tier:
        """The tier so many steps above, the nearest there is."""
        rank = self.tiers.index(tier) + steps
        return self.tiers[min(max(rank, 0), len(self.tiers) - 1)]

    def redeem_rule(self, title: str) -> RedeemRule | None:
        """The redeem rule of a title."""
        return next((rule for rule in self.redeem_rules if rule.title == title), None)

    def earn_rule(self, title: str) -> EarnRule | None:
        """The earn rule of a title."""
        rules = (self.order, self.sign_up, self.birthday, *self.follows)
        return next((rule for rule in rules if rule.title == title), None)


@cache
def program(shop: Shop) -> Program:
    """The programme of a shop."""
    luck = chance("influence", shop.name, shop.domain)
    symbol = SYMBOLS.get(shop.currency, f"{shop.currency} ")
    tiers = (("Bronze", 0, None), ("Silver", 500, None), ("Gold", 1500, f"{symbol}10 off"), ("Platinum", 4000, "Gift"))
    redeem_rules = (
        ("20% off coupon", "percentage", 500, 20.0, ""),
        (f"{symbol}5 off coupon", "fixed_amount", 250, 5.0, "FIVE-"),
        ("Free shipping", "free_shipping", 100, 0.0, ""),
    )
    return Program(
        domain=shop.domain,
        points_name=luck.choice(POINTS_NAMES),
        prices=tuple(int(product.price * 100) for product in shop.products),
        points_per_unit=luck.choice((1, 2, 3)),
        have_points_end=luck.random() < 0.7,
        sign_up=EarnRule(uuid(luck), "Create an account", "signup", SIGN_UP_POINTS),
        order=EarnRule(uuid(luck), "Place order", "order", None),
        birthday=EarnRule(uuid(luck), "Celebrate a birthday", "birthday", BIRTHDAY_POINTS),
        follows=tuple(
            EarnRule(uuid(luck), title, "social", FOLLOW_POINTS)
            for title in ("Follow on Instagram", "Follow on TikTok", "Follow on X", "Like on Facebook")
        ),
        redeem_rules=tuple(RedeemRule(uuid(luck), *rule) for rule in redeem_rules),
        tiers=tuple(Tier(uuid(luck), *tier) for tier in tiers),
        friend_reward=ReferralReward("10% off your first order", "percentage", 10.0),
        customer_reward=ReferralReward(f"{symbol}10 off", "fixed_amount", 10.0),
    )
