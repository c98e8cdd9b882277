"""Bulk jobs: how one is declared, what it looks like when it is created, and when it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from mock_klaviyo.errors import ApiError, error
from mock_klaviyo.json import Json
from mock_klaviyo.resources import job_life
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.generic import change, make, remove, require
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.registry import RESOURCES, declare, operation
from mock_klaviyo.resources.resource import Resource, many_in
from mock_klaviyo.resources.world import World, rounded
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

KEPT = timedelta(days=7)
"""How long a finished job can be read."""


def queued(world: World, total: int) -> Json:
    """A job that waits."""
    return {
        "status": "queued",
        "created_at": world.second,
        "total_count": total,
        "completed_count": 0,
        "failed_count": 0,
        "completed_at": None,
        "expires_at": rounded(world.now + KEPT),
        "started_at": None,
    }


@dataclass(frozen=True)
class Job:
    """A bulk job: creates, updates or deletes many resources of a type, each alone; its errors tell which could not be.

    `entries` is what the body calls them, and the relationship to those that came of it; `operation` creates the job.
    """

    of: str
    action: str
    entries: str
    operation: str
    most: int = 100
    label: str | None = None
    not_found: str = "unknown_resource"

    @property
    def type(self) -> str:
        """The type of the job itself."""
        return f"{self.of}-bulk-{self.action}-job"


def declare_job(job: Job) -> Resource:
    """Declare a bulk job."""

    def create(call: Call) -> Reply:
        return single(call, started(call, job), 202)

    def do(call: Call, _row: Row | None) -> Json:
        return done(call, job)

    operation(job.operation)(create)
    job_life.work(job.operation)(do)
    return declare(
        Resource(
            type=job.type,
            make_id=lambda world: world.ids.ulid(world.now),
            relationships=(many_in(job.entries, to=job.of, field="done_ids"),),
            fields=(Field("status"), Field("created_at")),
            stamps=("created_at", "updated_at"),
            default_sort="-created_at",
            fixed_page_size=100,
            not_found=job.not_found,
            label=job.label,
        )
    )


def started(call: Call, job: Job) -> Row:
    """A new job as Klaviyo first shows it; later reads show what came of it."""
    entries: list[Json] = call.attributes[job.entries]["data"]
    if len(entries) > job.most:
        reason = f"At most {job.most} {job.entries} may be sent in one request, {len(entries)} were given."
        raise error("invalid", reason=reason, pointer=place(job))
    return job_life.start(call, Row(job.type, RESOURCES[job.type].make_id(call.world), processing(call.world, entries)))


def done(call: Call, job: Job) -> Json:
    """What came of a job's entries."""
    entries: list[Json] = call.attributes[job.entries]["data"]
    done_ids, errors = outcome(call, job, entries)
    failed = len(entries) - len(done_ids)
    if failed:
        call.hint(f"{failed} of {len(entries)} {job.entries} failed; the job's errors say why: {errors[0]['detail']}")
    return {"completed_count": len(done_ids), "failed_count": failed, "errors": errors, "done_ids": done_ids}


def processing(world: World, entries: list[Json]) -> Json:
    """A job as the answer to its creation shows it."""
    return {
        "status": "processing",
        "created_at": world.now.isoformat(),
        "total_count": len(entries),
        "completed_count": 0,
        "failed_count": 0,
        "completed_at": None,
        "errors": [],
        "expires_at": (world.now + KEPT).isoformat(),
    }


def outcome(call: Call, job: Job, entries: list[Json]) -> tuple[list[str], list[Json]]:
    """The ids of what came of the entries, and the errors of those that nothing came of."""
    action, resource = ACTIONS[job.action], RESOURCES[job.of]
    done_ids: list[str] = []
    errors: list[Json] = []
    for index, entry in enumerate(entries):
        try:
            with call.world.store.attempt():
                done_ids.append(action(replace(call, body={"data": entry}), resource).id)
        except ApiError as refusal:
            errors += job_errors(call.world, refusal, f"{place(job)}/{index}")
    return done_ids, errors


def place(job: Job) -> str:
    """Where the entries stand in the body."""
    return f"/data/attributes/{job.entries}/data"


def job_errors(world: World, refusal: ApiError, entry: str) -> Iterator[Json]:
    """A refusal of one entry as errors of its job."""
    for each in refusal.problems:
        pointer = entry + (each.pointer or "").removeprefix("/data").rstrip("/")
        found = {"id": world.ids.uuid(), "code": each.code, "title": each.title, "detail": each.detail}
        yield found | {"source": {"pointer": pointer}}


def change_named(call: Call, resource: Resource) -> Row:
    """Change the resource whose id the body gives."""
    return change(call, resource, require(call, resource.type, call.data["id"]))


def remove_named(call: Call, resource: Resource) -> Row:
    """Remove the resource whose id the body gives."""
    row = require(call, resource.type, call.data["id"])
    remove(call, row)
    return row


ACTIONS: Mapping[str, Callable[[Call, Resource], Row]] = {
    "create": make,
    "update": change_named,
    "delete": remove_named,
}
"""What a job does to each of its entries."""
