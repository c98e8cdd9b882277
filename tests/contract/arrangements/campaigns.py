"""Campaigns, their messages and their jobs."""

from __future__ import annotations

from tests.calling import reference, resource
from tests.contract.arranging import Arrangement, Scene, identified

EMAIL = {"channel": "email", "content": {"subject": "Hello", "from_email": "shop@example.org", "from_label": "Shop"}}
PUSH = {"channel": "mobile_push", "content": {"title": "Sale", "body": "20% off"}}
LATER = {"method": "static", "datetime": "2027-01-01T09:00:00Z"}


def campaign(scene: Scene, definition=EMAIL):
    """A campaign to a list, with one message."""
    message = {"type": "campaign-message", "attributes": {"definition": definition}}
    return resource(
        "campaign",
        name="Spring",
        audiences={"included": [scene.one("list")]},
        send_strategy=LATER,
        **{"campaign-messages": {"data": [message]}},
    )


def message(scene: Scene) -> str:
    """The message of the campaign."""
    return scene.one_of(f"/api/campaigns/{scene.one('campaign')}/campaign-messages")


def estimation(scene: Scene) -> str:
    """The campaign whose recipients have been counted; a job and its result have the campaign's id."""
    scene.do("refresh_campaign_recipient_estimation")
    return scene.one("campaign")


def push_campaign(scene: Scene):
    """Let the campaign be one on phones, whose message may have an image."""
    scene.made["campaign"] = scene.client.create("/api/campaigns", campaign(scene, PUSH))


ARRANGEMENTS = {
    "get_campaigns": Arrangement(query=lambda _: {"filter": 'equals(messages.channel,"email")'}),
    "create_campaign": Arrangement(campaign),
    "update_campaign": Arrangement(lambda scene: resource("campaign", scene.one("campaign"), name="Summer")),
    "update_campaign_message": Arrangement(
        lambda scene: resource("campaign-message", scene.one("campaign-message"), definition=EMAIL)
    ),
    "assign_template_to_campaign_message": Arrangement(
        lambda scene: identified(
            "campaign-message",
            scene.one("campaign-message"),
            template=reference("template", scene.one("template")),
        )
    ),
    "create_campaign_clone": Arrangement(
        lambda scene: resource("campaign", scene.one("campaign"), new_name="Spring again")
    ),
    "refresh_campaign_recipient_estimation": Arrangement(
        lambda scene: identified("campaign-recipient-estimation-job", scene.one("campaign"))
    ),
    "send_campaign": Arrangement(
        lambda scene: identified("campaign-send-job", scene.one("campaign")),
        after=("assign_template_to_campaign_message",),
    ),
    "cancel_campaign_send": Arrangement(
        lambda scene: resource("campaign-send-job", scene.one("campaign-send-job"), action="cancel")
    ),
    "get_template_for_campaign_message": Arrangement(after=("assign_template_to_campaign_message",)),
    "get_template_id_for_campaign_message": Arrangement(after=("assign_template_to_campaign_message",)),
    "update_image_for_campaign_message": Arrangement(after=(push_campaign,)),
    "get_image_for_campaign_message": Arrangement(after=("update_image_for_campaign_message",)),
    "get_image_id_for_campaign_message": Arrangement(after=("update_image_for_campaign_message",)),
    "get_tags_for_campaign": Arrangement(after=("tag_campaigns",)),
    "get_tag_ids_for_campaign": Arrangement(after=("tag_campaigns",)),
}
MAKERS = {
    "campaign-message": message,
    "campaign-recipient-estimation": estimation,
    "campaign-recipient-estimation-job": estimation,
}
