"""Dispatch: what leaves an account: calls of webhooks, calls of flows, and mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_klaviyo.engine import flow_calls
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.outbound import Outbound
from mock_klaviyo.resources import mailing, tasks, webhook_deliveries
from mock_klaviyo.resources.flow_runs import FLOW_CALL
from mock_klaviyo.resources.webhook_deliveries import DELIVERY, WAITING
from mock_klaviyo.smtp import Smtp
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection

if TYPE_CHECKING:
    from mock_klaviyo.klaviyo import Klaviyo


CALLS = (DELIVERY.type, FLOW_CALL.type)
"""What is kept of calls."""


def waiting(type: str) -> Selection:
    """The calls of a type that wait."""
    return Selection(type, (Comparison("equals", "status", WAITING),), Sort("due"))


class Dispatch:
    """Makes the calls of an account, never while it is locked: whoever is called may call back meanwhile."""

    def __init__(self, klaviyo: Klaviyo) -> None:
        config = klaviyo.config
        self._klaviyo = klaviyo
        self._may_wait = True
        self._smtp = config.smtp and Smtp.read(config.smtp, Outbound(config.allowed_hosts))

    def next_due(self) -> datetime:
        """When a call is due next; the end of time when none waits, which is known without a look most of the time."""
        if not self._may_wait:
            return tasks.END_OF_TIME
        found = [first for type in CALLS if (first := self._first(type)) is not None]
        self._may_wait = bool(found)
        return min(found, default=tasks.END_OF_TIME)

    def waiting(self, limit: int) -> list[Row]:
        """The calls that wait, those that are due first before the others."""
        found = [row for type in CALLS for row in self._klaviyo.store.page(waiting(type), limit).rows]
        return sorted(found, key=tasks.due_of)[:limit]

    def _first(self, type: str) -> datetime | None:
        """When the first call of a type is due that waits."""
        row = next(iter(self._klaviyo.store.page(waiting(type), 1).rows), None)
        return tasks.due_of(row) if row else None

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

    # watching the store

    def rows_written(self, rows: Sequence[Row]) -> None:
        """A call may wait from now on."""
        if rows and rows[0].type in CALLS:
            self._may_wait = True

    def row_removed(self, row: Row) -> None:
        """A removed row makes no call wait."""

    def fields_written(self, type: str, fields: Mapping[str, Any]) -> None:
        """Nobody lets calls wait by changing rows unread."""

    def links_made(self, name: str, left: str, rights: Sequence[str], since: str) -> None:
        """Links make no calls."""

    def links_written(self, name: str, rights: Sequence[str]) -> None:
        """Links make no calls."""
