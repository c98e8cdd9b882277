"""Keys, tokens and scopes."""

from __future__ import annotations

from uuid import UUID

import pytest

from mock_klaviyo.config import Config, Key
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, event, profile
from tests.conftest import START


def call(client, authorization, path="/api/profiles"):
    return client.call("GET", path, headers={"authorization": authorization})


def with_keys(*keys, **settings):
    return Client(Klaviyo(Config(keys=tuple(map(Key.read, keys)), clock=START, **settings)))


def test_a_refused_key_is_answered_to_the_letter(client):
    response = call(client, "Klaviyo-API-Key pk_wrong")

    (error,) = response.document["errors"]
    expected = {
        "id": response.headers["X-Klaviyo-Req-Id"],
        "status": 401,
        "code": "not_authenticated",
        "title": "Authentication credentials were not provided.",
        "detail": "Missing or invalid private key.",
        "source": {"pointer": "/data/"},
    }
    assert (401, expected, list(expected)) == (response.status, error, list(error))


def test_a_refused_key_is_challenged_and_told_nothing_of_account_revision_or_limits(client):
    headers = call(client, "Klaviyo-API-Key pk_wrong").headers

    assert "Bearer, Klaviyo-API-Key" == headers["WWW-Authenticate"]
    assert "GET, POST, HEAD, OPTIONS" == headers["Allow"]
    forbidden = {"Cid", "X-Klaviyo-Api-Revision", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
    assert not forbidden & headers.keys()


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Klaviyo-API-Key",
        "Klaviyo-API-Key ",
        "Basic dXNlcjpwYXNz",
        "pk_0123456789abcdef0123456789abcdef01",
        "Bearer",
    ],
)
def test_anything_but_a_known_key_is_refused_with_a_hint(client, authorization):
    response = call(client, authorization)

    assert (401, True) == (response.status, bool(response.headers["X-Mock-Hint"]))


@pytest.mark.parametrize("scheme", ["Klaviyo-API-Key", "klaviyo-api-key", "Bearer"])
def test_a_key_is_taken_as_key_and_as_oauth_token(client, klaviyo, scheme):
    response = call(client, f"{scheme} {klaviyo.config.private_key}")

    assert (200, "MOCK01") == (response.status, response.headers["Cid"])


def test_keys_come_before_paths_and_bodies(client):
    assert 401 == call(client, "", "/api/nothing").status
    assert 401 == client.call("POST", "/api/profiles", b"{", headers={"authorization": ""}).status


def test_any_key_is_taken_on_demand():
    client = with_keys("pk_1", takes_any_key=True)

    assert 200 == call(client, "Klaviyo-API-Key whatever").status
    assert 401 == call(client, "").status
    asked = event("Viewed", {"email": "anna@shop.example.org"})
    assert 202 == client.call("POST", "/client/events", asked, company_id="ABC123").status


def test_a_key_without_the_scope_may_not(client):
    client = with_keys("pk_1:profiles:read,lists:read")

    assert 200 == call(client, "Klaviyo-API-Key pk_1").status
    status, error = client.error("POST", "/api/profiles", profile(email="anna@shop.example.org"))
    assert (403, "permission_denied") == (status, error["code"])
    assert "You do not have permission to perform this action." == error["title"]
    assert "Your API key is missing required scopes: profiles:write" == error["detail"]
    assert "links" not in error


def test_all_scopes_of_an_operation_are_needed():
    client = with_keys("pk_1:lists:read")

    status, error = client.error("GET", "/api/lists/any/profiles")
    assert (403, True) == (status, error["detail"].endswith("profiles:read"))


def test_each_of_several_keys_is_known():
    client = with_keys("pk_1:profiles:read", "pk_2")

    assert 200 == call(client, "Klaviyo-API-Key pk_2").status
    assert 401 == call(client, "Klaviyo-API-Key pk_3").status


def test_the_id_of_an_error_is_the_id_of_its_request_and_new_each_time(client):
    first, second = call(client, ""), call(client, "")

    assert first.headers["X-Klaviyo-Req-Id"] == first.document["errors"][0]["id"]
    assert first.headers["X-Klaviyo-Req-Id"] != second.headers["X-Klaviyo-Req-Id"]
    assert 4 == UUID(first.headers["X-Klaviyo-Req-Id"]).version
