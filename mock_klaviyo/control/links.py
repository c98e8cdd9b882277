"""Links of messages: pages with which a recipient unsubscribes, states preferences, views a message, clicks, opens.

Opening a page changes nothing (mail scanners open them all); its button does. Clicks and pixels act at once.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from html import escape

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Answer

from mock_klaviyo.api.views import accounts
from mock_klaviyo.control.answering import blueprint
from mock_klaviyo.control.declaring import Argument
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources import message_reading, reactions
from mock_klaviyo.resources.message_context import contact
from mock_klaviyo.resources.message_links import PREVIEW, SHORT_LINK
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.reactions import Reaction, ReactionError
from mock_klaviyo.store.rows import Row

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel."""

SANDBOX = {"Content-Security-Policy": "sandbox allow-popups allow-top-navigation-by-user-activation"}
"""What keeps scripts in a message from acting in its reader's name."""

CHANNELS = {"email": "Email marketing", "sms": "Text message marketing"}

PAGE: Mapping[int, str] = {
    200: "The page.",
    404: "There is no such message; a page says so.",
    409: "Nobody can do that with this message; a page says why.",
}
ONWARD: Mapping[int, str] = {**PAGE, 302: "The way to where the link leads."}
"""What the pages answer, by status; those that lead on apart."""

WOULD: Mapping[str, str] = {
    "unsubscribe": "let the recipient unsubscribe from marketing on the channel of the message",
    "manage_preferences": "show the recipient a form with the channels to get marketing on",
    "web_view": "show the message as a page",
    "update_property": "write a property of the recipient's profile and lead on to a page",
    "click": "note the click and lead on",
    "open.gif": "note that the message was opened",
    "info": "tell who sends the messages",
}
"""What each page does for the recipient of a real message."""

UPDATE = (
    Argument("property", "The property that is written."),
    Argument("value", "What is written."),
    Argument("url", "Where it leads to then."),
)


@blueprint.get(f"/links/<account>/{PREVIEW}/<path:page>", arguments=UPDATE, answers=PAGE)
def preview(account: str, page: str) -> Response:  # noqa: ARG001 - it tells apart nothing here
    """Tell what a link would do if the message had been sent to anybody."""
    would = WOULD.get(page.partition("/")[0])
    if would is None:
        return missing(f"messages have no page {page}")
    return page_of("Preview", f"<p>This message is a preview. In a real one, this link would {would}.</p>")


@blueprint.get("/links/<account>/<id>/unsubscribe", answers=PAGE)
def ask_to_unsubscribe(account: str, id: str) -> Answer:
    """Ask whether the recipient of a message wants no more."""
    return with_message(account, id, lambda _, message: page_of("Unsubscribe", unsubscribe_form(message)))


@blueprint.post("/links/<account>/<id>/unsubscribe", answers=PAGE)
def unsubscribe(account: str, id: str) -> Answer:
    """Unsubscribe the recipient of a message, by the button or by a mail reader's one-click header (RFC 8058)."""

    def done(klaviyo: Klaviyo, message: Row) -> Answer:
        react(klaviyo, message, Reaction("unsubscribed", {}))
        return page_of("Unsubscribed", f"<p>{escape(message.document['to'])} gets no more marketing.</p>")

    return with_message(account, id, done)


@blueprint.get("/links/<account>/<id>/manage_preferences", answers=PAGE)
def preferences(account: str, id: str) -> Answer:
    """Show the recipient of a message what marketing there is to choose from."""
    return with_message(account, id, lambda klaviyo, message: page_of("Preferences", preference_form(klaviyo, message)))


@blueprint.post("/links/<account>/<id>/manage_preferences", answers=PAGE)
def prefer(account: str, id: str) -> Answer:
    """Set what marketing the recipient of a message wants: a form with `email=on`, `sms=on`."""

    def done(klaviyo: Klaviyo, message: Row) -> Answer:
        wanted = {channel: channel in request.form for channel in channels(klaviyo, message)}
        klaviyo.alter(lambda world: reactions.prefer(world, message, wanted))
        return page_of("Preferences", f"<p>Saved.</p>{preference_form(klaviyo, message)}")

    return with_message(account, id, done)


@blueprint.get("/links/<account>/<id>/web_view", answers=PAGE)
def web_view(account: str, id: str) -> Answer:
    """Show a message as a page."""
    return with_message(account, id, html_page)


@blueprint.get("/links/<account>/<id>/info", answers=PAGE)
def info(account: str, id: str) -> Answer:
    """Tell who sends the messages."""

    def told(klaviyo: Klaviyo, _: Row) -> Answer:
        sender = contact(klaviyo.world)
        return page_of(sender["organization_name"], f"<p>{escape(sender['default_sender_email'])}</p>")

    return with_message(account, id, told)


@blueprint.get("/links/<account>/<id>/update_property", arguments=UPDATE, answers=ONWARD)
def update_property(account: str, id: str) -> Answer:
    """Write a property of the recipient of a message and lead on; only what a link of the message says."""

    def done(klaviyo: Klaviyo, message: Row) -> Answer:
        given = {name: request.args.get(name, "") for name in ("property", "value", "url")}
        if given not in message_reading.updates(message):
            return missing("the message has no such link")
        klaviyo.alter(lambda world: reactions.set_property(world, message, given["property"], given["value"]))
        return onward(given["url"])

    return with_message(account, id, done)


@blueprint.get("/links/<account>/<id>/click/<int:index>", answers=ONWARD)
def click(account: str, id: str, index: int) -> Answer:
    """Note a click on a link of a message, counted from 0, and lead on."""

    def done(klaviyo: Klaviyo, message: Row) -> Answer:
        found = message_reading.links(klaviyo.world, message)
        if index >= len(found):
            return missing(f"the message has {len(found)} links")
        url = found[index]["url"]
        react(klaviyo, message, Reaction("clicked", {"URL": url}))
        return onward(url)

    return with_message(account, id, done)


@blueprint.get("/links/<account>/<id>/open.gif", answers=PAGE)
def opened(account: str, id: str) -> Answer:
    """Note that a message was opened."""

    def done(klaviyo: Klaviyo, message: Row) -> Answer:
        react(klaviyo, message, Reaction("opened", {}))
        return Response(PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store"})

    return with_message(account, id, done)


@blueprint.get("/s/<account>/<code>", answers=ONWARD)
def short_link(account: str, code: str) -> Answer:
    """Note a click on a short link of a text message and lead on."""
    found = accounts().named(account).row(SHORT_LINK.type, code)
    if found is None:
        return missing(f"there is no short link {code}")

    def done(klaviyo: Klaviyo, message: Row) -> Answer:
        react(klaviyo, message, Reaction("clicked", {"URL": found.document["url"]}))
        return onward(found.document["url"])

    return with_message(account, found.document["message"], done)


def with_message(account: str, id: str, work: Callable[[Klaviyo, Row], Answer]) -> Answer:
    """The page about a message of an account or world; a page that says so when there is none."""
    klaviyo = accounts().named(account)
    message = klaviyo.row(OUTBOX_MESSAGE.type, id)
    if message is None:
        return missing(f"there is no message {id}; perhaps the server was reset since it was sent")
    try:
        return work(klaviyo, message)
    except ReactionError as reason:
        return page_of("Not possible", f"<p>{escape(str(reason))}</p>", 409)


def react(klaviyo: Klaviyo, message: Row, reaction: Reaction) -> None:
    """Let the recipient of a message do something with it."""
    klaviyo.alter(lambda world: reactions.react(world, message, reaction))


def html_page(klaviyo: Klaviyo, message: Row) -> Response:
    """An email as it arrives; any other message as its text."""
    if message.document.get("html") is None:
        return page_of("Message", f"<pre>{escape(message_reading.plain_text(message))}</pre>")
    found = message_reading.delivered(klaviyo.world, message)
    return Response(found, content_type="text/html; charset=utf-8", headers=SANDBOX)


def onward(url: str) -> Answer:
    """The way to where a link leads; addresses that are no web pages are only shown."""
    if url.lower().startswith(("http://", "https://")):
        return redirect(url, 302)
    return page_of("Done", f"<p>The link leads to {escape(url)}, which is no web page.</p>")


def unsubscribe_form(message: Row) -> str:
    """The button that unsubscribes."""
    who = escape(message.document["to"])
    return f'<form method="post"><p>No more marketing for {who}?</p><button>Unsubscribe</button></form>'


def preference_form(klaviyo: Klaviyo, message: Row) -> str:
    """The choice of channels, as things are now."""
    rows = "".join(checkbox(channel, is_on=is_on) for channel, is_on in channels(klaviyo, message).items())
    return f'<form method="post">{rows}<button>Save</button></form>'


def checkbox(channel: str, *, is_on: bool) -> str:
    """The choice of one channel."""
    mark = " checked" if is_on else ""
    return f'<p><label><input type="checkbox" name="{channel}"{mark}> {CHANNELS[channel]}</label></p>'


def channels(klaviyo: Klaviyo, message: Row) -> dict[str, bool]:
    """The channels on which a recipient can be reached, and whether marketing is wanted there."""
    profile = reactions.recipient(klaviyo.world, message)
    known = {"email": profile.document["email"], "sms": profile.document["phone_number"]}
    reachable = [channel for channel, identifier in known.items() if identifier]
    return {channel: reactions.is_subscribed(klaviyo.world, profile, channel) for channel in reachable}


def missing(reason: str) -> Response:
    """A page that says what is not there."""
    return page_of("Not found", f"<p>{escape(reason)}</p>", 404)


def page_of(title: str, body: str, status: int = 200) -> Response:
    """A small page; `title` is plain text, `body` is HTML."""
    title = escape(title)
    text = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{body}</html>'
    return Response(text, status=status, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})
