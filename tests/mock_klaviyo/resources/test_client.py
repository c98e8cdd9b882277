"""What browsers and apps send with the public key."""

from __future__ import annotations

import pytest

from tests.calling import channels, event, patched, profile, reference, resource

ANNA, OTTO = "anna@shop.example.org", "otto@shop.example.org"
PHONE = "+12025550123"
COMPANY = {"company_id": "MOCK01"}


def send(client, path, asked, **query):
    """An answer to a browser, which has no private key."""
    browser = {"authorization": ""}
    return client.call("POST", f"/client/{path}", asked, headers=browser, **(query or COMPANY))


@pytest.fixture
def anna(client):
    return client.create("/api/profiles", profile(email=ANNA, external_id="17"))


@pytest.fixture
def news(client):
    return client.create("/api/lists", resource("list", name="News", opt_in_process="single_opt_in"))


def subscription(list_id, **known):
    named = {"data": {"type": "profile", "attributes": known}}
    return resource("subscription", None, {"list": reference("list", list_id)}, custom_source="Footer", profile=named)


def bulk(*events, **known):
    named = {"data": {"type": "profile", "attributes": known}}
    metric = {"data": {"type": "metric", "attributes": {"name": "Viewed"}}}
    attributes = ({"properties": {}, "metric": metric} | each for each in events)
    data = [{"type": "event", "attributes": each} for each in attributes]
    return resource("event-bulk-create", profile=named, events={"data": data})


# the public key


def test_a_browser_needs_no_private_key(client):
    response = send(client, "events", event("Viewed", {"email": ANNA}))

    assert (202, b"") == (response.status, response.body)


def test_the_company_id_is_required(client):
    response = send(client, "events", event("Viewed", {"email": ANNA}), other="1")

    assert 400 == response.status
    assert "company_id" in [each["source"].get("parameter") for each in response.document["errors"]]


def test_another_company_id_is_refused_with_a_hint(client):
    response = send(client, "events", event("Viewed", {"email": ANNA}), company_id="ABC123")

    assert (400, "this server's public key is MOCK01") == (response.status, response.headers["X-Mock-Hint"])


def test_pages_of_other_sites_may_call(client):
    asked = {"origin": "https://shop.example.org", "access-control-request-method": "POST"}
    preflight = client.call("OPTIONS", "/client/events", headers=asked)

    assert (200, "*") == (preflight.status, preflight.headers["Access-Control-Allow-Origin"])
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "*" == preflight.headers["Access-Control-Allow-Headers"]
    assert "*" == send(client, "events", event("Viewed", {"email": ANNA})).headers["Access-Control-Allow-Origin"]
    assert "*" == send(client, "events", {}).headers["Access-Control-Allow-Origin"]


def test_other_sites_may_not_read_the_server_side(client):
    assert "Access-Control-Allow-Origin" not in client.call("GET", "/api/profiles").headers


# events


def test_a_browsers_event_is_stored(client):
    send(client, "events", event("Viewed", {"anonymous_id": "visitor"}, unique_id="1"))

    assert 1 == len(client.ids("/api/events"))


def test_many_events_of_one_profile_are_stored(client):
    response = send(client, "event-bulk-create", bulk({"unique_id": "1"}, {"unique_id": "2"}, email=ANNA))

    assert (202, b"") == (response.status, response.body)
    assert (2, 1) == (len(client.ids("/api/events")), len(client.ids("/api/profiles")))


def test_one_bad_event_refuses_all_with_its_place(client):
    response = send(client, "event-bulk-create", bulk({}, {"time": "2199-01-01"}, email=ANNA))

    places = [each["source"]["pointer"] for each in response.document["errors"]]
    assert (400, ["/data/attributes/events/data/1/attributes/time"]) == (response.status, places)


def test_at_most_1000_events_can_be_sent_at_once(client):
    assert 400 == send(client, "event-bulk-create", bulk(*[{}] * 1001, email=ANNA)).status


# profiles


def test_a_browser_makes_a_profile(client):
    response = send(client, "profiles", profile(email=ANNA, first_name="Anna"))

    assert (202, b"") == (response.status, response.body)
    assert "Anna" == client.get("/api/profiles")["data"][0]["attributes"]["first_name"]


def test_a_browser_changes_a_profile_but_not_its_identifiers(client, anna):
    send(client, "profiles", profile(email=OTTO, external_id="17", first_name="Anna"))

    found = client.profile(anna)
    assert ("Anna", ANNA, "17") == (found["first_name"], found["email"], found["external_id"])
    assert [anna] == client.ids("/api/profiles")


def test_a_browser_gives_a_profile_identifiers_that_it_lacks(client, anna):
    send(client, "profiles", profile(email=ANNA, phone_number=PHONE))

    assert PHONE == client.profile(anna)["phone_number"]


def test_a_visitor_who_identifies_becomes_the_known_person(client, anna):
    send(client, "profiles", profile(anonymous_id="visitor", properties={"theme": "dark"}))
    send(client, "profiles", profile(anonymous_id="visitor", email=ANNA))

    assert [anna] == client.ids("/api/profiles")
    assert {"theme": "dark"} == client.profile(anna)["properties"]


def test_a_browser_patches_properties(client, anna):
    asked = patched(anna, {"patch_properties": {"append": {"tags": "new"}}}, email=ANNA)
    send(client, "profiles", asked)

    assert {"tags": ["new"]} == client.profile(anna)["properties"]


def test_an_unknown_id_alone_changes_nothing(client):
    response = send(client, "profiles", resource("profile", "nobody"))

    assert (202, True) == (response.status, "no profile with id nobody" in response.headers["X-Mock-Hint"])
    assert [] == client.ids("/api/profiles")


@pytest.mark.parametrize("wrong", [{}, {"email": "wrong"}, {"phone_number": "wrong"}])
def test_a_bad_profile_is_refused(client, wrong):
    assert 400 == send(client, "profiles", profile(**wrong)).status


# subscriptions


def consents(client, id):
    subscriptions = client.profile(id)["subscriptions"]
    return {channel: subscriptions[channel]["marketing"]["consent"] for channel in ("email", "sms")}


def test_a_form_subscribes_by_email_to_marketing_unless_it_says_otherwise(client, anna, news):
    response = send(client, "subscriptions", subscription(news, email=ANNA))

    assert (202, b"") == (response.status, response.body)
    assert {"email": "SUBSCRIBED", "sms": "NEVER_SUBSCRIBED"} == consents(client, anna)
    assert [anna] == client.ids(f"/api/lists/{news}/profiles")


def test_a_form_with_both_identifiers_subscribes_on_both_channels(client, anna, news):
    send(client, "subscriptions", subscription(news, email=ANNA, phone_number=PHONE))

    assert {"email": "SUBSCRIBED", "sms": "SUBSCRIBED"} == consents(client, anna)


def test_a_form_may_choose_the_channel(client, anna, news):
    asked = subscription(news, email=ANNA, phone_number=PHONE, subscriptions=channels("sms"))
    send(client, "subscriptions", asked)

    assert {"email": "NEVER_SUBSCRIBED", "sms": "SUBSCRIBED"} == consents(client, anna)


def test_a_form_changes_other_attributes_of_the_profile(client, anna, news):
    meta = {"patch_properties": {"append": {"forms": "footer"}}}
    send(client, "subscriptions", subscription(news, email=ANNA, first_name="Anna", meta=meta))

    assert ("Anna", {"forms": ["footer"]}) == (client.profile(anna)["first_name"], client.profile(anna)["properties"])


@pytest.mark.parametrize("wrong", [{}, {"external_id": "17"}, {"email": "wrong"}])
def test_a_form_needs_an_address_or_a_phone_number(client, news, wrong):
    assert 400 == send(client, "subscriptions", subscription(news, **wrong)).status


def test_a_form_for_an_unknown_list_is_refused(client):
    response = send(client, "subscriptions", subscription("nobody", email=ANNA))

    assert (400, "List not found with id nobody.") == (response.status, response.document["errors"][0]["detail"])


@pytest.mark.parametrize("relationships", [{}, {"list": {}}])
def test_a_form_needs_a_list(client, relationships):
    asked = subscription("any", email=ANNA)
    asked["data"]["relationships"] = relationships

    assert 400 == send(client, "subscriptions", asked).status
