"""Segments that are late: they show who was in them some time ago."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.calling import profile, resource
from tests.conftest import START
from tests.mock_klaviyo.engine.definitions import bought, is_gold, segment

LATE = timedelta(hours=2, minutes=30)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def gold(client):
    return client.create("/api/segments", segment(is_gold()))


@pytest.fixture
def late(klaviyo, gold, client):
    """The segment was true before it became late."""
    client.ids(f"/api/segments/{gold}/profiles")
    klaviyo.faults.add([{"kind": "segments_late", "latency": "2h 30m"}], klaviyo.clock.now)


def turn_gold(client, name="ana"):
    return client.create("/api/profiles", profile(email=f"{name}@shop.example.org", properties={"Tier": "Gold"}))


def members(client, id):
    return client.ids(f"/api/segments/{id}/profiles")


def test_who_joins_is_seen_two_and_a_half_hours_later(klaviyo, client, gold, late):
    ana = turn_gold(client)
    at_once = members(client, gold)
    klaviyo.move_clock(START + LATE - MINUTE)
    before = members(client, gold)
    klaviyo.move_clock(START + LATE)

    assert [[], [], [ana]] == [at_once, before, members(client, gold)]


def test_who_leaves_is_seen_late_too(klaviyo, client, gold):
    ana = turn_gold(client)
    assert [ana] == members(client, gold)
    klaviyo.faults.add([{"kind": "segments_late", "latency": "2h 30m"}], START)
    klaviyo.move_clock(START + timedelta(hours=1))
    client.patch(f"/api/profiles/{ana}", resource("profile", ana, properties={"Tier": "Silver"}))
    klaviyo.move_clock(START + timedelta(hours=1) + LATE - MINUTE)
    before = members(client, gold)
    klaviyo.move_clock(START + timedelta(hours=1) + LATE)

    assert [[ana], []] == [before, members(client, gold)]


def test_one_who_changes_all_the_time_is_still_seen_after_the_delay(klaviyo, client, gold, late):
    ana = turn_gold(client)
    for hour in (1, 2):
        klaviyo.move_clock(START + timedelta(hours=hour))
        client.patch(f"/api/profiles/{ana}", resource("profile", ana, first_name=f"Ana {hour}"))
    klaviyo.move_clock(START + LATE)

    assert [ana] == members(client, gold)


def test_time_itself_is_late_for_segments(klaviyo, client):
    client.track("Ordered", "old@shop.example.org", time="2020-01-01T00:00:00Z")
    id = client.create("/api/segments", segment(bought(client.ids("/api/metrics")[0], days=3)))
    client.track("Ordered", "ana@shop.example.org")
    assert 1 == len(members(client, id))
    klaviyo.faults.add([{"kind": "segments_late", "latency": "2h 30m"}], START)
    end = START + timedelta(days=4)
    klaviyo.move_clock(end + LATE - MINUTE)
    before = members(client, id)
    klaviyo.move_clock(end + LATE)

    assert (1, 0) == (len(before), len(members(client, id)))


@pytest.mark.parametrize(
    "ends", [lambda klaviyo: klaviyo.faults.remove(), lambda klaviyo: klaviyo.move_clock(START + MINUTE)]
)
def test_all_is_true_again_when_the_fault_ends(klaviyo, client, gold, ends):
    members(client, gold)
    klaviyo.faults.add([{"kind": "segments_late", "latency": "2h 30m", "to": "1m"}], START)
    ana = turn_gold(client)
    before = members(client, gold)
    ends(klaviyo)

    assert [[], [ana]] == [before, members(client, gold)]
