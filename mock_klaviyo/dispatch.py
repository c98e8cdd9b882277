"""Dispatch: what leaves an account: calls of webhooks, calls of flows, and mail."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mock_klaviyo.engine import flow_calls
from mock_klaviyo.outbound import Outbound
from mock_klaviyo.resources import mailing, webhook_deliveries
from mock_klaviyo.smtp import Smtp

if TYPE_CHECKING:
    from mock_klaviyo.klaviyo import Klaviyo


class Dispatch:
    """Makes the calls of an account, never while it is locked: whoever is called may call back meanwhile."""

    def __init__(self, klaviyo: Klaviyo) -> None:
        config = klaviyo.config
        self._klaviyo = klaviyo
        self._smtp = config.smtp and Smtp.read(config.smtp, Outbound(config.allowed_hosts))

    def call(self) -> int:
        """Make the calls that are due, in order; gives how many."""
        alter, made = self._klaviyo.alter, 0
        while delivery := alter(webhook_deliveries.next_delivery):
            outcome = webhook_deliveries.attempt(self._klaviyo.world, delivery)
            alter(partial(webhook_deliveries.note, delivery=delivery, outcome=outcome))
            made += 1
        while call := alter(flow_calls.next_call):
            outcome = flow_calls.attempt(self._klaviyo.world, call)
            alter(partial(flow_calls.note, call=call, outcome=outcome))
            made += 1
        return made

    def mail(self) -> int:
        """Hand the emails that were sent since to the SMTP server, if there is one; gives how many."""
        handed = 0
        while self._smtp and (waiting := self._klaviyo.alter(mailing.waiting)):
            outcomes = self._smtp.send([message for _, message in waiting])
            self._klaviyo.alter(partial(mailing.note, rows=[row for row, _ in waiting], outcomes=outcomes))
            handed += len(waiting)
            if all(outcomes):  # the server is away; the rest can wait
                break
        return handed
