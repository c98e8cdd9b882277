"""Webhooks and their topics."""

from __future__ import annotations

from tests.calling import reference, resource
from tests.contract.arranging import Arrangement

TOPIC = "event:klaviyo.opened_email"

ARRANGEMENTS = {
    "create_webhook": Arrangement(
        lambda _: resource(
            "webhook",
            None,
            {"webhook-topics": [reference("webhook-topic", TOPIC)]},
            name="Hook",
            endpoint_url="https://shop.example.org/hook",
            secret_key="a secret that is long",
        )
    ),
    "update_webhook": Arrangement(lambda scene: resource("webhook", scene.one("webhook"), name="Other hook")),
}
MAKERS = {"webhook-topic": lambda _: TOPIC}
