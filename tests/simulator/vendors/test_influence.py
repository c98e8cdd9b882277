"""Influence.io: the rules of its documentation, its customers' lives, and whether its contract bites."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from simulator.chance import chance
from simulator.contract.contract import load
from simulator.contract.received import ReceivedEvent
from simulator.event import Occasion, VendorEvent
from simulator.population import Person, person
from simulator.shop import shop
from simulator.vendors.influence import events
from simulator.vendors.influence.mapping import KEYS, METRICS
from simulator.vendors.influence.member import GUEST, MEMBER, Member, join
from simulator.vendors.influence.vendor import VENDOR
from tests.simulator.vendors.lives import (
    START,
    all_sent,
    all_written,
    event_breaches,
    every,
    is_caught,
    lives,
    profile_breaches,
    property_mutants,
    sent,
    violations,
    with_payload,
    written,
)

SHOP = shop(0)
CONTRACT = load(VENDOR.folder / "contract.yaml")
ANA = person("ana", 1, chance(0, "ana"), email="ana@example.org", first_name="Ana", last_name="Roy")
NAMES = sorted(VENDOR.events)
STATUS = "Influence.io Customer Member Status"
BIRTHDAY = "Influence.io Birthday"


def member(someone: Person = ANA, seed: int = 0) -> Member:
    joined = join(someone, SHOP, chance(seed, "join"), START)
    if joined.status == GUEST:
        joined.open_account(START)
    return joined


def guest() -> Member:
    someone = member()
    someone.status, someone.tier, someone.points, someone.tier_points = GUEST, None, 0, 0
    return someone


def emitted(name: str, someone: Member | None = None, seed: int = 0, **facts: Any) -> VendorEvent:
    return VENDOR.event(someone or member(seed=seed), Occasion(START, name, facts), chance(seed, name))


def profile_of(someone: Member) -> dict[str, Any]:
    """The custom properties of a customer's profile."""
    properties: dict[str, Any] = written(emitted(events.POINTS_EARNED, someone, points=1))["properties"]
    return properties


# What is sent


def test_there_are_five_events_all_mapped():
    assert METRICS == {name: VENDOR.metric(name) for name in VENDOR.events}
    assert 5 == len(VENDOR.events)


def test_metrics_begin_with_the_vendors_name():
    assert all(metric.startswith("Influence.io ") for metric in METRICS.values())


def test_points_earned():
    event = emitted(events.POINTS_EARNED, action="Place order", points=250)
    many = event.customer["program"]["pointsName"]["other"] if event.customer else ""

    assert sent(event).properties == {"action": "Place order", "pointsFormatted": f"250 {many}", "points": 250}


def test_points_redeemed():
    event = emitted(events.POINTS_REDEEMED, action="20% off coupon", points=500, couponCode="26ae98412711")
    many = event.customer["program"]["pointsName"]["other"] if event.customer else ""

    assert sent(event).properties == {
        "action": "20% off coupon",
        "pointsFormatted": f"500 {many}",
        "couponCode": "26ae98412711",
        "points": 500,
    }


def test_a_reward_handed_out_by_staff_has_no_code():
    event = emitted(events.POINTS_REDEEMED, action=events.GIFT_ACTION)

    assert sent(event).properties["couponCode"] is None
    assert [] == violations(event)


def test_tier_changed_tells_the_new_tier_alone():
    someone = member()
    someone.tier = someone.program.tier_titled("Silver")
    gold = someone.program.tier_titled("Gold")
    event = sent(emitted(events.TIER_CHANGED, someone, tier="Gold"))

    assert event.properties == {
        "tierId": gold.id,
        "tierTitle": "Gold",
        "reason": "Manually changed tier",
        "rewardTitle": "$10 off",
    }


def test_a_tier_without_an_entry_reward_has_none():
    someone = member()
    someone.tier = someone.program.tier_titled("Bronze")
    event = emitted(events.TIER_CHANGED, someone, tier="Silver")

    assert sent(event).properties["rewardTitle"] is None
    assert [] == violations(event)


def test_referral_started():
    event = emitted(events.REFERRALS_STARTED, friendEmail="friend@example.org")

    assert sent(event).properties == {
        "customerName": "Ana Roy",
        "friendEmail": "friend@example.org",
        "rewardCode": event.payload["friendReward"]["couponCode"],
        "rewardFor": "friend",
        "rewardTitle": "10% off your first order",
    }


def test_referral_completed():
    event = emitted(events.REFERRALS_COMPLETED)

    assert sent(event).properties == {
        "customerName": "Ana Roy",
        "friendName": event.payload["friendCustomer"]["name"],
        "rewardCode": event.payload["customerReward"]["couponCode"],
        "rewardFor": "customer",
        "rewardTitle": "$10 off",
    }


def test_a_friend_may_have_no_name():
    event = emitted(events.REFERRALS_COMPLETED)
    event = with_payload(event, friendCustomer=event.payload["friendCustomer"] | {"name": None})

    assert sent(event).properties["friendName"] is None
    assert [] == violations(event)


@pytest.mark.parametrize("name", NAMES)
def test_no_event_has_a_value(name: str):
    event = sent(emitted(name))

    assert (None, None) == (event.value, event.value_currency)


@pytest.mark.parametrize("name", sorted(VENDOR.events.keys() - {events.REFERRALS_STARTED}))
def test_a_customer_without_email_is_skipped(name: str):
    event = emitted(name, member(replace(ANA, email="")))

    assert [] == all_sent(event)
    assert [] == all_written(event)
    assert [] == violations(event)


def test_the_friend_of_a_customer_without_email_is_told():
    event = emitted(events.REFERRALS_STARTED, member(replace(ANA, email="")), friendEmail="friend@example.org")

    assert "friend@example.org" == sent(event).profile["email"]
    assert [] == violations(event)


def test_the_assumed_names_stand_in_tables_of_their_own():
    properties = {name for event in map(emitted, NAMES) for name in sent(event).properties}

    assert properties == {*KEYS.values(), "rewardCode"}


def test_ten_properties_are_written_to_the_profile():
    someone = member()
    someone.has_birthday = True
    properties = profile_of(someone)

    assert CONTRACT.profile is not None
    assert CONTRACT.profile.properties.rules.keys() == properties.keys()
    assert 10 == len(properties)


def test_who_has_no_tier_lacks_both_tier_properties():
    event = emitted(events.REFERRALS_COMPLETED, guest())
    (profile,) = all_written(event)

    assert {"Influence.io Tier ID", "Influence.io Tier Title"}.isdisjoint(profile.attributes["properties"])
    assert [] == violations(event)


def test_points_that_never_expire_have_no_date():
    someone = member()
    someone.program, someone.points_expire_at = replace(someone.program, have_points_end=False), None

    assert profile_of(someone)["Influence.io Points Expire At"] is None


# The rules of the fact sheet, section 5


def test_rule_1_the_29th_of_february_survives_without_a_year():
    someone = member(replace(ANA, birthdate=date(1996, 2, 29)))
    someone.has_birthday = True

    assert "0000-02-29T00:00:00" == profile_of(someone)[BIRTHDAY]


def test_rule_2_month_and_day_are_padded():
    someone = member(replace(ANA, birthdate=date(1996, 3, 7)))
    someone.has_birthday = True

    assert "0000-03-07T00:00:00" == profile_of(someone)[BIRTHDAY]


@pytest.mark.parametrize("missing", ["birthdayMonth", "birthdayDay"])
def test_rule_2_a_birthday_that_is_not_wholly_known_is_omitted(missing: str):
    someone = member()
    someone.has_birthday = True
    event = emitted(events.POINTS_EARNED, someone)
    assert event.customer is not None
    event = replace(event, customer=event.customer | {missing: None})
    (profile,) = all_written(event)

    assert BIRTHDAY not in profile.attributes["properties"]
    assert [] == violations(event)


def test_rule_3_klaviyo_never_gets_a_birth_year_nor_its_own_birthday():
    someone = member()
    someone.has_birthday = True
    (profile,) = all_written(emitted(events.POINTS_EARNED, someone))

    assert {"email", "properties"} == profile.attributes.keys()
    assert profile.attributes["properties"][BIRTHDAY].startswith("0000-")


def test_rule_4_referral_started_goes_to_the_friend_who_is_a_guest():
    event = sent(emitted(events.REFERRALS_STARTED, friendEmail="friend@example.org"))

    assert event.profile == {"email": "friend@example.org", "properties": {STATUS: "guest"}}


def test_rule_4_referral_started_leaves_the_referrer_alone():
    assert [] == all_written(emitted(events.REFERRALS_STARTED))


def test_rule_5_referral_completed_goes_to_the_referrer_with_their_own_code():
    event = emitted(events.REFERRALS_COMPLETED)
    codes = {side: event.payload[f"{side}Reward"]["couponCode"] for side in ("customer", "friend")}

    assert {"email": "ana@example.org"} == sent(event).profile
    assert codes["customer"] == sent(event).properties["rewardCode"] != codes["friend"]


def test_rule_6_whom_the_reward_is_for_differs():
    started, completed = (sent(emitted(name)) for name in (events.REFERRALS_STARTED, events.REFERRALS_COMPLETED))

    assert ("friend", "customer") == (started.properties["rewardFor"], completed.properties["rewardFor"])


@pytest.mark.parametrize("name", [events.POINTS_EARNED, events.POINTS_REDEEMED])
@pytest.mark.parametrize(("points", "words"), [(1, "1 Bean"), (250, "250 Beans"), (1250, "1,250 Beans")])
def test_rule_7_points_are_a_number_and_words(name: str, points: int, words: str):
    someone = member()
    someone.program = replace(someone.program, points_name=("Bean", "Beans"))
    event = emitted(name, someone, points=points)

    assert (points, words) == (sent(event).properties["points"], sent(event).properties["pointsFormatted"])
    assert [] == violations(event)


def test_rule_7_points_spent_are_positive_while_the_balance_falls():
    someone = member()
    someone.points = 900
    event = emitted(events.POINTS_REDEEMED, someone, points=300)

    assert (300, 600) == (sent(event).properties["points"], someone.points)


@pytest.mark.parametrize("status", [MEMBER, GUEST])
def test_rule_8_the_status_is_member_or_guest(status: str):
    someone = member()
    someone.status = status
    (profile,) = all_written(emitted(events.REFERRALS_COMPLETED, someone))

    assert status == profile.attributes["properties"][STATUS]


def test_rule_9_spaces_and_the_dot_are_part_of_a_propertys_name():
    assert all(name.startswith("Influence.io ") for name in profile_of(member()))


@pytest.mark.parametrize("name", [events.REFERRALS_STARTED, events.REFERRALS_COMPLETED])
@pytest.mark.parametrize("email", ["ana@example.org", "Ana@Example.org"])
def test_rule_10_who_refers_themselves_causes_no_event(name: str, email: str):
    event = with_payload(emitted(name), friendEmail=email)

    assert [] == all_sent(event)
    assert [] == violations(event)


def test_rule_11_one_order_tells_two_people_different_things():
    friend = member(replace(ANA, email="friend@example.org"))
    earned, completed = sent(emitted(events.POINTS_EARNED, friend)), sent(emitted(events.REFERRALS_COMPLETED))

    assert earned.time == completed.time
    assert earned.profile != completed.profile


def test_rule_11_two_gains_in_one_second_have_two_ids():
    someone, luck = member(), chance(0)
    ids = {sent(VENDOR.event(someone, Occasion(START, events.POINTS_EARNED), luck)).unique_id for _ in range(2)}

    assert 2 == len(ids)


def test_rule_11_the_id_is_that_of_the_webhook():
    event = emitted(events.TIER_CHANGED)

    assert event.id == sent(event).unique_id


def test_rule_12_tiers_change_up_and_down_by_themselves_and_by_hand():
    changes = {
        (
            event.payload["reason"],
            int(event.payload["oldTier"]["threshold"]) < int(event.payload["newTier"]["threshold"]),
        )
        for one in lives(VENDOR, 200, 1)
        for event in one
        if event.name == events.TIER_CHANGED
    }

    assert changes == {(events.REACHED, True), (events.EXPIRED, False), (events.MANUAL, True), (events.MANUAL, False)}


def test_rule_13_opening_an_account_is_no_event():
    someone = guest()
    before = VENDOR.record(someone) or {}
    someone.open_account(START)
    after = VENDOR.record(someone) or {}
    profile = VENDOR.mapping.sync and VENDOR.mapping.sync.attributes(after)

    assert ("guest", "member") == (before["memberStatus"], after["memberStatus"])
    assert profile is not None
    assert "member" == profile["properties"][STATUS]
    assert not any("account" in name for name in VENDOR.events)


# Lives


def test_points_are_never_negative_and_every_move_adds_up():
    for one in lives(VENDOR):
        balance: int | None = None
        for event in one:
            after = event.payload["customer"]["pointBalance"]
            if balance is not None and event.name == events.POINTS_EARNED:
                assert after == balance + event.payload["points"]
            if balance is not None and event.name == events.POINTS_REDEEMED:
                assert after == balance - event.payload["points"]
            balance = after

            assert balance >= 0


def test_signing_up_pays_once_and_before_anything_else():
    for one in lives(VENDOR):
        actions = [event.payload.get("action") for event in one]

        assert "Create an account" not in actions[1:]


def test_following_the_shop_pays_once_for_each_network():
    for one in lives(VENDOR):
        titles = Counter(event.payload["action"] for event in one if event.payload.get("type") == "social")

        assert {1} >= set(titles.values())


def test_a_higher_tier_follows_points_within_the_minute():
    for one in lives(VENDOR):
        earned_at = START
        for event in one:
            if event.name == events.POINTS_EARNED:
                earned_at = event.occurred_at
            elif event.payload.get("reason") == events.REACHED:
                assert event.occurred_at - earned_at < timedelta(minutes=1)


def test_a_referral_starts_once_and_completes_at_most_once_after_that():
    stages: dict[str, list[str]] = defaultdict(list)
    for event in every(VENDOR, events.REFERRALS_STARTED, events.REFERRALS_COMPLETED):
        stages[event.payload["id"]].append(event.name)
    started, both = [events.REFERRALS_STARTED], [events.REFERRALS_STARTED, events.REFERRALS_COMPLETED]

    assert started in stages.values()
    assert both in stages.values()
    assert all(found in (started, both) for found in stages.values())


def test_a_friend_is_a_guest_when_they_start_and_often_has_an_account_when_they_complete():
    accounts: dict[str, set[bool]] = defaultdict(set)
    for event in every(VENDOR, events.REFERRALS_STARTED, events.REFERRALS_COMPLETED):
        accounts[event.name].add(event.payload["friendCustomer"]["externalId"] is not None)

    assert {events.REFERRALS_STARTED: {False}, events.REFERRALS_COMPLETED: {True, False}} == accounts


def test_nobody_refers_the_same_friend_twice_nor_themselves():
    for one in lives(VENDOR):
        started = [event for event in one if event.name == events.REFERRALS_STARTED]
        emails = [event.payload["friendEmail"] for event in started]

        assert len(set(emails)) == len(emails)
        assert all(event.payload["customer"]["email"] not in emails for event in started)


def test_a_birthday_pays_once_a_year():
    for one in lives(VENDOR):
        actions = Counter(event.payload.get("action") for event in one)

        assert 1 >= actions["Celebrate a birthday"]


# The contract


@pytest.mark.parametrize("name", NAMES)
def test_a_guest_can_have_any_event(name: str):
    assert [] == violations(emitted(name, guest()))


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_is_kept_when_the_look_up_fails(name: str):
    event = replace(emitted(name), customer=None)

    assert [] == violations(event)


def mutants(event: ReceivedEvent) -> Iterator[tuple[str, ReceivedEvent]]:
    """Mistakes of a mapping."""
    yield from property_mutants(event)
    yield "another metric", replace(event, metric=event.metric.lower())
    yield "a value", replace(event, value=10.0)
    yield "a currency", replace(event, value_currency="USD")
    yield "another person", replace(event, profile={"email": "somebody@example.org"})
    yield "no id", replace(event, unique_id=None)


def is_documented(name: str, mutant: str) -> bool:
    """Whether a mistake breaks something whose name the documentation still has."""
    is_friend = name == events.REFERRALS_STARTED and mutant == "another person"
    return is_friend or "rewardCode" in mutant or mutant in ("a value", "a currency")


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_catches_every_mistake_and_only_notes_those_in_what_is_assumed(name: str):
    event = emitted(name)
    for mutant, wrong in mutants(sent(event)):
        found = event_breaches(event, wrong)

        if mutant != "without rewardTitle" or name == events.REFERRALS_STARTED:
            assert found, mutant
        assert is_documented(name, mutant) == is_caught(found), mutant


def test_the_contract_catches_the_friends_code_at_the_referrer():
    event = emitted(events.REFERRALS_COMPLETED)
    wrong = sent(event).properties | {"rewardCode": event.payload["friendReward"]["couponCode"]}
    (found,) = event_breaches(event, replace(sent(event), properties=wrong))

    assert ("properties.rewardCode", "documented") == (found.field, found.provenance)


def test_the_contract_catches_a_friend_who_is_no_guest():
    event = emitted(events.REFERRALS_STARTED)
    wrong = sent(event).profile | {"properties": {STATUS: "member"}}
    (found,) = event_breaches(event, replace(sent(event), profile=wrong))

    assert ("profile.properties", "documented") == (found.field, found.provenance)


def test_the_contract_catches_a_write_to_the_referrer():
    event = emitted(events.REFERRALS_STARTED)
    (profile,) = all_written(emitted(events.POINTS_EARNED))

    assert ["profile write"] == [found.field for found in CONTRACT.violations(event, [sent(event)], [profile])]


def test_the_contract_catches_a_birth_year():
    someone = member()
    someone.has_birthday = True
    event = emitted(events.POINTS_REDEEMED, someone)
    right = written(event)["properties"]

    assert profile_breaches(event, properties=right | {BIRTHDAY: right[BIRTHDAY].replace("0000-", "1904-")})
