"""99minds: its documented rules, its members' lives, its Omnisend copies, and whether its contract bites."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from simulator.chance import chance
from simulator.contract.contract import load
from simulator.event import Occasion, VendorEvent
from simulator.mapping.omnisend import omnisend_event
from simulator.population import Person, people, person
from simulator.shop import shop
from simulator.vendors.ninetynine_minds.vendor import VENDOR
from tests.simulator.vendors.lives import (
    END,
    START,
    all_sent,
    event_breaches,
    every,
    joined,
    life,
    lives,
    sent,
    violations,
)

SHOP = shop(0)
NAMES = list(VENDOR.events)
CONTRACT = load(VENDOR.folder / "contract.yaml")
LOST = {"StoreCreditRedeemed", "StoreCreditIssued", "StoreCreditReminder", "ShippingConfirmation"}
WITHOUT_EXPIRY = {
    "OrderScheduleConfirmation",
    "TierUpgraded",
    "TierDowngraded",
    "TierChanged",
    "PartnerOrderPlaced",
    "ReferralCreated",
    "ReferralAcceptedAdvocate",
    "ReferralCompletedAdvocate",
    "ReferralCompletedFriend",
    "ReferralCancelled",
    "OrderConfirmation",
    "ShippingConfirmation",
}
POINTS = ["LoyaltyCardRedeemed", "LoyaltyCardIssued", "LoyaltyCardReminder"]
COUNTS = {
    "OrderPlaced": 37,
    "OrderScheduleConfirmation": 25,
    "GiftcardRedeemed": 24,
    "StoreCreditRedeemed": 24,
    "LoyaltyCardRedeemed": 23,
    "GiftcardIssued": 26,
    "GiftcardReloaded": 25,
    "GiftcardRefunded": 27,
    "StoreCreditIssued": 26,
    "LoyaltyCardIssued": 25,
    "GiftcardExpirationReminder": 22,
    "StoreCreditReminder": 22,
    "LoyaltyCardReminder": 22,
    "CouponExpirationReminder": 18,
    "CouponIssued": 25,
    "MembershipChanged": 18,
    "TierUpgraded": 17,
    "TierDowngraded": 17,
    "TierChanged": 17,
    "PartnerOrderPlaced": 12,
    "PartnerGiftcardIssued": 24,
    "ReferralCreated": 11,
    "ReferralAcceptedAdvocate": 12,
    "ReferralAcceptedFriend": 14,
    "ReferralCompletedAdvocate": 12,
    "ReferralCompletedFriend": 11,
    "ReferralCancelled": 10,
    "OrderConfirmation": 25,
    "ShippingConfirmation": 25,
}


def happened(name: str, seed: int = 0, someone: Person | None = None, **facts: Any) -> VendorEvent:
    """An event on its own, as `vendor-sim emit` makes it."""
    luck = chance(seed, name)
    member = VENDOR.join(someone or person("ana", 1, luck), SHOP, luck, START)
    return VENDOR.event(member, Occasion(START, name, facts), luck)


def changed(event: VendorEvent, **values: Any) -> VendorEvent:
    """The event with values at paths of its payload, `card__expires_on`."""
    payload = deepcopy(event.payload)
    for path, value in values.items():
        *above, last = path.split("__")
        holder = payload
        for step in above:
            holder = holder[step]
        holder[last] = value
    return replace(event, payload=payload)


def properties(event: VendorEvent) -> dict[str, Any]:
    return sent(event).properties


def omnisend(event: VendorEvent) -> dict[str, Any]:
    body = omnisend_event(event, VENDOR.mapping)
    assert body is not None
    return body


def failures(event: VendorEvent, **parts: Any) -> list[str]:
    """The documented fields that are wrong when the event arrives with these parts changed."""
    found = event_breaches(event, replace(sent(event), **parts))
    return [violation.field for violation in found if not violation.is_note]


def test_there_are_thirty_eight_events_and_each_is_mapped() -> None:
    assert (38, 38, 38) == (len(NAMES), len(VENDOR.mapping.events), len(CONTRACT.events))


@pytest.mark.parametrize("name", NAMES)
def test_the_metric_has_the_events_own_name(name: str) -> None:
    assert name == VENDOR.metric(name) == CONTRACT.events[name].metric


@pytest.mark.parametrize("name", NAMES)
def test_an_event_has_all_documented_attributes(name: str) -> None:
    expected = COUNTS.get(name, 16)

    assert expected == len(properties(happened(name)))


def test_there_are_eighty_five_attributes() -> None:
    names = {name for event in NAMES for name in properties(happened(event))}

    assert 85 == len(names)


def test_two_odd_spellings_are_kept() -> None:
    metrics = {VENDOR.metric(name) for name in NAMES}

    assert metrics >= {"MembershipResume", "MembershipExtendExpiry"}
    assert not metrics & {"MembershipResumed", "MembershipExpiryExtended"}


def test_money_is_rounded_down_to_cents_and_never_up() -> None:
    event = changed(happened("GiftcardRedeemed"), card__balance="49.9990", transaction__amount="0.0199")

    assert (49.99, 0.01) == (properties(event)["balance"], properties(event)["redemption_amount"])


def test_store_credit_is_not_rounded() -> None:
    event = changed(happened("GiftcardRedeemed"), account__store_credit="12.3456")

    assert 12.3456 == properties(event)["store_credit_balance"]


@pytest.mark.parametrize("name", POINTS)
def test_the_balance_of_points_is_an_integer(name: str) -> None:
    assert int is type(properties(happened(name))["balance"])


@pytest.mark.parametrize("name", ["GiftcardRedeemed", "StoreCreditRedeemed", "GiftcardIssued", "StoreCreditReminder"])
def test_the_balance_of_money_is_a_decimal(name: str) -> None:
    assert float is type(properties(happened(name))["balance"])


@pytest.mark.parametrize("name", [*POINTS, "GiftcardExpirationReminder", "CouponIssued", "MembershipIssued"])
def test_there_is_no_pin_for_points_reminders_coupons_and_memberships(name: str) -> None:
    assert "card_pin" not in properties(happened(name))


def test_a_pin_is_sent_with_a_gift_card() -> None:
    event = changed(happened("GiftcardIssued"), card__pin="0042")

    assert "0042" == properties(event)["card_pin"]


def test_the_currency_is_a_symbol() -> None:
    event = changed(happened("GiftcardIssued"), card__currency="GBP")

    assert "£" == properties(event)["currency"]


def test_a_currency_code_is_sent_in_two_events_only() -> None:
    with_code = {name for name in NAMES if "currency_code" in properties(happened(name))}

    assert {"PartnerOrderPlaced", "OrderConfirmation", "ShippingConfirmation"} == with_code


@pytest.mark.parametrize("name", NAMES)
def test_no_event_has_a_value_or_a_value_currency(name: str) -> None:
    arrived = sent(happened(name))

    assert (None, None) == (arrived.value, arrived.value_currency)


def test_a_cards_value_is_text_for_the_buyer_and_a_number_for_a_partner() -> None:
    to_buyer = changed(happened("OrderScheduleConfirmation"), card__original_value="50.0000")
    to_partner = changed(happened("PartnerOrderPlaced"), order__card_value="50.0099")

    assert ("$50.00", 50.0) == (properties(to_buyer)["card_value"], properties(to_partner)["card_value"])


def test_totals_are_text_in_an_order_confirmation_and_numbers_for_a_partner() -> None:
    names = ("subtotal", "shipping_fee", "order_total")
    order, bulk = (properties(happened(name)) for name in ("OrderConfirmation", "PartnerOrderPlaced"))

    assert {str} == {type(order[name]) for name in names}
    assert {float} == {type(bulk[name]) for name in names}


def test_a_coupons_value_is_text_within_the_properties() -> None:
    fixed = changed(happened("CouponIssued"), coupon__type="FIXED_AMOUNT", coupon__value="10.0000")
    percentage = changed(happened("CouponIssued"), coupon__type="PERCENTAGE", coupon__value="12.5000")

    assert ("$10.00", "12.5%") == (properties(fixed)["value"], properties(percentage)["value"])
    assert sent(fixed).value is None


def test_a_coupons_numbers_are_text() -> None:
    event = changed(happened("CouponIssued"), coupon__id=123456, coupon__rule_id=789)

    assert ("123456", "789") == (properties(event)["coupon_id"], properties(event)["coupon_rule_id"])


def test_the_customer_of_a_placed_order_is_the_recipient() -> None:
    event = happened("OrderPlaced")
    recipient, buyer = event.payload["order"]["recipient"], event.payload["order"]["buyer"]

    assert recipient["email"] == properties(event)["customer_email"] == sent(event).profile["email"]
    assert buyer["email"] == properties(event)["sender_email"]


def test_the_customer_of_a_scheduled_order_is_the_buyer() -> None:
    event = happened("OrderScheduleConfirmation")
    recipient, buyer = event.payload["order"]["recipient"], event.payload["order"]["buyer"]

    assert buyer["email"] == properties(event)["customer_email"] == sent(event).profile["email"]
    assert recipient["email"] == properties(event)["recipient_email"]


@pytest.mark.parametrize(
    ("name", "role"),
    [("OrderPlaced", "recipient"), ("OrderScheduleConfirmation", "buyer"), ("OrderConfirmation", "buyer")],
)
def test_points_credit_and_tier_belong_to_the_customer(name: str, role: str) -> None:
    told = {"loyalty_points": 77, "store_credit": "7.5000", "vip_tier": "Gold"}
    event = happened(name)
    event.payload["order"][role] |= told

    expected = (77, 7.5, "Gold")
    assert expected == tuple(
        properties(event)[name] for name in ("loyalty_card_balance", "store_credit_balance", "vip_tier")
    )


def test_a_card_delivered_to_its_giver_is_still_the_recipients() -> None:
    event = changed(happened("OrderPlaced"), order__delivery__to_sender=True)

    assert properties(event)["delivered_to_sender"] is True
    assert event.payload["order"]["recipient"]["email"] == properties(event)["customer_email"]


def test_an_order_that_is_not_scheduled_is_never_delivered_later() -> None:
    event = next(event for seed in range(99) if not scheduled(event := happened("OrderPlaced", seed)))

    assert ("Never", None) == (properties(event)["deliver_at"], properties(event)["deliver_at_timezone"])


def test_a_scheduled_order_has_a_date_and_a_timezone() -> None:
    event = next(event for seed in range(99) if scheduled(event := happened("OrderPlaced", seed)))

    assert re.fullmatch(r"[A-Z][a-z]{2} \d+, \d{4} \d\d:\d\d [AP]M", properties(event)["deliver_at"])
    assert "/" in properties(event)["deliver_at_timezone"]


def scheduled(event: VendorEvent) -> bool:
    return bool(properties(event)["scheduled"])


def test_a_schedule_confirmation_tells_the_time_with_its_timezone() -> None:
    event = changed(
        happened("OrderScheduleConfirmation"),
        order__delivery__at="2026-12-31T14:00:00+00:00",
        order__delivery__timezone="America/New_York",
    )

    assert "Dec 31, 2026 09:00 AM EST" == properties(event)["deliver_at"]


def test_only_scheduled_orders_have_a_schedule_confirmation() -> None:
    confirmations = every(VENDOR, "OrderScheduleConfirmation")

    assert {True} == {scheduled(event) for event in confirmations}


def test_a_partner_is_known_by_the_partner_email() -> None:
    event = changed(happened("PartnerOrderPlaced"), partner__email="orders@example.org")

    assert {"email": "orders@example.org"} == sent(event).profile
    assert not any(name.startswith("customer_") for name in properties(event))


def test_the_stores_name_is_told_twice_where_both_exist() -> None:
    for name in NAMES:
        told = properties(happened(name))
        assert SHOP.name == told["store_name"] == told.get("company_name", SHOP.name)


def test_two_events_have_no_company_name() -> None:
    without = {name for name in NAMES if "company_name" not in properties(happened(name))}

    assert {"OrderScheduleConfirmation", "PartnerOrderPlaced"} == without


def test_a_discount_is_text_with_a_percent_sign() -> None:
    event = changed(happened("PartnerOrderPlaced"), order__discount_percent="7.5")

    assert "7.5%" == properties(event)["discount"]


@pytest.mark.parametrize(
    ("name", "type"),
    [("TierUpgraded", "TIER_UPGRADED"), ("TierDowngraded", "TIER_DOWNGRADED"), ("TierChanged", "TIER_CHANGED")],
)
def test_the_type_of_a_tier_change_agrees_with_its_event(name: str, type: str) -> None:
    told = properties(happened(name))

    assert type == told["tier_change_type"]
    assert told["vip_tier"] == told["current_tier_name"]


def test_referral_events_go_to_two_profiles_with_mirrored_names() -> None:
    to_advocate, to_friend = acceptance()
    referral = to_friend.payload["referral"]
    advocate, friend = (f"{one['first_name']} {one['last_name']}" for one in (referral["advocate"], referral["friend"]))

    assert sent(to_advocate).profile != sent(to_friend).profile
    assert (advocate, friend) == (properties(to_advocate)["customer_name"], properties(to_advocate)["friend_name"])
    assert (friend, advocate) == (properties(to_friend)["customer_name"], properties(to_friend)["advocate_name"])


def acceptance() -> tuple[VendorEvent, VendorEvent]:
    told = every(VENDOR, "ReferralAcceptedAdvocate", "ReferralAcceptedFriend")
    return told[0], told[1]


def test_only_the_friends_acceptance_tells_of_a_coupon() -> None:
    with_coupon = {name for name in NAMES if "coupon_value" in properties(happened(name))}

    assert {"ReferralAcceptedFriend"} == with_coupon


def test_a_cancelled_referral_is_told_to_the_friend() -> None:
    event = happened("ReferralCancelled")

    assert event.payload["referral"]["friend"]["email"] == sent(event).profile["email"]


def test_the_ledgers_id_makes_events_unique() -> None:
    cards = every(VENDOR, "PartnerGiftcardIssued")
    ids = {sent(event).unique_id for event in cards}

    assert len(cards) == len(ids)
    assert all(re.fullmatch("transaction_[0-9a-f]{18}", text or "") for text in ids)
    assert len(cards) > 2 * len({event.occurred_at for event in cards})


def test_a_refund_has_no_greeting() -> None:
    told = properties(happened("GiftcardRefunded"))

    assert told["greeting_message"] is None
    assert "client_order_id" in told


def test_a_reload_has_no_place_for_a_greeting() -> None:
    assert "greeting_message" not in properties(happened("GiftcardReloaded"))


def test_a_changed_membership_has_the_name_of_the_new_level() -> None:
    told = properties(happened("MembershipChanged"))

    assert told["membership_name"] == told["new_membership_name"] != told["old_membership_name"]


def test_without_an_address_the_phone_number_identifies() -> None:
    someone = replace(person("ana", 1, chance(1)), email="")
    event = happened("GiftcardIssued", someone=someone)

    assert "email" not in sent(event).profile
    assert someone.phone == sent(event).profile["phone_number"]
    assert [] == violations(event)


def test_without_address_and_phone_number_nothing_is_sent() -> None:
    event = happened("GiftcardIssued", someone=replace(person("ana", 1, chance(1)), email="", phone=""))

    assert [] == all_sent(event) == violations(event)
    assert omnisend_event(event, VENDOR.mapping) is None


def test_no_profile_is_ever_written() -> None:
    assert VENDOR.mapping.sync is None
    assert CONTRACT.profile is None


def test_only_identity_is_set_on_a_profile() -> None:
    names = {name for event in NAMES for name in sent(happened(event)).profile}

    assert {"email", "phone_number", "first_name", "last_name"} == names


def test_only_this_vendors_mapping_names_omnisend() -> None:
    assert ("klaviyo", "omnisend") == VENDOR.mapping.destinations


def test_a_card_that_never_expires_has_no_date_at_omnisend() -> None:
    event = changed(happened("GiftcardIssued"), card__expires_on=None)

    assert "Never" == properties(event)["expiration_date"]
    assert omnisend(event)["properties"]["expiration_date"] is None


def test_a_real_date_is_the_same_at_omnisend() -> None:
    event = changed(happened("GiftcardIssued"), card__expires_on="2027-12-31")

    assert "Dec 31, 2027" == omnisend(event)["properties"]["expiration_date"]


def test_never_is_matched_in_this_spelling_only() -> None:
    event = happened("GiftcardIssued")
    odd = replace(VENDOR.mapping.events["GiftcardIssued"], properties=lambda _: {"expiration_date": "never"})
    mapping = replace(VENDOR.mapping, events={"GiftcardIssued": odd})

    body = omnisend_event(event, mapping)
    assert body is not None
    assert "never" == body["properties"]["expiration_date"]


def test_delivery_and_tier_lock_stay_never_at_omnisend() -> None:
    order = changed(happened("OrderPlaced"), order__delivery__at=None)
    tier = changed(happened("TierUpgraded"), tier__locked_until=None)

    assert "Never" == omnisend(order)["properties"]["deliver_at"]
    assert "Never" == omnisend(tier)["properties"]["tier_locked_until"]


@pytest.mark.parametrize("name", NAMES)
def test_the_expiry_is_all_that_differs_at_omnisend(name: str) -> None:
    for seed in range(6):
        event = happened(name, seed)
        base, copy = properties(event), omnisend(event)["properties"]
        expected = base | ({"expiration_date": None} if base.get("expiration_date") == "Never" else {})
        assert expected == copy


@pytest.mark.parametrize("name", NAMES)
def test_the_expiry_is_there_for_both_or_for_none(name: str) -> None:
    event = happened(name)
    expected = name not in WITHOUT_EXPIRY

    assert expected is ("expiration_date" in properties(event))
    assert expected is ("expiration_date" in omnisend(event)["properties"])


@pytest.mark.parametrize("name", NAMES)
def test_making_the_omnisend_copy_changes_nothing_for_klaviyo(name: str) -> None:
    event = happened(name)
    payload, before = deepcopy(event.payload), deepcopy(properties(event))
    omnisend(event)

    assert (payload, before) == (event.payload, properties(event))


def test_the_properties_themselves_are_not_changed_for_omnisend() -> None:
    base = {"expiration_date": "Never"}
    shared = replace(VENDOR.mapping.events["GiftcardIssued"], properties=lambda _: base)

    omnisend_event(happened("GiftcardIssued"), replace(VENDOR.mapping, events={"GiftcardIssued": shared}))

    assert {"expiration_date": "Never"} == base


def test_an_omnisend_event_has_name_origin_time_and_contact() -> None:
    body = omnisend(happened("GiftcardIssued", someone=(ana := person("ana", 1, chance(1)))))

    assert ("GiftcardIssued", "99minds", "2026-01-01T00:00:00Z") == (
        body["eventName"],
        body["origin"],
        body["eventTime"],
    )
    assert {"email": ana.email, "phone": ana.phone, "firstName": ana.first_name, "lastName": ana.last_name} == body[
        "contact"
    ]


def test_the_omnisend_id_is_the_same_uuid_on_every_retry() -> None:
    event = happened("GiftcardIssued")
    first, second = omnisend(event)["eventID"], omnisend(event)["eventID"]

    assert first == second
    assert 5 == UUID(first).version
    assert first != omnisend(replace(event, id="transaction_2"))["eventID"]


def test_a_phone_number_too_long_for_omnisend_is_left_out() -> None:
    event = changed(happened("GiftcardIssued"), account__phone="+123456789012345")

    assert "phone" not in omnisend(event)["contact"]
    assert omnisend_event(changed(event, account__email=None), VENDOR.mapping) is None


def test_two_periods_are_one_life() -> None:
    someone = next(people("crowd", 1, 3))
    member, luck = joined(VENDOR, someone), chance(0, "life", someone.key)
    half = START + timedelta(days=180)
    halves = [*VENDOR.life(member, START, half, luck), *VENDOR.life(member, half, END, luck)]

    assert list(life(VENDOR, someone)) == halves


def card_stories() -> list[list[VendorEvent]]:
    """What is told of each card, from its issue."""
    stories: dict[str, list[VendorEvent]] = defaultdict(list)
    for event in every(
        VENDOR,
        "GiftcardIssued",
        "GiftcardRedeemed",
        "GiftcardReloaded",
        "GiftcardRefunded",
        "GiftcardExpirationReminder",
    ):
        stories[event.payload["card"]["id"]].append(event)
    return list(stories.values())


SIGNS = {"ISSUED": 0, "REDEEMED": -1, "RELOADED": 1, "REFUNDED": 1, "REMINDER": 0}


def test_a_cards_balance_is_what_was_issued_less_what_was_redeemed() -> None:
    for story in card_stories():
        for before, after in pairwise(story):
            transaction = after.payload["transaction"]
            moved = SIGNS[transaction["type"]] * Decimal(transaction["amount"])
            assert Decimal(before.payload["card"]["balance"]) + moved == Decimal(after.payload["card"]["balance"]) >= 0


def test_a_new_card_holds_what_it_was_issued_with() -> None:
    for event in every(VENDOR, "GiftcardIssued", "PartnerGiftcardIssued", "LoyaltyCardIssued"):
        card = event.payload["card"]
        assert card["balance"] == card["original_value"] == event.payload["transaction"]["amount"]


def test_a_card_is_issued_before_it_is_used() -> None:
    later = [story for story in card_stories() if any(event.name == "GiftcardIssued" for event in story)]

    assert {"GiftcardIssued"} == {story[0].name for story in later}


def test_a_reminder_is_for_a_card_that_has_money_and_a_date() -> None:
    for event in every(VENDOR, "GiftcardExpirationReminder"):
        assert Decimal(event.payload["card"]["balance"]) > 0
        left = datetime.fromisoformat(event.payload["card"]["expires_on"]).date() - event.occurred_at.date()
        assert left.days in (7, 30)


def test_points_are_never_negative_and_agree_with_the_card() -> None:
    for event in every(VENDOR, *POINTS):
        assert Decimal(event.payload["card"]["balance"]) == event.payload["account"]["loyalty_points"] >= 0


def test_store_credit_left_on_the_card_is_the_customers() -> None:
    names = ("StoreCreditIssued", "StoreCreditRedeemed", "StoreCreditReminder")
    for event in [*every(VENDOR, *names), *map(happened, names)]:
        told = properties(event)
        assert told["balance"] == told["store_credit_balance"] >= 0


def test_an_order_is_confirmed_before_anything_else() -> None:
    for events in lives(VENDOR):
        stages: dict[str, list[str]] = defaultdict(list)
        for event in events:
            if event.name in {"OrderConfirmation", "OrderScheduleConfirmation", "OrderPlaced", "ShippingConfirmation"}:
                stages[event.payload["order"]["id"]].append(event.name)
        assert all(first == "OrderConfirmation" for first, *_ in stages.values())


def test_cards_by_post_are_shipped_within_days() -> None:
    for event in every(VENDOR, "ShippingConfirmation"):
        ordered = datetime.fromisoformat(event.payload["order"]["created_at"])
        assert timedelta(0) < event.occurred_at - ordered < timedelta(days=16)
        assert event.payload["order"]["shipping_address"] is not None


def test_a_bulk_order_has_as_many_cards_as_ordered() -> None:
    events = next(
        events for events in lives(VENDOR, 200) if any(event.name == "PartnerOrderPlaced" for event in events)
    )
    order = next(event for event in events if event.name == "PartnerOrderPlaced")
    cards = Counter(event.occurred_at for event in events if event.name == "PartnerGiftcardIssued")

    assert order.payload["order"]["quantity"] == next(iter(cards.values()))


def test_a_bulk_orders_total_is_its_subtotal_less_discount_plus_shipping() -> None:
    for seed in range(20):
        order = happened("PartnerOrderPlaced", seed).payload["order"]
        less = Decimal(order["subtotal"]) * Decimal(order["discount_percent"] or 0) / 100
        total = Decimal(order["subtotal"]) - less + Decimal(order["shipping_fee"])
        assert abs(total - Decimal(order["total"])) < Decimal("0.0001")


TERMINAL = {"MembershipExpired", "MembershipCancelled"}


def test_nothing_happens_to_a_membership_that_is_over() -> None:
    for events in lives(VENDOR):
        stories: dict[str, list[str]] = defaultdict(list)
        for event in events:
            if event.name.startswith("Membership"):
                stories[event.payload["membership"]["card_number"]].append(event.name)
        assert not any(TERMINAL & set(story[:-1]) for story in stories.values())


def test_a_membership_resumes_after_a_pause() -> None:
    for events in lives(VENDOR, 200):
        names = [event.name for event in events if event.name.startswith("Membership")]
        for index, name in enumerate(names):
            if name == "MembershipResume":
                assert "MembershipPaused" == names[index - 1]


def test_a_referral_is_created_then_accepted_then_completed() -> None:
    order = ["ReferralCreated", "ReferralAcceptedAdvocate", "ReferralAcceptedFriend"]
    for events in lives(VENDOR):
        stories: dict[str, list[str]] = defaultdict(list)
        for event in events:
            if event.name.startswith("Referral"):
                stories[event.payload["referral"]["code"]].append(event.name)
        for story in stories.values():
            assert order[: len(story)] == story[:3] or ["ReferralCreated", "ReferralCancelled"] == story


def test_a_lock_keeps_a_tier_from_falling() -> None:
    for events in lives(VENDOR, 200):
        locked = ""
        for event in (event for event in events if event.name.startswith("Tier")):
            if event.name == "TierDowngraded":
                assert locked <= event.occurred_at.date().isoformat()
            locked = event.payload["tier"]["locked_until"] or ""


def test_a_told_amount_is_the_amount() -> None:
    told = properties(happened("GiftcardIssued", amount=75))

    assert (75.0, 75.0, 75.0) == (told["amount"], told["balance"], told["original_value"])


@pytest.mark.parametrize("name", ["GiftcardRedeemed", "GiftcardRefunded", "StoreCreditRedeemed", "LoyaltyCardRedeemed"])
def test_what_is_missing_for_a_told_amount_is_loaded_first(name: str) -> None:
    event = happened(name, amount="5000")

    assert "5000.0000" == event.payload["transaction"]["amount"]
    assert Decimal(event.payload["card"]["balance"]) >= 0
    assert [] == violations(event)


def test_an_amount_of_nothing_is_refused() -> None:
    with pytest.raises(ArithmeticError):
        happened("GiftcardRedeemed", amount=0)


def worthwhile(name: str) -> VendorEvent:
    """An event of which as little as possible is null, that never expires, and that money must be cut down for."""
    events = [happened(name, seed) for seed in range(8)]
    event = min(events, key=lambda event: sum(value is None for value in properties(event).values()))
    if "card" in event.payload and name not in POINTS:
        return changed(event, card__balance="47.4990", card__original_value="94.9980", card__pin="0042")
    return event


def judged(name: str) -> dict[str, Any]:
    """The documented properties of an event that have a value."""
    rules = CONTRACT.events[name].properties.rules
    told = properties(worthwhile(name))
    return {field: value for field, value in told.items() if value is not None and rules[field].provenance != "assumed"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOST])
def test_a_documented_property_may_not_be_dropped(name: str) -> None:
    event = worthwhile(name)
    told = properties(event)
    for field in judged(name):
        less = {other: value for other, value in told.items() if other != field}
        assert [f"properties.{field}"] == failures(event, properties=less)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOST])
def test_a_documented_property_may_not_be_renamed(name: str) -> None:
    event = worthwhile(name)
    told = properties(event)
    for field, value in judged(name).items():
        renamed = {other: value for other, value in told.items() if other != field} | {f"{field}_": value}
        assert f"properties.{field}" in failures(event, properties=renamed)


def retyped(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return [value]
    return str(value)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOST])
@pytest.mark.parametrize("wrong", [retyped, lambda _: None, lambda _: {}], ids=["retyped", "null", "object"])
def test_a_documented_property_may_not_be_of_another_type(name: str, wrong: Any) -> None:
    event = worthwhile(name)
    for field, value in judged(name).items():
        if wrong(value) == {} and isinstance(value, dict):
            continue
        assert [f"properties.{field}"] == failures(event, properties=properties(event) | {field: wrong(value)})


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOST])
def test_a_documented_property_may_not_have_anothers_value(name: str) -> None:
    event = worthwhile(name)
    told = judged(name)
    for field, value in told.items():
        for other in told.values():
            if (
                type(other) is type(value)
                and other != value
                and not isinstance(value, dict)
                and not is_same_day(value, other)
            ):
                assert [f"properties.{field}"] == failures(event, properties=properties(event) | {field: other})


def is_same_day(one: Any, other: Any) -> bool:
    """Whether two texts tell the same day, in whichever way."""
    days = [re.match(r"[A-Z][a-z]{2} \d+, \d{4}", text) if isinstance(text, str) else None for text in (one, other)]
    return None not in days and days[0][0] == days[1][0]  # type: ignore[index]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOST])
def test_money_that_was_rounded_up_is_noticed(name: str) -> None:
    event = worthwhile(name)
    money = {field: value for field, value in judged(name).items() if isinstance(value, float)}
    for field, value in money.items():
        assert [f"properties.{field}"] == failures(
            event, properties=properties(event) | {field: round(value + 0.01, 2)}
        )


@pytest.mark.parametrize("name", POINTS)
def test_points_as_a_decimal_are_noticed(name: str) -> None:
    event = happened(name)
    balance = float(properties(event)["balance"])

    assert ["properties.balance"] == failures(event, properties=properties(event) | {"balance": balance})


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOST | WITHOUT_EXPIRY])
def test_never_as_null_and_null_as_never_are_noticed(name: str) -> None:
    events = [happened(name, seed) for seed in range(30)]
    for event in events:
        wrong = None if properties(event)["expiration_date"] == "Never" else "Never"
        assert ["properties.expiration_date"] == failures(
            event, properties=properties(event) | {"expiration_date": wrong}
        )


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_metric_is_noticed_even_where_the_attributes_are_lost(name: str) -> None:
    assert ["metric"] == failures(happened(name), metric=f"{name}d")


@pytest.mark.parametrize("name", NAMES)
def test_a_value_in_the_wrong_place_is_noticed(name: str) -> None:
    assert ["value", "value_currency"] == failures(happened(name), value=10.0, value_currency="USD")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_event_is_noticed(name: str) -> None:
    assert ["event"] == [violation.field for violation in event_breaches(happened(name))]


@pytest.mark.parametrize(
    "name",
    ["OrderScheduleConfirmation", "ReferralAcceptedAdvocate", "ReferralAcceptedFriend", "ReferralCompletedFriend"],
)
def test_another_profile_is_noticed_where_the_recipient_is_documented(name: str) -> None:
    event = next(event for seed in range(9) if "email" in sent(event := happened(name, seed)).profile)

    assert ["profile.email"] == failures(event, profile=sent(event).profile | {"email": "other@example.org"})


@pytest.mark.parametrize("name", sorted(LOST))
def test_lost_attributes_are_only_noted_and_others_allowed(name: str) -> None:
    event = happened(name)
    told = properties(event) | {"tracking_number": "1Z999", "store_name": 5}

    assert [] == failures(event, properties=told)
    assert ["properties.store_name"] == [v.field for v in event_breaches(event, replace(sent(event), properties=told))]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOST])
def test_a_property_that_nobody_documented_is_noticed(name: str) -> None:
    event = happened(name)

    assert ["properties.more"] == failures(event, properties=properties(event) | {"more": 1})


def test_an_address_may_have_other_keys_but_must_be_the_right_one() -> None:
    event = next(event for event in every(VENDOR, "OrderConfirmation") if event.payload["order"]["shipping_address"])
    billing, shipping = (event.payload["order"][f"{kind}_address"] for kind in ("billing", "shipping"))
    renamed = {f"{name}_line": value for name, value in shipping.items()}
    event = changed(event, order__shipping_address=shipping | {"address1": "1 Elm Street"})

    assert ["properties.shipping_address"] == failures(
        event, properties=properties(event) | {"shipping_address": billing}
    )
    assert [] == failures(
        event, properties=properties(event) | {"shipping_address": renamed | {"address1_line": "1 Elm Street"}}
    )


@pytest.mark.parametrize("text", ["31/12/2027", "2027-12-31 00:00", "31 December 2027", "Dec 31, 2027"])
def test_a_date_may_be_formatted_in_other_ways(text: str) -> None:
    event = changed(happened("GiftcardIssued"), card__expires_on="2027-12-31")

    assert [] == failures(event, properties=properties(event) | {"expiration_date": text})


@pytest.mark.parametrize("text", ["2027-12-31", "Dec 30, 2027", "Never"])
def test_a_raw_or_wrong_date_is_noticed(text: str) -> None:
    event = changed(happened("GiftcardIssued"), card__expires_on="2027-12-31")

    assert ["properties.expiration_date"] == failures(event, properties=properties(event) | {"expiration_date": text})
