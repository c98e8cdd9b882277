"""Emails handed to an SMTP server, and what is noted beside them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner

from mock_klaviyo.cli import main
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources import mailing
from mock_klaviyo.resources.outbox import Letter, Sending, post
from tests.calling import Client, profile
from tests.conftest import START


class Catcher:
    """What an SMTP server was given; it refuses addresses that begin with `refused`, or closes."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("refused"):
            return "550 no such mailbox"
        if address.startswith("closing"):
            return "421 closing down"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content))
        return "250 OK"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def catcher() -> Iterator[tuple[Catcher, int]]:
    """A running SMTP server and its port."""
    found, port = Catcher(), free_port()
    controller = Controller(found, "127.0.0.1", port)
    controller.start()
    yield found, port
    controller.stop()


def mailing_klaviyo(port: int) -> Klaviyo:
    """A Klaviyo that hands emails over."""
    return Klaviyo(Config(clock=START, smtp=f"127.0.0.1:{port}"))


def send(klaviyo: Klaviyo, to: str = "anna@shop.example.org", **content: Any) -> None:
    """Put an email to a new profile into the outbox."""
    id = Client(klaviyo).create("/api/profiles", profile(email=to))
    usual = {"subject": "Hi", "from_label": "Shop", "from_email": "hello@shop.example.org", "html": "<b>Ünder</b>"}

    def work(world: Any) -> None:
        (row,) = world.store.rows("profile", id=id)
        sending = Sending("email", "MSG001", {}, {}, uses_smart_sending=False, at=world.now)
        post(world, sending, [Letter(row, usual | {"text": None} | content)])

    klaviyo.alter(work)


def outcomes(klaviyo: Klaviyo) -> list[Any]:
    """What became of the messages."""
    return [row.document.get("smtp") for row in klaviyo.rows("outbox-message", 0, 100)]


def test_an_email_is_handed_over_once_with_both_bodies(catcher):
    found, port = catcher
    klaviyo = mailing_klaviyo(port)
    send(klaviyo, subject="Two\nlines")
    klaviyo.tick()
    klaviyo.tick()
    (mail,) = found.mails

    assert ("Two lines", "Shop <hello@shop.example.org>") == (mail["Subject"], mail["From"])
    assert "Ünder" in mail.get_body(("html",)).get_content()
    assert "open.gif" in mail.get_body(("html",)).get_content()
    assert "Ünder" in mail.get_body(("plain",)).get_content()
    assert mail["List-Unsubscribe"].endswith("/unsubscribe>")
    assert [{"status": "sent"}] == outcomes(klaviyo)


@pytest.mark.parametrize(("channel", "is_there"), [("email", True), ("internal_alert", False)])
def test_a_mail_reader_can_unsubscribe_at_one_click_whom_the_mail_is_for(catcher, channel, is_there):
    _, port = catcher
    klaviyo = mailing_klaviyo(port)
    send(klaviyo)
    row = klaviyo.rows("outbox-message", 0, 1)[0]
    row.document["channel"] = channel
    written = mailing.mail(klaviyo.world, row).as_bytes()

    assert is_there is (b"\r\nList-Unsubscribe: <http" in written)
    assert is_there is (b"List-Unsubscribe=One-Click" in written)
    assert is_there is (b"open.gif" in written)


def test_a_message_that_was_skipped_is_not_handed_over(catcher):
    found, port = catcher
    klaviyo = mailing_klaviyo(port)
    send(klaviyo)
    row = klaviyo.rows("outbox-message", 0, 1)[0]
    row.document["skipped"] = "Smart Sending"
    klaviyo.alter(lambda world: world.store.update(row))

    assert (0, []) == (klaviyo.mail(), found.mails)


def test_one_refused_mail_does_not_keep_others_back(catcher):
    found, port = catcher
    klaviyo = mailing_klaviyo(port)
    for name in ("anna", "refused", "bob"):
        send(klaviyo, f"{name}@shop.example.org")

    assert 3 == klaviyo.mail()
    assert ["anna@shop.example.org", "bob@shop.example.org"] == [mail["To"] for mail in found.mails]
    assert ["sent", "failed", "sent"] == [each["status"] for each in outcomes(klaviyo)]
    assert "no such mailbox" in outcomes(klaviyo)[1]["error"]


def test_a_server_that_closes_in_between_has_what_it_took(catcher):
    found, port = catcher
    klaviyo = mailing_klaviyo(port)
    for name in ("anna", "closing", "bob"):
        send(klaviyo, f"{name}@shop.example.org")
    klaviyo.mail()

    assert ["anna@shop.example.org"] == [mail["To"] for mail in found.mails]
    assert ["sent", "failed", "failed"] == [each["status"] for each in outcomes(klaviyo)]


def test_a_server_that_is_away_is_noted_and_nothing_else_fails():
    klaviyo = mailing_klaviyo(free_port())
    send(klaviyo)
    klaviyo.tick()

    assert "refused" in outcomes(klaviyo)[0]["error"].lower()


def test_after_a_server_was_away_the_rest_is_tried_later(monkeypatch):
    monkeypatch.setattr(mailing, "AT_ONCE", 1)
    klaviyo = mailing_klaviyo(free_port())
    send(klaviyo)
    send(klaviyo, "bob@shop.example.org")
    klaviyo.tick()

    assert ["failed", None] == [each and each["status"] for each in outcomes(klaviyo)]


def test_a_sender_that_is_no_address_is_noted(catcher):
    found, port = catcher
    klaviyo = mailing_klaviyo(port)
    send(klaviyo, from_email="nobody")
    klaviyo.tick()

    assert [] == found.mails
    assert "cannot be written" in outcomes(klaviyo)[0]["error"]


def test_after_a_reset_mails_are_handed_over_again(catcher):
    found, port = catcher
    klaviyo = mailing_klaviyo(port)
    for _ in range(2):
        send(klaviyo)
        klaviyo.mail()
        klaviyo.reset()

    assert 2 == len(found.mails)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("localhost", "HOST:PORT"),
        ("localhost:99999", "HOST:PORT"),
        ("mail.example.org:25", "neither this machine nor a host that --allow-host names"),
    ],
)
def test_a_server_that_must_not_be_called_is_refused_at_the_start(address, problem):
    result = CliRunner().invoke(main, ["serve", "--port", "0", "--smtp", address])

    assert 1 == result.exit_code
    assert problem in result.output
