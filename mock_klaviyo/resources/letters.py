"""Letters: what each recipient of a message reads, rendered with what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.render.surroundings import Surroundings, TemplateError
from mock_klaviyo.resources.coupons import COUPON, assign, code_for
from mock_klaviyo.resources.feed_content import UNREADABLE, FeedError, feeds
from mock_klaviyo.resources.link_parameters import Tracking, in_html, in_text, parameters
from mock_klaviyo.resources.message_context import contact, context
from mock_klaviyo.resources.message_links import Shortened, page_url, shortened
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE, Letter, segment_count
from mock_klaviyo.resources.template_surroundings import preview
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

WRONG = {"email": "Email Syntax Error", "sms": "Unable to Send SMS"}
"""Why nobody gets a message that cannot be rendered. https://help.klaviyo.com/hc/en-us/articles/1260805003210"""

ELSEWHERE = "Unable to Send"

UNKNOWN_COUPON, NO_COUPON_LEFT = "Coupon Code Doesn't Exist", "No More Uploaded Coupons Remain"
OPT_OUT = "Reply STOP to opt-out"
WITHOUT_INFO_LINK = "+1"
"""Numbers of the USA and Canada, whose text messages carry no link to the sender's details."""


@dataclass(frozen=True)
class Text:
    """What a message says before anybody reads it: its definition, its template, and the event that triggered it."""

    definition: Json
    template: Row | None = None
    media_url: str | None = None
    event: Row | None = None
    message_id: str = ""
    """The id of the campaign's or flow's message, within which a profile keeps its coupon codes."""
    tracking: Tracking | None = None


class Withheld(TemplateError):
    """Something that a message is about cannot be found, so nobody gets it; says what exactly, if it can."""

    def __init__(self, reason: str, problem: str | None = None) -> None:
        super().__init__(reason)
        self.problem = problem


def withhold(what: str) -> str:
    """Let a message go to nobody, since something cannot be found."""
    raise Withheld(what)


@dataclass
class Writing:
    """One letter while it is written: what it is rendered with, and what turned out to be empty."""

    world: World
    text: Text
    profile: Row
    id: str
    part: str = ""
    empty: list[Json] = field(default_factory=list)
    codes: dict[str, Row] = field(default_factory=dict)

    @cached_property
    def context(self) -> Json:
        """What can be said of the reader, the sender and the event."""
        return context(self.world, self.profile, self.text.event)

    @cached_property
    def surroundings(self) -> Surroundings:
        """What the templates draw on beside the context."""
        return replace(
            preview(self.world, withhold),
            link=lambda page: page_url(self.world, self.id, page),
            coupon_code=self.coupon_code,
            empty=self.note_empty,
        )

    def coupon_code(self, coupon_id: str) -> str:
        """A code of a coupon, the same wherever in the letter it stands."""
        if coupon_id not in self.codes:
            if self.world.store.row(COUPON.type, coupon_id) is None:
                raise Withheld(UNKNOWN_COUPON, f"there is no coupon {coupon_id}")
            found = code_for(self.world, coupon_id, self.profile.id, self.text.message_id)
            if found is None:
                raise Withheld(NO_COUPON_LEFT, f"coupon {coupon_id} has no free code that is still good")
            self.codes[coupon_id] = found
        return str(self.codes[coupon_id].document["unique_code"])

    def note_empty(self, variable: str, line: int, column: int) -> None:
        """Note a variable that showed nothing."""
        self.empty.append({"part": self.part, "variable": variable, "line": line, "column": column})

    def finished(self, content: Json) -> Letter:
        """The letter; only now do its coupon codes belong to its reader."""
        for code in self.codes.values():
            assign(self.world, code, self.profile.id, self.text.message_id)
        content["coupon_codes"] = {name: code.document["unique_code"] for name, code in self.codes.items()}
        return Letter(self.profile, content | {"empty_variables": self.empty}, id=self.id)

    def rendered(self, part: str, text: str | None, *, is_html: bool = False) -> str | None:
        """A part of the letter with its values in place."""
        if not text or "{" not in text:
            return text
        from mock_klaviyo.render.template import render  # Django takes a while to import, and few need it

        self.part = part
        try:
            self.context.setdefault("feeds", {}).update(feeds(self.world, text))
        except FeedError as reason:
            raise Withheld(UNREADABLE, str(reason)) from None
        return render(text, self.context, self.surroundings, is_html=is_html)


def letter(world: World, text: Text, profile: Row) -> Letter:
    """What a profile gets to read; nothing when the text cannot be rendered."""
    channel = text.definition["channel"]
    writing = Writing(world, text, profile, OUTBOX_MESSAGE.make_id(world))
    try:
        return writing.finished(CONTENTS[channel](writing))
    except Withheld as reason:
        return Letter(profile, {"problem": reason.problem} if reason.problem else {}, skipped=reason.reason)
    except TemplateError as reason:
        place = f"{writing.part}, line {reason.line}, column {reason.column}"
        return Letter(profile, {"problem": f"{reason.reason} ({place})"}, skipped=WRONG.get(channel, ELSEWHERE))


def email(writing: Writing) -> Json:
    """An email: from whom, its subject and its two bodies."""
    content, sender = writing.text.definition["content"], contact(writing.world)
    bodies: Json = writing.text.template.document if writing.text.template else {}
    preview_text = writing.rendered("preview_text", content["preview_text"])
    writing.context["preview_text"] = preview_text or ""
    subject = writing.rendered("subject", content["subject"])
    html, plain = (
        writing.rendered("html", bodies.get("html"), is_html=True),
        writing.rendered("text", bodies.get("text")),
    )
    added = parameters(writing.world, writing.text.tracking, writing.profile, subject)
    return {
        "subject": subject,
        "preview_text": preview_text,
        "from_email": content["from_email"] or sender["default_sender_email"],
        "from_label": writing.rendered("from_label", content["from_label"] or sender["default_sender_name"]),
        "reply_to_email": content["reply_to_email"],
        "cc_email": content["cc_email"],
        "bcc_email": content["bcc_email"],
        "html": in_html(html, added) if html else html,
        "text": in_text(plain, added) if plain else plain,
    }


def sms(writing: Writing) -> Json:
    """A text message with what its options put around it."""
    options = writing.text.definition["render_options"]
    body = writing.rendered("body", writing.text.definition["content"]["body"]) or ""
    added = parameters(writing.world, writing.text.tracking, writing.profile, None)
    is_short = options["shorten_links"]  # only short links carry parameters
    found = shortened(writing.world, writing.id, in_text(body, added)) if is_short else Shortened(body, body)
    before, after = around(writing, options)
    return {
        "body": f"{before}{found.text}{after}",
        "media_url": writing.text.media_url,
        "segment_count": segment_count(f"{before}{found.as_counted}{after}"),
        "short_links": found.links,
    }


def around(writing: Writing, options: Json) -> tuple[str, str]:
    """What the options of a text message put before it and after it."""
    number = str(writing.profile.document["phone_number"])
    before = f"{contact(writing.world)['organization_name']}: " if options["add_org_prefix"] else ""
    has_info = options["add_info_link"] and not number.startswith(WITHOUT_INFO_LINK)
    info = f"\nInfo: {page_url(writing.world, writing.id, 'info')}" if has_info else ""
    return before, info + (f"\n{OPT_OUT}" if options["add_opt_out_language"] else "")


def mobile_push(writing: Writing) -> Json:
    """A push notification; a silent one carries only its pairs."""
    definition, content = writing.text.definition, writing.text.definition.get("content") or {}
    return {
        "notification_type": definition["notification_type"],
        "title": writing.rendered("title", content.get("title")),
        "body": writing.rendered("body", content.get("body")),
        "action_buttons": content.get("action_buttons"),
        "kv_pairs": definition["kv_pairs"],
        "options": definition.get("options"),
    }


def whatsapp(writing: Writing) -> Json:
    """A WhatsApp message, whose text Klaviyo's API does not show: only the id of its template there."""
    return {"body": None, "vendor_id": writing.text.definition.get("vendor_id")}


CONTENTS: Mapping[str, Callable[[Writing], Json]] = {
    "email": email,
    "internal_alert": email,
    "sms": sms,
    "mobile_push": mobile_push,
    "whatsapp": whatsapp,
}
"""The channel → what a profile gets to read on it."""


def plain(world: World, text: str | None, profile: Row, event: Row | None = None) -> Any:
    """A text such as a webhook's address, with what is known of a profile and of an event in place."""
    return Writing(world, Text({}, event=event), profile, "").rendered("text", text)
