"""Bulk imports of profiles: the life of a job, its profiles, lists and errors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.calling import profile, reference, resource
from tests.conftest import START

ANNA, OTTO = "anna@shop.example.org", "otto@shop.example.org"
JOBS = "/api/profile-bulk-import-jobs"


def importing(*people, lists=()):
    named = {"data": [{"type": "profile", "attributes": each} for each in people]}
    relationships = {"lists": [reference("list", each) for each in lists]} if lists else {}
    return resource("profile-bulk-import-job", None, relationships, profiles=named)


def test_a_new_job_is_queued(client):
    created = client.post(JOBS, importing({"email": ANNA}, {"email": OTTO}))["data"]["attributes"]

    expected = {
        "status": "queued",
        "created_at": "2026-01-01T00:00:00+00:00",
        "total_count": 2,
        "completed_count": 0,
        "failed_count": 0,
        "completed_at": None,
        "expires_at": "2026-01-08T00:00:00+00:00",
        "started_at": None,
    }
    assert expected == created


def test_a_job_is_complete_when_it_is_read(client):
    job = client.create(JOBS, importing({"email": ANNA}, {"phone_number": "wrong"}))

    found = client.get(f"{JOBS}/{job}")["data"]["attributes"]
    names = ("status", "total_count", "completed_count", "failed_count")
    assert ("complete", 2, 1, 1) == tuple(found[name] for name in names)
    assert "2026-01-01T00:00:00+00:00" == found["started_at"] == found["completed_at"]


def test_profiles_are_created_and_changed(client):
    anna = client.create("/api/profiles", profile(email=ANNA, last_name="Berg"))

    job = client.create(JOBS, importing({"email": ANNA, "first_name": "Anna"}, {"email": OTTO}))

    assert ("Anna", "Berg") == (client.profile(anna)["first_name"], client.profile(anna)["last_name"])
    assert client.ids("/api/profiles") == client.ids(f"{JOBS}/{job}/profiles")
    assert 2 == len(client.ids(f"{JOBS}/{job}/relationships/profiles"))


def test_a_profile_that_comes_twice_is_one(client):
    client.post(JOBS, importing({"email": ANNA, "first_name": "Anna"}, {"email": ANNA, "last_name": "Berg"}))

    (found,) = client.get("/api/profiles")["data"]
    assert ("Anna", "Berg") == (found["attributes"]["first_name"], found["attributes"]["last_name"])


def test_an_address_that_a_profile_gives_up_is_free_for_the_next_one(client):
    anna = client.create("/api/profiles", profile(email=ANNA))
    asked = importing({"email": OTTO}, {"email": ANNA})
    asked["data"]["attributes"]["profiles"]["data"][0]["id"] = anna

    client.post(JOBS, asked)

    found = {each["id"]: each["attributes"]["email"] for each in client.get("/api/profiles")["data"]}
    assert (OTTO, 2) == (found[anna], len(found))


def test_all_join_the_lists(client):
    news = client.create("/api/lists", resource("list", name="News"))

    job = client.create(JOBS, importing({"email": ANNA}, {"email": "wrong"}, lists=[news]))

    assert client.ids("/api/profiles") == client.ids(f"/api/lists/{news}/profiles")
    assert [news] == client.ids(f"{JOBS}/{job}/lists")
    assert [news] == [each["id"] for each in client.get(f"{JOBS}/{job}", include="lists")["included"]]


def test_an_unknown_list_refuses_the_whole_job(client):
    status, error = client.error("POST", JOBS, importing({"email": ANNA}, lists=["nobody"]))

    assert (400, "List not found with id nobody.") == (status, error["detail"])
    assert [] == client.ids("/api/profiles")


def nested(depth):
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"email": "wrong"}, "invalid"),
        ({"first_name": "Anna"}, "invalid"),
        ({"email": OTTO, "phone_number": "+12025550123"}, "duplicate_profile"),
        ({"email": "new@shop.example.org", "properties": nested(100)}, "invalid"),
        ({"email": "new@shop.example.org", "properties": {"text": "x" * 110_000}}, "payload_too_large"),
    ],
    ids=["bad address", "no identifier", "two profiles", "too deep", "too large"],
)
def test_a_profile_that_cannot_be_imported_is_an_import_error(client, wrong, code):
    client.create("/api/profiles", profile(email=OTTO))
    client.create("/api/profiles", profile(phone_number="+12025550123"))

    job = client.create(JOBS, importing({"email": ANNA}, wrong))

    (found,) = client.get(f"{JOBS}/{job}/import-errors")["data"]
    assert code == found["attributes"]["code"]
    assert found["attributes"]["source"]["pointer"].startswith("/data")
    assert (1, 3) == (
        client.get(f"{JOBS}/{job}")["data"]["attributes"]["completed_count"],
        len(client.ids("/api/profiles")),
    )


def test_an_import_error_holds_what_was_sent(client):
    job = client.create(JOBS, importing({"email": "wrong"}))

    attributes = client.get(f"{JOBS}/{job}/import-errors")["data"][0]["attributes"]
    assert {"type": "profile", "attributes": {"email": "wrong"}} == attributes["original_payload"]
    assert ("Invalid email address", "/data/attributes/email") == (
        attributes["detail"],
        attributes["source"]["pointer"],
    )


def test_no_consent_can_be_imported(client):
    assert 400 == client.error("POST", JOBS, importing({"email": ANNA, "subscriptions": {}}))[0]


def test_at_most_10000_profiles_can_be_imported(client):
    assert 400 == client.error("POST", JOBS, importing(*[{"external_id": "1"}] * 10_001))[0]


def test_jobs_are_filtered_and_sorted(client, klaviyo):
    first = client.create(JOBS, importing({"email": ANNA}))
    klaviyo.move_clock(START + timedelta(hours=1))
    second = client.create(JOBS, importing({"email": ANNA}))

    assert [second, first] == client.ids(JOBS, sort="-created_at", filter='any(status,["complete","cancelled"])')
    assert [] == client.ids(JOBS, filter='equals(status,"queued")')


def test_an_unknown_job_is_not_found(client):
    assert 404 == client.error("GET", f"{JOBS}/nobody")[0]
    assert 404 == client.error("GET", f"{JOBS}/nobody/import-errors")[0]
