"""The lock of the control routes."""

from __future__ import annotations

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.control import blueprint
from mock_klaviyo.control.locking import OPEN
from tests.mock_klaviyo.control.test_openapi import filled

ROUTES = [route for route in blueprint.routes if not route.rule.startswith(OPEN)]


@pytest.fixture(scope="module")
def locked():
    return create_app(Config(lock="sesame")).test_client()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.rule}")
def test_a_locked_server_answers_no_control_route_without_the_token(locked, route):
    for headers in ({}, {"X-Mock-Token": "wrong"}):
        answer = locked.open(f"/__mock{filled(route)}", method=route.method, headers=headers)

        assert 401 == answer.status_code
        assert route.method == "HEAD" or "X-Mock-Token" in answer.json["error"]


def test_the_token_opens_as_a_header_and_as_a_password(locked):
    assert 200 == locked.get("/__mock/config", headers={"X-Mock-Token": "sesame"}).status_code
    assert 200 == locked.get("/__mock/config", auth=("", "sesame")).status_code
    assert 401 == locked.get("/__mock/config", auth=("sesame", "")).status_code


def test_health_needs_no_token_and_klaviyo_no_other_than_its_own(locked):
    assert 200 == locked.get("/__mock/health").status_code
    assert (
        200
        == locked.get("/api/lists", headers={"Authorization": f"Klaviyo-API-Key {Config().private_key}"}).status_code
    )


def test_a_server_without_a_lock_needs_none():
    assert 200 == create_app(Config()).test_client().get("/__mock/config").status_code
