from __future__ import annotations

from tests.calling import event


def test_jericommerce_documents_unique_id_in_the_wrong_place_and_is_told_the_right_one(client):
    """Its guide shows unique_id beside the attributes: https://jericommerce.com/guides/klaviyo-register-wallet-events"""
    body = event("Balance changed", {"email": "customer@example.org"}, time="2026-01-01T12:00:00Z")
    body["data"]["unique_id"] = "event-uuid"

    response = client.call("POST", "/api/events", body)

    (error,) = response.document["errors"]
    assert 400 == response.status
    assert "'unique_id' is not a valid field for the resource 'event'." == error["detail"]
    assert "/data/unique_id" == error["source"]["pointer"]
    assert "unique_id belongs in data.attributes, not in data" == response.headers["X-Mock-Hint"]


def test_meta_of_an_update_belongs_beside_the_attributes(client):
    body = {"data": {"type": "profile", "attributes": {"email": "ana@example.org", "meta": {}}}}

    response = client.call("POST", "/api/profile-import", body)

    assert "meta belongs in data, not in data.attributes" == response.headers["X-Mock-Hint"]


def test_a_member_that_is_unknown_everywhere_gets_no_hint(client):
    body = {"data": {"type": "profile", "attributes": {"email": "ana@example.org", "nickname": "A"}}}

    assert "X-Mock-Hint" not in client.call("POST", "/api/profile-import", body).headers
