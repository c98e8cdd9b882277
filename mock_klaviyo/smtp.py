"""SMTP: the way of emails to a mail catcher such as Mailpit, on this machine or a host that the user allowed."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from mock_klaviyo.outbound import Outbound

LONGEST_WAIT = 3.0
"""How many seconds the server may take for each of its answers."""

SERVER = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):(\d{1,5})")


class SmtpAddressError(ValueError):
    """An address that no SMTP server can have, or that must not be called; says what would be right."""


@dataclass(frozen=True)
class Smtp:
    """An SMTP server."""

    host: str
    port: int

    @classmethod
    def read(cls, text: str, outbound: Outbound) -> Smtp:
        """The server that `HOST:PORT` names.

        >>> Smtp.read("localhost:1025", Outbound())
        Smtp(host='localhost', port=1025)
        """
        found = SERVER.fullmatch(text)
        if found is None or not 0 < int(found[2]) < 65536:
            raise SmtpAddressError(f"the SMTP server must be HOST:PORT such as localhost:1025, not {text!r}")
        if not outbound.is_allowed(f"http://{found[1]}"):
            raise SmtpAddressError(f"{found[1]} is neither this machine nor a host that --allow-host names")
        return cls(found[1].strip("[]"), int(found[2]))

    def send(self, messages: Sequence[EmailMessage]) -> list[str | None]:
        """Hand messages over, all on one connection; gives for each why it was not taken, None when it was."""
        outcomes: list[str | None] = []
        try:
            with smtplib.SMTP(self.host, self.port, timeout=LONGEST_WAIT) as connection:
                outcomes.extend(refusal(connection, message) for message in messages)
        except OSError as reason:  # what smtplib raises is of this kind too
            left = len(messages) - len(outcomes)
            outcomes += [f"{self.host}:{self.port}: {reason}"] * left
        return outcomes


def refusal(connection: smtplib.SMTP, message: EmailMessage) -> str | None:
    """Why a server does not take a message; None when it does."""
    try:
        connection.send_message(message)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as reason:
        return str(reason)
    return None
