"""Our own routes to the inbox: searching messages, reading one, and doing what its recipient would do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Response

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import PAGE, answer, asked, blueprint, body, moment, page
from mock_klaviyo.control.declaring import TIME, Argument, ControlError
from mock_klaviyo.control.documents import message_document
from mock_klaviyo.control.links import html_page
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources import message_reading, reactions
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.reactions import BOUNCES, HARD, Reaction, ReactionError
from mock_klaviyo.store.rows import Row

AT_ONCE = 500
"""How many messages are read at once while one searches."""

SKIPPED = {"true": True, "false": False}

SEARCH = (
    Argument("to", "The address, the number or the profile's id."),
    Argument("flow", "The id or the name of the flow."),
    Argument("campaign", "The id or the name of the campaign."),
    Argument("channel", "email, sms, mobile_push, whatsapp, internal_alert or webhook."),
    Argument("subject", "A part of the subject, in small or capital letters."),
    Argument("text", "A part of what the reader sees, in small or capital letters."),
    Argument("since", "Not before this time.", TIME),
    Argument("skipped", "true for those that were not sent, false for the others.", {"enum": ["true", "false"]}),
)

URL_OR_INDEX: Json = {"type": ["string", "integer"], "examples": [0, "https://shop.example.org/"]}

Test = Callable[[Row, Any], bool]

TESTS: Mapping[str, Test] = {
    "to": lambda row, text: (
        text.casefold() in (str(row.document["to"]).casefold(), row.document["profile_id"].casefold())
    ),
    "flow": lambda row, text: text in (row.document.get("flow_id"), row.document.get("flow_name")),
    "campaign": lambda row, text: text in (row.document.get("campaign_id"), row.document.get("campaign_name")),
    "channel": lambda row, text: text == row.document["channel"],
    "subject": lambda row, text: text.casefold() in (row.document.get("subject") or "").casefold(),
    "text": lambda row, text: text.casefold() in message_reading.plain_text(row).casefold(),
    "since": lambda row, at: datetime.fromisoformat(row.document["at"]) >= at,
    "skipped": lambda row, is_skipped: is_skipped is (row.document["skipped"] is not None),
}
"""What one can search by → whether a message fits."""


@blueprint.get("/messages", arguments=(*SEARCH, *PAGE))
def messages() -> Response:
    """Messages in the order in which they were sent, those that were skipped among them with the reason."""
    wanted = {each.name: wish(each.name, text) for each in SEARCH if (text := asked(each.name)) is not None}
    return page(lambda after, limit: found(klaviyo(), wanted, after, limit), message_document)


@blueprint.get("/messages/<id>")
def message(id: str) -> Response:
    """One message whole: what it says, which variables were empty, and what its recipient did with it."""
    return answer(message_document(existing(id)))


@blueprint.get("/messages/<id>/html")
def message_html(id: str) -> Response:
    """A message as it arrives, as a page: its links note clicks, and opening it is noted."""
    return html_page(klaviyo(), existing(id))


@blueprint.get("/messages/<id>/extract")
def extract(id: str) -> Response:
    """What a test needs of a message: its links, its coupon codes, its one-time codes, and its text without HTML."""
    return answer(message_reading.extract(klaviyo().world, existing(id)))


@blueprint.post("/messages/<id>/open", body={})
def open_message(id: str) -> Response:
    """Let the recipient open a message."""
    body()
    return reacted(id, Reaction("opened", {}))


@blueprint.post("/messages/<id>/click", body={"link": URL_OR_INDEX})
def click(id: str) -> Response:
    """Let the recipient click on a link: `{"link": 0}` or its address; without either, on the first one."""
    found = message_reading.links(klaviyo().world, existing(id))
    known = {each["index"]: each["url"] for each in found if each["kind"] == "link"}
    return reacted(id, Reaction("clicked", {"URL": chosen(body().get("link", next(iter(known), None)), known)}))


@blueprint.post("/messages/<id>/bounce", body={"type": {"enum": [*BOUNCES]}})
def bounce(id: str) -> Response:
    """Let a message come back: `{"type": "Hard"}`, which suppresses an address, or `{"type": "Soft"}`."""
    kind = body().get("type", HARD)
    if kind not in BOUNCES:
        raise ControlError(f"type must be {' or '.join(BOUNCES)}, not {kind!r}")
    channel = existing(id).document["channel"]
    outcome = "bounced" if channel in ("email", "mobile_push") else "failed"
    return reacted(id, Reaction(outcome, {"Bounce Type" if outcome == "bounced" else "Failure Type": kind}))


@blueprint.post("/messages/<id>/unsubscribe", body={})
def unsubscribe(id: str) -> Response:
    """Let the recipient unsubscribe from marketing on the channel of a message."""
    body()
    return reacted(id, Reaction("unsubscribed", {}))


@blueprint.post("/messages/<id>/spam", body={})
def spam(id: str) -> Response:
    """Let the recipient mark an email as spam, which suppresses the address."""
    body()
    return reacted(id, Reaction("marked as spam", {}))


def reacted(id: str, reaction: Reaction) -> Response:
    """The message after its recipient has done something with it."""
    row = existing(id)
    try:
        return answer(message_document(klaviyo().alter(lambda world: reactions.react(world, row, reaction))))
    except ReactionError as reason:
        raise ControlError(str(reason)) from None


def existing(id: str) -> Row:
    """The message of an id."""
    row = klaviyo().row(OUTBOX_MESSAGE.type, id)
    if row is None:
        raise ControlError(f"there is no message {id}; GET /__mock/messages lists them")
    return row


def found(klaviyo: Klaviyo, wanted: Mapping[str, Any], after: int, limit: int) -> list[Row]:
    """The first messages after a number that fit all that is wanted."""
    fitting: list[Row] = []
    while rows := klaviyo.rows(OUTBOX_MESSAGE.type, after, AT_ONCE):
        fitting += [row for row in rows if all(TESTS[name](row, value) for name, value in wanted.items())]
        if len(fitting) >= limit or len(rows) < AT_ONCE:
            break
        after = rows[-1].number
    return fitting[:limit]


def wish(name: str, text: str) -> Any:
    """What one searches for, as its test takes it."""
    if name == "since":
        return moment(text, name)
    if name != "skipped":
        return text
    if text not in SKIPPED:
        raise ControlError(f"skipped must be true or false, not {text!r}")
    return SKIPPED[text]


def chosen(given: Any, known: Mapping[int, str]) -> str:
    """The link that an index or an address names."""
    if isinstance(given, int) and not isinstance(given, bool) and given in known:
        return known[given]
    if isinstance(given, str) and given in known.values():
        return given
    listed = ", ".join(f"{index} {url}" for index, url in known.items()) or "it has none"
    raise ControlError(f"link must be the index or the address of a link of the message: {listed}")
