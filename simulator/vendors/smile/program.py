"""The merchant's Smile programme: what earns points, what they buy, and the VIP tiers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from simulator.chance import Chance, chance
from simulator.shop import Shop

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}

POINTS_PER_UNIT = 3
SIGN_UP_POINTS = 200
SOCIAL_POINTS = 50
POINTS_STEP, POINTS_MOST = 100, 5000
"""Points are exchanged in steps of 100, one unit of money each, and at most 5,000 at once."""

POINTS_LAST = timedelta(days=90)
"""Without activity for so long, the whole balance falls to zero."""

WARNING, LAST_CHANCE = timedelta(days=30), timedelta(days=3)
"""How long before that customers hear of it: the two thresholds, as Smile sets them by default."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A VIP tier; `milestone` is how many points of a calendar year lead to it."""

    id: int
    name: str
    image_url: str
    milestone: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as the merchant offers it; `slug` begins its codes, `valid` is how long they can be used."""

    name: str
    slug: str
    valid: timedelta | None
    action_text: str | None = "Apply code"
    action_url: str | None = None
    usage_instructions: str | None = "Use this discount code on your next order."
    terms_and_conditions: str | None = None


@dataclass(frozen=True, slots=True)
class PointsProduct:
    """Something that points buy; the one without a `cost` gives as much money off as one wishes."""

    id: int
    offer: Offer | None
    cost: int | None


@dataclass(frozen=True)
class Program:
    """The whole programme; `prices` are in hundredths of the shop's currency."""

    symbol: str
    domain: str
    prices: tuple[int, ...]
    tiers: tuple[Tier, ...]
    products: tuple[PointsProduct, ...]
    birthday: Offer
    tier_entry: Offer
    friend: Offer
    advocate: Offer

    def tier_after(self, tier: Tier | None) -> Tier | None:
        """The next higher tier, None above the highest."""
        rank = -1 if tier is None else self.tiers.index(tier)
        return self.tiers[rank + 1] if rank + 1 < len(self.tiers) else None

    def tier_before(self, tier: Tier) -> Tier | None:
        """The next lower tier, None below the lowest."""
        rank = self.tiers.index(tier)
        return self.tiers[rank - 1] if rank else None

    def tier_at(self, points: int) -> Tier:
        """The tier that so many points of a year lead to."""
        return next(tier for tier in reversed(self.tiers) if tier.milestone <= points)

    def tier_named(self, name: str) -> Tier:
        """The tier of a name."""
        names = [tier.name for tier in self.tiers]
        if name not in names:
            raise ValueError(f"there is no tier {name!r}; there are {', '.join(names)}")
        return self.tiers[names.index(name)]

    def order_points(self, luck: Chance) -> int:
        """The points that an order of one to three products earns."""
        cents = sum(luck.choices(self.prices, k=luck.choice((1, 1, 2, 3))))
        return cents * POINTS_PER_UNIT // 100

    def money_off(self, amount: int) -> Offer:
        """The reward of so much money off."""
        return Offer(f"{self.symbol}{amount} off coupon", f"{amount}off", timedelta(days=90))


@cache
def program(shop: Shop) -> Program:
    """The programme of a shop."""
    luck = chance("smile", shop.name, shop.domain)
    symbol = SYMBOLS.get(shop.currency, f"{shop.currency} ")
    number = luck.randrange(100_000, 900_000)
    names = (("Bronze", 0), ("Silver", 500), ("Gold", 1500), ("Platinum", 5000))
    image = f"https://{shop.domain}/smile"
    free_shipping = Offer("Free shipping coupon", "freeshipping", timedelta(days=30), action_text="")
    five_off = Offer(f"{symbol}5 off coupon", "5off", timedelta(days=60), action_url=f"https://{shop.domain}/cart")
    return Program(
        symbol=symbol,
        domain=shop.domain,
        prices=tuple(int(product.price * 100) for product in shop.products),
        tiers=tuple(
            Tier(number + rank, name, f"{image}/tiers/{name.lower()}.png", milestone)
            for rank, (name, milestone) in enumerate(names)
        ),
        products=(
            PointsProduct(number + 10, None, None),
            PointsProduct(number + 11, five_off, 500),
            PointsProduct(number + 12, free_shipping, 300),
        ),
        birthday=Offer(f"{symbol}10 off for your birthday", "birthday10", timedelta(days=30)),
        tier_entry=Offer("10% off coupon", "10percent", timedelta(days=60), terms_and_conditions="One per customer."),
        friend=Offer(f"{symbol}10 off coupon", "10off", timedelta(days=30), usage_instructions=None),
        advocate=Offer(f"{symbol}10 off coupon", "10off", None),
    )
