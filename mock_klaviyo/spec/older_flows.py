"""Flow actions and flow messages as they were before 2025-10-15: their parts, each an attribute of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mock_klaviyo.json import Json

ACTION_TYPES = {"conditional-split": "BOOLEAN_BRANCH", "trigger-split": "TRIGGER_BRANCH"}
"""What an action was called, where it was not its type in capitals, such as SEND_EMAIL and TIME_DELAY."""

SECONDS = {"minutes": 60, "hours": 3600, "days": 86_400}
RENDER_OPTIONS = ("shorten_links", "add_org_prefix", "add_info_link", "add_opt_out_language")


def older_flow_action(attributes: Json) -> Json:
    """A flow action's attributes with the parts of its definition beside it."""
    definition = attributes.get("definition")
    if not definition:
        return attributes
    kept = definition.get("data") or {}
    message = kept.get("message") or {}
    return attributes | {
        "action_type": action_type(definition["type"]),
        "status": kept.get("status"),
        "settings": settings(definition["type"], kept),
        "tracking_options": tracking_options(definition["type"], message),
        "send_options": send_options(message),
        "badge_options": message.get("badge_options"),
        "render_options": render_options(definition["type"], message),
    }


def action_type(type: str) -> str:
    """What an action of a type was called.

    >>> action_type("send-email"), action_type("conditional-split")
    ('SEND_EMAIL', 'BOOLEAN_BRANCH')
    """
    return ACTION_TYPES.get(type, type.replace("-", "_").upper())


def settings(type: str, kept: Json) -> Json | None:
    """What else an action had to say: how long it waits, or whether its branches meet again."""
    if type == "time-delay":
        return {"delay_seconds": kept.get("value", 0) * SECONDS[kept.get("unit", "days")]}
    return {"is_joined": False} if type.endswith("-split") else None


def tracking_options(type: str, message: Json) -> Json | None:
    """How the links of a message were tracked."""
    if type not in ("send-email", "send-sms") or not message:
        return None
    parameters = message.get("custom_tracking_params") or []
    options: Json = {
        "add_utm": bool(message.get("add_tracking_params")),
        "utm_params": [{"name": each["param"], "value": each["value"]} for each in parameters],
    }
    return options | ({"is_tracking_opens": True, "is_tracking_clicks": True} if type == "send-email" else {})


def send_options(message: Json) -> Json | None:
    """To whom a message went."""
    if "smart_sending_enabled" not in message:
        return None
    return {
        "use_smart_sending": bool(message["smart_sending_enabled"]),
        "is_transactional": bool(message.get("transactional")),
    }


def render_options(type: str, message: Json) -> Json | None:
    """How a text message was written."""
    if type != "send-sms" or not message:
        return None
    return {name: bool(message.get(name, name != "add_opt_out_language")) for name in RENDER_OPTIONS}


def older_flow_message(attributes: Json) -> Json:
    """A flow message's attributes with its name, channel and content beside its definition."""
    definition = attributes.get("definition")
    if not definition:
        return attributes
    channel = attributes.get("channel") or channel_of(definition)
    content = CONTENTS.get(channel, text_message)(definition)
    return attributes | {"name": definition.get("name") or "", "channel": channel, "content": content}


def channel_of(definition: Json) -> str:
    """The channel of a message that says what a definition does."""
    if "subject_line" in definition:
        return "email"
    return "mobile_push" if "push_type" in definition or "title" in definition else "sms"


def email(definition: Json) -> Json:
    """What an email said."""
    always = {name: definition.get(name) or "" for name in ("preview_text", "from_email", "from_label")}
    sometimes = {name: definition.get(name) for name in ("reply_to_email", "cc_email", "bcc_email")}
    return {"subject": definition.get("subject_line") or "", **always, **sometimes}


def text_message(definition: Json) -> Json:
    """What a text message said."""
    return {"body": definition.get("body") or "", "media_url": None}


def push_notification(definition: Json) -> Json:
    """What a push notification said."""
    links = {name: definition.get(name) for name in ("dynamic_image", "ios_link", "android_link")}
    return {
        "title": definition.get("title") or "",
        "body": definition.get("body") or "",
        "sound": bool(definition.get("sound")),
        "badge": bool(definition.get("badge")),
        "media_url": None,
        "on_open": definition.get("on_open") or "home",
        **links,
    }


CONTENTS: Mapping[str, Callable[[Json], Json]] = {
    "email": email,
    "internal_alert": email,
    "sms": text_message,
    "mobile_push": push_notification,
}
"""The channel → its content, from a definition."""
