"""Consent: subscribing, unsubscribing, suppressing, and what profiles and filters show of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mock_klaviyo.config import Account, Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, channels, consent, no_channels, profile, reference, resource, withdrawal
from tests.conftest import START

ANNA, OTTO = "anna@shop.example.org", "otto@shop.example.org"
PHONE = "+12025550123"
SUBSCRIBE = "/api/profile-subscription-bulk-create-jobs"
UNSUBSCRIBE = "/api/profile-subscription-bulk-delete-jobs"
SUPPRESS = "/api/profile-suppression-bulk-create-jobs"
UNSUPPRESS = "/api/profile-suppression-bulk-delete-jobs"
IN_MAY = "2025-05-01T00:00:00+00:00"


@pytest.fixture
def anna(client):
    return client.create("/api/profiles", profile(email=ANNA, phone_number=PHONE))


def make_list(client, process="single_opt_in"):
    return client.create("/api/lists", resource("list", name="News", opt_in_process=process))


@pytest.fixture
def single(client):
    return make_list(client)


@pytest.fixture
def double(client):
    return make_list(client, "double_opt_in")


def subscribe(client, list_id=None, subscriptions=None, **attributes):
    subscriptions = subscriptions or channels()
    client.post(SUBSCRIBE, consent({"email": ANNA, "subscriptions": subscriptions}, list_id=list_id, **attributes))


def unsubscribe(client, list_id=None, subscriptions=None):
    client.post(
        UNSUBSCRIBE, withdrawal({"email": ANNA, "subscriptions": subscriptions or no_channels()}, list_id=list_id)
    )


def suppression(action, *emails, list_id=None, segment_id=None):
    named = {"data": [{"type": "profile", "attributes": {"email": email}} for email in emails]}
    groups = {
        "list": list_id and reference("list", list_id),
        "segment": segment_id and reference("segment", segment_id),
    }
    relationships = {name: group for name, group in groups.items() if group}
    attributes = {"profiles": named} if emails else {}
    return resource(f"profile-suppression-bulk-{action}-job", None, relationships, **attributes)


def marketing(client, id, channel="email", kind="marketing"):
    return client.profile(id)["subscriptions"][channel][kind]


# a new profile


def test_a_new_profile_never_subscribed_and_can_receive_email(client, anna):
    found = marketing(client, anna)

    assert ("NEVER_SUBSCRIBED", True) == (found["consent"], found["can_receive_email_marketing"])
    assert ([], [], None) == (found["suppression"], found["list_suppressions"], found["consent_timestamp"])


def test_a_new_profile_cannot_receive_texts_and_has_no_whatsapp(client, anna):
    subscriptions = client.profile(anna)["subscriptions"]

    assert not subscriptions["sms"]["marketing"]["can_receive_sms_marketing"]
    assert not subscriptions["sms"]["transactional"]["can_receive_sms_transactional"]
    assert not subscriptions["mobile_push"]["marketing"]["can_receive_push_marketing"]
    assert subscriptions["whatsapp"] is None


# subscribe


def test_a_subscription_job_answers_202_with_an_empty_body(client, single):
    response = client.call("POST", SUBSCRIBE, consent({"email": ANNA, "subscriptions": channels()}, list_id=single))

    assert (202, b"") == (response.status, response.body)
    assert "Content-Type" not in response.headers


def test_single_opt_in_subscribes_at_once_and_joins_the_list(client, anna, single):
    subscribe(client, single)

    found = marketing(client, anna)
    assert ("SUBSCRIBED", "2026-01-01T00:00:00+00:00") == (found["consent"], found["consent_timestamp"])
    assert found["can_receive_email_marketing"]
    assert [anna] == client.ids(f"/api/lists/{single}/profiles")


def test_double_opt_in_leaves_a_known_profile_as_it_is(client, anna, double):
    subscribe(client, double)

    assert "NEVER_SUBSCRIBED" == marketing(client, anna)["consent"]
    assert [] == client.ids(f"/api/lists/{double}/profiles")


def test_double_opt_in_makes_no_profile_and_says_so_in_a_hint(client, double):
    response = client.call("POST", SUBSCRIBE, consent({"email": ANNA, "subscriptions": channels()}, list_id=double))

    assert "double opt-in" in response.headers["X-Mock-Hint"]
    assert [] == client.ids("/api/profiles")


def test_without_a_list_the_account_decides(client):
    subscribe(client)
    assert [] == client.ids("/api/profiles")  # accounts begin with double opt-in

    account = Account(id="MOCK01", opt_in_process="single_opt_in")
    client = Client(Klaviyo(Config(clock=START, account=account)))
    subscribe(client)
    assert 1 == len(client.ids("/api/profiles"))


def test_a_historical_import_needs_no_confirmation_and_keeps_its_time(client, double):
    subscribe(client, double, channels(consented_at="2025-05-01T00:00:00Z"), historical_import=True)

    (anna,) = client.ids(f"/api/lists/{double}/profiles")
    assert ("SUBSCRIBED", IN_MAY) == (marketing(client, anna)["consent"], marketing(client, anna)["consent_timestamp"])


@pytest.mark.parametrize(
    ("subscriptions", "attributes"),
    [
        (channels(), {"historical_import": True}),
        (channels(consented_at="2026-05-01T00:00:00Z"), {"historical_import": True}),
        (channels(consented_at="2025-05-01T00:00:00Z"), {}),
    ],
    ids=["without a time", "in the future", "without the flag"],
)
def test_times_of_consent_belong_to_historical_imports_and_to_the_past(client, subscriptions, attributes):
    asked = consent({"email": ANNA, "subscriptions": subscriptions}, **attributes)
    status, error = client.error("POST", SUBSCRIBE, asked)

    place = "/data/attributes/profiles/data/0/attributes/subscriptions/email/marketing/consented_at"
    assert (400, place) == (status, error["source"]["pointer"])


def test_a_list_that_nobody_knows_is_invalid_input(client):
    status, error = client.error(
        "POST", SUBSCRIBE, consent({"email": ANNA, "subscriptions": channels()}, list_id="invalid-list-id")
    )

    assert (400, "List not found with id invalid-list-id.") == (status, error["detail"])
    assert "/data/relationships/list/data/id" == error["source"]["pointer"]


def test_other_attributes_of_a_profile_are_refused_in_klaviyos_words(client):
    asked = consent({"email": ANNA, "last_name": "Berg", "subscriptions": channels()})
    status, error = client.error("POST", SUBSCRIBE, asked)

    assert (400, "'last_name' is not a valid field for the resource 'profile'.") == (status, error["detail"])
    assert "/data/attributes/profiles/data/0/attributes/last_name" == error["source"]["pointer"]


def test_texts_need_a_phone_number(client):
    status, error = client.error("POST", SUBSCRIBE, consent({"email": ANNA, "subscriptions": channels("sms")}))

    expected = "'phone_number' must not be empty when the sms channel is included in 'subscriptions'."
    assert (400, expected) == (status, error["detail"])


@pytest.mark.parametrize(
    ("channel", "kind", "member"),
    [
        ("sms", "marketing", "can_receive_sms_marketing"),
        ("sms", "transactional", "can_receive_sms_transactional"),
        ("whatsapp", "marketing", "can_receive"),
        ("whatsapp", "transactional", "can_receive"),
    ],
)
def test_other_channels_are_subscribed_by_phone_number(client, anna, single, channel, kind, member):
    asked = consent({"phone_number": PHONE, "subscriptions": channels(channel, kind)}, list_id=single)
    client.post(SUBSCRIBE, asked)

    found = marketing(client, anna, channel, kind)
    assert ("SUBSCRIBED", True) == (found["consent"], found[member])


def test_push_consent_keeps_the_tokens_that_come_with_it(client, anna, double):
    token = {"token": "t", "platform": "ios", "vendor": "apns"}
    subscribe(client, double, {"push": {"marketing": {"consent": "SUBSCRIBED"}, "tokens": [token]}})

    assert "SUBSCRIBED" == marketing(client, anna, "mobile_push")["consent"]
    assert 1 == len(client.ids(f"/api/profiles/{anna}/push-tokens"))


def test_consent_to_open_tracking_puts_nobody_on_the_list(client, anna, single):
    subscribe(client, single, channels("email", "open_tracking"))

    assert "SUBSCRIBED" == marketing(client, anna, "email", "open_tracking")["consent"]
    assert [] == client.ids(f"/api/lists/{single}/profiles")


def test_open_tracking_needs_no_time_in_a_historical_import(client, anna):
    subscriptions = {"email": channels(consented_at=IN_MAY)["email"] | channels("email", "open_tracking")["email"]}
    subscribe(client, None, subscriptions, historical_import=True)

    assert "SUBSCRIBED" == marketing(client, anna, "email", "open_tracking")["consent"]


def test_the_source_of_consent_is_kept(client, anna, single):
    subscribe(client, single, custom_source="Kiosk")

    found = marketing(client, anna)
    assert ("API", "Kiosk", "Kiosk") == (found["method"], found["method_detail"], found["custom_method_detail"])


def test_consent_lifts_the_suppressions_that_a_person_can_lift(client, anna, single):
    unsubscribe(client)
    client.post(SUPPRESS, suppression("create", ANNA))

    subscribe(client, single)

    assert ([], True) == (
        marketing(client, anna)["suppression"],
        marketing(client, anna)["can_receive_email_marketing"],
    )


@pytest.mark.parametrize("count", [0, 1001])
def test_1_to_1000_profiles_can_be_subscribed(client, count):
    people = [{"email": f"{number}@shop.example.org", "subscriptions": channels()} for number in range(count)]

    assert 400 == client.error("POST", SUBSCRIBE, consent(*people))[0]


def test_a_profile_is_subscribed_by_its_id(client, anna, single):
    asked = consent({"subscriptions": channels()}, list_id=single)
    asked["data"]["attributes"]["profiles"]["data"][0]["id"] = anna
    client.post(SUBSCRIBE, asked)

    assert "SUBSCRIBED" == marketing(client, anna)["consent"]


def test_an_unknown_id_subscribes_nobody(client, single):
    asked = consent({"subscriptions": channels()}, list_id=single)
    asked["data"]["attributes"]["profiles"]["data"][0]["id"] = "nobody"
    response = client.call("POST", SUBSCRIBE, asked)

    assert 202 == response.status
    assert "no profile with id nobody" in response.headers["X-Mock-Hint"]


def test_nobody_is_subscribed_when_one_of_many_is_wrong(client, anna, single):
    people = ({"email": ANNA, "subscriptions": channels()}, {"email": "wrong", "subscriptions": channels()})
    status, error = client.error("POST", SUBSCRIBE, consent(*people, list_id=single))

    assert (400, "/data/attributes/profiles/data/1/attributes/email") == (status, error["source"]["pointer"])
    assert "NEVER_SUBSCRIBED" == marketing(client, anna)["consent"]


# unsubscribe


def test_without_a_list_a_profile_is_unsubscribed_everywhere(client, anna, single):
    subscribe(client, single)

    unsubscribe(client)

    found = marketing(client, anna)
    assert ("UNSUBSCRIBED", False) == (found["consent"], found["can_receive_email_marketing"])
    assert ["UNSUBSCRIBE"] == [each["reason"] for each in found["suppression"]]


def test_with_a_list_a_member_leaves_only_that_list(client, anna, single):
    subscribe(client, single)

    unsubscribe(client, single)

    found = marketing(client, anna)
    assert ("SUBSCRIBED", [single]) == (found["consent"], [each["list_id"] for each in found["list_suppressions"]])
    assert [] == client.ids(f"/api/lists/{single}/profiles")


def test_with_a_list_a_stranger_to_it_is_unsubscribed_everywhere(client, anna, single):
    unsubscribe(client, single)

    assert "UNSUBSCRIBED" == marketing(client, anna)["consent"]


def test_somebody_unknown_is_unsubscribed_as_a_new_profile(client):
    unsubscribe(client)

    (anna,) = client.ids("/api/profiles")
    assert "UNSUBSCRIBED" == marketing(client, anna)["consent"]


def test_an_sms_subscription_ends_without_touching_email(client, anna, single):
    client.post(SUBSCRIBE, consent({"phone_number": PHONE, "subscriptions": channels("sms")}, list_id=single))

    client.post(UNSUBSCRIBE, withdrawal({"phone_number": PHONE, "subscriptions": no_channels("sms")}))

    assert "UNSUBSCRIBED" == marketing(client, anna, "sms")["consent"]
    assert "NEVER_SUBSCRIBED" == marketing(client, anna)["consent"]


def test_push_tokens_leave_with_push_consent(client, anna, single):
    token = {"token": "t", "platform": "ios", "vendor": "apns"}
    subscribe(client, single, {"push": {"marketing": {"consent": "SUBSCRIBED"}, "tokens": [token]}})

    unsubscribe(client, None, {"push": {"marketing": {"consent": "UNSUBSCRIBED"}, "tokens": [token]}})

    assert [] == client.ids("/api/push-tokens")


def test_at_most_100_profiles_can_be_unsubscribed(client):
    people = [{"email": f"{number}@shop.example.org", "subscriptions": no_channels()} for number in range(101)]

    assert 400 == client.error("POST", UNSUBSCRIBE, withdrawal(*people))[0]


def test_leaving_a_list_does_not_touch_consent(client, anna, single):
    subscribe(client, single)

    members = {"data": [reference("profile", anna)]}
    client.call("DELETE", f"/api/lists/{single}/relationships/profiles", members)

    assert "SUBSCRIBED" == marketing(client, anna)["consent"]


# suppress


def test_a_new_suppression_job_looks_as_klaviyos_first_answer(client, anna):
    created = client.post(SUPPRESS, suppression("create", ANNA))["data"]

    second = "2026-01-01T00:00:00+00:00"
    counts = {"total_count": 0, "completed_count": 0, "skipped_count": 0}
    expected = {"status": "processing", "created_at": second, "completed_at": second, **counts}
    assert expected == created["attributes"]


def test_a_suppression_job_can_be_polled_and_counts_what_it_skipped(client, anna):
    client.post(SUPPRESS, suppression("create", ANNA))
    job = client.create(SUPPRESS, suppression("create", ANNA, OTTO))

    found = client.get(f"{SUPPRESS}/{job}")["data"]["attributes"]
    assert ("complete", 2, 1, 1) == tuple(
        found[name] for name in ("status", "total_count", "completed_count", "skipped_count")
    )


def test_a_suppressed_profile_cannot_receive_email(client, anna):
    client.post(SUPPRESS, suppression("create", ANNA))

    found = marketing(client, anna)
    assert [{"reason": "USER_SUPPRESSED", "timestamp": "2026-01-01T00:00:00+00:00"}] == found["suppression"]
    assert not found["can_receive_email_marketing"]


def test_an_unknown_address_becomes_a_suppressed_profile(client):
    client.post(SUPPRESS, suppression("create", OTTO))

    (otto,) = client.ids("/api/profiles")
    assert not marketing(client, otto)["can_receive_email_marketing"]


def test_all_members_of_a_list_are_suppressed(client, anna, single):
    client.post(f"/api/lists/{single}/relationships/profiles", {"data": [reference("profile", anna)]})

    job = client.create(SUPPRESS, suppression("create", list_id=single))

    assert not marketing(client, anna)["can_receive_email_marketing"]
    assert [job] == client.ids(SUPPRESS, filter=f'equals(list_id,"{single}")')
    assert [] == client.ids(SUPPRESS, filter='equals(list_id,"other")')


def test_unsuppressing_lifts_only_what_a_user_suppressed(client, anna):
    unsubscribe(client)
    client.post(SUPPRESS, suppression("create", ANNA))

    client.post(UNSUPPRESS, suppression("delete", ANNA))

    assert ["UNSUBSCRIBE"] == [each["reason"] for each in marketing(client, anna)["suppression"]]


def test_unsuppressing_makes_no_profiles(client):
    client.post(UNSUPPRESS, suppression("delete", OTTO))

    assert [] == client.ids("/api/profiles")


@pytest.mark.parametrize(
    "asked",
    [
        suppression("create"),
        suppression("create", *(f"{number}@shop.example.org" for number in range(101))),
        suppression("create", "nobody"),
        suppression("create", list_id="nobody"),
        suppression("create", segment_id="nobody"),
        suppression("create", ANNA, list_id="nobody"),
    ],
    ids=["nobody", "101 profiles", "a bad address", "an unknown list", "an unknown segment", "both"],
)
def test_a_suppression_job_names_up_to_100_addresses_or_one_group(client, asked):
    assert 400 == client.error("POST", SUPPRESS, asked)[0]


def test_suppression_jobs_are_listed_newest_first_on_demand(client, klaviyo):
    first = client.create(SUPPRESS, suppression("create", ANNA))
    klaviyo.move_clock(START + timedelta(hours=1))
    second = client.create(SUPPRESS, suppression("create", ANNA))

    assert [second, first] == client.ids(SUPPRESS, sort="-created", filter='equals(status,"complete")')


# filters


SUPPRESSION = "subscriptions.email.marketing.suppression"
LIST_SUPPRESSIONS = "subscriptions.email.marketing.list_suppressions"


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        (f'equals({SUPPRESSION}.reason,"USER_SUPPRESSED")', True),
        (f'equals({SUPPRESSION}.reason,"HARD_BOUNCE")', False),
        (f"greater-or-equal({SUPPRESSION}.timestamp,2026-01-01T00:00:00Z)", True),
        (f"greater-than({SUPPRESSION}.timestamp,2026-01-01T00:00:00Z)", False),
        (
            f'equals({SUPPRESSION}.reason,"USER_SUPPRESSED"),less-than({SUPPRESSION}.timestamp,2026-01-02T00:00:00Z)',
            True,
        ),
        (f'equals({LIST_SUPPRESSIONS}.reason,"UNSUBSCRIBE")', False),
    ],
)
def test_profiles_are_found_by_their_suppressions(client, anna, text, is_found):
    client.create("/api/profiles", profile(email=OTTO))
    client.post(SUPPRESS, suppression("create", ANNA))

    assert ([anna] if is_found else []) == client.ids("/api/profiles", filter=text)


def test_profiles_are_found_by_the_lists_that_they_left(client, anna, single):
    subscribe(client, single)
    unsubscribe(client, single)

    text = f'equals({LIST_SUPPRESSIONS}.list_id,"{single}"),equals({LIST_SUPPRESSIONS}.reason,"UNSUBSCRIBE")'
    assert [anna] == client.ids("/api/profiles", filter=text)


def test_profiles_are_sorted_by_their_suppressions(client, klaviyo, anna):
    otto = client.create("/api/profiles", profile(email=OTTO))
    client.post(SUPPRESS, suppression("create", OTTO))
    klaviyo.move_clock(START + timedelta(hours=1))
    client.post(SUPPRESS, suppression("create", ANNA))

    assert [anna, otto] == client.ids("/api/profiles", sort=f"-{SUPPRESSION}.timestamp")
