"""Data privacy: erasing a person."""

from __future__ import annotations

import pytest

from tests.calling import event, profile, reference, resource

ANNA, OTTO = "anna@shop.example.org", "otto@shop.example.org"
PHONE = "+12025550123"
JOBS = "/api/data-privacy-deletion-jobs"


def deletion(id=None, **identifiers):
    data = {"type": "profile", "attributes": identifiers} | ({"id": id} if id else {})
    return resource("data-privacy-deletion-job", profile={"data": data})


@pytest.fixture
def anna(client):
    return client.create("/api/profiles", profile(email=ANNA, phone_number=PHONE))


@pytest.mark.parametrize("name", ["email", "phone_number", "id"])
def test_a_person_is_erased_by_any_one_identifier(client, anna, name):
    identifier = {"email": ANNA, "phone_number": PHONE, "id": anna}[name]
    response = client.call("POST", JOBS, deletion(**{name: identifier}))

    assert (202, b"") == (response.status, response.body)
    assert 404 == client.call("GET", f"/api/profiles/{anna}").status


def test_all_that_the_person_did_is_gone_and_others_stay(client, klaviyo, anna):
    news = client.create("/api/lists", resource("list", name="News"))
    client.post(f"/api/lists/{news}/relationships/profiles", {"data": [reference("profile", anna)]})
    for email in (ANNA, ANNA, OTTO):
        client.track("Bought", email, unique_id="1")
    known = {"data": {"type": "profile", "attributes": {"email": ANNA}}}
    client.post("/api/push-tokens", resource("push-token", token="t", platform="ios", vendor="apns", profile=known))

    client.post(JOBS, deletion(email=ANNA))

    assert [] == client.ids(f"/api/lists/{news}/profiles")
    assert [] == client.ids("/api/push-tokens")
    assert [] == klaviyo.rows("dropped-event", 0, 10)
    assert (1, 1) == (len(client.ids("/api/events")), len(client.ids("/api/profiles")))


def test_an_unknown_person_is_not_found_in_klaviyos_words(client):
    status, error = client.error("POST", JOBS, deletion(email=ANNA))

    expected = f'No profile with email "{ANNA}" found.  The profile may have already been deleted.'
    assert (404, expected) == (status, error["detail"])
    assert "links" not in error


@pytest.mark.parametrize("identifiers", [{}, {"email": ANNA, "phone_number": PHONE}, {"id": "x", "email": ANNA}])
def test_exactly_one_identifier_is_allowed(client, anna, identifiers):
    assert 400 == client.error("POST", JOBS, deletion(**identifiers))[0]


def test_the_address_of_an_erased_person_is_free(client, anna):
    client.post(JOBS, deletion(email=ANNA))
    client.post("/api/events", event("Bought", {"email": ANNA}))

    (found,) = client.ids("/api/profiles")
    assert anna != found


def test_events_that_wait_are_processed_before_their_person_is_erased(client):
    client.post("/api/events", event("Bought", {"email": ANNA}))
    client.post(JOBS, deletion(email=ANNA))

    assert ([], []) == (client.ids("/api/events"), client.ids("/api/profiles"))


def test_what_came_over_http_stays_in_the_journal_until_a_reset(client, klaviyo, anna):
    client.post(JOBS, deletion(email=ANNA))
    assert any(ANNA.encode() in entry.body for entry in klaviyo.journal.entries())

    klaviyo.reset()
    assert [] == list(klaviyo.journal.entries())
