"""What 99minds keeps books on besides cards: orders, partner orders, coupons, memberships and referrals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from simulator.chance import Chance
from simulator.json import Json
from simulator.vendors.ninetynine_minds.account import (
    UNIT,
    Account,
    Card,
    card_value,
    gift_card,
    is_likely,
    written,
)

STORE_TIMEZONE = "America/New_York"
STORE_ZONE = ZoneInfo(STORE_TIMEZONE)
TIMEZONES = {"GB": "Europe/London", "DE": "Europe/Berlin", "FR": "Europe/Paris", "SK": "Europe/Bratislava"}
GREETINGS = (
    "Happy birthday!",
    "With love from all of us",
    "Thank you, you made my year",
    "Buy yourself something nice",
    "Merry Christmas & a happy new year",
    "Für dich, alles Gute!",
)
PAYMENT_SOURCES = ("credit_card", "paypal", "apple_pay", "shopify_payments")
LEVELS = ("Essential", "Plus", "Premium")
PERCENTAGE, FIXED_AMOUNT = "PERCENTAGE", "FIXED_AMOUNT"
EMAIL, SMS, PHYSICAL = "EMAIL", "SMS", "PHYSICAL"


def stamp(at: datetime) -> str:
    """An instant in the store's local time, as the ledger writes it."""
    return at.astimezone(STORE_ZONE).isoformat(timespec="seconds")


def day(on: date | None) -> str | None:
    """A day as the ledger writes it, None for never."""
    return on.isoformat() if on else None


def timezone(account: Account) -> str:
    """The time zone a person lives in."""
    return TIMEZONES.get(account.person.country, STORE_TIMEZONE)


def client_order_id(luck: Chance) -> str | None:
    """The order's number in the shop's own system; one in five has none."""
    return f"#{luck.randrange(1001, 99_999)}" if is_likely(luck, 0.8) else None


@dataclass(slots=True, eq=False)
class Order:
    """An order of gift cards; `deliver_at` is None when they are delivered at once."""

    id: str
    key: str
    client_order_id: str | None
    placed: datetime
    buyer: Account
    recipient: Account
    cards: list[Card]
    mode: str
    deliver_at: datetime | None
    is_to_sender: bool
    message: str | None
    payment_source: str
    payment_id: str | None
    shipping_fee: int

    def record(self, currency: str) -> Json:
        """The order as the ledger shows it."""
        zone = timezone(self.recipient)
        subtotal = sum(card.original for card in self.cards)
        local = self.deliver_at.astimezone(ZoneInfo(zone)) if self.deliver_at else None
        return {
            "id": self.id,
            "key": self.key,
            "client_order_id": self.client_order_id,
            "created_at": stamp(self.placed),
            "is_gift": self.recipient is not self.buyer,
            "message": self.message,
            "buyer": self.buyer.record(),
            "recipient": self.recipient.record(),
            "delivery": {
                "mode": self.mode,
                "scheduled": local is not None,
                "at": local.isoformat(timespec="seconds") if local else None,
                "timezone": zone if local else None,
                "to_sender": self.is_to_sender,
            },
            "payment": {"source": self.payment_source, "reference": self.payment_id},
            "currency": currency,
            "quantity": len(self.cards),
            "subtotal": written(subtotal),
            "shipping_fee": written(self.shipping_fee),
            "total": written(subtotal + self.shipping_fee),
            "shipping_address": address(self.recipient) if self.mode == PHYSICAL else None,
            "billing_address": address(self.buyer),
        }


def address(account: Account) -> Json:
    """A person's address, in the manner of shops."""
    person = account.person
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "address1": person.street,
        "address2": None,
        "city": person.city,
        "state": None,
        "zip": person.postcode,
        "country": person.country,
        "phone": person.phone or None,
    }


def new_order(
    buyer: Account, recipient: Account, at: datetime, luck: Chance, *, mode: str = "", is_scheduled: bool = False
) -> Order:
    """An order of one to three cards of the same value, as a rule by e-mail and at once."""
    mode = mode or (EMAIL if recipient.person.email else SMS)
    value = card_value(luck)
    quantity = luck.choices((1, 2, 3), (85, 11, 4))[0]
    is_gift = recipient is not buyer
    return Order(
        id=f"order_{luck.getrandbits(72):018x}",
        key=f"wc_order_{luck.getrandbits(64):016x}",
        client_order_id=client_order_id(luck),
        placed=at,
        buyer=buyer,
        recipient=recipient,
        cards=[gift_card(recipient, value, at.date(), luck) for _ in range(quantity)],
        mode=mode,
        deliver_at=delivery_time(at, recipient, luck) if is_scheduled else None,
        is_to_sender=is_gift and is_likely(luck, 0.08),
        message=luck.choice(GREETINGS) if is_gift and is_likely(luck, 0.85) else None,
        payment_source=luck.choice(PAYMENT_SOURCES),
        payment_id=f"pay_{luck.getrandbits(48):012x}" if is_likely(luck, 0.9) else None,
        shipping_fee=luck.choice((49_500, 59_900, 99_000)) if mode == PHYSICAL else 0,
    )


def delivery_time(at: datetime, recipient: Account, luck: Chance) -> datetime:
    """A morning in the weeks to come, in the recipient's time zone."""
    morning = (at + timedelta(days=luck.randint(2, 30))).astimezone(ZoneInfo(timezone(recipient)))
    return morning.replace(hour=luck.choice((8, 9, 9, 9, 10, 12)), minute=0, second=0, microsecond=0).astimezone(
        at.tzinfo
    )


@dataclass(slots=True, eq=False)
class BulkOrder:
    """A partner's order of many cards of one value; `discount` in hundredths of a percent, 0 for none."""

    id: str
    account_name: str
    mode: str
    quantity: int
    value: int
    discount: int
    shipping_fee: int

    def record(self, currency: str) -> Json:
        """The order as the ledger shows it."""
        subtotal = self.quantity * self.value
        total = subtotal - subtotal * self.discount // 10_000 + self.shipping_fee
        return {
            "id": self.id,
            "delivery_mode": self.mode,
            "currency": currency,
            "quantity": self.quantity,
            "card_value": written(self.value),
            "subtotal": written(subtotal),
            "discount_percent": f"{self.discount / 100:g}" if self.discount else None,
            "shipping_fee": written(self.shipping_fee),
            "total": written(total),
        }


def bulk_order(account_name: str, luck: Chance) -> BulkOrder:
    """A partner's order of 20 to 500 cards, mostly of a few dozen."""
    mode = luck.choice((EMAIL, EMAIL, PHYSICAL))
    return BulkOrder(
        id=f"order_{luck.getrandbits(72):018x}",
        account_name=account_name,
        mode=mode,
        quantity=min(500, int(20 * luck.paretovariate(1.6))),
        value=card_value(luck),
        discount=luck.choice((0, 250, 500, 750, 1000, 1250, 1500)),
        shipping_fee=luck.randrange(80_000, 400_000) if mode == PHYSICAL else 0,
    )


@dataclass(slots=True, eq=False)
class Coupon:
    """A coupon; `value` is an amount or a percentage, `rule` the terms it was made by."""

    id: int
    rule: int
    code: str
    title: str
    kind: str
    value: int
    expires: date | None
    min_quantity: int | None
    min_subtotal: int | None
    max_usage: int | None

    def record(self, currency: str) -> Json:
        """The coupon as the ledger shows it."""
        return {
            "id": self.id,
            "rule_id": self.rule,
            "code": self.code,
            "title": self.title,
            "type": self.kind,
            "value": written(self.value),
            "currency": currency,
            "min_quantity": self.min_quantity,
            "min_subtotal": written(self.min_subtotal) if self.min_subtotal is not None else None,
            "max_usage_per_customer": self.max_usage,
            "expires_on": day(self.expires),
        }


def new_coupon(at: datetime, luck: Chance) -> Coupon:
    """A coupon that is valid for two weeks to three months, or for ever."""
    kind = luck.choice((PERCENTAGE, FIXED_AMOUNT))
    worth = luck.choice((5, 10, 15, 20))
    title = f"{worth}% off" if kind == PERCENTAGE else f"{worth} off your next order"
    return Coupon(
        id=luck.randrange(100_000, 9_999_999),
        rule=luck.randrange(1_000, 9_999),
        code=f"SAVE{worth}-{luck.getrandbits(32):08X}",
        title=title,
        kind=kind,
        value=worth * UNIT,
        expires=at.date() + timedelta(days=luck.randint(14, 90)) if is_likely(luck, 0.85) else None,
        min_quantity=luck.choice((None, 1, 2)),
        min_subtotal=luck.choice((None, 25 * UNIT, 50 * UNIT)),
        max_usage=luck.choice((None, 1, 1, 3)),
    )


@dataclass(slots=True, eq=False)
class Membership:
    """A paid membership; `previous` is the level before the last change."""

    level: str
    card_number: str
    expires: date | None
    client_order_id: str | None
    state: str = "ISSUED"
    previous: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.state in ("CANCELLED", "EXPIRED")

    def record(self) -> Json:
        """The membership as the ledger shows it."""
        return {
            "level": self.level,
            "previous_level": self.previous,
            "card_number": self.card_number,
            "expires_on": day(self.expires),
            "client_order_id": self.client_order_id,
        }


def new_membership(on: date, luck: Chance) -> Membership:
    """A membership for a year, or without an end."""
    return Membership(
        level=luck.choice(LEVELS),
        card_number=f"{luck.randrange(10**10):010d}",
        expires=on + timedelta(days=365) if is_likely(luck, 0.8) else None,
        client_order_id=client_order_id(luck),
    )


@dataclass(slots=True, eq=False)
class Referral:
    """That an advocate invited a friend; the friend gets a coupon on accepting."""

    code: str
    advocate: Account
    friend: Account
    coupon: Coupon | None = None

    def record(self, currency: str) -> Json:
        """The referral as the ledger shows it."""
        return {
            "code": self.code,
            "advocate": self.advocate.record(),
            "friend": self.friend.record(),
            "coupon": self.coupon.record(currency) if self.coupon else None,
        }


def new_referral(advocate: Account, friend: Account, luck: Chance) -> Referral:
    """An invitation that nobody has answered yet."""
    return Referral(f"REF{luck.getrandbits(32):08X}", advocate, friend)
