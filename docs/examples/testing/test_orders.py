"""Your code sends events to Klaviyo; these tests say what must arrive there."""

import os

import pytest
import requests


def order_placed(email, order_id, total):
    """Stands for your code: it reads the variables that klaviyo_env sets."""
    attributes = {
        "properties": {"order": order_id},
        "value": total,
        "unique_id": order_id,
        "metric": {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}},
        "profile": {"data": {"type": "profile", "attributes": {"email": email}}},
    }
    url = f"{os.environ['KLAVIYO_API_BASE']}/api/events"
    headers = {"Authorization": f"Klaviyo-API-Key {os.environ['KLAVIYO_API_KEY']}", "revision": "2026-07-15"}
    body = {"data": {"type": "event", "attributes": attributes}}
    for _ in range(3):
        if requests.post(url, json=body, headers=headers, timeout=10).status_code < 500:
            return


def test_an_order_arrives_once(klaviyo_env):
    order_placed("ana@shop.org", "A-1", 12.5)

    klaviyo_env.expect(event="Placed Order", profile="ana@shop.org", value=12.5, properties={"order": "A-1"}, count=1)
    klaviyo_env.expect(request="POST /api/events", status=202, count=1)


@pytest.mark.klaviyo(faults=[{"match": "POST /api/events", "status": 503, "phase": "after", "times": 1}])
def test_a_retry_after_a_503_makes_no_second_event(klaviyo_env):
    order_placed("ana@shop.org", "A-1", 12.5)

    klaviyo_env.expect(request="POST /api/events", count=2)
    klaviyo_env.expect(event="Placed Order", count=1)


@pytest.mark.klaviyo(clock="2026-03-01T08:00:00Z", seed=7)
def test_time_is_yours(klaviyo):
    assert klaviyo.clock.advance("3d").isoformat() == "2026-03-04T08:00:00+00:00"
    assert klaviyo.events() == []
