"""What Klaviyo itself records of consent: under its own integration, when something changes, and not for imports."""

from __future__ import annotations

import pytest

from tests.calling import channels, consent, no_channels, resource, withdrawal

SUBSCRIBE = "/api/profile-subscription-bulk-create-jobs"
UNSUBSCRIBE = "/api/profile-subscription-bulk-delete-jobs"
ANA = {"email": "ana@shop.org", "phone_number": "+420601234567"}


@pytest.fixture
def news(client):
    return client.create("/api/lists", resource("list", name="News", opt_in_process="single_opt_in"))


def recorded(client):
    """The metrics of Klaviyo's own that events have, in order, with the list that each names."""
    metrics = {each["id"]: each["attributes"] for each in client.get("/api/metrics")["data"]}
    assert {"klaviyo"} >= {each["integration"]["key"] for each in metrics.values()}
    return [
        (metrics[row.document["metric_id"]]["name"], row.document["event_properties"].get("List"))
        for row in client.klaviyo.rows("event", 0, 100)
    ]


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("email", [("Subscribed to List", "News"), ("Subscribed to Email Marketing", None)]),
        ("sms", [("Subscribed to List", "News"), ("Subscribed to SMS Marketing", None)]),
    ],
)
def test_consent_is_recorded_once(client, news, channel, expected):
    for _ in range(2):
        client.post(SUBSCRIBE, consent({**ANA, "subscriptions": channels(channel)}, list_id=news))

    assert expected == recorded(client)


def test_taking_consent_back_is_recorded(client, news):
    client.post(SUBSCRIBE, consent({**ANA, "subscriptions": channels()}, list_id=news))
    client.post(UNSUBSCRIBE, withdrawal({**ANA, "subscriptions": no_channels()}, list_id=news))
    client.post(UNSUBSCRIBE, withdrawal({**ANA, "subscriptions": no_channels()}))

    assert [("Unsubscribed from List", "News"), ("Unsubscribed from Email Marketing", None)] == recorded(client)[2:]


def test_a_historical_import_is_recorded_as_nothing(client, news):
    old = {**ANA, "subscriptions": channels(consented_at="2020-01-01T00:00:00Z")}
    client.post(SUBSCRIBE, consent(old, list_id=news, historical_import=True))

    assert [] == recorded(client)


def test_who_must_confirm_first_is_recorded_as_nothing(client):
    client.post(SUBSCRIBE, consent({**ANA, "subscriptions": channels()}))

    assert [] == recorded(client)
