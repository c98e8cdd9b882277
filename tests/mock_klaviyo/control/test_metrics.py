"""What Prometheus reads."""

from __future__ import annotations

import re

import pytest

from mock_klaviyo.app import create_app

LINE = re.compile(r'# (HELP|TYPE) \w+ .+|\w+({\w+="[^"]*"})? [\d.]+')


@pytest.fixture
def control(klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


def test_all_that_is_counted_is_told(control, klaviyo, client):
    client.track("Bought", "ana@shop.example.org", unique_id="1")
    client.track("Bought", "ana@shop.example.org", unique_id="1")
    klaviyo.faults.add([{"status": 503}], klaviyo.clock.now)
    client.check = lambda *_: None
    client.call("GET", "/api/lists")
    lines = control.get("/__mock/metrics").text.splitlines()

    assert [] == [line for line in lines if not LINE.fullmatch(line)]
    assert {
        'mock_klaviyo_requests_total{status="202"} 2',
        'mock_klaviyo_requests_total{status="503"} 1',
        "mock_klaviyo_events 1",
        "mock_klaviyo_dropped_events 1",
        "mock_klaviyo_profiles 1",
        "mock_klaviyo_messages 0",
        'mock_klaviyo_fault_hits_total{fault="fault-1"} 1',
        "mock_klaviyo_unsupported_total 0",
    } == {line for line in lines if not line.startswith("#")}
