"""Conversations with profiles, and messages in them."""

from __future__ import annotations

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, profile, reference, resource

PATH = "/api/conversation-messages"
RCS, SMS = {"message_format": "RCS", "message": "Hi"}, {"message_format": "SMS", "message": "Hi"}


@pytest.fixture
def anna(client: Client) -> str:
    return str(client.post("/api/profiles", profile(phone_number="+15005550006"))["data"]["id"])


@pytest.fixture
def control(klaviyo: Klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


def receive(control, anna: str, **given: object):
    return control.post("/__mock/conversations", json={"profile_id": anna, "body": "Hello"} | given)


def message(conversation: str, **attributes: object):
    related = {"conversation": reference("conversation", conversation)}
    return resource("conversation-message", None, related, **({"body": "Hi"} | attributes))


def conversation(client: Client, control, anna: str) -> str:
    receive(control, anna)
    return str(client.get(f"/api/profiles/{anna}/conversation")["data"]["id"])


def test_nobody_has_a_conversation_before_anything_was_written(client, anna):
    assert None is client.get(f"/api/profiles/{anna}/conversation")["data"]
    assert [] == client.ids(f"/api/profiles/{anna}/conversations")


def test_a_message_from_a_profile_begins_a_conversation(client, control, anna):
    id = conversation(client, control, anna)
    found = client.get(f"/api/profiles/{anna}/conversation")["data"]

    assert {"channel": "sms"} == found["attributes"]
    assert id == client.get(f"/api/profiles/{anna}/relationships/conversation")["data"]["id"]
    assert [id] == client.ids(f"/api/profiles/{anna}/relationships/conversations")
    assert [id] == [each["id"] for each in client.get(f"/api/profiles/{anna}", include="conversations")["included"]]


def test_each_channel_has_a_conversation_of_its_own(client, control, anna):
    for channel in ("sms", "whatsapp", "sms"):
        receive(control, anna, channel=channel)
    found = client.get(f"/api/profiles/{anna}/conversations")["data"]

    assert ["sms", "whatsapp"] == [each["attributes"]["channel"] for each in found]


def test_consent_to_text_messages_begins_a_conversation(client, anna):
    number = {"phone_number": "+15005550006"}
    consent = {"sms": {"marketing": {"consent": "SUBSCRIBED"}}}
    list_id = client.post("/api/lists", resource("list", name="L", opt_in_process="single_opt_in"))["data"]["id"]
    entry = {"type": "profile", "attributes": {**number, "subscriptions": consent}}
    related = {"list": reference("list", list_id)}
    job = resource("profile-subscription-bulk-create-job", None, related, profiles={"data": [entry]})
    client.post("/api/profile-subscription-bulk-create-jobs", job)

    assert "sms" == client.get(f"/api/profiles/{anna}/conversation")["data"]["attributes"]["channel"]


def test_a_message_to_a_profile_is_kept(client, control, anna):
    id = conversation(client, control, anna)

    assert None is client.post(PATH, message(id))
    assert [("inbound", "Hello"), ("outbound", "Hi")] == [
        (each["direction"], each["body"]) for each in control.get("/__mock/conversations").json["data"]
    ]


def test_a_pair_of_messages_is_rcs_and_then_sms(client, control, anna):
    id = conversation(client, control, anna)

    assert None is client.post(PATH, message(id, message_hierarchy=[RCS, SMS]))
    for wrong in ([SMS, RCS], [RCS], [SMS, SMS], [RCS, SMS, SMS]):
        status, error = client.error("POST", PATH, message(id, message_hierarchy=wrong))
        assert (400, "/data/attributes/message_hierarchy") == (status, error["source"]["pointer"])


def test_an_unknown_conversation_takes_no_message(client):
    status, error = client.error("POST", PATH, message("nope"))

    assert (400, "/data/relationships/conversation/data/id") == (status, error["source"]["pointer"])


@pytest.mark.parametrize("given", [{"profile_id": "nope"}, {"channel": "post"}, {"body": 1}])
def test_only_profiles_write_on_known_channels(control, anna, given):
    assert 400 == receive(control, anna, **given).status_code
    assert [] == control.get("/__mock/conversations").json["data"]


def test_an_erased_profile_leaves_no_conversation(client, control, anna):
    conversation(client, control, anna)
    named = {"data": {"type": "profile", "id": anna, "attributes": {}}}
    client.post("/api/data-privacy-deletion-jobs", resource("data-privacy-deletion-job", profile=named))

    assert [] == control.get("/__mock/conversations").json["data"]
