"""Letters: what a profile reads on each channel, from a campaign's or a flow's message."""

from __future__ import annotations

from typing import Any

import pytest

from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.flow_texts import flow_text
from mock_klaviyo.resources.letters import letter
from mock_klaviyo.resources.outbox import Letter
from tests.calling import Client, profile, resource

ANNA = {"email": "anna@shop.example.org", "phone_number": "+12125550123", "first_name": "Anna"}
EVENT = {"total": 12.5, "items": [{"name": "Tea"}], "gift note": "For you", "$extra": {"store": "Berlin"}}


@pytest.fixture
def anna(client: Client) -> str:
    """The id of a profile that has bought something."""
    id = client.create("/api/profiles", profile(**ANNA))
    client.track("Placed Order", ANNA["email"], properties=EVENT, value=12.5)
    return id


def written(klaviyo: Klaviyo, id: str, channel: str, **message: Any) -> Letter:
    """What a profile reads of a flow's message that its last event triggered."""
    (row,) = klaviyo.store.rows("profile", id=id)
    (event,) = klaviyo.events(0, 1)
    return letter(klaviyo.world, flow_text(klaviyo.world, channel, message, event), row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{ first_name }}", "Hi Anna"),
        ("{{ event.total|floatformat:2 }}", "12.50"),
        ("{{ event.items.0.name }}", "Tea"),
        ("{{ event|lookup:'$value' }}", "12.5"),
        ("{{ event|lookup:'gift note' }}", "For you"),
        ("{{ event.extra.store }}", "Berlin"),
        ("{{ organization.name }}", "Mock Shop"),
    ],
)
def test_a_flow_message_speaks_of_the_event_that_triggered_it(klaviyo, anna, text, expected):
    assert expected == written(klaviyo, anna, "email", subject_line=text).content["subject"]


def test_an_email_of_a_flow_is_made_of_its_template(client, klaviyo, anna):
    html = "<p>{{ event.total }}{% render_variable preview_text %}</p>"
    template = client.create("/api/templates", resource("template", name="Order", editor_type="CODE", html=html))

    content = written(klaviyo, anna, "email", subject_line="Order", preview_text="!", template_id=template).content

    assert "<p>12.5!</p>" == content["html"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "Mock Shop: Sale"),
        ({"add_org_prefix": False}, "Sale"),
        ({"add_opt_out_language": True}, "Mock Shop: Sale\nReply STOP to opt-out"),
    ],
)
def test_a_text_message_has_what_its_options_put_around_it(klaviyo, anna, options, expected):
    assert expected == written(klaviyo, anna, "sms", body="Sale", **options).content["body"]


def test_a_text_message_abroad_leads_to_the_details_of_its_sender(client, klaviyo, anna):
    client.patch(f"/api/profiles/{anna}", resource("profile", anna, phone_number="+4915112345678"))

    body = written(klaviyo, anna, "sms", body="Sale").content["body"]
    without = written(klaviyo, anna, "sms", body="Sale", add_info_link=False).content["body"]

    assert body.startswith("Mock Shop: Sale\nInfo: http")
    assert "Mock Shop: Sale" == without


def test_links_of_a_text_message_are_short_and_count_as_klaviyos(klaviyo, anna):
    body = f"Sale: https://shop.example.org/{'a' * 150}."

    short = written(klaviyo, anna, "sms", body=body).content
    long = written(klaviyo, anna, "sms", body=body, shorten_links=False).content

    ((code, url),) = short["short_links"].items()
    assert f"https://shop.example.org/{'a' * 150}" == url
    assert short["body"].endswith(f"/__mock/s/{code}.")
    assert (1, 2) == (short["segment_count"], long["segment_count"])


def test_a_push_notification_says_what_a_tap_opens(klaviyo, anna):
    content = written(
        klaviyo, anna, "mobile_push", title="Hi {{ first_name }}", body="Sale", ios_link="shop://x"
    ).content

    assert ("Hi Anna", "Sale", "shop://x") == (content["title"], content["body"], content["options"]["ios_link"])


def test_a_whatsapp_message_names_its_template(klaviyo, anna):
    assert "W1" == written(klaviyo, anna, "whatsapp", vendor_id="W1").content["vendor_id"]
