"""Letters: what each recipient of a message reads, rendered with what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.render.surroundings import TemplateError
from mock_klaviyo.resources.outbox import Letter, segment_count
from mock_klaviyo.resources.template_surroundings import preview
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

WRONG = {"email": "Email Syntax Error", "sms": "Unable to Send SMS"}
"""Why nobody gets a message that cannot be rendered. https://help.klaviyo.com/hc/en-us/articles/1260805003210"""

ELSEWHERE = "Unable to Send"

OPT_OUT = "Reply STOP to opt-out"
SHOWN_OF_A_PERSON = {
    "id": "external_id",
    "title": "title",
    "organization": "organization",
    "phone_number": "phone_number",
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
}
SHOWN_OF_A_PLACE = {"City": "city", "Region": "region", "Country": "country", "Zipcode": "zip"}


@dataclass(frozen=True)
class Text:
    """What a message says before anybody reads it: its definition, and its template if it has one."""

    definition: Json
    template: Row | None = None
    media_url: str | None = None


class Withheld(TemplateError):
    """Something that a message is about cannot be found, so nobody gets it."""


def withhold(what: str) -> str:
    """Let a message go to nobody, since something cannot be found."""
    raise Withheld(what)


def letter(world: World, text: Text, profile: Row) -> Letter:
    """What a profile gets to read; nothing when the text cannot be rendered."""
    channel = text.definition["channel"]
    try:
        return Letter(profile, CONTENTS[channel](world, text, profile))
    except Withheld as reason:
        return Letter(profile, {}, skipped=reason.reason)
    except TemplateError as reason:
        place = f"line {reason.line}, column {reason.column}"
        wrong = {"problem": f"{reason.reason} ({place})"}
        return Letter(profile, wrong, skipped=WRONG.get(channel, ELSEWHERE))


def email(world: World, text: Text, profile: Row) -> Json:
    """An email: from whom, its subject and its two bodies."""
    content, sender = text.definition["content"], contact(world)
    bodies: Json = text.template.document if text.template else {}
    return {
        "subject": rendered(world, content["subject"], profile, is_html=False),
        "preview_text": rendered(world, content["preview_text"], profile, is_html=False),
        "from_email": content["from_email"] or sender["default_sender_email"],
        "from_label": rendered(world, content["from_label"] or sender["default_sender_name"], profile, is_html=False),
        "reply_to_email": content["reply_to_email"],
        "cc_email": content["cc_email"],
        "bcc_email": content["bcc_email"],
        "html": rendered(world, bodies.get("html"), profile, is_html=True),
        "text": rendered(world, bodies.get("text"), profile, is_html=False),
    }


def sms(world: World, text: Text, profile: Row) -> Json:
    """A text message with what its options put around it."""
    options = text.definition["render_options"]
    body = rendered(world, text.definition["content"]["body"], profile, is_html=False) or ""
    if options["add_org_prefix"]:
        body = f"{contact(world)['organization_name']}: {body}"
    if options["add_opt_out_language"]:
        body = f"{body}\n{OPT_OUT}"
    return {"body": body, "media_url": text.media_url, "segment_count": segment_count(body)}


def mobile_push(world: World, text: Text, profile: Row) -> Json:
    """A push notification; a silent one carries only its pairs."""
    definition, content = text.definition, text.definition.get("content") or {}
    return {
        "notification_type": definition["notification_type"],
        "body": rendered(world, content.get("body"), profile, is_html=False),
        "action_buttons": content.get("action_buttons"),
        "kv_pairs": definition["kv_pairs"],
    }


CONTENTS: Mapping[str, Callable[[World, Text, Row], Json]] = {"email": email, "sms": sms, "mobile_push": mobile_push}
"""The channel → what a profile gets to read on it."""


def rendered(world: World, text: str | None, profile: Row, *, is_html: bool) -> str | None:
    """A text with what is known of its reader in place."""
    if not text or "{" not in text:
        return text
    from mock_klaviyo.render.template import render  # Django takes a while to import, and few need it

    return render(text, context(world, profile), preview(world, withhold), is_html=is_html)


def context(world: World, profile: Row) -> Json:
    """What a message can say of its reader and of the sender."""
    known, place = profile.document, profile.document["location"]
    names = [known[name] for name in ("first_name", "last_name") if known[name]]
    person: Json = {name: known[kept] for name, kept in SHOWN_OF_A_PERSON.items() if known[kept] is not None}
    person |= {name: place[kept] for name, kept in SHOWN_OF_A_PLACE.items() if place[kept] is not None}
    person |= {f"${name}": value for name, value in place.items() if value is not None}
    person |= {"KlaviyoID": profile.id, "full_name": " ".join(names), **known["properties"]}
    shortcuts = {name: known[name] for name in ("first_name", "last_name", "email") if known[name] is not None}
    return {**shortcuts, "person": person, "organization": organization(world)}


def organization(world: World) -> Json:
    """The sender, as messages name it."""
    known = contact(world)
    address = known["street_address"]
    street = [address["address1"], address["address2"]]
    place = [address["city"], address["region"], address["zip"], address["country"]]
    return {
        "name": known["organization_name"],
        "url": known["website_url"],
        "street_address": address["address1"],
        "street_address2": address["address2"] or "",
        "city": address["city"],
        "region": address["region"],
        "zip_code": address["zip"],
        "full_address": ", ".join(part for part in (*street, *place) if part),
    }


def contact(world: World) -> Any:
    """How the account is called and reached."""
    (account,) = world.store.rows("account")
    return account.document["contact_information"]
