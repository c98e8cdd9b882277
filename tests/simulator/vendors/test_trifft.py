"""TRIFFT: its documented samples and rules, its members' lives, and whether its contract bites."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.chance import chance
from simulator.contract.contract import load
from simulator.contract.received import ReceivedEvent
from simulator.event import Occasion, VendorEvent
from simulator.population import Person, people, person
from simulator.vendors.trifft import events
from simulator.vendors.trifft.member import Member
from simulator.vendors.trifft.vendor import VENDOR
from tests.simulator.vendors.lives import (
    START,
    all_sent,
    all_written,
    event_breaches,
    every,
    home,
    lives,
    names,
    property_mutants,
    sent,
    survivors,
    violations,
)

SHOP = home(VENDOR)
CONTRACT = load(VENDOR.folder / "contract.yaml")
SAMPLES = {file.stem: json.loads(file.read_text()) for file in sorted((VENDOR.folder / "samples").glob("*.json"))}
NOT_MAPPED = {events.ANONYMIZED, events.INVITATION_SENT, events.CODE_INVITED, events.REFERRER_REWARDED}
MAPPED = sorted(VENDOR.events.keys() - NOT_MAPPED)
SAMPLE_TIME = datetime(2025, 5, 12, 12, 34, 56, tzinfo=UTC)
MEMBER_ID = "bf428af0-bf06-4bc4-a91b-91b5bda6e211"

CUSTOMER = {
    "id": MEMBER_ID,
    "email": "jane@example.org",
    "phone_number": "+33612345678",
    "support_id": "74YFVF",
    "primary_card_id": "9990000412006",
    "language": "fr",
    "tier": "Bronze",
    "points": 0,
    "last_visit_at": "2025-05-12T15:42:17+02:00",
    "coupons": [],
    "favorite_venue": {"id": "fae2fb65-5211-4ffa-b3bb-d53d75231657", "name": "The Frog & British Library"},
    "segments": [
        {"slug": "internal-registered-members", "type": "INTERNAL"},
        {"slug": "custom-public-football-3691", "type": "CUSTOM"},
    ],
}


def raw_coupon(sample: dict[str, Any]) -> dict[str, Any]:
    return {"coupon": {**sample["coupon"], "internal_name": sample["name"]}}


def raw_transaction(sample: dict[str, Any]) -> dict[str, Any]:
    told = {name: sample[name] for name in ("id", "transaction_id", "type", "note", "venue")}
    items = [{**item, "price": 550} for item in sample["items"]]
    return {"transaction": {**told, "items": items, "currency": "GBP", "total": 550}}


def raw_credit(sample: dict[str, Any]) -> dict[str, Any]:
    return {
        "points": 1223,
        "note": sample["note"],
        "transaction_id": sample["transaction_id"],
        "wallet": sample["wallet"],
    }


RAW = {
    events.VERIFIED: lambda sample: {"member_id": sample["id"]},
    events.COUPON_ASSIGNED: raw_coupon,
    events.COUPON_ACTIVATED: raw_coupon,
    events.COUPON_REDEEMED: lambda _: {},
    events.TRANSACTION: raw_transaction,
    events.CREDITED: raw_credit,
    events.DEBITED: lambda sample: {"points": 1223, "note": sample["note"], "wallet": sample["wallet"]},
    events.UPDATED: lambda sample: {"params": sample},
    events.APP_OPENED: lambda sample: sample,
    events.FAVORITE_CHANGED: lambda sample: {"venue": sample["venue"]},
    events.SEGMENT_ADDED: lambda sample: {"segment": {**sample, "is_open": True}},
    events.SEGMENT_REMOVED: lambda sample: {"segment": {**sample, "is_open": True}},
    events.LANGUAGE_CHANGED: lambda sample: {"language": sample["language"], "previous_language": "fr"},
}


def raw(name: str) -> dict[str, Any]:
    """The raw body that a documented sample comes from."""
    return {"event": name, "timestamp": "2025-05-12T12:34:56Z", "member_id": MEMBER_ID} | RAW[name](SAMPLES[name])


def happened(name: str, payload: dict[str, Any], customer: dict[str, Any] | None = CUSTOMER) -> VendorEvent:
    return VendorEvent("trifft", name, "some-id", SAMPLE_TIME, payload, customer)


def displayed(event: ReceivedEvent) -> dict[str, Any]:
    """The event as the documentation shows it: value and currency among the properties."""
    members = {"$value": event.value, "$value_currency": event.value_currency}
    return event.properties | {name: value for name, value in members.items() if value is not None}


def member(someone: Person | None = None, seed: int = 0) -> Member:
    someone = someone or person("ana", 1, chance(seed, "ana"))
    joined: Member = VENDOR.join(someone, SHOP, chance(seed, "join"), START)
    return joined


def emitted(name: str, someone: Member | None = None, seed: int = 0, **facts: Any) -> VendorEvent:
    return VENDOR.event(someone or member(), Occasion(START, name, facts), chance(seed, name))


# The documented samples


def test_there_are_seventeen_events_of_which_four_are_not_mapped():
    unmapped = {name for name in VENDOR.events if VENDOR.skip_reason(name)}

    assert 17 == len(VENDOR.events)
    assert unmapped == NOT_MAPPED


@pytest.mark.parametrize("name", MAPPED)
def test_a_documented_sample_is_reproduced_with_its_value_beside_the_properties(name: str):
    """The sample shows `$value` and `$value_currency` among the properties; they arrive as `attributes.value` …"""
    event = sent(happened(name, raw(name)))

    assert SAMPLES[name] == displayed(event)
    assert not any(key.startswith("$") for key in event.properties)


@pytest.mark.parametrize("name", MAPPED)
def test_a_documented_sample_keeps_the_contract(name: str):
    assert [] == violations(happened(name, raw(name)))


@pytest.mark.parametrize("name", sorted(NOT_MAPPED & SAMPLES.keys()))
def test_an_unmapped_event_is_its_bare_sample_at_the_vendor(name: str):
    event = VENDOR.event(member(), Occasion(SAMPLE_TIME, name), chance(0))

    assert SAMPLES[name] == event.payload


def test_the_documented_attributes_are_written_to_the_profile():
    (profile,) = all_written(happened(events.APP_OPENED, raw(events.APP_OPENED)))

    assert profile.attributes == {
        "external_id": MEMBER_ID,
        "email": "jane@example.org",
        "properties": {
            "language": "fr",
            "Last_Visit_Timestamp_Local": "2025-05-12T15:42:17+02:00",
            "Last_Visit_Timestamp_UTC": "2025-05-12T13:42:17+00:00",
            "loyalty_points": 0,
            "trifft_available_coupons": 0,
            "trifft_coupons": [],
            "trifft_fav_location_id": "fae2fb65-5211-4ffa-b3bb-d53d75231657",
            "trifft_fav_location_name": "The Frog & British Library",
            "trifft_id": MEMBER_ID,
            "trifft_points": 0,
            "trifft_primary_card_id": "9990000412006",
            "trifft_segments": ["internal-registered-members", "custom-public-football-3691"],
            "trifft_support_id": "74YFVF",
            "trifft_tier": "Bronze",
        },
    }


# The rules of the fact sheet, section 5


@pytest.mark.parametrize("name", sorted(NOT_MAPPED))
def test_rule_1_unmapped_events_send_nothing_and_write_no_profile(name: str):
    event = emitted(name)

    assert [] == all_sent(event)
    assert [] == all_written(event)


@pytest.mark.parametrize(
    ("slug", "kind"),
    [("all-members", "INTERNAL"), ("all-members", "internal"), ("internal-app-users", "DYNAMIC")],
)
@pytest.mark.parametrize("name", [events.SEGMENT_ADDED, events.SEGMENT_REMOVED])
def test_rule_2_internal_segments_are_known_by_type_or_by_slug(name: str, slug: str, kind: str):
    segment = {"id": MEMBER_ID, "name": "All members", "slug": slug, "type": kind, "is_open": False}

    assert [] == all_sent(happened(name, {"segment": segment}))


@pytest.mark.parametrize("kind", ["CUSTOM", "DYNAMIC"])
def test_rule_2_other_segments_are_sent(kind: str):
    segment = SAMPLES[events.SEGMENT_ADDED] | {"type": kind}

    assert segment == sent(happened(events.SEGMENT_ADDED, {"segment": segment})).properties


def test_rule_3_the_attribute_keeps_internal_segments():
    event = emitted(events.SEGMENT_ADDED, segment="internal-app-users")
    (profile,) = all_written(event)

    assert [] == all_sent(event)
    assert ["internal-app-users"] == profile.attributes["properties"]["trifft_segments"]


def test_rule_5_the_currency_is_the_venues_and_not_the_shops():
    abroad = SHOP.stores[5]
    event = emitted(events.TRANSACTION, venue=abroad.id)

    assert ("GBP", "EUR") == (sent(event).value_currency, event.payload["transaction"]["currency"])


def test_rule_5_online_there_is_no_venue_and_the_currency_is_the_shops():
    event = sent(emitted(events.TRANSACTION, venue=None))

    assert "EUR" == event.value_currency
    assert event.properties["venue"] is None
    assert {"venue_id", "venue_name"}.isdisjoint(event.properties)


def test_rule_5_points_have_a_value_but_no_currency():
    event = sent(emitted(events.CREDITED, points=1223))

    assert (12.23, None) == (event.value, event.value_currency)


def test_rule_6_points_taken_out_have_no_value_and_stay_positive():
    event = sent(emitted(events.DEBITED, points=1223))

    assert (12.23, None) == (event.properties["points"], event.value)


def test_rule_7_cents_become_major_units_once():
    event = emitted(events.TRANSACTION)
    lines = zip(event.payload["transaction"]["items"], sent(event).properties["items"], strict=True)

    assert all(line["price"] == item["price"] / 100 for item, line in lines)
    assert sent(event).value == event.payload["transaction"]["total"] / 100


def test_rule_7_the_value_is_the_sum_of_the_lines():
    for event in every(VENDOR, events.TRANSACTION):
        arrived = sent(event)

        assert arrived.value == pytest.approx(sum(item["price"] * item["qty"] for item in arrived.properties["items"]))


def test_rule_8_the_wallet_counts_in_hundredths():
    someone = member()
    before, after = (sent(emitted(name, someone, points=1223)) for name in (events.CREDITED, events.DEBITED))

    assert (12.23, 1223) == (before.properties["points"], before.properties["wallet"]["points"])
    assert (12.23, 0) == (after.properties["points"], after.properties["wallet"]["points"])


def test_rule_9_two_coupons_in_one_second_have_two_ids():
    someone = member()
    ids = {
        sent(emitted(events.COUPON_ASSIGNED, someone, coupon=name)).unique_id for name in ("Happy hour", "Quiz night")
    }

    assert 2 == len(ids)


def test_rule_9_a_retry_has_the_same_id():
    event = emitted(events.COUPON_ASSIGNED)

    assert sent(event).unique_id == sent(replace(event, id="another")).unique_id


def test_rule_9_ids_never_repeat_within_a_year():
    arrived = [found for one in lives(VENDOR) for event in one for found in all_sent(event)]

    assert len({event.unique_id for event in arrived}) == len(arrived)


def test_rule_10_three_forms_of_time_stay_as_they_are():
    redeemed = sent(emitted(events.COUPON_REDEEMED)).properties["timestamp"]
    opened = sent(emitted(events.APP_OPENED)).properties["timestamp"]
    (profile,) = all_written(happened(events.APP_OPENED, raw(events.APP_OPENED)))

    assert "2026-01-01T00:00:00Z" == redeemed
    assert 1767225600 == opened
    assert "2025-05-12T15:42:17+02:00" == profile.attributes["properties"]["Last_Visit_Timestamp_Local"]


def test_rule_11_numbers_that_are_names_stay_text():
    event = sent(emitted(events.TRANSACTION))
    address = event.properties["venue"]["address"]
    names = [address["lat"], address["lng"], address["postal_code"], event.properties["items"][0]["sku"]]

    assert [str] * 4 == [type(name) for name in names]


def test_rule_12_dirty_addresses_are_passed_on():
    addresses = [venue["address"] for venue in member().programme.venues.values()]
    arrived = [
        sent(emitted(events.FAVORITE_CHANGED, venue=store.id)).properties["venue"]["address"] for store in SHOP.stores
    ]

    assert arrived == addresses
    assert all(address["street"].endswith(" ") for address in arrived)
    assert any(address["city"].endswith(" ") for address in arrived)


def test_rule_13_nulls_are_present():
    event = sent(emitted(events.TRANSACTION))
    wallet = sent(emitted(events.CREDITED, note=None)).properties

    assert {"note": None}.items() <= event.properties.items()
    assert {"points": None, "note": None}.items() <= event.properties["items"][0].items()
    assert event.properties["venue"]["verify_code"] is None
    assert (None, None, None) == (wallet["note"], wallet["transaction_id"], wallet["wallet"]["prefix"])


@pytest.mark.parametrize("name", MAPPED)
def test_rule_14_every_standard_event_is_followed_by_a_full_profile(name: str):
    (profile,) = all_written(emitted(name))

    assert CONTRACT.profile is not None
    assert CONTRACT.profile.properties.required <= profile.attributes["properties"].keys()


def test_rule_15_unknown_parameters_are_passed_on_untouched():
    odd = {"favourite_frog": {"name": "Kermit"}, "sizes": [1, 2.5], "consent_marketing": False, "blank": None}
    event = emitted(events.UPDATED, params=odd)

    assert odd.items() <= sent(event).properties.items()
    assert [] == violations(event)


def test_rule_15_consent_alone_is_an_update():
    someone = member()
    before = dict(someone.params)
    event = emitted(events.UPDATED, someone, params={"consent_marketing": not before["consent_marketing"]})

    assert sent(event).properties == before | {"consent_marketing": not before["consent_marketing"]}


def test_rule_16_outer_ids_and_names_are_those_of_the_object():
    bought, moved, chosen, given = (
        sent(emitted(name)).properties
        for name in (events.TRANSACTION, events.CREDITED, events.FAVORITE_CHANGED, events.COUPON_ASSIGNED)
    )

    assert (bought["venue_id"], bought["venue_name"]) == (bought["venue"]["id"], bought["venue"]["name"])
    assert moved["wallet_id"] == moved["wallet"]["id"]
    assert (chosen["id"], chosen["name"]) == (chosen["venue"]["id"], chosen["venue"]["name"])
    assert given["id"] == given["coupon"]["id"]


def test_rule_17_both_points_are_equal_and_both_visits_one_instant():
    for event in every(VENDOR, events.CREDITED):
        (profile,) = all_written(event)
        properties = profile.attributes["properties"]
        visits = [properties[f"Last_Visit_Timestamp_{zone}"] for zone in ("Local", "UTC")]

        assert properties["loyalty_points"] == properties["trifft_points"]
        assert 1 == len({visit and datetime.fromisoformat(visit) for visit in visits})


# Who it is


def test_a_member_without_email_is_known_by_id_and_phone():
    someone = replace(person("ana", 1, chance(0, "ana")), email="")
    event = emitted(events.APP_OPENED, member(someone))

    assert {"external_id", "phone_number"} == sent(event).profile.keys()
    assert [] == violations(event)


def test_a_member_with_email_sends_no_phone():
    assert {"external_id", "email"} == sent(emitted(events.APP_OPENED)).profile.keys()


def test_nobody_is_told_of_an_unknown_member():
    assert [] == all_sent(happened(events.APP_OPENED, raw(events.APP_OPENED), customer=None))


def test_klaviyos_id_is_known_from_the_second_event_on():
    someone = member()
    told = ["klaviyoID" in sent(emitted(events.UPDATED, someone)).properties for _ in range(2)]

    assert [False, True] == told


# Lives


def test_points_are_never_negative_and_every_move_adds_up():
    for one in lives(VENDOR):
        balance = 0
        for event in one:
            if event.name in (events.CREDITED, events.DEBITED):
                balance += event.payload["points"] * (1 if event.name == events.CREDITED else -1)

                assert balance >= 0
                assert event.payload["wallet"]["points"] == balance


def test_a_coupon_is_assigned_then_activated_then_redeemed():
    order = (events.COUPON_ASSIGNED, events.COUPON_ACTIVATED, events.COUPON_REDEEMED)
    for one in lives(VENDOR):
        stages: dict[str, list[str]] = defaultdict(list)
        for event in one:
            if event.name in order:
                stages[event.payload["member_coupon"]["id"]].append(event.name)

        assert all(tuple(found) == order[: len(found)] for found in stages.values())


def test_no_coupon_is_redeemed_after_it_expired():
    for event in every(VENDOR, events.COUPON_ACTIVATED, events.COUPON_REDEEMED):
        until = event.payload["member_coupon"]["valid_until"]

        assert until is None or event.occurred_at.timestamp() <= until


def test_an_expired_or_redeemed_coupon_is_no_longer_available():
    someone = member()
    emitted(events.COUPON_ASSIGNED, someone, coupon="Happy hour")
    emitted(events.COUPON_ACTIVATED, someone, coupon="Happy hour")
    emitted(events.COUPON_ASSIGNED, someone, coupon="Quiz night")
    redeemed = emitted(events.COUPON_REDEEMED, someone, coupon="Happy hour")
    later = VENDOR.event(someone, Occasion(START + timedelta(days=15), events.APP_OPENED), chance(0))

    counts = [all_written(event)[0].attributes["properties"]["trifft_available_coupons"] for event in (redeemed, later)]

    assert [1, 0] == counts


def test_points_follow_a_transaction_of_the_member():
    for one in lives(VENDOR):
        bought = {event.payload["transaction"]["id"] for event in one if event.name == events.TRANSACTION}
        earned = [event.payload["transaction_id"] for event in one if event.name == events.CREDITED]

        assert bought >= {transaction for transaction in earned if transaction}


def test_a_reward_for_a_referral_follows_an_invitation():
    for one in lives(VENDOR):
        invited = rewarded = 0
        for event in one:
            invited += event.name == events.INVITATION_SENT
            rewarded += event.name == events.REFERRER_REWARDED

            assert rewarded <= invited


def test_nothing_follows_the_erasure_of_a_member():
    erased = [one for one in lives(VENDOR, 200, 2) if events.ANONYMIZED in names(one)]

    assert erased
    assert all(events.ANONYMIZED == one[-1].name and one[-1].customer is None for one in erased)


def test_a_second_period_goes_on_where_the_first_ended():
    (someone,) = people("crowd", 1, 0)
    joined = VENDOR.join(someone, SHOP, chance(0), START)
    first, second = (
        list(VENDOR.life(joined, start, start + timedelta(days=100), chance(0, start)))
        for start in (START, START + timedelta(days=100))
    )

    assert events.VERIFIED == first[0].name
    assert events.VERIFIED not in names(second)


# The contract


def mutants(event: ReceivedEvent) -> Iterator[tuple[str, ReceivedEvent]]:
    """Mistakes of a mapping: each is wrong by something documented."""
    yield from property_mutants(event)
    yield "another metric", replace(event, metric=event.metric.title() + "s")
    yield "value where none is", replace(event, value=(event.value or 0) + 0.01)
    yield "a currency of points", replace(event, value_currency="POINTS")
    yield (
        "another person",
        replace(event, profile=event.profile | {"external_id": "fa89ef32-1420-4fcd-b23a-e9478706dba9"}),
    )
    yield "no member id", replace(event, profile={"email": event.profile["email"]})


ASSUMED_MUTANTS = {
    mutant
    for name in ("id", "name", "coupon")
    for mutant in (f"without {name}", f"{name} of another type", f"{name} of somebody else")
}
"""The sample of Coupon redeemed shows no coupon: these break nothing documented."""


@pytest.mark.parametrize("name", MAPPED)
def test_the_contract_catches_every_mistake_in_what_is_documented(name: str):
    event = emitted(name)
    expected = ASSUMED_MUTANTS if name == events.COUPON_REDEEMED else set()

    assert expected == survivors(event, mutants(sent(event)))


@pytest.mark.parametrize("name", [events.SEGMENT_ADDED, events.SEGMENT_REMOVED])
def test_the_contract_catches_an_internal_segment_let_through(name: str):
    public, internal = emitted(name, segment="custom-students"), emitted(name, segment="all-members")

    assert ["event"] == [found.field for found in event_breaches(internal, sent(public))]
