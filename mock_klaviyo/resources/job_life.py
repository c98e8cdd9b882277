"""The life of a job: it is queued, it is processed, it is complete; at once, or on the clock when jobs take time.

Klaviyo does the work of a job some time after it has accepted it. A world tells how long (`job_delay`): half of that
the job is queued, the other half it is processed, and then all its work is done at one moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from mock_klaviyo.errors import ApiError
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.query import query
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.call import Call
from mock_klaviyo.resources.world import World, rounded
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.store.rows import Row

BEGIN, FINISH = "job begins", "job ends"
"""The kinds of work that are put off."""

Work: TypeAlias = Callable[[Call, Any], Json]
"""Does a job's work, given its call and its row if one can read it; gives what the complete job shows of it."""

WORKS: dict[str, Work] = {}
"""The work of each job, by the id of the operation that creates it."""


def work(operation_id: str) -> Callable[[Work], Work]:
    """Declare the function that does the work of the jobs that an operation creates."""

    def register(function: Work) -> Work:
        WORKS[operation_id] = function
        return function

    return register


def start(call: Call, job: Row) -> Row:
    """Keep a new job and do its work, now or later; gives the job as the answer to its creation shows it."""
    if call.world.job_delay:
        job = Row(job.type, job.id, job.document | {"status": "queued", "completed_at": None})
    keep(call.world, job)
    do(call, job)
    return job


def start_unseen(call: Call) -> None:
    """Do the work of a job that nobody can read, now or later."""
    do(call, None)


def keep(world: World, job: Row) -> None:
    """Keep a job in place of one of the same id, which is called off."""
    tasks.call_off(world, subject(job))
    world.store.delete_where(job.type, id=job.id)
    world.store.insert(job)


def do(call: Call, job: Row | None) -> None:
    """Do a job's work, at once unless jobs take time."""
    if call.world.job_delay:
        put_off(call, job)
    else:
        finished(call, job, call.world.now)


def put_off(call: Call, job: Row | None) -> None:
    """Put off a job's work, and before that its beginning."""
    world = call.world
    named = {"type": job.type, "id": job.id} if job else None
    about = subject(job) if job else call.operation.id
    given = {"operation": call.operation.id, "body": call.body, "lineage": call.lineage, "job": named}
    tasks.later(world, world.now + world.job_delay / 2, BEGIN, about, job=named)
    tasks.later(world, world.now + world.job_delay, FINISH, about, **given)


def subject(job: Row) -> str:
    """What the tasks of a job are about; its id alone can be that of something else."""
    return f"{job.type} {job.id}"


@tasks.task(BEGIN)
def begin(world: World, given: Json, due: datetime) -> None:
    """Show that a job is worked on."""
    job = found(world, given)
    if job is not None:
        job.document |= {"status": "processing", "started_at": rounded(due)}
        world.store.update(job)


@tasks.task(FINISH)
def finish(world: World, given: Json, due: datetime) -> None:
    """Do the work of a job as if it had been asked for now; what cannot be done any more cancels the job."""
    operation = recording(revisions()[-1]).operations[given["operation"]]
    call = Call(operation, world, {}, query(operation, []), given["body"], lineage=given["lineage"])
    job = found(world, given)
    world.lineage = call.lineage
    try:
        with world.store.attempt():
            finished(call, job, due)
    except ApiError as refusal:
        cancel(world, job, refusal, due)
    finally:
        world.lineage = None


def found(world: World, given: Json) -> Row | None:
    """The job that a task is about; None for one that nobody can read."""
    named = given["job"]
    return world.store.row(named["type"], named["id"]) if named else None


def finished(call: Call, job: Row | None, at: datetime) -> None:
    """Do a job's work and keep what came of it."""
    done = WORKS[call.operation.id](call, job)
    if job is not None:
        started_at = job.document.get("started_at") or rounded(at)
        ended = {"status": "complete", "started_at": started_at, "completed_at": rounded(at)}
        call.world.store.update(Row(job.type, job.id, job.document | ended | done))


def cancel(world: World, job: Row | None, refusal: ApiError, at: datetime) -> None:
    """End a job whose work cannot be done any more, as when a list that it names has gone."""
    if job is not None:
        reason = refusal.problems[0].detail
        job.document |= {"status": "cancelled", "completed_at": rounded(at), "reason": reason}
        world.store.update(job)
