"""Tasks: work for later, done in the order in which it falls due as the clock moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import TypeAlias

from mock_klaviyo.json import Json
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

Work: TypeAlias = Callable[[World, Json, datetime], None]
"""Does a task: what it was given when it was put off, and when it was due."""

Later: TypeAlias = tuple[datetime, str, Json]
"""Work that is put off: until when, the id of what it is about, and what it is given."""

AT_ONCE = 500
"""How many tasks a crew gets at once."""

WORKS: dict[str, Work] = {}
"""Every kind of work that can be put off."""

END_OF_TIME = datetime.max.replace(tzinfo=UTC)

TASK = declare(
    Resource(
        type="task",
        make_id=lambda world: world.ids.uuid(),
        fields=(
            Field("due", is_indexed=True, is_required=True),
            Field("kind"),
            Field("subject", is_indexed=True),
        ),
    )
)
"""Ours: no operation of Klaviyo's leads here."""


def task(kind: str) -> Callable[[Work], Work]:
    """Declare the function that does a kind of work."""

    def register(work: Work) -> Work:
        WORKS[kind] = work
        return work

    return register


def later(world: World, due: datetime, kind: str, subject: str, **given: object) -> None:
    """Put work off until it is due; the subject is the id of what it is about."""
    put_off(world, kind, [(due, subject, given)])


def put_off(world: World, kind: str, works: Iterable[Later]) -> None:
    """Put many works of a kind off at once."""
    rows = []
    for due, subject, given in works:
        if world.no_task_before is not None:
            world.no_task_before = min(world.no_task_before, due)
        document = {"due": due.astimezone(UTC).isoformat(), "kind": kind, "subject": subject, "given": given}
        rows.append(Row(TASK.type, TASK.make_id(world), document))
    world.store.insert(*rows)


def call_off(world: World, subject: str) -> None:
    """Do none of the work that was put off for a subject."""
    world.store.delete_where(TASK.type, subject=subject)
    world.no_task_before = None


def first_due(world: World, until: datetime) -> Row | None:
    """The task that falls due first, by a time; of several at once the one that was put off first."""
    if world.no_task_before is not None and until < world.no_task_before:
        return None  # every read comes here, and most of the time nothing was put off
    row = world.store.least(TASK.type, "due")
    due = due_of(row) if row else END_OF_TIME
    world.no_task_before = due
    return row if due <= until else None


def settle(world: World) -> None:
    """Do what is due by now, each task in a transaction, and process all accepted events before and after."""
    world.catch_up()
    while row := first_due(world, world.now):
        with world.store.transaction():
            do(world, together(world, row))
        world.catch_up()


def together(world: World, first: Row) -> list[Row]:
    """A task and those that can be done with it: of a kind that has a crew, due at the same time, and next in order."""
    kind, due = first.document["kind"], first.document["due"]
    if kind not in world.crews:
        return [first]
    same = world.store.rows(TASK.type, limit=AT_ONCE, due=due)
    return list(takewhile(lambda row: row.document["kind"] == kind, same))


def do(world: World, rows: Sequence[Row]) -> None:
    """Do tasks of a kind, which then are no more."""
    kind, due, given = rows[0].document["kind"], due_of(rows[0]), [row.document["given"] for row in rows]
    world.store.delete_where(TASK.type, id=[row.id for row in rows])
    crew = world.crews.get(kind)
    if crew is not None:
        crew(given, due)
    else:
        WORKS[kind](world, given[0], due)


def due_of(row: Row) -> datetime:
    """When a task is due."""
    return datetime.fromisoformat(row.document["due"])


def settle_until(world: World, now: datetime) -> None:
    """Freeze the clock at a time, having done on the way what falls due, each task at its own time."""
    for _ in journey(world, now, lambda: END_OF_TIME):
        pass


def journey(world: World, now: datetime, besides: Callable[[], datetime]) -> Iterator[datetime]:
    """Freeze the clock at a time, having stopped wherever something falls due, and when `besides` says so.

    Gives the time of each stop when its tasks are done.
    """
    settle(world)
    before = world.now
    world.clock.set(now)
    while (due := min(next_moment(world, now), besides())) <= now:
        world.clock.restart(max(before, due))
        settle(world)
        yield due
    world.clock.restart(now)


def next_moment(world: World, until: datetime) -> datetime:
    """When something is to be done next, if that is by a time."""
    if world.no_task_before is None:
        first_due(world, until)
    return min(world.no_task_before or END_OF_TIME, *(alarm() for alarm in world.alarms), END_OF_TIME)
