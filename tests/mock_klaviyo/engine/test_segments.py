"""Memberships of segments: true whenever somebody looks, whatever happened and however much time has passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_klaviyo.config import Config
from mock_klaviyo.engine import segments as engine
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, profile, references, resource
from tests.mock_klaviyo.engine.definitions import bought, in_group, is_gold, segment

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def shop(client):
    """A client whose account knows the metric Ordered; gives its id as well."""
    client.track("Ordered", "old@example.org", time="2020-01-01T00:00:00Z")
    return client, client.ids("/api/metrics")[0]


def members(client, id):
    found = client.get(f"/api/segments/{id}/profiles")["data"]
    return {each["attributes"]["email"].partition("@")[0]: each["attributes"]["joined_group_at"] for each in found}


def make_profile(client, name, **properties):
    return client.create("/api/profiles", profile(email=f"{name}@example.org", properties=properties))


def test_a_profile_joins_when_it_changes_and_leaves_when_it_changes_back(client):
    id = client.create("/api/segments", segment(is_gold()))
    ana = make_profile(client, "ana", Tier="Silver")
    before = members(client, id)
    client.patch(f"/api/profiles/{ana}", resource("profile", ana, properties={"Tier": "Gold"}))
    within = members(client, id)
    client.patch(f"/api/profiles/{ana}", resource("profile", ana, properties={"Tier": "Silver"}))

    assert [{}, {"ana": START.isoformat()}, {}] == [before, within, members(client, id)]


def test_an_event_makes_a_member_and_time_ends_it(shop, klaviyo):
    client, ordered = shop
    id = client.create("/api/segments", segment(bought(ordered, days=3)))
    client.track("Ordered", "ana@example.org")
    klaviyo.move_clock(START + 4 * DAY - timedelta(seconds=1))
    last = members(client, id)
    klaviyo.move_clock(START + 4 * DAY)

    assert ({"ana": START.isoformat()}, {}) == (last, members(client, id))


def test_joining_is_dated_when_it_happened_and_not_when_somebody_looks(shop, klaviyo):
    client, ordered = shop
    id = client.create("/api/segments", segment(bought(ordered, operator="at-least", days=10)))
    client.track("Ordered", "ana@example.org")
    klaviyo.move_clock(START + 100 * DAY)

    assert {"ana": (START + 11 * DAY).isoformat()}.items() <= members(client, id).items()


def test_what_time_did_comes_before_what_happened_since(shop):
    client, ordered = shop
    id = client.create("/api/segments", segment(bought(ordered, operator="at-least", days=10)))
    client.track("Ordered", "ana@example.org")
    client.headers["x-mock-clock"] = "2026-04-11T00:00:00Z"
    client.track("Ordered", "ana@example.org")

    assert (START + 11 * DAY).isoformat() == members(client, id)["ana"]


def test_a_group_needs_one_of_its_conditions_and_all_groups_must_hold(client):
    tea = is_gold("properties['Drink']", "tea")
    either = client.create("/api/segments", segment(is_gold(), tea))
    both = client.create("/api/segments", segment(is_gold(), tea, both=True))
    make_profile(client, "ana", Tier="Gold", Drink="tea")
    make_profile(client, "bob", Tier="Gold")
    make_profile(client, "cyd", Drink="tea")
    make_profile(client, "dan")

    assert ["ana", "bob", "cyd"] == [*members(client, either)]
    assert ["ana"] == [*members(client, both)]


def test_nobody_can_receive_email_without_an_address(client):
    status = {"subscription": "any"}
    consent = {"channel": "email", "can_receive_marketing": True, "consent_status": status}
    id = client.create("/api/segments", segment({"type": "profile-marketing-consent", "consent": consent}))
    client.create("/api/profiles", profile(phone_number="+12025550123"))
    make_profile(client, "ana")

    assert ["ana"] == [*members(client, id)]


def test_a_profile_that_comes_back_has_joined_anew(client, klaviyo):
    id = client.create("/api/segments", segment(is_gold()))
    ana = make_profile(client, "ana", Tier="Gold")
    for tier in ("Silver", "Gold"):
        klaviyo.move_clock(klaviyo.clock.now + DAY)
        client.patch(f"/api/profiles/{ana}", resource("profile", ana, properties={"Tier": tier}))

    assert {"ana": (START + 2 * DAY).isoformat()} == members(client, id)


def test_a_clock_that_an_event_moves_counts_as_well(shop):
    client, ordered = shop
    id = client.create("/api/segments", segment(bought(ordered, operator="in-the-last", days=1)))
    client.track("Ordered", "ana@example.org")
    body = client.call("GET", f"/api/segments/{id}/profiles", headers={"x-mock-clock": "2026-01-02T00:00:00Z"}).document
    client.headers["x-mock-clock"] = "2026-01-05T00:00:00Z"

    assert 1 == len(body["data"])
    assert {} == members(client, id)


def test_segments_may_ask_about_segments(client):
    gold = client.create("/api/segments", segment(is_gold()))
    others = client.create("/api/segments", segment(in_group(gold, is_member=False)))
    ana = make_profile(client, "ana", Tier="Gold")
    before = members(client, gold), members(client, others)
    client.patch(f"/api/profiles/{ana}", resource("profile", ana, properties={"Tier": "Silver"}))

    assert [["ana"], []] == [[*each] for each in before]
    assert [[], ["ana"]] == [[*members(client, gold)], [*members(client, others)]]


def test_a_segment_that_asks_about_itself_does_no_harm(client):
    id = client.create("/api/segments", segment(is_gold()))
    make_profile(client, "ana")
    changed = segment(in_group(id, is_member=False))["data"]["attributes"]["definition"]
    client.patch(f"/api/segments/{id}", resource("segment", id, definition=changed))

    assert 200 == client.call("GET", f"/api/segments/{id}/profiles").status


def test_a_deleted_list_has_no_members(client):
    group = client.create("/api/lists", resource("list", name="VIPs"))
    id = client.create("/api/segments", segment(in_group(group, is_member=True)))
    ana = make_profile(client, "ana")
    client.post(f"/api/lists/{group}/relationships/profiles", references("profile", ana))
    before = members(client, id)
    client.delete(f"/api/lists/{group}")

    assert (["ana"], []) == ([*before], [*members(client, id)])


def test_a_merged_profile_is_judged_by_all_that_it_has_now(shop):
    client, ordered = shop
    id = client.create("/api/segments", segment(bought(ordered, days=3)))
    client.track("Ordered", "ana@example.org")
    ana = client.ids("/api/profiles", filter='equals(email,"ana@example.org")')[0]
    bob = make_profile(client, "bob")
    merge = {"data": {"type": "profile-merge", "id": bob, "relationships": {"profiles": references("profile", ana)}}}
    before = members(client, id)
    client.post("/api/profile-merge", merge)

    assert (["ana"], ["bob"]) == ([*before], [*members(client, id)])


def test_memberships_outlive_a_restart(tmp_path):
    first = Klaviyo(Config(clock=START, data=tmp_path / "store"))
    id = Client(first).create("/api/segments", segment(is_gold()))
    make_profile(Client(first), "ana", Tier="Gold")
    members(Client(first), id)
    first.close()
    second = Klaviyo(Config(clock=START + DAY, data=tmp_path / "store"))
    make_profile(Client(second), "bob", Tier="Gold")
    found = members(Client(second), id)
    second.close()

    assert {"ana": START.isoformat(), "bob": (START + DAY).isoformat()} == found


def test_without_segments_nothing_is_noted(client, klaviyo):
    client.track("Ordered", "ana@example.org")
    make_profile(client, "bob")

    assert {} == klaviyo.segments._touched


def test_time_costs_only_where_it_changes_something(shop, klaviyo, monkeypatch):
    client, ordered = shop
    client.create("/api/segments", segment(bought(ordered, days=3)))
    for name in ("ana", "bob", "cyd"):
        client.track("Ordered", f"{name}@example.org")
    client.get("/api/segments")
    judged = []
    monkeypatch.setattr(engine, "satisfies", lambda *given: judged.append(given) or satisfies(*given))
    klaviyo.move_clock(START + 1000 * DAY)
    client.get("/api/segments")

    assert 3 == len(judged)


satisfies = engine.satisfies

NAMES = st.sampled_from(["ana", "bob", "cyd"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), NAMES, st.integers(0, 9)),
        st.tuples(st.just("tier"), NAMES, st.sampled_from(["Gold", "Silver", None])),
        st.tuples(st.just("join"), NAMES, st.booleans()),
        st.tuples(st.just("wait"), st.just(""), st.integers(1, 200)),
        st.tuples(st.just("look"), st.just(""), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_what_is_kept_true_is_what_would_be_worked_out_anew(client, klaviyo, steps):
    klaviyo.reset(START)
    client.track("Ordered", "old@example.org", time="2020-01-01T00:00:00Z")
    ordered = client.ids("/api/metrics")[0]
    group = client.create("/api/lists", resource("list", name="VIPs"))
    people = {name: make_profile(client, name) for name in ("ana", "bob", "cyd")}
    first = client.create("/api/segments", segment(bought(ordered, days=3), in_group(group, days=2)))
    definitions = [
        segment(bought(ordered, operator="at-least", days=2)),
        segment(bought(ordered, operator="between", start=1, end=4, unit="day")),
        segment(bought(ordered, unit="hour", quantity=30, least=2)),
        segment(is_gold(), in_group(first, is_member=False)),
        segment(in_group(group), is_gold(), both=True),
    ]
    kept = [first, *(client.create("/api/segments", each) for each in definitions)]
    for action, name, value in steps:
        take(klaviyo, client, people, group, (action, name, value))
    klaviyo.catch_up()
    found = [[*members(client, id)] for id in kept]
    fresh = [client.get(f"/api/segments/{id}")["data"]["attributes"]["definition"] for id in kept]
    anew = [client.create("/api/segments", resource("segment", name="Anew", definition=each)) for each in fresh]

    assert [sorted(each) for each in found] == [sorted(members(client, id)) for id in anew]


def take(klaviyo, client, people, group, step):
    """One step of a story."""
    match step:
        case "order", name, value:
            client.track("Ordered", f"{name}@example.org", value=value, unique_id=str(klaviyo.clock.now) + name)
        case "tier", name, value:
            id = people[name]
            client.patch(f"/api/profiles/{id}", resource("profile", id, properties={"Tier": value}))
        case "join", name, is_joining:
            method = "POST" if is_joining else "DELETE"
            client.call(method, f"/api/lists/{group}/relationships/profiles", references("profile", people[name]))
        case "wait", _, hours:
            klaviyo.move_clock(klaviyo.clock.now + timedelta(hours=hours))
        case _:
            client.get("/api/segments")


@pytest.fixture
def judged(monkeypatch):
    """How many profiles were judged, each time that some were."""
    counts = []
    judge = engine.Segments._judge_rows
    monkeypatch.setattr(
        engine.Segments, "_judge_rows", lambda self, rows, *rest: (counts.append(len(rows)), judge(self, rows, *rest))
    )
    return counts


@pytest.mark.parametrize(("metric", "times"), [("Ordered", 1), ("Viewed", 0)])
def test_only_events_that_a_segment_asks_about_let_a_profile_be_judged_again(shop, judged, metric, times):
    client, ordered = shop
    id = client.create("/api/segments", segment(bought(ordered)))
    client.track("Viewed", "ana@example.org")
    assert members(client, id) == {}
    judged.clear()
    client.track(metric, "ana@example.org", time="2025-12-31T23:59:00Z")

    assert times == len(members(client, id)) == len(judged)


def test_a_segment_that_asks_about_the_last_event_sees_each_event(client):
    recent = {"type": "date", "operator": "after", "date": "2026-03-01T00:00:00Z"}
    asks = {"type": "profile-property", "property": "last_event_date", "filter": recent}
    id = client.create("/api/segments", segment(asks))
    client.track("Viewed", "ana@example.org", time="2020-01-01T00:00:00Z")
    before = set(members(client, id))
    client.track("Viewed", "ana@example.org", time="2026-03-02T00:00:00Z")

    assert (set(), {"ana"}) == (before, set(members(client, id)))
