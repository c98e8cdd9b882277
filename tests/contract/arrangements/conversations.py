"""Conversations, which begin when a profile writes."""

from __future__ import annotations

from tests.calling import reference, resource
from tests.contract.arranging import Arrangement, Scene


def conversation(scene: Scene) -> str:
    """What begins when the profile writes, as the control routes let it."""
    profile = scene.one("profile")
    scene.client.klaviyo.receive(profile, "sms", "Hello")
    return scene.one_of(f"/api/profiles/{profile}/conversations")


ARRANGEMENTS = {
    "create_conversation_message": Arrangement(
        lambda scene: resource(
            "conversation-message",
            None,
            {"conversation": reference("conversation", scene.one("conversation"))},
            body="Hello back",
        )
    ),
}
MAKERS = {"conversation": conversation}
