"""KlaviyoMock without pytest's fixtures, and how it matches."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
import requests

from mock_klaviyo import KlaviyoMock
from mock_klaviyo.testing.matching import findings
from tests.calling import event, profile


def test_it_starts_answers_and_stops_without_leaving_anything() -> None:
    before = threading.active_count()
    with KlaviyoMock() as klaviyo:
        body = event("Placed Order", {"email": "ana@shop.org"})
        assert requests.post(f"{klaviyo.url}/api/events", json=body, headers=dict(klaviyo.headers), timeout=5).ok
        assert "Placed Order" == klaviyo.expect(event="Placed Order", count=1)[0]["metric"]

    assert before == threading.active_count()
    with pytest.raises(RuntimeError, match="does not run"):
        klaviyo.events()


def test_profiles_requests_and_messages_are_expected_alike() -> None:
    with KlaviyoMock() as klaviyo:
        body = profile(email="ana@shop.org", properties={"tier": "Gold", "points": 7})
        requests.post(f"{klaviyo.url}/api/profiles", json=body, headers=dict(klaviyo.headers), timeout=5)

        klaviyo.expect(profile="ana@shop.org", properties={"tier": "Gold"}, count=1)
        klaviyo.expect(request="POST /api/prof*", status=201, body={"data": {"type": "profile"}})
        klaviyo.expect(message="email", count=0)
        with pytest.raises(AssertionError, match=r"✗ properties.points: expected 8, got 7"):
            klaviyo.expect(profile="ana@shop.org", properties={"points": 8})
        with pytest.raises(
            TypeError, match=r"begin with one of event, profile, request, message, not evnt \(event\?\)"
        ):
            klaviyo.expect(evnt="Placed Order")


@pytest.mark.parametrize(
    ("wanted", "value", "is_met"),
    [
        (1, 1, True),
        (1, True, False),
        ("a", "b", False),
        (..., 0, True),
        (..., None, False),
        (re.compile("^a"), "ana", True),
        (re.compile("^a"), 1, False),
        (lambda value: value > 2, 3, True),
        (lambda value: value > 2, "x", False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, False),
        ({"c": None}, {"a": 1}, True),
    ],
)
def test_values_match_by_equality_pattern_judgement_or_part(wanted: Any, value: Any, is_met: bool) -> None:
    assert is_met == all(each.is_met for each in findings({"it": wanted}, {"it": value}))
