"""Profiles: create, change, import and merge them; what 409 says; what patches do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.calling import channels, consent, event, patched, profile, reference, resource

ANNA, OTTO = "anna@shop.example.org", "otto@shop.example.org"
PHONE, OTHER_PHONE = "+12025550123", "+12025550199"
JUST_BEFORE_A_SECOND = datetime(2026, 1, 1, 11, 17, 52, 969907, tzinfo=UTC)


@pytest.fixture
def anna(client):
    return client.create("/api/profiles", profile(email=ANNA))


def change(client, id, meta=None, **attributes):
    response = client.call("PATCH", f"/api/profiles/{id}", patched(id, meta, **attributes))
    assert 200 == response.status, response.document
    return response.document["data"]["attributes"]


def imported(client, id=None, meta=None, **attributes):
    return client.call("POST", "/api/profile-import", patched(id, meta, **attributes))


def merge(client, source, destination):
    relationships = {"profiles": [reference("profile", source)]}
    merged = resource("profile-merge", destination, relationships)
    del merged["data"]["attributes"]
    return client.call("POST", "/api/profile-merge", merged)


# create


def test_a_new_profile_shows_all_attributes_that_nobody_set(client):
    created = client.post("/api/profiles", profile(email=ANNA))["data"]["attributes"]

    names = ("phone_number", "external_id", "first_name", "last_name", "organization", "locale", "title", "image")
    assert dict.fromkeys(names) == {name: created[name] for name in names}
    assert {} == created["properties"]
    assert 10 == len(created["location"])
    assert {None} == set(created["location"].values())


def test_subscriptions_are_missing_unless_they_are_asked_for(client, anna):
    attributes = client.get(f"/api/profiles/{anna}")["data"]["attributes"]

    assert "subscriptions" not in attributes
    assert "predictive_analytics" not in attributes


def test_predictive_analytics_of_a_new_profile_is_an_object_of_nulls(client, anna):
    asked = {"additional-fields[profile]": "predictive_analytics"}
    analytics = client.get(f"/api/profiles/{anna}", **asked)["data"]["attributes"]["predictive_analytics"]

    assert {None} == set(analytics.values())


def test_times_of_a_new_profile_have_microseconds_only_in_the_answer_to_its_creation(client, klaviyo):
    klaviyo.move_clock(JUST_BEFORE_A_SECOND)

    created = client.post("/api/profiles", profile(email=ANNA))["data"]

    assert "2026-01-01T11:17:52.969907+00:00" == created["attributes"]["created"]
    assert "2026-01-01T11:17:52.969931+00:00" == created["attributes"]["updated"]
    assert "2026-01-01T11:17:53+00:00" == client.profile(created["id"])["created"]  # rounded, not cut


def test_only_the_time_of_change_has_microseconds_after_a_change(client, klaviyo, anna):
    klaviyo.move_clock(JUST_BEFORE_A_SECOND)

    changed = change(client, anna, first_name="Anna")

    assert "2026-01-01T00:00:00+00:00" == changed["created"]
    assert "2026-01-01T11:17:52.969931+00:00" == changed["updated"]


def test_the_id_of_a_profile_begins_with_its_time(client, klaviyo):
    klaviyo.move_clock(datetime(2026, 4, 28, 11, 53, 38, 699_000, tzinfo=UTC))

    assert "01KQ9Z044B" == client.create("/api/profiles", profile(email=ANNA))[:10]


def test_a_created_profile_has_no_location_header(client):
    assert "Location" not in client.call("POST", "/api/profiles", profile(email=ANNA)).headers


def test_an_email_address_is_kept_in_lower_case_without_spaces(client):
    created = client.post("/api/profiles", profile(email=" Anna@Shop.Example.ORG "))["data"]["attributes"]

    assert ANNA == created["email"]


def test_placeholder_addresses_make_profiles(client):
    assert 201 == client.call("POST", "/api/profiles", profile(email="guest@example.com")).status


@pytest.mark.parametrize("attributes", [{}, {"first_name": "Anna"}, {"email": None, "phone_number": None}])
def test_a_profile_needs_an_identifier(client, attributes):
    status, error = client.error("POST", "/api/profiles", profile(**attributes))

    assert (400, "/data/attributes") == (status, error["source"]["pointer"])


@pytest.mark.parametrize("email", ["anna", "anna@", "@shop.example.org", "", "a" * 100 + "@shop.example.org"])
def test_a_bad_email_address_is_refused_in_klaviyos_words(client, email):
    status, error = client.error("POST", "/api/profiles", profile(email=email))

    assert (400, "Invalid email address") == (status, error["detail"])
    assert "/data/attributes/email" == error["source"]["pointer"]


@pytest.mark.parametrize("phone_number", ["2025550123", "+1", "+1 202 555 0123", "call me"])
def test_a_bad_phone_number_is_refused_in_klaviyos_words(client, phone_number):
    status, error = client.error("POST", "/api/profiles", profile(phone_number=phone_number))

    assert (400, "/data/attributes/phone_number") == (status, error["source"]["pointer"])
    assert "Invalid phone number format (Example of a valid format: +12345678901)" == error["detail"]


@pytest.mark.parametrize(
    "wrong", [{"external_id": "x" * 256}, {"locale": "in Czech"}, {"location": {"latitude": "north"}}]
)
def test_other_impossible_attributes_are_refused_where_they_stand(client, wrong):
    status, error = client.error("POST", "/api/profiles", profile(email=ANNA, **wrong))

    assert 400 == status
    assert error["source"]["pointer"].startswith(f"/data/attributes/{next(iter(wrong))}")


def test_a_profile_of_more_than_100_kb_is_too_large(client):
    texts = {f"text {number}": "x" * 60_000 for number in range(2)}

    assert 413 == client.error("POST", "/api/profiles", profile(email=ANNA, properties=texts))[0]


def test_an_integer_external_id_is_given_back_as_an_integer(client):
    created = client.post("/api/profiles", profile(external_id=17))["data"]

    assert 17 == created["attributes"]["external_id"]
    assert [created["id"]] == client.ids("/api/profiles", filter='equals(external_id,"17")')


def test_an_integer_external_id_and_its_text_are_the_same(client):
    seventeen = client.create("/api/profiles", profile(external_id=17))

    assert (409, seventeen) == duplicate(client.error("POST", "/api/profiles", profile(external_id="17")))


def test_an_integer_external_id_of_more_than_64_bits_is_refused(client):
    assert 400 == client.error("POST", "/api/profiles", profile(external_id=2**63))[0]


def test_coordinates_may_be_texts_and_come_back_as_numbers(client):
    location = {"latitude": "50.1", "longitude": 14.4}
    created = client.post("/api/profiles", profile(email=ANNA, location=location))["data"]["attributes"]

    assert (50.1, 14.4) == (created["location"]["latitude"], created["location"]["longitude"])


@pytest.mark.parametrize(
    ("locale", "derived"),
    [
        ("en-US", {"$locale_language": "en", "$locale_country": "US"}),
        ("cs", {"$locale_language": "cs"}),
        ("zh-Hant-TW", {"$locale_language": "zh", "$locale_country": "TW"}),
    ],
)
def test_language_and_country_are_derived_from_the_locale(client, locale, derived):
    created = client.post("/api/profiles", profile(email=ANNA, locale=locale))["data"]["attributes"]

    assert derived == created["properties"]


# duplicates


def duplicate(refusal):
    status, error = refusal
    assert "duplicate_profile" == error["code"]
    assert "A profile already exists with one of these identifiers." == error["detail"]
    assert "/data/attributes" == error["source"]["pointer"]
    return status, error["meta"]["duplicate_profile_id"]


@pytest.mark.parametrize("taken", [{"email": ANNA}, {"phone_number": PHONE}, {"external_id": "17"}])
def test_a_taken_identifier_is_a_conflict_that_names_its_profile(client, taken):
    first = client.create("/api/profiles", profile(**taken))

    assert (409, first) == duplicate(client.error("POST", "/api/profiles", profile(**taken)))


@pytest.mark.parametrize("taken", [{"email": OTTO}, {"phone_number": PHONE}, {"external_id": "17"}])
def test_a_change_to_a_taken_identifier_is_a_conflict(client, anna, taken):
    other = client.create("/api/profiles", profile(**taken))
    refusal = client.error("PATCH", f"/api/profiles/{anna}", resource("profile", anna, **taken))

    assert (409, other) == duplicate(refusal)


def test_a_conflict_changes_nothing(client, anna):
    client.create("/api/profiles", profile(email=OTTO))
    client.error("PATCH", f"/api/profiles/{anna}", resource("profile", anna, email=OTTO, first_name="Anna"))

    assert (ANNA, None) == (client.profile(anna)["email"], client.profile(anna)["first_name"])


def test_an_import_whose_identifiers_belong_to_two_profiles_is_a_conflict(client, anna):
    otto = client.create("/api/profiles", profile(phone_number=PHONE))
    refusal = client.error("POST", "/api/profile-import", profile(email=ANNA, phone_number=PHONE))

    assert (409, otto) == duplicate(refusal)


def test_a_profile_may_be_given_its_own_identifiers_again(client, anna):
    assert ANNA == change(client, anna, email=ANNA)["email"]


# change


def test_absent_stays_and_null_clears(client, anna):
    change(client, anna, first_name="Anna", last_name="Berg", phone_number=PHONE)

    changed = change(client, anna, first_name=None, phone_number=None)

    assert (None, "Berg", None) == (changed["first_name"], changed["last_name"], changed["phone_number"])


def test_a_cleared_identifier_is_free_again(client, anna):
    change(client, anna, phone_number=PHONE)
    change(client, anna, phone_number=None)

    assert 201 == client.call("POST", "/api/profiles", profile(phone_number=PHONE)).status


def test_null_does_not_clear_an_anonymous_id(client):
    client.post("/api/events", event("Viewed", {"anonymous_id": "visitor", "email": ANNA}))
    client.post("/api/events", event("Bought", {"anonymous_id": None, "email": ANNA}))
    client.post("/api/events", event("Viewed again", {"anonymous_id": "visitor"}))

    assert 1 == len(client.ids("/api/profiles"))


def test_a_location_is_merged_member_by_member(client, anna):
    change(client, anna, location={"city": "Bonn", "zip": "53111"})

    location = change(client, anna, location={"zip": None, "country": "Germany"})["location"]

    assert ("Bonn", None, "Germany") == (location["city"], location["zip"], location["country"])


def test_a_null_location_clears_all_of_it(client, anna):
    change(client, anna, location={"city": "Bonn"})

    assert {None} == set(change(client, anna, location=None)["location"].values())


def test_properties_are_merged_key_by_key(client, anna):
    change(client, anna, properties={"size": "M", "shoe": 38})

    assert {"size": "L", "shoe": 38} == change(client, anna, properties={"size": "L"})["properties"]


@pytest.mark.parametrize("nothing", [0, "", None, []])
def test_empty_profile_properties_are_kept(client, anna, nothing):
    assert {"points": nothing} == change(client, anna, properties={"points": nothing})["properties"]


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ({}, {"append": {"tags": "a"}}, {"tags": ["a"]}),
        ({"tags": ["a"]}, {"append": {"tags": ["a", "b"]}}, {"tags": ["a", "b"]}),
        ({"tags": "a"}, {"append": {"tags": "b"}}, {"tags": ["a", "b"]}),
        ({"tags": ["a", "b"]}, {"unappend": {"tags": "a"}}, {"tags": ["b"]}),
        ({"tags": ["a", "b"]}, {"unappend": {"tags": ["a", "b"]}}, {"tags": []}),
        ({}, {"unappend": {"tags": "a"}}, {}),
        ({"old": 1, "new": 2}, {"unset": "old"}, {"new": 2}),
        ({"old": 1, "new": 2}, {"unset": ["old", "new"]}, {}),
        ({"tags": ["a"]}, {"append": {"tags": "b"}, "unset": "tags"}, {}),
    ],
)
def test_single_properties_are_patched(client, anna, before, patch, after):
    change(client, anna, properties=before)

    assert after == change(client, anna, meta={"patch_properties": patch})["properties"]


def test_patches_come_after_properties_of_the_same_name(client, anna):
    patched = change(client, anna, properties={"tags": ["a"]}, meta={"patch_properties": {"append": {"tags": "b"}}})

    assert {"tags": ["a", "b"]} == patched["properties"]


def test_a_secondary_email_address_finds_the_profile(client, anna):
    change(client, anna, meta={"patch_identifiers": {"append": {"email": "Anna.Berg@work.example.org"}}})

    response = imported(client, email="anna.berg@work.example.org", first_name="Anna")

    assert (200, anna) == (response.status, response.document["data"]["id"])


def test_a_removed_secondary_email_address_finds_the_profile_no_more(client, anna):
    change(client, anna, meta={"patch_identifiers": {"append": {"email": ["work@shop.example.org"]}}})
    change(client, anna, meta={"patch_identifiers": {"unappend": {"email": "work@shop.example.org"}}})

    assert 201 == imported(client, email="work@shop.example.org").status


def test_a_secondary_email_address_that_another_has_is_a_conflict(client, anna):
    otto = client.create("/api/profiles", profile(email=OTTO))
    patch = {"patch_identifiers": {"append": {"email": OTTO}}}
    refusal = client.error("PATCH", f"/api/profiles/{anna}", patched(anna, patch))

    assert (409, otto) == duplicate(refusal)


@pytest.mark.parametrize("members", [{"phone_number": PHONE}, {"email": 5}, {"email": ["nobody"]}, {"email": {"a": 1}}])
def test_only_email_addresses_can_be_patched(client, anna, members):
    patch = {"patch_identifiers": {"append": members}}

    assert 400 == client.error("PATCH", f"/api/profiles/{anna}", patched(anna, patch))[0]


def test_an_unknown_profile_is_not_found_in_klaviyos_words(client):
    status, error = client.error("PATCH", "/api/profiles/invalid", resource("profile", "invalid"))

    assert (404, "A profile with id invalid does not exist.") == (status, error["detail"])


def test_the_body_must_speak_of_the_profile_in_the_path(client, anna):
    assert 400 == client.error("PATCH", f"/api/profiles/{anna}", resource("profile", "other"))[0]


# import


def test_an_import_creates_with_201_and_changes_with_200(client):
    first, second = imported(client, email=ANNA), imported(client, email=ANNA, first_name="Anna")

    assert (201, 200) == (first.status, second.status)
    assert first.document["data"]["id"] == second.document["data"]["id"]
    assert "Anna" == second.document["data"]["attributes"]["first_name"]


@pytest.mark.parametrize("identifier", [{"email": ANNA}, {"phone_number": PHONE}, {"external_id": "17"}, {"_kx": "k"}])
def test_an_import_finds_a_profile_by_any_identifier(client, identifier):
    first = imported(client, **identifier)

    assert [201, 200] == [first.status, imported(client, **identifier).status]


def test_an_import_finds_a_profile_by_id_and_gives_it_new_identifiers(client, anna):
    response = imported(client, id=anna, email=OTTO, phone_number=PHONE)

    assert (200, OTTO) == (response.status, response.document["data"]["attributes"]["email"])


def test_an_import_for_an_unknown_id_alone_is_not_found(client):
    status, error = client.error("POST", "/api/profile-import", resource("profile", "nobody"))

    assert (404, "A profile with id nobody does not exist.") == (status, error["detail"])


def test_an_import_clears_nulls_and_patches_properties(client, anna):
    change(client, anna, first_name="Anna", properties={"tags": ["a"]})

    response = imported(client, email=ANNA, first_name=None, meta={"patch_properties": {"append": {"tags": "b"}}})

    attributes = response.document["data"]["attributes"]
    assert (None, {"tags": ["a", "b"]}) == (attributes["first_name"], attributes["properties"])


# merge


@pytest.fixture
def otto(client):
    return client.create("/api/profiles", profile(email=OTTO))


def test_a_merge_answers_202_with_the_bare_destination(client, anna, otto):
    response = merge(client, otto, anna)

    assert 202 == response.status
    assert ({}, anna) == (response.document["data"]["attributes"], response.document["data"]["id"])


def test_the_source_of_a_merge_is_gone(client, anna, otto):
    merge(client, otto, anna)

    assert 404 == client.call("GET", f"/api/profiles/{otto}").status


def test_the_destinations_values_win_and_the_source_fills_gaps(client, anna, otto):
    change(client, anna, first_name="Anna", properties={"size": "M"})
    change(client, otto, first_name="Otto", last_name="Berg", properties={"size": "L", "shoe": 44})

    merge(client, otto, anna)

    merged = client.profile(anna)
    assert ("Anna", "Berg", ANNA) == (merged["first_name"], merged["last_name"], merged["email"])
    assert {"size": "M", "shoe": 44} == merged["properties"]


def test_identifiers_of_the_source_fill_gaps_and_find_the_destination(client, anna, otto):
    change(client, otto, phone_number=PHONE)

    merge(client, otto, anna)

    assert PHONE == client.profile(anna)["phone_number"]
    assert 200 == imported(client, email=OTTO).status


def test_the_time_zone_comes_from_the_source_and_the_location_from_the_fuller_one(client, anna, otto):
    change(client, anna, location={"city": "Bonn", "country": "Germany", "timezone": "Europe/Berlin"})
    change(client, otto, location={"city": "Oslo", "timezone": "Europe/Oslo"})

    merge(client, otto, anna)

    location = client.profile(anna)["location"]
    assert ("Bonn", "Germany", "Europe/Oslo") == (location["city"], location["country"], location["timezone"])


def test_events_lists_and_push_tokens_move_to_the_destination(client, anna, otto):
    client.track("Bought", OTTO)
    news = client.create("/api/lists", resource("list", name="News"))
    client.post(f"/api/lists/{news}/relationships/profiles", {"data": [reference("profile", otto)]})
    named = {"data": {"type": "profile", "id": otto, "attributes": {}}}
    token = resource("push-token", token="t", platform="ios", vendor="apns", profile=named)
    client.post("/api/push-tokens", token)

    merge(client, otto, anna)

    assert 1 == len(client.ids("/api/events", filter=f'equals(profile_id,"{anna}")'))
    assert [anna] == client.ids(f"/api/lists/{news}/profiles", filter='equals(push_token,"t")')
    assert 1 == len(client.ids(f"/api/profiles/{anna}/push-tokens"))


def test_the_same_event_of_both_profiles_is_kept_once(client, anna, otto):
    client.track("Bought", ANNA, unique_id="1")
    client.track("Bought", OTTO, unique_id="1")

    merge(client, otto, anna)

    assert 1 == len(client.ids("/api/events"))


@pytest.mark.parametrize("is_subscribed", [False, True])
def test_a_suppressed_source_suppresses_the_destination(client, anna, otto, is_subscribed):
    if is_subscribed:
        asked = consent({"email": ANNA, "subscriptions": channels(consented_at="2025-05-01")}, historical_import=True)
        client.post("/api/profile-subscription-bulk-create-jobs", asked)
    named = {"data": [{"type": "profile", "attributes": {"email": OTTO}}]}
    client.post(
        "/api/profile-suppression-bulk-create-jobs", resource("profile-suppression-bulk-create-job", profiles=named)
    )

    merge(client, otto, anna)

    marketing = client.profile(anna)["subscriptions"]["email"]["marketing"]
    assert ["USER_SUPPRESSED"] == [each["reason"] for each in marketing["suppression"]]
    assert not marketing["can_receive_email_marketing"]


def test_consent_that_only_the_source_gave_moves_to_the_destination(client, anna, otto):
    asked = consent(
        {"email": OTTO, "subscriptions": channels(consented_at="2025-05-01T00:00:00Z")}, historical_import=True
    )
    client.post("/api/profile-subscription-bulk-create-jobs", asked)

    merge(client, otto, anna)

    marketing = client.profile(anna)["subscriptions"]["email"]["marketing"]
    assert ("SUBSCRIBED", "2025-05-01T00:00:00+00:00") == (marketing["consent"], marketing["consent_timestamp"])


def test_a_profile_cannot_be_merged_into_itself(client, anna):
    assert 400 == merge(client, anna, anna).status


def test_a_merge_of_an_unknown_profile_is_not_found(client, anna):
    assert 404 == merge(client, "nobody", anna).status
    assert 404 == merge(client, anna, "nobody").status


def test_a_merge_needs_exactly_one_source(client, anna, otto):
    data = {"type": "profile-merge", "id": anna, "relationships": {"profiles": {"data": []}}}

    assert 400 == client.error("POST", "/api/profile-merge", {"data": data})[0]


# read


def test_profiles_come_in_the_order_of_their_ids(client, klaviyo):
    made = []
    for number in range(3):
        made.append(client.create("/api/profiles", profile(external_id=f"{9 - number}")))
        klaviyo.move_clock(klaviyo.clock.now + timedelta(milliseconds=5))

    assert made == client.ids("/api/profiles")
    assert sorted(made) == made


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('equals(email,"anna@shop.example.org")', 1),
        ('equals(email,["anna@shop.example.org","otto@shop.example.org"])', 2),
        ("any(email,['anna@shop.example.org','nobody@shop.example.org'])", 1),
        ('equals(email,"ANNA@shop.example.org")', 0),
        ("greater-than(created,2025-12-31T23:59:59Z)", 2),
        ("less-than(updated,2026-01-01T00:00:00Z)", 0),
        ('equals(email,"anna@shop.example.org"),less-than(created,2026-02-01)', 1),
    ],
)
def test_profiles_are_filtered(client, anna, otto, text, found):
    assert found == len(client.ids("/api/profiles", filter=text))


def test_profiles_are_sorted(client, anna, otto):
    assert [otto, anna] == client.ids("/api/profiles", sort="-email")


def test_a_profile_includes_its_lists_and_push_tokens(client, anna):
    news = client.create("/api/lists", resource("list", name="News"))
    client.post(f"/api/lists/{news}/relationships/profiles", {"data": [reference("profile", anna)]})

    found = client.get(f"/api/profiles/{anna}", include="lists,push-tokens,segments")

    assert [("list", news)] == [(each["type"], each["id"]) for each in found["included"]]
    assert [] == found["data"]["relationships"]["push-tokens"]["data"]


def test_an_event_moves_the_last_event_date_and_the_time_of_change(client, klaviyo, anna):
    klaviyo.move_clock(datetime(2026, 1, 5, tzinfo=UTC))
    client.track("Bought", ANNA, time="2026-01-03T10:00:00.9Z")
    client.track("Bought", ANNA, time="2025-12-31T10:00:00Z")

    found = client.profile(anna)
    assert ("2026-01-03T10:00:00+00:00", "2026-01-05T00:00:00+00:00") == (found["last_event_date"], found["updated"])


def test_profiles_cannot_be_deleted(client, anna):
    assert 405 == client.error("DELETE", f"/api/profiles/{anna}")[0]
