"""Mailing: emails as they are handed to an SMTP server, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mock_klaviyo.json import Json
from mock_klaviyo.resources.message_links import page_url
from mock_klaviyo.resources.message_reading import delivered, plain_text
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

MAILED = "mailed"
"""The setting that tells the number of the last message that was looked at."""

AT_ONCE = 50
CHANNELS = ("email", "internal_alert")
UNFOLDED = SMTP.clone(max_line_length=998)
"""A long address is otherwise written as a coded word, which no mail reader takes for one to unsubscribe at."""

ADDRESSES = {"Cc": "cc_email", "Bcc": "bcc_email", "Reply-To": "reply_to_email"}


def waiting(world: World) -> list[tuple[Row, EmailMessage]]:
    """The first emails that were sent and not handed over yet; one that cannot be written is noted at once."""
    written: list[tuple[Row, EmailMessage]] = []
    while not written and (rows := world.store.after(OUTBOX_MESSAGE.type, last(world), AT_ONCE)):
        world.store.keep_setting(MAILED, str(rows[-1].number))
        for row in rows:
            if row.document["channel"] in CHANNELS and not row.document["skipped"]:
                written += write(world, row)
    return written


def last(world: World) -> int:
    """The number of the last message that was looked at."""
    return int(world.store.setting(MAILED) or 0)


def write(world: World, row: Row) -> list[tuple[Row, EmailMessage]]:
    """An email with its row; nothing when a mail cannot carry what it says."""
    try:
        return [(row, mail(world, row))]
    except (ValueError, IndexError) as reason:  # what Python's email package raises for addresses that are none
        note(world, [row], [f"it cannot be written as a mail: {reason}"])
        return []


def mail(world: World, row: Row) -> EmailMessage:
    """An email as a mail: with both bodies, and the headers with which a mail reader unsubscribes at one click."""
    message = EmailMessage(UNFOLDED)
    for name, value in headers(world, row).items():
        message[name] = value
    message.set_content(row.document.get("text") or plain_text(row))
    if row.document.get("html") is not None:
        message.add_alternative(delivered(world, row), subtype="html")
    return message


def headers(world: World, row: Row) -> dict[str, object]:
    """The headers of a mail."""
    document: Json = row.document
    label, address = one_line(document["from_label"]), document["from_email"]
    return {
        "Subject": one_line(document["subject"]),
        "From": Address(label, addr_spec=address),
        "To": document["to"],
        **{name: document[member] for name, member in ADDRESSES.items() if document.get(member)},
        "Date": format_datetime(datetime.fromisoformat(document["at"])),
        "Message-ID": f"<{row.id}@mock-klaviyo>",
        **(unsubscribing(world, row) if document["channel"] == "email" else {}),
        "X-Mock-Message": row.id,
    }


def unsubscribing(world: World, row: Row) -> dict[str, object]:
    """How a mail reader unsubscribes at one click; the account's own people cannot do that for a profile."""
    return {
        "List-Unsubscribe": f"<{page_url(world, row.id, 'unsubscribe')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def one_line(text: str | None) -> str:
    """A text without line breaks, which no header can have."""
    return " ".join((text or "").split())


def note(world: World, rows: Sequence[Row], outcomes: Sequence[str | None]) -> None:
    """Note beside messages what became of them; what was done with them meanwhile stays."""
    reasons = dict(zip((row.id for row in rows), outcomes, strict=True))
    for row in world.store.rows(OUTBOX_MESSAGE.type, id=list(reasons)):
        reason = reasons[row.id]
        row.document["smtp"] = {"status": "failed", "error": reason} if reason else {"status": "sent"}
        world.store.update(row)
