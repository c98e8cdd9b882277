"""What follows when a profile writes a text message. Source of the metric: help centre 360035345572."""

from __future__ import annotations

import pytest

from tests.mock_klaviyo.engine.flows.story import Story
from tests.mock_klaviyo.resources.test_flows import email

NUMBER = "+420601234567"


def texts(story: Story, body: str, channel: str = "sms") -> None:
    """Ana writes."""
    (ana,) = story.client.ids("/api/profiles", filter=f"equals(phone_number,'{NUMBER}')")
    assert (
        201
        == story.control.post(
            "/__mock/conversations", json={"profile_id": ana, "channel": channel, "body": body}
        ).status_code
    )
    story.klaviyo.catch_up()


def consent(story: Story) -> str:
    (ana,) = story.client.ids("/api/profiles", filter=f"equals(phone_number,'{NUMBER}')")
    return str(story.client.profile(ana)["subscriptions"]["sms"]["marketing"]["consent"])


def metrics(story: Story) -> list[tuple[str, str]]:
    """Whose metrics there are now."""
    found = [each["attributes"] for each in story.client.get("/api/metrics")["data"]]
    return [(each["integration"]["key"], each["name"]) for each in found if each["name"] != "Joined"]


@pytest.fixture
def ana(story: Story) -> Story:
    """Ana, who may be sent text messages."""
    story.person(phone_number=NUMBER)
    story.subscribe("sms", phone_number=NUMBER)
    return story


def test_what_a_profile_writes_is_sent_by_it(ana):
    texts(ana, "Hello")

    assert [("klaviyo", "Sent SMS")] == metrics(ana)
    assert "SUBSCRIBED" == consent(ana)
    (event,) = [row for row in ana.klaviyo.rows("event", 0, 99) if "Message Body" in row.document["event_properties"]]
    assert {"From Number": NUMBER, "Message Body": "Hello"}.items() <= event.document["event_properties"].items()


@pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe", "QUIT"])
def test_a_word_takes_consent_back_and_another_gives_it_again(ana, word):
    texts(ana, word)
    after = consent(ana)
    texts(ana, "start")

    assert ("UNSUBSCRIBED", "SUBSCRIBED") == (after, consent(ana))
    own = ["Sent SMS", "Unsubscribed from SMS Marketing", "Subscribed to SMS Marketing"]
    assert sorted(own) == sorted(name for _, name in metrics(ana))


@pytest.mark.parametrize("body", ["please stop", "START"])
def test_other_words_and_what_is_so_already_change_nothing(ana, body):
    texts(ana, body)

    assert ("SUBSCRIBED", [("klaviyo", "Sent SMS")]) == (consent(ana), metrics(ana))


def test_other_channels_have_no_such_metric(ana):
    texts(ana, "STOP", channel="whatsapp")

    assert ("SUBSCRIBED", []) == (consent(ana), metrics(ana))


def test_a_text_starts_a_flow(ana):
    ana.flow(
        email("e", subject_line="You wrote: {{ event|lookup:'Message Body' }}"),
        trigger={"type": "metric", "id": ana.own_metric("Sent SMS")},
    )
    texts(ana, "Hello")

    assert ["You wrote: Hello"] == ana.sent()
