"""Travel: moves an account's clock from one due thing to the next, in order, and tells what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mock_klaviyo.clock import LATEST
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.tasks import TASK
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection

if TYPE_CHECKING:
    from mock_klaviyo.klaviyo import Klaviyo

FARTHEST = timedelta(days=366)
"""How far ahead is looked for what comes next, unless told otherwise."""

CALL = "webhook call"
"""The kind of task that a call of a webhook is, where one looks at what is due."""

MOST_STOPS = 100_000
"""After so many stops a journey ends: something puts itself off again and again."""


AT_ONCE = 500
"""How many messages are read at once."""


class NothingDue(LookupError):
    """Nothing of what was looked for happens in the time that was looked at; the clock was not moved."""


def due(klaviyo: Klaviyo, limit: int) -> list[Row]:
    """The tasks and the calls of webhooks that fall due next, the first one first."""
    klaviyo.catch_up()
    found = klaviyo.store.page(Selection(TASK.type, sort=Sort("due")), limit).rows
    return sorted([*found, *map(as_task, klaviyo.waiting_calls(limit))], key=tasks.due_of)[:limit]


def as_task(call: Row) -> Row:
    """A call of a webhook in the form of a task."""
    given = {name: call.document[name] for name in ("flow_id", "url", "topic") if name in call.document}
    document = {"due": call.document["due"], "kind": CALL, "subject": call.id, "given": given}
    return Row(TASK.type, call.id, document)


def next_stop(klaviyo: Klaviyo, until: datetime) -> datetime | None:
    """When something happens next, if that is by a time."""
    klaviyo.catch_up()
    moment = min(tasks.next_moment(klaviyo.world, until), klaviyo.next_call())
    return moment if moment <= until else None


def to_next_due(klaviyo: Klaviyo, within: timedelta = FARTHEST) -> datetime:
    """Move to the next time at which something happens."""
    stop = next_stop(klaviyo, horizon(klaviyo, within))
    if stop is None:
        raise NothingDue(f"nothing is due within {within.days} days")
    klaviyo.move_clock(stop)
    return stop


def to_next_message(klaviyo: Klaviyo, profile_id: str | None, within: timedelta = FARTHEST) -> Row:
    """Move to the time of the next message, to a profile if one is named; to nowhere when there is none."""
    before = klaviyo.remember()
    news = sent(klaviyo, klaviyo.store.last_number(OUTBOX_MESSAGE.type))
    found: list[Row] = []

    def is_there() -> bool:
        found.extend(row for row in next(news) if profile_id in (None, row.document["profile_id"]))
        return bool(found)

    try:
        travel(klaviyo, horizon(klaviyo, within), is_there=is_there)
        if not found:
            klaviyo.recall(before)
            raise NothingDue(f"no message is sent within {within.days} days")
        return found[0]
    finally:
        before.copy.close()


def until_idle(klaviyo: Klaviyo, within: timedelta = FARTHEST) -> bool:
    """Move on from one due thing to the next until nothing is due any more; whether that came about in time."""
    travel(klaviyo, horizon(klaviyo, within), is_there=lambda: False)
    return next_stop(klaviyo, LATEST) is None


def travel(klaviyo: Klaviyo, until: datetime, *, is_there: Callable[[], bool]) -> None:
    """Stop at each time at which something happens, by a time, until one is there."""
    for _ in range(MOST_STOPS):
        stop = None if is_there() else next_stop(klaviyo, until)
        if stop is None:
            return
        klaviyo.move_clock(max(stop, klaviyo.clock.now))


def sent(klaviyo: Klaviyo, after: int) -> Iterator[list[Row]]:
    """The messages that really left after a number, each time those that came since the time before."""
    while True:
        rows: list[Row] = []
        while page := klaviyo.rows(OUTBOX_MESSAGE.type, after, AT_ONCE):
            after = page[-1].number
            rows += [row for row in page if row.document["skipped"] is None]
        yield rows


def horizon(klaviyo: Klaviyo, within: timedelta) -> datetime:
    """The end of the time that is looked at."""
    now = klaviyo.clock.now
    return now + within if LATEST - now > within else LATEST
