"""JeriCommerce: its documented request and rules, its customers' lives, and whether its contract bites."""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest

from simulator.chance import chance
from simulator.contract.contract import load
from simulator.contract.received import ReceivedEvent
from simulator.event import Occasion, VendorEvent
from simulator.mapping.profile_writes import ProfileWrites
from simulator.population import Person, people, person
from simulator.shop import shop
from simulator.vendors.jericommerce import events, mapping, webhook
from simulator.vendors.jericommerce.lives import RECALCULATED, birthdays, live
from simulator.vendors.jericommerce.member import INITIAL_SYNC, Member
from simulator.vendors.jericommerce.programme import LADDER
from simulator.vendors.jericommerce.vendor import VENDOR
from tests.simulator.vendors.lives import (
    END,
    START,
    all_sent,
    all_written,
    event_breaches,
    is_caught,
    lives,
    names,
    profile_breaches,
    sent,
    survivors,
    violations,
    written,
)

SHOP = shop(0)
CONTRACT = load(VENDOR.folder / "contract.yaml")
NAMES = sorted(VENDOR.events)
SAMPLE = json.loads((VENDOR.folder / "samples" / "request.json").read_text())
SAMPLE_EVENT = VendorEvent(
    vendor="jericommerce",
    name="Balance changed",
    id="event-uuid",
    occurred_at=datetime(2026, 3, 8, 12, tzinfo=UTC),
    payload={
        "email": "customer@example.com",
        "id": "event-uuid",
        "customerId": "7b0d7f2c-4f0b-4a3f-9a53-0b6f2f1f6a11",
        "createdAt": "2026-03-08T12:00:00Z",
        "properties": {},
    },
)


def body(event: VendorEvent) -> dict[str, Any]:
    (request,) = VENDOR.mapping.event_requests(event)
    return request.body


def fields(event: VendorEvent) -> dict[str, Any]:
    """The custom profile fields after an event."""
    found: dict[str, Any] = written(event)["properties"]
    return found


def ana(**known: Any) -> Person:
    return replace(person("ana", 1, chance(0, "ana")), **known)


def member(someone: Person | None = None, **known: Any) -> Member:
    """A new customer, or what is said of them."""
    seed = next(seed for seed in range(99) if is_new(seed))
    joined: Member = VENDOR.join(someone or ana(), SHOP, chance(seed), START)
    return replace(joined, **known)


def is_new(seed: int) -> bool:
    return bool(VENDOR.join(ana(), SHOP, chance(seed), START).origin != INITIAL_SYNC)


def emitted(name: str, someone: Member | None = None, at: datetime = START, seed: int = 0, **facts: Any) -> VendorEvent:
    return VENDOR.event(someone or member(), Occasion(at, name, facts), chance(seed, name))


# The documented request


def test_there_are_eighteen_events_and_all_are_mapped_under_their_own_names():
    assert 18 == len(VENDOR.events)
    assert {name: name for name in VENDOR.events} == {name: VENDOR.metric(name) for name in VENDOR.events}


def test_the_documented_request_is_reproduced_with_its_id_inside_the_attributes():
    """The sample shows `unique_id` beside `attributes`, where Klaviyo knows no such member."""
    attributes = SAMPLE["data"]["attributes"] | {"unique_id": SAMPLE["data"]["unique_id"]}

    assert {"data": {"type": "event", "attributes": attributes}} == body(SAMPLE_EVENT)


def test_the_documented_request_keeps_the_contract_but_for_what_the_sample_leaves_out():
    assert {"properties.amount", "properties.balance", "properties.reason"} == {
        found.field for found in violations(SAMPLE_EVENT)
    }


def test_a_balance_is_documented_from_webhook_to_request():
    payload = SAMPLE_EVENT.payload | {"properties": {"amount": -500, "balance": 120, "reason": None}}
    event = replace(SAMPLE_EVENT, payload=payload)

    assert payload["properties"] == sent(event).properties
    assert [] == violations(event)


def test_the_documented_fields_are_written_to_the_profile():
    someone = member(
        ana(email="ana@example.org"),
        balance=300,
        birthdate=date(1990, 5, 6),
        tier=LADDER[2],
        counted=2_100,
        entered=datetime(2026, 3, 8, 23, 59, 59, tzinfo=UTC),
        recalculated=datetime(2027, 1, 1, tzinfo=UTC),
    )
    (profile,) = all_written(emitted(events.WALLET_VISIT, someone))

    assert profile.attributes == {
        "email": "ana@example.org",
        "properties": {
            "balance": 300,
            "birthdate": "1990-05-06",
            "jericommerce_tier_name": "Gold",
            "jericommerce_tier_balance": 2_100,
            "jericommerce_tier_entered_at": "2026-03-08",
            "jericommerce_tier_expires_at": "2027-01-01",
            "jericommerce_download_wallet_pass_url": f"https://{SHOP.domain}/wallet/pass?customer={someone.id}",
        },
    }


# The rules of the fact sheet, section 5


@pytest.mark.parametrize("name", NAMES)
def test_rule_1_the_id_is_inside_the_attributes_and_is_the_events(name: str):
    event = emitted(name)
    request = body(event)

    assert {"type", "attributes"} == request["data"].keys()
    assert event.payload["id"] == event.id == request["data"]["attributes"]["unique_id"]


def test_rule_2_ten_retries_are_one_event():
    event = emitted(events.BALANCE_CHANGED)
    deliveries = [sent(event) for _ in range(1 + webhook.WEBHOOK.retry.retries)]

    assert (11, 1) == (len(deliveries), len({(one.metric, one.profile["email"], one.unique_id) for one in deliveries}))


def test_rule_2_ids_never_repeat():
    told = [event.payload["id"] for one in lives(VENDOR) for event in one]

    assert len(set(told)) == len(told)


@pytest.mark.parametrize("name", NAMES)
def test_rule_3_the_time_is_when_the_event_was_created(name: str):
    event = emitted(name, at=START + timedelta(hours=5))

    assert "2026-01-01T05:00:00Z" == event.payload["createdAt"] == sent(event).time


@pytest.mark.parametrize("name", NAMES)
def test_rule_4_the_metric_is_the_events_name_to_the_letter(name: str):
    assert name == sent(emitted(name)).metric


def test_rule_5_who_was_synced_initially_is_not_created():
    joined = [VENDOR.join(someone, SHOP, chance(0, someone.key), START) for someone in people("crowd", 60, 0)]
    created = {
        origin: {
            events.CREATED in names(list(VENDOR.life(one, START, END, chance(1, one.id))))
            for one in joined
            if (one.origin == INITIAL_SYNC) == (origin == INITIAL_SYNC)
        }
        for origin in (INITIAL_SYNC, "SHOPIFY")
    }

    assert {INITIAL_SYNC: {False}, "SHOPIFY": {True}} == created


def test_rule_5_no_event_ever_says_initial_sync():
    assert INITIAL_SYNC != emitted(events.CREATED, member(origin=INITIAL_SYNC)).payload["properties"]["origin"]


def test_rule_6_a_birthday_comes_once_a_year_about_nine():
    three_years = START + timedelta(days=3 * 365)
    someone = member(birthdate=date(1990, 5, 6), is_created=True)
    found = [at.at for at in live(someone, START, three_years, chance(0)) if at.name == events.BIRTHDAY]

    assert [(year, 5, 6, 9) for year in (2026, 2027, 2028)] == [(at.year, at.month, at.day, at.hour) for at in found]


def test_rule_6_there_is_no_birthday_without_a_birthdate():
    assert [] == list(birthdays(None, START, END))


@pytest.mark.parametrize(("year", "day"), [(2026, 28), (2027, 28), (2028, 29)])
def test_rule_6_a_leap_day_is_the_28th_in_common_years(year: int, day: int):
    start = datetime(year, 1, 1, tzinfo=UTC)

    assert [datetime(year, 2, day, 9, tzinfo=UTC)] == list(
        birthdays(date(2000, 2, 29), start, start + timedelta(days=365))
    )


@pytest.mark.parametrize("name", NAMES)
def test_rule_7_base_fields_that_do_not_apply_are_absent(name: str):
    payload = emitted(name).payload
    web = {events.PASS_REQUESTED, events.WALLET_CLICK, events.WALLET_VISIT}
    optional = ({"url", "browser"} if name in web else set()) | (
        {"campaignId"} if name == events.CAMPAIGN_ASSIGNED else set()
    )

    assert {"email", "id", "customerId", "createdAt", "properties"} | optional == payload.keys()
    assert None not in payload.values()


def test_rule_7_base_fields_are_not_merged_into_the_properties():
    event = emitted(events.WALLET_CLICK, campaignId="a-campaign", url="https://example.org/")

    assert ("a-campaign", "https://example.org/") == (event.payload["campaignId"], event.payload["url"])
    assert {} == sent(event).properties


def test_rule_8_missing_dates_are_a_dash():
    found = fields(emitted(events.WALLET_VISIT, member(birthdate=None, tier=None)))
    days = ("birthdate", "jericommerce_tier_entered_at", "jericommerce_tier_expires_at")

    assert ["-", "-", "-"] == [found[name] for name in days]
    assert "jericommerce_tier_name" not in found


def test_rule_9_three_changes_in_a_second_are_three_events_and_one_write():
    someone, writes = member(), ProfileWrites()
    told = []
    for number in range(3):
        event = emitted(
            events.BALANCE_CHANGED, someone, START + number * timedelta(milliseconds=300), number, amount=100
        )
        told += all_sent(event)
        request, sync = VENDOR.mapping.profile_write(event), VENDOR.mapping.sync
        assert request is not None
        assert sync is not None
        writes.add(request, event.occurred_at + sync.debounce)

    assert [] == list(writes.due(START + timedelta(seconds=2)))
    assert [300] == [
        request.body["data"]["attributes"]["properties"]["balance"]
        for request in writes.due(START + timedelta(seconds=3))
    ]
    assert 3 == len({event.unique_id for event in told})


def test_rule_10_the_first_sync_goes_in_batches_of_500():
    record = VENDOR.record(member())
    assert record is not None
    customers = [record | {"email": f"someone{number}@example.org"} for number in range(1_201)]
    jobs = VENDOR.mapping.first_sync(customers)

    assert [500, 500, 201] == [len(job.body["data"]["attributes"]["profiles"]["data"]) for job in jobs]


@pytest.mark.parametrize("name", [events.REDEEMED_ONLINE, events.REDEEMED_IN_STORE])
def test_rule_11_a_reward_lowers_the_balance_but_no_tier_points(name: str):
    someone = member(balance=1_500, counted=700, carried=700, tier=LADDER[1], entered=START)
    redeemed = emitted(name, someone, amount=1_000)
    changed = emitted(events.BALANCE_CHANGED, someone, amount=-1_000, is_settled=True, reason=None)

    assert (500, 700, 700) == (someone.balance, someone.counted, someone.carried)
    assert (500, 700) == (fields(redeemed)["balance"], fields(redeemed)["jericommerce_tier_balance"])
    assert {"amount": -1_000, "balance": 500, "reason": None} == sent(changed).properties


def test_rule_11_no_tier_event_follows_a_reward():
    for one in lives(VENDOR):
        for event, following in pairwise(one):
            if event.name in (events.REDEEMED_ONLINE, events.REDEEMED_IN_STORE):
                assert events.BALANCE_CHANGED == following.name
                assert following.payload["properties"]["amount"] == -event.payload["properties"]["amount"]


@pytest.mark.parametrize(("carried", "told"), [(600, []), (5_000, []), (400, [events.TIER_DOWNGRADED])])
def test_rule_12_a_recalculation_is_told_only_if_the_tier_falls(carried: int, told: list[str]):
    someone = member(
        is_created=True, tier=LADDER[1], counted=700, carried=carried, entered=START, recalculated=START, activity=0.01
    )
    happened = list(VENDOR.life(someone, START, START + timedelta(hours=1), chance(0)))

    assert told == names(happened)
    assert (carried, 0) == (someone.counted, someone.carried)
    assert START + timedelta(days=365) == someone.recalculated


def test_rule_12_what_is_silent_is_no_event():
    assert RECALCULATED not in VENDOR.events


def test_rule_13_a_webhook_is_signed_over_its_raw_body():
    event = emitted(events.WALLET_VISIT)
    raw = orjson.dumps(event.payload)
    headers = {**webhook.WEBHOOK.headers(event), **webhook.signed(event, "secret", raw)}

    assert "Wallet visit" == headers["x-jericommerce-event-type"]
    assert webhook.is_signed("secret", raw, headers)
    assert not webhook.is_signed("secret", raw + b" ", headers)
    assert not webhook.is_signed("another", raw, headers)
    assert not webhook.is_signed("secret", raw, {})


def test_rule_13_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch):
    compared: list[tuple[str, str]] = []
    monkeypatch.setattr(hmac, "compare_digest", lambda *pair: compared.append(pair) or False)
    webhook.is_signed("secret", b"{}", {webhook.SIGNATURE: "x"})

    assert [(webhook.signature("secret", b"{}"), "x")] == compared


def test_rule_14_a_balance_is_a_number_and_one_switch_makes_it_text(monkeypatch: pytest.MonkeyPatch):
    event = emitted(events.BALANCE_CHANGED, amount=120)
    number = fields(event)
    monkeypatch.setattr(mapping, "POINTS", str)
    text = fields(event)

    assert (120, 120) == (number["balance"], number["jericommerce_tier_balance"])
    assert ("120", "120") == (text["balance"], text["jericommerce_tier_balance"])


def test_nobody_is_told_of_a_customer_without_email():
    event = emitted(events.BALANCE_CHANGED, member(ana(email="")))

    assert [] == all_sent(event)
    assert [] == all_written(event)
    assert [] == violations(event)


# Lives


def test_points_are_never_negative_and_every_change_adds_up():
    for one in lives(VENDOR):
        balance = None
        for event in one:
            if event.name == events.BALANCE_CHANGED:
                change = event.payload["properties"]
                balance = change["balance"] if balance is None else balance + change["amount"]

                assert change["balance"] == balance >= 0
                assert event.customer is not None
                assert event.customer["balance"] == balance


def test_a_life_begins_with_creation():
    for one in lives(VENDOR):
        if events.CREATED in names(one):
            assert (0, 1) == (names(one).index(events.CREATED), names(one).count(events.CREATED))


def test_a_pass_is_installed_after_it_was_requested_or_known():
    for one in lives(VENDOR):
        if events.CREATED in names(one):
            requested: Counter[str] = Counter()
            for event in one:
                if event.name in (events.PASS_REQUESTED, events.PASS_UNINSTALLED):
                    requested[event.payload["properties"]["platform"]] += 1
                if event.name == events.PASS_INSTALLED:
                    assert requested[event.payload["properties"]["platform"]]


def test_a_click_follows_the_assignment_of_its_campaign():
    for one in lives(VENDOR):
        assigned: set[str] = set()
        for event in one:
            if event.name == events.CAMPAIGN_ASSIGNED:
                assigned.add(event.payload["campaignId"])
            if event.name == events.WALLET_CLICK:
                assert event.payload["campaignId"] in assigned


def test_tiers_rise_and_fall_by_the_ladder():
    ladder = [None, *(tier.name for tier in LADDER)]
    for one in lives(VENDOR, 200):
        for event in one:
            if event.name in (events.TIER_UPGRADED, events.TIER_DOWNGRADED):
                change = event.payload["properties"]
                step = ladder.index(change["currentTier"]) - ladder.index(change["previousTier"])

                assert (step > 0) == (event.name == events.TIER_UPGRADED)
                assert step != 0
                assert event.customer is not None
                assert event.customer["tier"]["name"] == change["currentTier"]


def test_no_reward_costs_more_than_the_balance():
    for one in lives(VENDOR):
        balance = None
        for event in one:
            if event.name in (events.REDEEMED_ONLINE, events.REDEEMED_IN_STORE) and balance is not None:
                assert event.payload["properties"]["amount"] <= balance
            if event.name == events.BALANCE_CHANGED:
                balance = event.payload["properties"]["balance"]


# The contract


def envelope_mutants(event: ReceivedEvent) -> Iterator[tuple[str, ReceivedEvent]]:
    """Mistakes of a mapping in what every event has."""
    yield "another metric", replace(event, metric=event.metric.title() + "s")
    yield "title case", replace(event, metric=event.metric.swapcase())
    yield "no id", replace(event, unique_id=None)
    yield "another id", replace(event, unique_id="0")
    yield "time of delivery", replace(event, time="2026-01-01T00:00:01Z")
    yield "another person", replace(event, profile={"email": "somebody@example.org"})
    yield "nobody", replace(event, profile={})
    yield "a value", replace(event, value=1)
    yield "a currency", replace(event, value_currency="USD")


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_catches_every_mistake_in_the_envelope(name: str):
    event = emitted(name)
    is_documented = CONTRACT.events[name].provenance == "documented"

    expected = set() if is_documented else {"another metric", "title case"}

    assert expected == survivors(event, envelope_mutants(sent(event)))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (events.BALANCE_CHANGED, "amount"),
        (events.REDEEMED_ONLINE, "rewardTitle"),
        (events.REDEEMED_IN_STORE, "rewardTitle"),
    ],
)
def test_the_contract_catches_every_mistake_in_the_documented_properties(name: str, field: str):
    event = emitted(name)
    right = sent(event)
    others = {key: value for key, value in right.properties.items() if key != field}
    wrong = [others, others | {f"{field}s": right.properties[field]}, others | {field: [1]}, others | {field: -1}]

    assert all(is_caught(event_breaches(event, replace(right, properties=mutant))) for mutant in wrong)


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_notes_mistakes_in_what_is_assumed(name: str):
    event = emitted(name)
    right = sent(event)
    found = event_breaches(event, replace(right, properties=right.properties | {"surprise": 1}))

    assert [("properties.surprise", True)] == [(one.field, one.is_note) for one in found]


def test_the_contract_catches_wrong_fields_of_the_profile():
    someone = member(birthdate=None, tier=LADDER[1], counted=700, entered=START)
    event = emitted(events.WALLET_VISIT, someone)
    right = fields(event)
    wrong = [{**right, name: value} for name in right for value in (None, "", [right[name]])]
    wrong += [{key: value for key, value in right.items() if key != name} for name in right]
    wrong += [{**right, "balance": "0"}, {**right, "tier-name": "Silver"}]

    assert [] == [mutant for mutant in wrong if not is_caught(profile_breaches(event, properties=mutant))]
