"""Push tokens: kept, moved, forgotten."""

from __future__ import annotations

import pytest

from tests.calling import profile, resource

ANNA, OTTO = "anna@shop.example.org", "otto@shop.example.org"
COMPANY = {"company_id": "MOCK01"}


def token(email=ANNA, **said):
    known = {"data": {"type": "profile", "attributes": {"email": email}}}
    said = {"token": "t", "platform": "ios", "vendor": "apns", "profile": known} | said
    return resource("push-token", **said)


def unregistration(**said):
    known = {"data": {"type": "profile", "attributes": {"email": ANNA}}}
    return resource("push-token-unregister", **{"token": "t", "platform": "ios", "profile": known} | said)


def keep(client, *, is_client=False, **said):
    path, query = ("/client/push-tokens", COMPANY) if is_client else ("/api/push-tokens", {})
    return client.call("POST", path, token(**said), **query)


@pytest.mark.parametrize("is_client", [False, True])
def test_a_token_is_kept_with_an_empty_answer_and_makes_its_profile(client, is_client):
    response = keep(client, is_client=is_client)

    assert (202, b"") == (response.status, response.body)
    (found,) = client.get("/api/push-tokens", include="profile")["included"]
    assert ANNA == found["attributes"]["email"]


def test_a_new_token_is_authorized_and_available(client):
    keep(client)

    attributes = client.get("/api/push-tokens")["data"][0]["attributes"]
    assert ("AUTHORIZED", "AVAILABLE") == (attributes["enablement_status"], attributes["background"])


def test_a_token_that_comes_again_is_changed_and_not_doubled(client):
    keep(client)
    keep(client, enablement_status="DENIED", background="RESTRICTED")

    (found,) = client.get("/api/push-tokens")["data"]
    assert ("DENIED", "RESTRICTED") == (found["attributes"]["enablement_status"], found["attributes"]["background"])


def test_a_token_belongs_to_the_last_profile_that_came_with_it(client):
    keep(client)
    keep(client, email=OTTO)

    anna, otto = client.ids("/api/profiles")
    assert [] == client.ids(f"/api/profiles/{anna}/push-tokens")
    assert client.ids("/api/push-tokens") == client.ids(f"/api/profiles/{otto}/push-tokens")


@pytest.mark.parametrize(("vendor", "platform"), [("APNs", "ios"), ("FCM", "android"), ("fcm", "android")])
def test_the_vendor_is_taken_as_the_mobile_sdks_write_it(client, vendor, platform):
    assert 202 == keep(client, is_client=True, vendor=vendor, platform=platform).status

    assert vendor.lower() == client.get("/api/push-tokens")["data"][0]["attributes"]["vendor"]


@pytest.mark.parametrize("missing", ["token", "platform", "vendor", "profile"])
def test_a_token_needs_its_members(client, missing):
    asked = token()
    del asked["data"]["attributes"][missing]

    assert 400 == client.error("POST", "/api/push-tokens", asked)[0]


def test_a_token_for_an_unknown_id_is_accepted_and_not_kept(client):
    asked = token()
    asked["data"]["attributes"]["profile"]["data"] = {"type": "profile", "id": "nobody", "attributes": {}}
    response = client.call("POST", "/api/push-tokens", asked)

    assert 202 == response.status
    assert "no profile with id nobody" in response.headers["X-Mock-Hint"]
    assert [] == client.ids("/api/push-tokens")


def test_the_profile_of_a_token_is_changed_with_it(client):
    anna = client.create("/api/profiles", profile(email=ANNA))
    known = {"email": ANNA, "first_name": "Anna", "meta": {"patch_properties": {"append": {"apps": "ios"}}}}
    keep(client, profile={"data": {"type": "profile", "attributes": known}})

    assert ("Anna", {"apps": ["ios"]}) == (client.profile(anna)["first_name"], client.profile(anna)["properties"])


def test_tokens_are_filtered(client):
    keep(client)
    keep(client, email=OTTO, token="u", platform="android", vendor="fcm", enablement_status="DENIED")
    first, second = client.ids("/api/push-tokens")
    anna, _ = client.ids("/api/profiles")

    assert [first] == client.ids("/api/push-tokens", filter=f'equals(profile.id,"{anna}")')
    assert [second] == client.ids("/api/push-tokens", filter='equals(platform,"android")')
    assert [second] == client.ids("/api/push-tokens", filter='equals(enablement_status,"DENIED")')
    assert [first] == client.ids("/api/push-tokens", filter=f'equals(id,"{first}")')


def test_a_token_leads_to_its_profile(client):
    keep(client)
    (id,), (anna,) = client.ids("/api/push-tokens"), client.ids("/api/profiles")

    assert 32 == len(id)
    assert anna == client.get(f"/api/push-tokens/{id}/profile")["data"]["id"]
    assert anna == client.get(f"/api/push-tokens/{id}/relationships/profile")["data"]["id"]


def test_a_token_is_deleted_by_its_id(client):
    keep(client)
    (id,) = client.ids("/api/push-tokens")

    assert 204 == client.call("DELETE", f"/api/push-tokens/{id}").status
    assert 404 == client.call("DELETE", f"/api/push-tokens/{id}").status
    assert [] == client.ids("/api/profiles", include="push-tokens") or client.get("/api/profiles")["data"]


@pytest.mark.parametrize("name", ["t", "unknown"])
def test_an_app_unregisters_a_token_and_an_unknown_one_does_no_harm(client, name):
    keep(client)
    response = client.call("POST", "/client/push-token-unregister", unregistration(token=name), **COMPANY)

    assert (202, b"") == (response.status, response.body)
    assert (0 if name == "t" else 1) == len(client.ids("/api/push-tokens"))
