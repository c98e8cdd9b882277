"""What 99minds sends to Klaviyo, and to Omnisend: https://support.99minds.io/en/articles/13238737."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from simulator.event import VendorEvent
from simulator.json import Json
from simulator.mapping.formats import (
    NEVER,
    day_or_never,
    priced,
    round_down,
    symbol,
    written_day,
    written_time,
)
from simulator.mapping.mapping import Metric, Reading, VendorMapping

ISSUED = "ISSUED"


def identity(person: Json) -> Json | None:
    """The identifiers of a person's profile; None when neither e-mail address nor phone number is known."""
    profile = {
        "email": person["email"],
        "phone_number": person["phone"],
        "first_name": person["first_name"],
        "last_name": person["last_name"],
    }
    known = {name: value for name, value in profile.items() if value}
    return known if "email" in known or "phone_number" in known else None


def customer(event: VendorEvent) -> Json | None:
    """The customer whose card, coupon, membership or tier it is."""
    return identity(event.payload["account"])


def recipient(event: VendorEvent) -> Json | None:
    """The one who gets an order's cards, even when they are delivered to the giver."""
    return identity(event.payload["order"]["recipient"])


def buyer(event: VendorEvent) -> Json | None:
    """The one who placed an order."""
    return identity(event.payload["order"]["buyer"])


def advocate(event: VendorEvent) -> Json | None:
    """The one who invited."""
    return identity(event.payload["referral"]["advocate"])


def friend(event: VendorEvent) -> Json | None:
    """The one who was invited."""
    return identity(event.payload["referral"]["friend"])


def partner(event: VendorEvent) -> Json | None:
    """The partner's account, known by its e-mail address alone."""
    email = event.payload["partner"]["email"]
    return {"email": email} if email else None


def full_name(person: Json) -> str:
    """First and last name, as far as known."""
    return " ".join(filter(None, (person["first_name"], person["last_name"])))


def contact(prefix: str, person: Json) -> Json:
    """Who a person is and how to reach them, under names that begin with a prefix."""
    return {
        f"{prefix}_email": person["email"],
        f"{prefix}_phone": person["phone"],
        f"{prefix}_name": full_name(person),
        f"{prefix}_first_name": person["first_name"],
        f"{prefix}_last_name": person["last_name"],
    }


def customer_block(person: Json) -> Json:
    """What almost every event tells of its customer: contact, points, store credit and tier."""
    return {
        **contact("customer", person),
        "loyalty_card_balance": person["loyalty_points"],
        "store_credit_balance": float(person["store_credit"]),
        "vip_tier": person["vip_tier"],
    }


def passes(person: Json) -> Json:
    """Where a person's wallet passes are."""
    return {"google_pass_url": person["google_pass_url"], "apple_pass_url": person["apple_pass_url"]}


def store_block(payload: Json) -> Json:
    """The store's name, twice as documented."""
    return {"company_name": payload["store"]["name"], "store_name": payload["store"]["name"]}


def holder_block(payload: Json) -> Json:
    """The customer, their passes, and the store."""
    person = payload["account"]
    return {**customer_block(person), **passes(person), **store_block(payload)}


def card_block(payload: Json) -> Json:
    """A card's numbers and values; without its PIN."""
    card = payload["card"]
    return {
        "card_number": card["number"],
        "card_id": card["id"],
        "original_value": round_down(card["original_value"]),
        "balance": round_down(card["balance"]),
        "currency": symbol(card["currency"]),
        "expiration_date": day_or_never(card["expires_on"]),
        "campaign_id": card["campaign_id"],
        "activity_type": payload["activity_type"],
    }


def points_balance(payload: Json) -> Json:
    """A loyalty card's balance: whole points."""
    return {"balance": int(Decimal(payload["card"]["balance"]))}


def without(name: str, properties: Json) -> Json:
    """The properties but for one."""
    return {other: value for other, value in properties.items() if other != name}


def order_placed(event: VendorEvent) -> Json:
    """The card, who gave it and who gets it."""
    order, card = event.payload["order"], event.payload["card"]
    delivery = order["delivery"]
    return {
        **customer_block(order["recipient"]),
        **contact("sender", order["buyer"]),
        **passes(order["recipient"]),
        **store_block(event.payload),
        **card_block(event.payload),
        "card_pin": card["pin"],
        "barcode_url": card["barcode_url"],
        "giftcard_theme_url": card["theme_url"],
        "is_gift": order["is_gift"],
        "greeting_message": order["message"],
        "scheduled": delivery["scheduled"],
        "deliver_at": written_time(datetime.fromisoformat(delivery["at"])) if delivery["at"] else NEVER,
        "delivery_mode": delivery["mode"],
        "deliver_at_timezone": delivery["timezone"],
        "delivered_to_sender": delivery["to_sender"],
        "client_order_id": order["client_order_id"],
        "order_date": day_or_never(order["created_at"]),
    }


def order_schedule_confirmation(event: VendorEvent) -> Json:
    """When the card of an order will be delivered, and to whom."""
    order, card = event.payload["order"], event.payload["card"]
    delivery = order["delivery"]
    at = datetime.fromisoformat(delivery["at"]).astimezone(ZoneInfo(delivery["timezone"]))
    return {
        **customer_block(order["buyer"]),
        **contact("recipient", order["recipient"]),
        "order_id": order["id"],
        "order_key": order["key"],
        "is_gift": order["is_gift"],
        "scheduled": delivery["scheduled"],
        "card_value": priced(card["original_value"], card["currency"]),
        "delivery_mode": delivery["mode"],
        "deliver_at": f"{written_time(at)} {at.tzname()}",
        "giftcard_theme_url": card["theme_url"],
        "store_name": event.payload["store"]["name"],
        "client_order_id": order["client_order_id"],
        "order_date": day_or_never(order["created_at"]),
        "campaign_id": card["campaign_id"],
    }


def order_confirmation(event: VendorEvent) -> Json:
    """What was ordered, for how much, and where it goes."""
    order = event.payload["order"]
    currency = order["currency"]
    placed = datetime.fromisoformat(order["created_at"])
    return {
        **customer_block(order["buyer"]),
        **store_block(event.payload),
        "order_id": order["id"],
        "order_key": order["key"],
        "payment_source": order["payment"]["source"],
        "created_at": written_time(placed),
        "client_payment_id": order["payment"]["reference"],
        "shipping_address": order["shipping_address"],
        "billing_address": order["billing_address"],
        "currency_symbol": symbol(currency),
        "currency_code": currency,
        "order_total": priced(order["total"], currency),
        "shipping_fee": priced(order["shipping_fee"], currency),
        "subtotal": priced(order["subtotal"], currency),
        "total_quantity": order["quantity"],
        "client_order_id": order["client_order_id"],
        "order_date": written_day(placed),
    }


def giftcard_redeemed(event: VendorEvent) -> Json:
    """A card after a purchase; of store credit too, as we assume."""
    transaction = event.payload["transaction"]
    return {
        **holder_block(event.payload),
        **card_block(event.payload),
        "card_pin": event.payload["card"]["pin"],
        "redemption_amount": round_down(transaction["amount"]),
        "transaction_type": transaction["type"],
        "client_order_id": transaction["client_order_id"],
    }


def loyalty_card_redeemed(event: VendorEvent) -> Json:
    """As for a gift card, but in whole points and without a PIN, which loyalty cards do not have."""
    return without("card_pin", giftcard_redeemed(event)) | points_balance(event.payload)


def giftcard_issued(event: VendorEvent) -> Json:
    """A new card; of store credit too, as we assume. Only the type ISSUED carries a greeting."""
    card, transaction = event.payload["card"], event.payload["transaction"]
    return {
        **holder_block(event.payload),
        **card_block(event.payload),
        "card_pin": card["pin"],
        "amount": round_down(transaction["amount"]),
        "giftcard_theme_url": card["theme_url"],
        "barcode_url": card["barcode_url"],
        "transaction_type": transaction["type"],
        "greeting_message": transaction["message"] if transaction["type"] == ISSUED else None,
    }


def giftcard_reloaded(event: VendorEvent) -> Json:
    """As for a new card, without a greeting."""
    return without("greeting_message", giftcard_issued(event))


def giftcard_refunded(event: VendorEvent) -> Json:
    """As for a new card, with the shop's order."""
    return giftcard_issued(event) | {"client_order_id": event.payload["transaction"]["client_order_id"]}


def loyalty_card_issued(event: VendorEvent) -> Json:
    """As for a gift card, but in whole points and without a PIN."""
    return without("card_pin", giftcard_issued(event)) | points_balance(event.payload)


def partner_giftcard_issued(event: VendorEvent) -> Json:
    """As for a new card, without barcode and type of transaction."""
    return without("barcode_url", without("transaction_type", giftcard_issued(event)))


def card_reminder(event: VendorEvent) -> Json:
    """A card that will expire, or that has something on it."""
    card = event.payload["card"]
    return {
        **holder_block(event.payload),
        **card_block(event.payload),
        "giftcard_theme_url": card["theme_url"],
        "barcode_url": card["barcode_url"],
    }


def loyalty_card_reminder(event: VendorEvent) -> Json:
    """As for a gift card, but in whole points."""
    return card_reminder(event) | points_balance(event.payload)


def coupon_worth(coupon: Json) -> str:
    """What a coupon is worth, as text: a price or a percentage."""
    if coupon["type"] == "PERCENTAGE":
        return f"{float(coupon['value']):g}%"
    return priced(coupon["value"], coupon["currency"])


def coupon_expiration_reminder(event: VendorEvent) -> Json:
    """A coupon that will expire; its worth is text for people and never Klaviyo's own value."""
    coupon = event.payload["coupon"]
    return {
        **holder_block(event.payload),
        "coupon_code": coupon["code"],
        "coupon_title": coupon["title"],
        "coupon_type": coupon["type"],
        "value": coupon_worth(coupon),
        "currency": symbol(coupon["currency"]),
        "expiration_date": day_or_never(coupon["expires_on"]),
    }


def coupon_issued(event: VendorEvent) -> Json:
    """A new coupon and its terms."""
    coupon = event.payload["coupon"]
    least = coupon["min_subtotal"]
    return {
        **coupon_expiration_reminder(event),
        "coupon_id": str(coupon["id"]),
        "coupon_rule_id": str(coupon["rule_id"]),
        "min_quantity": coupon["min_quantity"],
        "min_subtotal": float(least) if least is not None else None,
        "max_usage_per_customer": coupon["max_usage_per_customer"],
        "greeting_message": event.payload["transaction"]["message"],
        "activity_type": event.payload["activity_type"],
    }


def membership(event: VendorEvent) -> Json:
    """A membership after whatever happened to it."""
    told = event.payload["membership"]
    return {
        **holder_block(event.payload),
        "membership_name": told["level"],
        "card_number": told["card_number"],
        "expiration_date": day_or_never(told["expires_on"]),
        "client_order_id": told["client_order_id"],
    }


def membership_changed(event: VendorEvent) -> Json:
    """A membership, and the levels that it changed between."""
    told = event.payload["membership"]
    return membership(event) | {"new_membership_name": told["level"], "old_membership_name": told["previous_level"]}


def tier(event: VendorEvent) -> Json:
    """A customer's new tier and the one before."""
    told = event.payload["tier"]
    previous = told["previous"] or {"name": None, "description": None}
    return {
        **customer_block(event.payload["account"]),
        **store_block(event.payload),
        "current_tier_name": told["current"]["name"],
        "current_tier_description": told["current"]["description"],
        "previous_tier_name": previous["name"],
        "previous_tier_description": previous["description"],
        "tier_change_type": f"TIER_{told['change'].upper()}",
        "tier_locked_until": day_or_never(told["locked_until"]),
        "transaction_date": day_or_never(event.payload["created_at"]),
    }


def partner_order_placed(event: VendorEvent) -> Json:
    """A bulk order; its money is in numbers, and its currency a code."""
    order = event.payload["order"]
    discount = order["discount_percent"]
    return {
        "partner_email": event.payload["partner"]["email"],
        "account_name": event.payload["partner"]["account_name"],
        "store_name": event.payload["store"]["name"],
        "order_id": order["id"],
        "delivery_mode": order["delivery_mode"],
        "currency_code": order["currency"],
        "total_quantity": order["quantity"],
        "card_value": round_down(order["card_value"]),
        "subtotal": round_down(order["subtotal"]),
        "discount": f"{discount}%" if discount is not None else None,
        "shipping_fee": round_down(order["shipping_fee"]),
        "order_total": round_down(order["total"]),
    }


def referral_to_friend(event: VendorEvent) -> Json:
    """The friend, and the store."""
    return {**customer_block(event.payload["referral"]["friend"]), **store_block(event.payload)}


def referral_to_advocate(event: VendorEvent) -> Json:
    """The advocate, and the code of the invitation."""
    referral = event.payload["referral"]
    return {
        **customer_block(referral["advocate"]),
        **store_block(event.payload),
        "referral_code": referral["code"],
    }


def referral_answered_to_advocate(event: VendorEvent) -> Json:
    """The advocate, and the friend's name."""
    return referral_to_advocate(event) | {"friend_name": full_name(event.payload["referral"]["friend"])}


def referral_completed_to_friend(event: VendorEvent) -> Json:
    """The friend, and the advocate's name."""
    return referral_to_friend(event) | {"advocate_name": full_name(event.payload["referral"]["advocate"])}


def referral_accepted_to_friend(event: VendorEvent) -> Json:
    """The friend, the advocate's name, and the coupon that the friend gets."""
    coupon = event.payload["referral"]["coupon"]
    return referral_completed_to_friend(event) | {
        "coupon_code": coupon["code"],
        "coupon_value": coupon_worth(coupon),
        "expiration_date": day_or_never(coupon["expires_on"]),
    }


EVENTS: dict[str, tuple[Reading, Reading]] = {
    "OrderPlaced": (recipient, order_placed),
    "OrderScheduleConfirmation": (buyer, order_schedule_confirmation),
    "GiftcardRedeemed": (customer, giftcard_redeemed),
    "StoreCreditRedeemed": (customer, giftcard_redeemed),
    "LoyaltyCardRedeemed": (customer, loyalty_card_redeemed),
    "GiftcardIssued": (customer, giftcard_issued),
    "GiftcardReloaded": (customer, giftcard_reloaded),
    "GiftcardRefunded": (customer, giftcard_refunded),
    "StoreCreditIssued": (customer, giftcard_issued),
    "LoyaltyCardIssued": (customer, loyalty_card_issued),
    "GiftcardExpirationReminder": (customer, card_reminder),
    "StoreCreditReminder": (customer, card_reminder),
    "LoyaltyCardReminder": (customer, loyalty_card_reminder),
    "CouponExpirationReminder": (customer, coupon_expiration_reminder),
    "CouponIssued": (customer, coupon_issued),
    "MembershipIssued": (customer, membership),
    "MembershipExpired": (customer, membership),
    "MembershipExtendExpiry": (customer, membership),
    "MembershipActivated": (customer, membership),
    "MembershipDeactivated": (customer, membership),
    "MembershipRenewed": (customer, membership),
    "MembershipCancelled": (customer, membership),
    "MembershipPaused": (customer, membership),
    "MembershipResume": (customer, membership),
    "MembershipChanged": (customer, membership_changed),
    "TierUpgraded": (customer, tier),
    "TierDowngraded": (customer, tier),
    "TierChanged": (customer, tier),
    "PartnerOrderPlaced": (partner, partner_order_placed),
    "PartnerGiftcardIssued": (customer, partner_giftcard_issued),
    "ReferralCreated": (advocate, referral_to_advocate),
    "ReferralAcceptedAdvocate": (advocate, referral_answered_to_advocate),
    "ReferralAcceptedFriend": (friend, referral_accepted_to_friend),
    "ReferralCompletedAdvocate": (advocate, referral_answered_to_advocate),
    "ReferralCompletedFriend": (friend, referral_completed_to_friend),
    "ReferralCancelled": (friend, referral_to_friend),
    "OrderConfirmation": (buyer, order_confirmation),
    "ShippingConfirmation": (buyer, order_confirmation),
}
"""Each event, whose profile it belongs to, and what it tells. The metric has the event's own name."""

MAPPING = VendorMapping(
    vendor="99minds",
    profile=customer,
    events={name: Metric(name, properties, profile=profile) for name, (profile, properties) in EVENTS.items()},
    destinations=("klaviyo", "omnisend"),
)
