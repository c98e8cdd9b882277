"""Data privacy: erasing a person."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from urllib.parse import unquote

import pytest

from mock_klaviyo import json
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import TABLES, Klaviyo
from mock_klaviyo.resources.merging import OWNED
from mock_klaviyo.store.rows import Row
from mock_klaviyo.wire.messages import Request
from tests.calling import Client, event, profile, reference, resource
from tests.conftest import START

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


# nothing is left

WORDS = (ANNA, "old@shop.example.org", PHONE, "1001-anna")
SOURCE = "/api/data-source-record-create-jobs"


def written(klaviyo):
    """All that a Klaviyo keeps, as text, in small letters."""
    copy = klaviyo.store.copy()
    try:
        store = "\n".join(copy.iterdump())
    finally:
        copy.close()
    journal = "\n".join(str(entry.document()) for entry in klaviyo.journal.entries())
    return {"store": store.lower(), "journal": unquote(journal).lower()}


def left(klaviyo, words=WORDS):
    """Where which of the words still stand."""
    return {(where, word) for where, text in written(klaviyo).items() for word in words if word in text}


def known(**attributes):
    return {"data": {"type": "profile", "attributes": attributes}}


def import_of(client, *people):
    data = [{"type": "profile", "attributes": each} for each in people]
    return client.post("/api/profile-bulk-import-jobs", resource("profile-bulk-import-job", profiles={"data": data}))


@pytest.fixture
def busy(client, klaviyo):
    """A person whose identifiers stand wherever they can."""
    whole = profile(email=ANNA, phone_number=PHONE, external_id="1001-anna", properties={"mail": ANNA})
    whole["data"]["meta"] = {"patch_identifiers": {"append": {"email": "old@shop.example.org"}}}
    id = client.create("/api/profiles", profile(email=ANNA, phone_number=PHONE, external_id="1001-anna"))
    client.patch(f"/api/profiles/{id}", whole | {"data": whole["data"] | {"id": id}})
    for email in (ANNA, ANNA.upper(), "old@shop.example.org"):
        client.track("Bought", email, unique_id="1", properties={"email": email, "phone": PHONE})
    client.track("Bought", OTTO, properties={"recommended_by": f"Anna <{ANNA}>", "phone": PHONE})
    client.post(
        "/api/push-tokens", resource("push-token", token="t", platform="ios", vendor="apns", profile=known(email=ANNA))
    )
    import_of(client, {"email": ANNA, "external_id": "1001-anna", "locale": "nonsense"}, {"email": OTTO})
    client.call("GET", "/api/profiles", filter=f'equals(email,"{ANNA}")')
    client.call("GET", "/api/profiles", filter=f'equals(external_id,"1001-anna"),equals(email,"{ANNA}")')
    client.post("/api/data-sources", resource("data-source", title="Loyalty"))
    (source,) = client.ids("/api/data-sources")
    record = {"data": {"type": "data-source-record", "attributes": {"record": {"who": ANNA, "key": "1001-anna"}}}}
    related = {"data-source": reference("data-source", source)}
    client.post(SOURCE, resource("data-source-record-create-job", None, related, **{"data-source-record": record}))
    with klaviyo.store.transaction():
        object = {"object_type_id": "T", "record_properties": {"email": ANNA, "owner": "1001-anna"}}
        klaviyo.store.insert(Row("object-record", "T:::1", object), Row("object-record", f"T:::{ANNA}", object))
        klaviyo.store.links.add("owner", "T:::1", [f"email:{ANNA}", "external_id:1001-anna"], "2026-01-01")
        klaviyo.store.insert(Row("outbox-message", "M1", {"profile_id": id, "to": ANNA}))
        klaviyo.store.insert(Row("outbox-message", "M2", {"profile_id": "other", "cc_email": ANNA}))
        conversation = {"profile_id": id, "conversation_id": "C", "body": f"I am {ANNA}"}
        klaviyo.store.insert(Row("conversation-message", "CM", conversation))
        klaviyo.store.insert(Row("webhook-delivery", "D", delivery(klaviyo)))
    return id


def delivery(klaviyo):
    (event, *_) = klaviyo.store.rows("event")
    return {
        "webhook_id": "W",
        "event_id": event.id,
        "status": "failed",
        "due": "2026-01-01",
        "attempts": [{"body": ANNA}],
    }


def test_every_place_names_the_person_before(klaviyo, busy):
    assert {(where, word) for where in ("store", "journal") for word in WORDS} == left(klaviyo)


@pytest.mark.parametrize("name", ["email", "phone_number", "id"])
def test_nothing_names_an_erased_person(client, klaviyo, busy, name):
    identifier = {"email": ANNA, "phone_number": PHONE, "id": busy}[name]
    client.post(JOBS, deletion(**{name: identifier}))

    assert set() == left(klaviyo)
    assert [] == klaviyo.rows("webhook-delivery", 0, 9)
    assert [] == klaviyo.rows("data-source-record", 0, 9)


def test_what_is_not_the_persons_stays_readable(client, klaviyo, busy):
    client.track("Bought", f"jo{ANNA}", unique_id="2", properties={"sku": "1001-anna", "site": f"{ANNA}.uk"})
    client.post(JOBS, deletion(email=ANNA))

    (event,) = client.get("/api/events", filter=f'equals(profile_id,"{client.ids("/api/profiles")[-1]}")')["data"]
    shown = event["attributes"]["event_properties"]
    assert ("1001-anna", f"{ANNA}.uk") == (shown["sku"], shown["site"])
    assert f"jo{ANNA}" in {each["attributes"]["email"] for each in client.get("/api/profiles")["data"]}


def test_events_that_wait_do_not_bring_an_erased_person_back(client, klaviyo, anna):
    klaviyo.delay(processing_delay=timedelta(minutes=5))
    for email in (ANNA, OTTO):
        client.track("Bought", email, properties={"email": ANNA} if email == ANNA else {})
    client.post(JOBS, deletion(email=ANNA))
    assert set() == left(klaviyo)

    klaviyo.move_clock(START + timedelta(minutes=5))
    assert [OTTO] == [each["attributes"]["email"] for each in client.get("/api/profiles")["data"]]
    assert set() == left(klaviyo)


def test_a_job_that_waits_does_not_keep_an_erased_person(client, klaviyo, anna):
    klaviyo.delay(job_delay=timedelta(minutes=1))
    client.post(JOBS, deletion(email=ANNA))
    import_of(client, {"email": ANNA, "first_name": "Anna"}, {"email": OTTO})

    klaviyo.move_clock(START + timedelta(minutes=2))
    assert [OTTO] == [each["attributes"]["email"] for each in client.get("/api/profiles")["data"]]
    assert set() == left(klaviyo)


def test_a_legacy_request_does_not_keep_an_erased_person(client):
    legacy = Klaviyo(Config(clock=START, is_legacy=True))
    sent = b64encode(json.written({"token": "T", "event": "Bought", "customer_properties": {"$email": ANNA}}))
    client = Client(legacy)
    legacy.answer(Request("GET", "/api/track", f"data={sent.decode()}", {}, b"", "http://localhost"))
    assert 1 == len(client.ids("/api/profiles"))

    client.post(JOBS, deletion(email=ANNA))
    assert not any(sent.decode() in entry.url for entry in legacy.journal.entries())
    legacy.close()


def test_every_type_that_belongs_to_a_profile_goes_with_it():
    belonging = {each.type for each in TABLES if "profile_id" in {field.name for field in each.fields}}

    assert {"coupon-code"} == belonging - set(OWNED)  # a code is the shop's
