"""Message definitions: what a campaign message says on each channel, complete with Klaviyo's defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mock_klaviyo.errors import Problem, problem
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers

EMAIL_CONTENT = (
    "subject",
    "preview_text",
    "from_email",
    "from_label",
    "reply_to_email",
    "cc_email",
    "bcc_email",
)
ADDRESSES = ("from_email", "reply_to_email", "cc_email", "bcc_email")
PUSH_CONTENT = ("body", "dynamic_image", "action_buttons")
RENDER_OPTIONS: Json = {
    "shorten_links": True,
    "add_org_prefix": True,
    "add_info_link": True,
    "add_opt_out_language": False,
}
MERGED = ("content", "render_options")
"""Parts of a definition that are changed member by member."""

MOST_BUTTONS, LONGEST_LABEL, LONGEST_URL = 3, 40, 2048
BUTTON_ACTIONS = ("open_app", "deep_link", "open_url", "dismiss")
ACTIONS_WITH_URL = ("deep_link", "open_url")


def email(given: Json) -> Json:
    """An email, every part of its content named."""
    content = given.get("content") or {}
    return {
        "channel": "email",
        "label": given.get("label"),
        "content": {name: content.get(name) for name in EMAIL_CONTENT},
    }


def sms(given: Json) -> Json:
    """A text message with the options of its rendering."""
    content, options = given.get("content") or {}, given.get("render_options") or {}
    chosen = {name: value for name, value in options.items() if value is not None}
    return {
        "channel": "sms",
        "content": {"body": content.get("body"), "media_url": None},
        "render_options": RENDER_OPTIONS | chosen,
    }


def mobile_push(given: Json) -> Json:
    """A push notification, which is silent when it says nothing."""
    content = given.get("content")
    kind = given.get("notification_type") or ("standard" if content else "silent")
    whole: Json = {"channel": "mobile_push", "notification_type": kind, "kv_pairs": given.get("kv_pairs")}
    if kind == "silent":
        return whole
    written = {name: (content or {}).get(name) for name in PUSH_CONTENT}
    return whole | {"content": written, "options": given.get("options")}


DEFINITIONS: Mapping[str, Callable[[Json], Json]] = {"email": email, "sms": sms, "mobile_push": mobile_push}
"""The channel → the whole definition that a given one makes."""


def whole(given: Json) -> Json:
    """A definition with everything that its channel has."""
    return DEFINITIONS[given["channel"]](given)


def changed(definition: Json, given: Json) -> Json:
    """A definition with the parts changed that another one gives; within content and options, member by member."""
    merged = {
        name: (definition.get(name) or {}) | value if isinstance(value, dict) and name in MERGED else value
        for name, value in given.items()
        if value is not None
    }
    return whole(definition | merged)


def problems(definition: Json, pointer: str) -> Iterator[Problem]:
    """What is wrong with a definition that its schema cannot tell."""
    content = definition.get("content") or {}
    for name in ADDRESSES:
        if content.get(name) and not identifiers.is_email(content[name].strip()):
            yield problem("invalid_email", pointer=f"{pointer}/content/{name}")
    yield from button_problems(content.get("action_buttons") or [], f"{pointer}/content/action_buttons")


def button_problems(buttons: list[Json], pointer: str) -> Iterator[Problem]:
    """What is wrong with the buttons of a push notification."""
    if len(buttons) > MOST_BUTTONS:
        yield problem("invalid", reason=f"A push notification has at most {MOST_BUTTONS} buttons.", pointer=pointer)
    places = [index if button.get("position") is None else button["position"] for index, button in enumerate(buttons)]
    if sorted(places) != list(range(len(buttons))):
        yield problem("invalid", reason="The positions of buttons begin at 0 and have no gaps.", pointer=pointer)
    for index, button in enumerate(buttons):
        yield from one_button_problems(button, f"{pointer}/{index}")


def one_button_problems(button: Json, pointer: str) -> Iterator[Problem]:
    """What is wrong with one button."""
    action, url = button["action_type"], button.get("url")
    if len(button["label"]) > LONGEST_LABEL:
        reason = f"A label has at most {LONGEST_LABEL} characters."
        yield problem("invalid", reason=reason, pointer=f"{pointer}/label")
    if action not in BUTTON_ACTIONS:
        reason = f"'{action}' is not one of {', '.join(BUTTON_ACTIONS)}."
        yield problem("invalid", reason=reason, pointer=f"{pointer}/action_type")
    if action in ACTIONS_WITH_URL and not url:
        yield problem("invalid", reason=f"A button that does {action} needs a url.", pointer=f"{pointer}/url")
    if url and len(url) > LONGEST_URL:
        reason = f"A url has at most {LONGEST_URL} characters."
        yield problem("invalid", reason=reason, pointer=f"{pointer}/url")
