"""Flow texts: what a flow's message says, in the form in which every message is rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mock_klaviyo.json import Json
from mock_klaviyo.resources.images import image_url
from mock_klaviyo.resources.letters import Text
from mock_klaviyo.resources.link_parameters import of_flow
from mock_klaviyo.resources.message_definitions import EMAIL_CONTENT, PUSH_CONTENT, RENDER_OPTIONS
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

OPENING = ("on_open", "ios_link", "android_link", "web_url", "sound", "badge", "badge_options")
"""What a push notification does on a device."""


def flow_text(world: World, channel: str, message: Json, event: Row | None = None) -> Text:
    """What a message of a flow says: one of its channel's form in a flow definition, and the event that led to it."""
    template_id, image_id = message.get("template_id"), message.get("image_id")
    template = world.store.row("template", template_id) if template_id else None
    image = world.store.row("image", image_id) if image_id else None
    url = image_url(world, image) if image else None
    tracking = of_flow(world, channel, message)
    return Text(DEFINITIONS[channel](message), template, url, event, message.get("id") or "", tracking)


def email(message: Json) -> Json:
    """An email; a flow calls its subject a subject line."""
    content = {name: message.get(name) for name in EMAIL_CONTENT} | {"subject": message.get("subject_line")}
    return {"channel": "email", "label": message.get("name"), "content": content}


def internal_alert(message: Json) -> Json:
    """An email to the account's own people; whoever sends it says to whom."""
    return email(message) | {"channel": "internal_alert"}


def sms(message: Json) -> Json:
    """A text message with the options of its rendering."""
    chosen = {name: message[name] for name in RENDER_OPTIONS if message.get(name) is not None}
    return {"channel": "sms", "content": {"body": message.get("body")}, "render_options": RENDER_OPTIONS | chosen}


def mobile_push(message: Json) -> Json:
    """A push notification and what a tap on it does."""
    return {
        "channel": "mobile_push",
        "notification_type": message.get("push_type") or "standard",
        "kv_pairs": message.get("kv_pairs"),
        "content": {name: message.get(name) for name in ("title", *PUSH_CONTENT)},
        "options": {name: message.get(name) for name in OPENING},
    }


def whatsapp(message: Json) -> Json:
    """A WhatsApp message, which a flow names by the id of its template there only."""
    return {"channel": "whatsapp", "vendor_id": message.get("vendor_id")}


DEFINITIONS: Mapping[str, Callable[[Json], Json]] = {
    "email": email,
    "internal_alert": internal_alert,
    "sms": sms,
    "mobile_push": mobile_push,
    "whatsapp": whatsapp,
}
"""The channel → what a message of a flow makes there."""
