"""Programme: what the shop has set up at TRIFFT: its menu, venues, coupons and segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

from simulator.chance import Chance, chance, uuid
from simulator.json import Json
from simulator.shop import Product, Shop, Store

HOMES: Mapping[str, tuple[str, str]] = {
    "USD": ("United States", "America/New_York"),
    "EUR": ("France", "Europe/Paris"),
    "GBP": ("United Kingdom", "Europe/London"),
}
"""By currency: the country as TRIFFT writes it, and its time zone."""

OLDEST_VENUE = 1_722_238_315
INTERNAL = "INTERNAL"

COUPONS = (
    # internal name, title, description, price in points, days of validity, whether it needs no activation, whether one
    # may get it unasked
    ("Welcome! ", "Welcome to the club! ", "Bienvenue au Club.", None, 30, False, False),
    ("Happy hour", "Two for one, 5 to 7 pm", "Deux pour le prix d'un.", None, 7, True, True),
    ("Quiz night", "Free starter at the quiz night", "Une entrée offerte.", None, 14, False, True),
    ("Birthday treat ", "Happy birthday from all of us! ", "Joyeux anniversaire !", None, None, False, True),
    ("Free pint", "A pint on the house", "Une pinte offerte.", 120, 60, False, False),
    ("Free burger", "A burger on the house", "Un burger offert.", 300, 90, False, False),
)

SEGMENTS = (
    # name, slug, type, whether members come and go
    ("All members", "all-members", INTERNAL, False),
    ("Registered members", "internal-registered-members", INTERNAL, False),
    ("App users", "internal-app-users", "DYNAMIC", False),
    ("Students", "custom-students", "CUSTOM", True),
    ("Football fans", "custom-public-football-3691", "CUSTOM", True),
    ("Regulars", "dynamic-regulars", "DYNAMIC", False),
    ("Sleeping members", "dynamic-sleeping-members", "DYNAMIC", True),
)
ALL_MEMBERS, REGISTERED_MEMBERS, APP_USERS = "all-members", "internal-registered-members", "internal-app-users"
REGULARS = "dynamic-regulars"


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon that the shop defined; `card` is its definition as TRIFFT stores it."""

    id: str
    card: Json
    price: int | None
    valid_days: int | None
    needs_no_activation: bool
    is_gift: bool

    @property
    def names(self) -> tuple[str, str]:
        """What one may call it: its id, or its name."""
        return (self.id, self.card["internal_name"].strip())


@dataclass(frozen=True)
class Programme:
    """The shop's whole set-up; everything in it is found by its id or slug."""

    currency: str
    venues: Mapping[str, Json]
    coupons: Mapping[str, Coupon]
    segments: Mapping[str, Json]
    menu: tuple[Product, ...]
    zones: Mapping[str, ZoneInfo]
    home: ZoneInfo

    @cached_property
    def welcome(self) -> Coupon:
        """The coupon that every new member gets."""
        return next(iter(self.coupons.values()))

    @cached_property
    def gifts(self) -> Sequence[Coupon]:
        """The coupons that members get unasked."""
        return [coupon for coupon in self.coupons.values() if coupon.is_gift]

    @cached_property
    def venue_ids(self) -> Sequence[str]:
        """The ids of all venues."""
        return list(self.venues)

    def coupon(self, name: str | None) -> Coupon | None:
        """The coupon of an id or a name."""
        return next((coupon for coupon in self.coupons.values() if name in coupon.names), None)

    def venue(self, name: str | None) -> Json | None:
        """The venue of an id or a name."""
        return next((venue for venue in self.venues.values() if name in (venue["id"], venue["name"])), None)


@cache
def programme(shop: Shop) -> Programme:
    """The programme of a shop; the same for the same shop."""
    luck = chance("trifft", shop.domain)
    venues = {store.id: venue(store, number, shop.currency, luck) for number, store in enumerate(shop.stores)}
    coupons = [coupon(row, luck) for row in COUPONS]
    menu = sorted(shop.products, key=lambda product: product.price)[:10]
    return Programme(
        currency=shop.currency,
        venues=venues,
        coupons={made.id: made for made in coupons},
        segments={row[1]: segment(row, luck) for row in SEGMENTS},
        menu=tuple(replace(product, name=product.name.upper()) for product in menu),
        zones={id: ZoneInfo(found["timezone"]) for id, found in venues.items()},
        home=ZoneInfo(home(shop.currency)[1]),
    )


def home(currency: str) -> tuple[str, str]:
    """The country and time zone of a currency."""
    return HOMES.get(currency, HOMES["USD"])


def venue(store: Store, number: int, shop_currency: str, luck: Chance) -> Json:
    """A venue with the dirt of real data: town or name in the street, spaces at the end, towns in upper case.

    Every sixth is abroad, so that its currency is not the shop's.
    """
    abroad = "GBP" if shop_currency != "GBP" else "EUR"
    currency = abroad if number % 6 == 5 else shop_currency
    country, timezone = home(currency)
    created_at = OLDEST_VENUE + number * 2_177
    return {
        "id": store.id,
        "name": store.name,
        "logo": picture(luck) if number % 6 != 4 else None,
        "currency": currency,
        "verify_code": None,
        "address": {
            "id": address_id(luck),
            "street": f"{store.name if number % 2 else store.city} {store.street} ",
            "city": store.city.upper() + " " * (number % 3 == 0),
            "postal_code": store.postcode,
            "country": country,
            "lat": store.latitude,
            "lng": store.longitude,
        },
        "is_enabled": True,
        "timezone": timezone,
        "created_at": created_at,
        "updated_at": created_at + luck.randrange(9_000_000),
    }


def coupon(row: tuple[Any, ...], luck: Chance) -> Coupon:
    """A coupon with its definition; one that costs nothing has no price."""
    name, title, description, price, valid_days, needs_no_activation, is_gift = row
    created_at = 1_723_125_758 + luck.randrange(9_000_000)
    card = {
        "id": uuid(luck),
        "internal_name": name,
        "name": title,
        "description": description,
        "image_logo": picture(luck),
        "image_card": None if needs_no_activation else picture(luck),
        "type": "GENERAL",
        "points": price,
        "is_enabled": True,
        "is_pinned": not is_gift,
        "created_at": created_at,
        "updated_at": created_at + luck.randrange(9_000_000),
    }
    return Coupon(card["id"], card, price, valid_days, needs_no_activation, is_gift)


def segment(row: tuple[str, str, str, bool], luck: Chance) -> Json:
    """A segment; whether members come and go is nobody else's business."""
    name, slug, kind, is_open = row
    return {"id": uuid(luck), "name": name, "slug": slug, "type": kind, "is_open": is_open}


def picture(luck: Chance) -> str:
    """The address of an uploaded picture."""
    return f"https://cdn.trifft.io/files/{luck.getrandbits(88):022x}.png"


def address_id(luck: Chance) -> str:
    """An id in the time-ordered form of version 6, as TRIFFT gives addresses."""
    digits = f"{luck.getrandbits(96):024x}"
    return f"1ef{digits[:5]}-{digits[5:9]}-6{digits[9:12]}-a{digits[12:15]}-{digits[12:]}"
