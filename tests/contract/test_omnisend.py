"""99minds' events to both destinations: Omnisend takes each copy, and one difference alone is there."""

from __future__ import annotations

from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY
from mock_klaviyo.klaviyo import Klaviyo
from simulator.contract.trials import single_events
from simulator.mapping.mapping import Metric
from simulator.mapping.omnisend import omnisend_event
from simulator.vendors import vendors

HEADERS = {"Authorization": f"Omnisend-API-Key {PRIVATE_KEY}", "Omnisend-Version": "2026-03-15"}
VENDOR = next(vendor for vendor in vendors().values() if "omnisend" in vendor.mapping.destinations)


def both(event):
    """The properties that an event has at Klaviyo and the body that Omnisend gets; None when it gets none."""
    metric, body = VENDOR.mapping.events[event.name], omnisend_event(event, VENDOR.mapping)
    return (metric.properties(event), body) if isinstance(metric, Metric) and body else None


def test_omnisend_takes_every_event_and_expiration_date_alone_differs() -> None:
    copies = [found for event in single_events(VENDOR, 0) if (found := both(event))]
    omnisend = create_app(klaviyo=Klaviyo()).test_client()

    answers = [omnisend.post("/omnisend/api/events", json=body, headers=HEADERS) for _, body in copies]

    assert copies
    assert [] == [answer.json for answer in answers if answer.status_code != 202]
    differing = {
        (name, klaviyo[name], body["properties"][name])
        for klaviyo, body in copies
        for name in klaviyo
        if klaviyo[name] != body["properties"][name]
    }
    assert {("expiration_date", "Never", None)} == differing
    assert [] == [name for klaviyo, body in copies for name in klaviyo.keys() ^ body["properties"].keys()]
