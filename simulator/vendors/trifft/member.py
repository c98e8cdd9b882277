"""Member: what TRIFFT knows of one customer of the shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.chance import Chance, uuid
from simulator.json import Json
from simulator.population import Person
from simulator.shop import Shop
from simulator.vendors.trifft.programme import Coupon, Programme, programme

CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DRINKS = ("Paradise IPA", "Frog Stout", "Cider", "Lemonade", "House red")
APP_VERSIONS = ("2.1.3", "2.1.4", "2.1.5")
TIERS = ((200_000, "Gold"), (50_000, "Silver"), (0, "Bronze"))
"""By points ever earned, in hundredths."""


@dataclass(slots=True)
class HeldCoupon:
    """A coupon in a member's hands, until it is redeemed or expires."""

    id: str
    coupon: Coupon
    code: str
    valid_from: int
    valid_until: int | None
    is_activated: bool = False


@dataclass(slots=True)
class Purchase:
    """What a member last bought: the transaction's id, and its total in cents."""

    id: str
    total: int


@dataclass
class Member:
    """A member: the person, their wallet (in hundredths of points), coupons, segments and custom parameters."""

    person: Person
    programme: Programme
    id: str
    support_id: str
    card_id: str
    wallet: Json
    params: dict[str, Any]
    platform: str
    app_version: str
    activity: float
    now: datetime
    is_verified: bool = False
    is_anonymized: bool = False
    balance: int = 0
    earned: int = 0
    visits: int = 0
    last_visit: datetime | None = None
    last_purchase: Purchase | None = None
    favorite: Json | None = None
    coupons: list[HeldCoupon] = field(default_factory=list)
    segments: dict[str, Json] = field(default_factory=dict)

    @property
    def tier(self) -> str:
        """The tier that the points ever earned give."""
        return next(name for least, name in TIERS if self.earned >= least)

    @property
    def language(self) -> str:
        """The two-letter language that the member chose."""
        return str(self.params["language"])

    def reach(self, now: datetime) -> None:
        """Let time pass: coupons expire, and nobody is told."""
        self.now = now
        second = int(now.timestamp())
        if any(held.valid_until is not None and held.valid_until < second for held in self.coupons):
            self.coupons = [held for held in self.coupons if held.valid_until is None or held.valid_until >= second]

    def hold(self, coupon: Coupon, luck: Chance) -> HeldCoupon:
        """Take a coupon into the member's hands."""
        second = int(self.now.timestamp())
        until = None if coupon.valid_days is None else second + coupon.valid_days * 86_400
        code = "".join(luck.choices(CAPITALS, k=8))
        held = HeldCoupon(uuid(luck), coupon, code, second, until)
        self.coupons.append(held)
        return held

    def held(self, *, is_activated: bool) -> Iterator[HeldCoupon]:
        """The member's coupons that are, or are not yet, activated."""
        return (held for held in self.coupons if held.is_activated == is_activated)

    def move(self, points: int) -> None:
        """Add points to the wallet, or take some out."""
        self.balance += points
        self.earned += max(points, 0)
        self.wallet["updated_at"] = int(self.now.timestamp())


def join(person: Person, shop: Shop, luck: Chance, at: datetime) -> Member:
    """Make a person a member who is not verified yet."""
    second = int(at.timestamp())
    return Member(
        person=person,
        programme=programme(shop),
        id=uuid(luck),
        support_id="".join(luck.choices(CAPITALS, k=6)),
        card_id=card_id(person.number),
        wallet={"id": uuid(luck), "created_at": second, "updated_at": second},
        params=params(person, luck),
        platform=luck.choice(("ios", "android")),
        app_version=luck.choice(APP_VERSIONS),
        activity=luck.triangular(0.2, 2.2, 0.5),
        now=at,
    )


def params(person: Person, luck: Chance) -> dict[str, Any]:
    """The parameters that a project collects; what a member leaves blank is not there."""
    filled: dict[str, Any] = {"first_name": person.first_name, "last_name": person.last_name}
    if person.birthdate and (luck.random() < 0.8 or person.tells_birthdate):
        filled["dateOfBirth"] = person.birthdate.isoformat()
    filled["language"] = person.language
    filled["consent_marketing"] = luck.random() < 0.6
    filled["consent_profiling"] = luck.random() < 0.4
    if luck.random() < 0.5:
        filled["favorite_drink"] = luck.choice(DRINKS)
    return filled


def card_id(number: int) -> str:
    """A member's card number: thirteen digits, the last of which checks the others as in an EAN.

    >>> card_id(41200)
    '9990000412006'
    """
    digits = f"999{number:09d}"
    weighted = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def klaviyo_id(at: datetime, luck: Chance) -> str:
    """A ULID, as Klaviyo names profiles: ten characters of time, sixteen of chance."""
    number = int(at.timestamp() * 1000) << 80 | luck.getrandbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def record(member: Member) -> Json | None:
    """The member as TRIFFT's API tells it; None once they are erased."""
    if member.is_anonymized:
        return None
    favorite = member.favorite
    return {
        "id": member.id,
        "email": member.person.email or None,
        "phone_number": member.person.phone or None,
        "support_id": member.support_id,
        "primary_card_id": member.card_id,
        "language": member.language,
        "tier": member.tier,
        "points": member.balance,
        "last_visit_at": member.last_visit and member.last_visit.isoformat(),
        "coupons": [coupon_record(held) for held in member.coupons],
        "favorite_venue": favorite and {"id": favorite["id"], "name": favorite["name"]},
        "segments": [{"slug": segment["slug"], "type": segment["type"]} for segment in member.segments.values()],
    }


def coupon_record(held: HeldCoupon) -> Json:
    """A coupon that a member holds."""
    card = held.coupon.card
    return {
        "id": card["id"],
        "member_coupon_id": held.id,
        "name": card["name"],
        "image_logo": card["image_logo"],
        "valid_from": held.valid_from,
        "valid_until": held.valid_until,
        "state": "ACTIVATED" if held.is_activated else "ASSIGNED",
    }
