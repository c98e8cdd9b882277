"""Smile.io: the rules of its documentation, its customers' lives, and whether its contract bites."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from simulator.agenda import Agenda, Step
from simulator.chance import chance
from simulator.contract.contract import load
from simulator.contract.received import ReceivedEvent, ReceivedProfile
from simulator.event import Occasion, VendorEvent
from simulator.habits import next_birthday
from simulator.mapping.profile_writes import ProfileWrites
from simulator.population import Person, person
from simulator.shop import shop
from simulator.vendors.smile import events
from simulator.vendors.smile.lives import Life
from simulator.vendors.smile.member import CANDIDATE, DISABLED, MEMBER, Member, join
from simulator.vendors.smile.vendor import VENDOR
from tests.simulator.vendors.lives import (
    END,
    START,
    all_sent,
    all_written,
    every,
    lives,
    property_mutants,
    sent,
    survivors,
    violations,
    with_payload,
    written,
)

SHOP = shop(0)
CONTRACT = load(VENDOR.folder / "contract.yaml")
ANA = person("ana", 1, chance(0, "ana"), email="ana@example.org")
NAMES = sorted(VENDOR.events)
EXPIRES_AT = "extra.points_balance_expires_at"
LOOKED_UP = sorted(VENDOR.events.keys() - {events.REFERRAL_STARTED, events.REFERRAL_COMPLETED})


def member(someone: Person = ANA, seed: int = 0) -> Member:
    joined = join(someone, SHOP, chance(seed, "join"), START)
    joined.state = MEMBER
    return joined


def emitted(name: str, someone: Member | None = None, seed: int = 0, at: datetime = START, **facts: Any) -> VendorEvent:
    return VENDOR.event(someone or member(seed=seed), Occasion(at, name, facts), chance(seed, name))


def profile_of(someone: Member) -> dict[str, Any]:
    return written(emitted(events.POINTS_EARNED_ON_ORDER, someone))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# What is sent


def test_there_are_eight_events_and_each_becomes_the_metric_of_its_name():
    assert 8 == len(VENDOR.events)
    assert {name: name for name in NAMES} == {name: VENDOR.metric(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_object_is_sent_as_it_is(name: str):
    event = emitted(name)

    assert event.payload == sent(event).properties


def test_a_vip_status_that_nobody_asked_for_is_left_out():
    event = emitted(events.POINTS_EXPIRING)

    assert sent(event).properties == sent(with_payload(event, vip_status={"vip_tier_id": None})).properties


@pytest.mark.parametrize("name", NAMES)
def test_the_time_is_that_of_the_event(name: str):
    assert "2026-01-01T00:00:00Z" == sent(emitted(name)).time


def test_the_five_properties_are_written_to_the_profile():
    someone = member()
    someone.points, someone.referral_url = 1100, "https://i.refs.cc/AbC123"
    gold = someone.tier = someone.program.tier_named("Gold")
    event = emitted(events.POINTS_REDEEMED, someone, points_spent=300)
    (profile,) = all_written(event)

    assert profile.attributes == {
        "email": "ana@example.org",
        "properties": {
            "Smile Points Balance": 800,
            "Smile Referral URL": "https://i.refs.cc/AbC123",
            "Smile VIP Tier Name": "Gold",
            "Smile VIP Tier ID": gold.id,
            "Smile State": "member",
        },
    }


def test_the_first_sync_writes_every_customer_who_has_an_email():
    customers = [
        VENDOR.record(member(replace(ANA, email=email))) for email in ("ana@example.org", "", "bo@example.org")
    ]
    (request,) = VENDOR.mapping.first_sync(customer for customer in customers if customer)
    entries = request.body["data"]["attributes"]["profiles"]["data"]

    assert ["ana@example.org", "bo@example.org"] == [entry["attributes"]["email"] for entry in entries]


# The rules of the fact sheet, section 5


@pytest.mark.parametrize("name", [*LOOKED_UP, events.REFERRAL_COMPLETED])
def test_rule_1_who_has_no_email_gets_neither_events_nor_a_profile(name: str):
    event = emitted(name, member(replace(ANA, email="")))

    assert [] == all_sent(event)
    assert [] == all_written(event)
    assert [] == violations(event)


@pytest.mark.parametrize("state", [CANDIDATE, MEMBER, DISABLED])
def test_rule_1_customers_of_every_state_are_synced(state: str):
    someone = member()
    someone.state = state
    (request,) = VENDOR.mapping.first_sync([VENDOR.record(someone) or {}])
    (entry,) = request.body["data"]["attributes"]["profiles"]["data"]

    assert state == entry["attributes"]["properties"]["Smile State"]


@pytest.mark.parametrize("name", LOOKED_UP)
def test_rule_2_the_email_is_looked_up(name: str):
    assert {"email": "ana@example.org"} == sent(emitted(name)).profile


@pytest.mark.parametrize("name", LOOKED_UP)
def test_rule_2_nothing_is_sent_when_the_look_up_fails(name: str):
    event = replace(emitted(name), customer=None)

    assert [] == all_sent(event)
    assert [] == violations(event)


def test_rule_3_referral_started_goes_to_the_friend():
    event = emitted(events.REFERRAL_STARTED, receiver_customer_email="friend@example.org")

    assert {"email": "friend@example.org"} == sent(event).profile


def test_rule_3_referral_started_needs_no_customer():
    event = replace(emitted(events.REFERRAL_STARTED, receiver_customer_email="friend@example.org"), customer=None)

    assert {"email": "friend@example.org"} == sent(event).profile
    assert [] == violations(event)


def test_rule_3_referral_started_reaches_the_friend_of_an_advocate_without_email():
    event = emitted(events.REFERRAL_STARTED, member(replace(ANA, email="")), receiver_customer_email="f@example.org")

    assert {"email": "f@example.org"} == sent(event).profile
    assert [] == violations(event)


def test_rule_3_referral_completed_goes_to_the_advocate():
    event = emitted(events.REFERRAL_COMPLETED, receiver_customer_email="friend@example.org")

    assert {"email": "ana@example.org"} == sent(event).profile


@pytest.mark.parametrize("name", ["receiver_customer", "sender_reward_fulfillment"])
def test_rule_4_what_a_started_referral_lacks_may_be_null_or_absent(name: str):
    event = emitted(events.REFERRAL_STARTED)
    payload = {key: value for key, value in event.payload.items() if key != name}

    assert event.payload[name] is None
    assert sent(event).properties[name] is None
    assert [] == violations(replace(event, payload=payload))


def test_rule_5_the_expiry_date_is_under_extra_and_never_at_the_top():
    expires_at = START + timedelta(days=30, hours=3)
    properties = sent(emitted(events.POINTS_EXPIRING, **{EXPIRES_AT: expires_at})).properties

    assert {"points_balance_expires_at": "2026-01-31T03:00:00.000Z"} == properties["extra"]
    assert "points_balance_expires_at" not in properties


@pytest.mark.parametrize("name", sorted(VENDOR.events.keys() - {events.POINTS_EXPIRING}))
def test_rule_5_other_events_have_no_extra(name: str):
    assert "extra" not in sent(emitted(name)).properties


def test_rule_6_the_internal_note_is_passed_on():
    event = emitted(events.POINTS_EARNED_ON_ORDER, internal_note="Rude on the phone")

    assert "Rude on the phone" == sent(event).properties["internal_note"]


def test_rule_7_the_two_warnings_of_one_date_have_two_ids():
    someone, expires_at = member(), START + timedelta(days=30)
    first, last = (
        emitted(events.POINTS_EXPIRING, someone, at=expires_at - before, **{EXPIRES_AT: expires_at})
        for before in (timedelta(days=30), timedelta(days=3))
    )

    assert sent(first).unique_id != sent(last).unique_id
    assert first.payload["extra"] == last.payload["extra"]


def test_rule_7_warnings_of_two_dates_have_two_ids():
    someone = member()
    first, second = (emitted(events.POINTS_EXPIRING, someone, at=START + timedelta(days=days)) for days in (0, 90))

    assert sent(first).unique_id != sent(second).unique_id


@pytest.mark.parametrize(
    "changes", [{"expires_at": None}, {"fulfillment_status": "cancelled"}, {"usage_status": "used"}]
)
def test_rule_8_rewards_that_cannot_expire_cause_no_event(changes: dict[str, Any]):
    event = with_payload(emitted(events.REWARD_EXPIRING), **changes)

    assert [] == all_sent(event)
    assert [] == violations(event)


def test_rule_8_rewards_expire_exactly_three_days_after_the_event():
    found = every(VENDOR, events.REWARD_EXPIRING)

    assert found
    assert {timedelta(days=3)} == {moment(event.payload["expires_at"]) - event.occurred_at for event in found}
    assert {("issued", "unused")} == {
        (event.payload["fulfillment_status"], event.payload["usage_status"]) for event in found
    }


def test_rule_9_the_same_tier_again_is_no_achievement():
    event = emitted(events.VIP_TIER_ACHIEVED)
    event = with_payload(event, previous_vip_tier=event.payload["current_vip_tier"])

    assert [] == all_sent(event)
    assert [] == violations(event)


def test_rule_9_tiers_are_only_achieved_upwards():
    milestones = {tier.id: tier.milestone for tier in member().program.tiers}
    for event in every(VENDOR, events.VIP_TIER_ACHIEVED):
        previous, current = event.payload["previous_vip_tier"], event.payload["current_vip_tier"]

        assert previous is None or milestones[previous["id"]] < milestones[current["id"]]


def test_rule_9_who_is_at_the_top_falls_silently_before_they_achieve_it_again():
    someone = member()
    someone.tier = someone.program.tiers[-1]
    change = emitted(events.VIP_TIER_ACHIEVED, someone).payload

    assert ("Gold", "Platinum") == (change["previous_vip_tier"]["name"], change["current_vip_tier"]["name"])


def test_rule_10_points_for_anything_but_orders_cause_no_event():
    someone = member()
    someone.state, someone.tier, someone.points = CANDIDATE, None, 0
    first, *_ = VENDOR.life(someone, START, END, chance(1))

    assert events.VIP_TIER_ACHIEVED == first.name
    assert first.customer is not None
    assert 200 == first.customer["points_balance"]


def test_rule_11_a_loss_of_points_is_no_gain():
    event = with_payload(emitted(events.POINTS_EARNED_ON_ORDER), points_change=-50)

    assert [] == all_sent(event)
    assert [] == violations(event)


def test_rule_11_points_spent_are_positive_while_the_balance_falls():
    someone = member()
    someone.points = 900
    event = emitted(events.POINTS_REDEEMED, someone, points_spent=300)

    assert (300, 600) == (sent(event).properties["points_spent"], someone.points)


def test_rule_12_the_year_1004_is_no_birth_year():
    someone = member()
    someone.date_of_birth = "1004-02-29"
    event = emitted(events.POINTS_EXPIRING, someone)
    (profile,) = all_written(event)

    assert "1004-02-29" == sent(event).properties["date_of_birth"]
    assert {"email", "properties"} == profile.attributes.keys()
    assert "1004" not in repr(profile)


def test_rule_13_ids_are_numbers():
    someone = member()
    tier = profile_of(someone)["properties"]["Smile VIP Tier ID"]
    ids = [emitted(name, someone).payload["id"] for name in NAMES]

    assert int is type(tier)
    assert {int} == {type(one) for one in ids}
    assert all(100_000 <= one <= 999_999_999 for one in ids)


def test_rule_14_of_two_customers_with_one_email_the_later_overwrites():
    writes = ProfileWrites()
    for seed, points in ((1, 100), (2, 2000)):
        someone = member(seed=seed)
        someone.points = points
        request = VENDOR.mapping.profile_write(emitted(events.BIRTHDAY_REWARD_ISSUED, someone))
        assert request is not None
        writes.add(request, START)
    (last,) = writes.due()

    assert 2000 == last.body["data"]["attributes"]["properties"]["Smile Points Balance"]


@pytest.mark.parametrize("name", NAMES)
def test_rule_15_no_event_has_a_value(name: str):
    event = sent(emitted(name))

    assert (None, None) == (event.value, event.value_currency)


def test_rule_16_a_retry_has_the_same_id():
    event = emitted(events.POINTS_REDEEMED)

    assert sent(event).unique_id == sent(replace(event, id="another")).unique_id


def test_rule_16_a_referral_has_one_id_but_its_events_have_two():
    someone = member()
    started, completed = emitted(events.REFERRAL_STARTED, someone), emitted(events.REFERRAL_COMPLETED, someone)

    assert started.payload["id"] == completed.payload["id"]
    assert sent(started).unique_id != sent(completed).unique_id


def test_rule_16_ids_never_repeat_within_a_year():
    for one in lives(VENDOR):
        ids = [found.unique_id for event in one for found in all_sent(event)]

        assert len(set(ids)) == len(ids)


# The profile


def test_who_is_outside_any_tier_lacks_both_vip_properties():
    someone = member()
    someone.tier = None

    assert {"Smile Points Balance", "Smile Referral URL", "Smile State"} == profile_of(someone)["properties"].keys()


def test_the_profile_has_the_secure_referral_url_and_objects_have_either():
    someone = member()
    someone.referral_url = "http://i.refs.cc/AbC123"

    assert "https://i.refs.cc/AbC123" == profile_of(someone)["properties"]["Smile Referral URL"]
    assert "http://i.refs.cc/AbC123" == sent(emitted(events.POINTS_EXPIRING, someone)).properties["referral_url"]


# Lives


def test_points_are_never_negative():
    balances = [event.customer["points_balance"] for one in lives(VENDOR) for event in one if event.customer]

    assert min(balances) >= 0


def test_orders_add_points_and_purchases_take_them_away():
    someone = member()
    before = someone.points
    emitted(events.POINTS_EARNED_ON_ORDER, someone, points_change=1000)
    emitted(events.POINTS_REDEEMED, someone, points_spent=400)

    assert before + 600 == someone.points


def test_a_referral_starts_once_and_completes_at_most_once_after_that():
    for one in lives(VENDOR):
        stages: dict[int, list[str]] = defaultdict(list)
        for event in one:
            if event.name in (events.REFERRAL_STARTED, events.REFERRAL_COMPLETED):
                stages[event.payload["id"]].append(event.name)

        assert all(tuple(found) in REFERRAL_STAGES for found in stages.values())


REFERRAL_STAGES = {(events.REFERRAL_STARTED,), (events.REFERRAL_STARTED, events.REFERRAL_COMPLETED)}


def test_a_completed_referral_was_updated_and_its_friend_used_their_reward():
    for event in every(VENDOR, events.REFERRAL_COMPLETED):
        referral = event.payload

        assert referral["created_at"] < referral["updated_at"]
        assert "used" == referral["receiver_reward_fulfillment"]["usage_status"]
        assert referral["receiver_customer"]["id"] == referral["receiver_reward_fulfillment"]["customer_id"]
        assert referral["sender_customer"]["id"] == referral["sender_reward_fulfillment"]["customer_id"]


def test_nobody_refers_the_same_friend_twice():
    for one in lives(VENDOR):
        emails = [event.payload["receiver_customer_email"] for event in one if event.name == events.REFERRAL_STARTED]

        assert len(set(emails)) == len(emails)


def test_a_reward_is_warned_of_at_most_once():
    for one in lives(VENDOR):
        ids = [event.payload["id"] for event in one if event.name == events.REWARD_EXPIRING]

        assert len(set(ids)) == len(ids)


def test_points_expire_after_warnings_of_30_and_3_days():
    found = [
        moment(event.payload["extra"]["points_balance_expires_at"]) - event.occurred_at
        for event in every(VENDOR, events.POINTS_EXPIRING)
    ]

    assert {timedelta(days=30), timedelta(days=3)} == set(found)


def test_every_last_warning_follows_a_first_one_but_not_every_first_has_a_last():
    first: set[Any] = set()
    last: set[Any] = set()
    for event in every(VENDOR, events.POINTS_EXPIRING):
        key = event.payload["id"], event.payload["extra"]["points_balance_expires_at"]
        (last if moment(key[1]) - event.occurred_at == timedelta(days=3) else first).add(key)

    assert last < first


def warnings(someone: Member) -> Iterator[Occasion]:
    """What a watch over a member's points leads to within a year."""
    agenda: Agenda[Step] = Agenda(START)
    Life(someone, agenda, chance(0)).watch(START)
    return (occasion for at, step in agenda.until(END) for occasion in step(at))


def test_without_activity_two_warnings_come_and_then_the_whole_balance_is_gone():
    someone = member()
    someone.earn(500, START)

    assert [START + timedelta(days=60), START + timedelta(days=87)] == [warning.at for warning in warnings(someone)]
    assert 0 == someone.points


def test_activity_after_the_first_warning_begins_anew():
    someone = member()
    someone.earn(500, START)
    occasions = warnings(someone)
    first = next(occasions)
    someone.earn(50, first.at)

    assert first.at + timedelta(days=60) == next(occasions).at


def test_a_year_has_one_birthday_reward_at_most():
    for one in lives(VENDOR):
        assert 1 >= Counter(event.name for event in one)[events.BIRTHDAY_REWARD_ISSUED]


def test_a_birthday_reward_comes_on_the_birthday():
    someone = member()
    someone.date_of_birth = "1004-03-09"
    found = [
        event for event in VENDOR.life(someone, START, END, chance(5)) if event.name == events.BIRTHDAY_REWARD_ISSUED
    ]

    assert [date(2026, 3, 9)] == [event.occurred_at.date() for event in found]


@pytest.mark.parametrize("year", [2026, 2028])
def test_who_was_born_on_29_february_has_a_birthday_every_year(year: int):
    assert (
        datetime(year, 2, 28, tzinfo=UTC).date()
        == next_birthday(date(1004, 2, 29), START.replace(year=year), chance(0)).date()
    )


def test_nothing_happens_to_a_disabled_customer():
    someone = member()
    someone.state = DISABLED

    assert [] == list(VENDOR.life(someone, START, END, chance(0)))


def test_a_pending_reward_has_no_code():
    rewards = [event.payload["reward_fulfillment"] for event in every(VENDOR, events.POINTS_REDEEMED)]

    assert {"pending": True, "issued": False} == {
        reward["fulfillment_status"]: reward["code"] is None for reward in rewards
    }


# The contract


@pytest.mark.parametrize("name", NAMES)
def test_a_candidate_can_have_any_event(name: str):
    someone = member()
    someone.state, someone.tier, someone.points = CANDIDATE, None, 0

    assert [] == violations(emitted(name, someone))


def mutants(event: ReceivedEvent) -> Iterator[tuple[str, ReceivedEvent]]:
    """Mistakes of a mapping: each is wrong by something documented."""
    yield from property_mutants(event)
    for name, value in event.properties.items():
        if isinstance(value, dict):
            others = {key: kept for key, kept in event.properties.items() if key != name}
            yield f"{name} flattened", replace(event, properties=others | value)
    yield "all nested", replace(event, properties={"object": event.properties})
    yield "another metric", replace(event, metric=f"Smile {event.metric}")
    yield "a value", replace(event, value=10.0)
    yield "a currency", replace(event, value_currency="USD")
    yield "another person", replace(event, profile={"email": "somebody@example.org"})


ASSUMED_MUTANTS = {
    events.REFERRAL_STARTED: {
        f"{what}sender_reward_fulfillment{how}"
        for what, how in (("without ", ""), ("", " of another type"), ("", " of somebody else"))
    },
    events.REFERRAL_COMPLETED: {"another person"},
}
"""Whether the missing reward is null, and that the advocate has the completed referral, is assumed."""


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_catches_every_mistake_in_what_is_documented(name: str):
    event = emitted(name)

    assert ASSUMED_MUTANTS.get(name, set()) == survivors(event, mutants(sent(event)))


def test_the_contract_catches_a_profile_without_email():
    event = emitted(events.POINTS_REDEEMED, member(replace(ANA, email="")))
    profile = ReceivedProfile({"email": "", "properties": {}})

    assert ["profile write"] == [found.field for found in CONTRACT.violations(event, [], [profile])]
