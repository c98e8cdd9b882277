"""Which fields reach Klaviyo: those whose values do, and no others."""

from __future__ import annotations

import pytest

from simulator.contract.coverage import Coverage, coverage_of
from simulator.event import VendorEvent
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets.target import Happening, Outgoing
from simulator.vendors import vendors
from tests.simulator.conftest import START


@pytest.mark.parametrize(
    ("sent", "arrived", "is_mapped"),
    [
        ({"price": "2.999"}, {"value": 2.99}, True),
        ({"cents": 1250}, {"value": 12.5}, True),
        ({"at": "2026-03-01T09:00:00+01:00"}, {"time": "2026-03-01T08:00:00Z"}, True),
        ({"kind": "Assam"}, {"sort": "assam"}, True),
        ({"kind": "Assam"}, {"sort": "Sencha"}, False),
        ({"isGift": True}, {"is_gift": True}, True),
        ({"isGift": True}, {"other": True}, False),
        ({"lines": [{"sku": "a1"}]}, {"items": [{"id": "a1"}]}, True),
        ({"note": None}, {"note": None}, True),
        ({"note": None}, {"text": None}, False),
    ],
)
def test_a_field_reached_klaviyo_when_its_value_did(sent, arrived, is_mapped):
    event = VendorEvent("tea", "cup.sold", "e1", START, sent)
    found = Coverage()
    found.take(Happening(event, [Outgoing(START, "tea", KlaviyoRequest("POST", "/api/events", arrived), event)]))

    assert [is_mapped] == [field.is_mapped for field in found.fields()]


def test_our_own_mapping_of_smile_leaves_nothing_out():
    assert [] == [str(field) for field in coverage_of(vendors()["smile"]) if not field.is_mapped]
