"""Bulk jobs on profiles: import, suppress and unsuppress."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_klaviyo.errors import ApiError, Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import consent, identifiers, job_life, jobs, profile_checks
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.lists import MEMBERS
from mock_klaviyo.resources.presenter import single
from mock_klaviyo.resources.profiles import imported
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, many, many_by
from mock_klaviyo.resources.segments import MEMBERS as SEGMENT_MEMBERS
from mock_klaviyo.resources.subscribing import group_of, list_of
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection, Through
from mock_klaviyo.store.tables import Field

PROFILES = "/data/attributes/profiles"
MOST_IMPORTED = 10_000
MOST_SUPPRESSED = 100
JOB_STAMPS = ("created_at", "updated_at")
SUPPRESSION_LISTS = "suppression-job-lists"
SUPPRESSION_SEGMENTS = "suppression-job-segments"

IMPORT_JOB = declare(
    Resource(
        type="profile-bulk-import-job",
        make_id=lambda world: world.ids.job(world.account.id, world.now),
        relationships=(
            many("lists", to="list", link="job-lists"),
            many("profiles", to="profile", link="job-profiles"),
            many_by("import-errors", to="import-error", field="job_id"),
        ),
        stamps=JOB_STAMPS,
    )
)
IMPORT_ERROR = declare(
    Resource(
        type="import-error",
        make_id=lambda world: world.ids.uuid(),
        fields=(Field("job_id", is_indexed=True),),
    )
)
SUPPRESS_JOB, UNSUPPRESS_JOB = (
    declare(
        Resource(
            type=f"profile-suppression-bulk-{action}-job",
            make_id=lambda world: world.ids.ulid(world.now),
            relationships=(
                many("lists", to="list", link=SUPPRESSION_LISTS),
                many("segments", to="segment", link=SUPPRESSION_SEGMENTS),
            ),
            aliases={"created": "created_at"},
            stamps=JOB_STAMPS,
            fixed_page_size=20,
        )
    )
    for action in ("create", "delete")
)


@operation("bulk_import_profiles")
def bulk_import_profiles(call: Call) -> Reply:
    """Create or update many profiles; those that cannot be are listed as import errors."""
    profiles = call.attributes["profiles"]["data"]
    raise_all(too_many(profiles, MOST_IMPORTED))
    lists = lists_of(call)
    job = Row(IMPORT_JOB.type, IMPORT_JOB.make_id(call.world), jobs.queued(call.world, len(profiles)))
    call.world.store.links.add("job-lists", job.id, [each.id for each in lists], call.world.second)
    return single(call, job_life.start(call, job), 202)


@job_life.work("bulk_import_profiles")
def do_import(call: Call, job: Row) -> Json:
    """Create or update a job's profiles and put them on its lists."""
    lists = lists_of(call)
    rows, failures = import_all(call, job, call.attributes["profiles"]["data"])
    store, second = call.world.store, call.world.second
    store.insert(*failures)
    for name, left in (("job-profiles", job.id), *((MEMBERS, each.id) for each in lists)):
        store.links.add(name, left, dict.fromkeys(row.id for row in rows), second)
    return {"completed_count": job.document["total_count"] - len(failures), "failed_count": len(failures)}


def import_all(call: Call, job: Row, many: list[Json]) -> tuple[list[Row], list[Row]]:
    """Create or update the profiles of a job; gives them, and an import error for each that is refused."""
    profiles, rows, failures = Profiles(call.world), [], []
    profiles.fetch(identifiers.identifiers(data.get("attributes") or {}, data.get("id")) for data in many)
    for data in many:
        try:
            raise_all(profile_checks.problems(data, "/data"))
            rows.append(imported(profiles, data)[0])
        except ApiError as refusal:
            failures.append(import_error(call, job, data, refusal.problems[0]))
    profiles.keep()
    return rows, failures


def import_error(call: Call, job: Row, data: Json, found: Problem) -> Row:
    """Why a profile of a job was not imported."""
    document = {
        "code": found.code,
        "title": found.title,
        "detail": found.detail,
        "source": {"pointer": found.pointer},
        "original_payload": data,
        "job_id": job.id,
    }
    return Row(IMPORT_ERROR.type, IMPORT_ERROR.make_id(call.world), document)


@operation("bulk_suppress_profiles")
def bulk_suppress_profiles(call: Call) -> Reply:
    """Let nobody send email to the named profiles; unknown addresses become suppressed profiles."""
    return suppression_reply(call, SUPPRESS_JOB)


@job_life.work("bulk_suppress_profiles")
def suppress(call: Call, _job: Row) -> Json:
    """Suppress the profiles that a job names."""
    profiles = Profiles(call.world)
    rows = list(suppression_rows(call, profiles, makes_profiles=True))
    skipped = sum(not consent.suppress(row, "USER_SUPPRESSED", call.world.second) for row in rows)
    return kept(profiles, rows, skipped)


@operation("bulk_unsuppress_profiles")
def bulk_unsuppress_profiles(call: Call) -> Reply:
    """Lift what `bulk_suppress_profiles` did, and no other suppression."""
    return suppression_reply(call, UNSUPPRESS_JOB)


@job_life.work("bulk_unsuppress_profiles")
def unsuppress(call: Call, _job: Row) -> Json:
    """Lift the suppression of the profiles that a job names."""
    profiles = Profiles(call.world)
    rows = list(suppression_rows(call, profiles, makes_profiles=False))
    skipped = sum(not consent.lift(row, ("USER_SUPPRESSED",)) for row in rows)
    return kept(profiles, rows, skipped)


def kept(profiles: Profiles, rows: list[Row], skipped: int) -> Json:
    """Keep the changes of a suppression job; gives its counts."""
    for row in rows:
        profiles.change(row)
    profiles.keep()
    return {"total_count": len(rows), "completed_count": len(rows) - skipped, "skipped_count": skipped}


def suppression_rows(call: Call, profiles: Profiles, *, makes_profiles: bool) -> Iterator[Row]:
    """The profiles that a suppression job names: by address, or as members of a list or segment."""
    for group, members in ((group_of(call), MEMBERS), (segment_of(call), SEGMENT_MEMBERS)):
        if group is not None:
            yield from call.world.store.every(Selection("profile", through=Through(members, group.id)))
    for each in named_profiles(call):
        email = identifiers.normal_email(each["attributes"]["email"])
        row = profiles.find({"email": email})
        if row is None and makes_profiles:
            row = profiles.create({"email": email})
        if row is not None:
            yield row


def suppression_problems(call: Call) -> Iterator[Problem]:
    """What is wrong with a suppression job that its schema cannot tell."""
    named, relationships = named_profiles(call), call.data.get("relationships") or {}
    groups = [name for name in ("list", "segment") if (relationships.get(name) or {}).get("data")]
    if bool(named) + len(groups) != 1:
        reason = "Exactly one of profiles, list or segment must be given."
        yield problem("invalid", reason=reason, pointer="/data")
    yield from too_many(named, MOST_SUPPRESSED)
    for index, each in enumerate(named):
        yield from identifiers.problems(each["attributes"], f"{PROFILES}/data/{index}/attributes")


def suppression_reply(call: Call, resource: Resource) -> Reply:
    """Start a suppression job; the answer shows it as Klaviyo first does."""
    raise_all(suppression_problems(call))
    second, group, segment = call.world.second, group_of(call), segment_of(call)
    first = {"status": "processing", "created_at": second, "total_count": 0, "completed_count": 0}
    first |= {"completed_at": second, "skipped_count": 0, "list_id": group.id if group else None}
    first |= {"segment_id": segment.id if segment else None}
    job = Row(resource.type, resource.make_id(call.world), first)
    for link, each in ((SUPPRESSION_LISTS, group), (SUPPRESSION_SEGMENTS, segment)):
        call.world.store.links.add(link, job.id, [each.id] if each else [], second)
    return single(call, job_life.start(call, job), 202)


def segment_of(call: Call) -> Row | None:
    """The segment that the body names, if any; an unknown one is invalid input."""
    data = ((call.data.get("relationships") or {}).get("segment") or {}).get("data")
    row = call.world.store.row("segment", data["id"]) if data else None
    if data and row is None:
        pointer = "/data/relationships/segment/data/id"
        raise error("related_not_found", type="Segment", id=data["id"], pointer=pointer)
    return row


def named_profiles(call: Call) -> list[Json]:
    """The profiles that a body names; none when it names none."""
    return list((call.attributes.get("profiles") or {}).get("data") or [])


def lists_of(call: Call) -> list[Row]:
    """The lists that a body's relationships name."""
    named: Any = (call.data.get("relationships") or {}).get("lists") or {}
    return [list_of(call, each["id"], "/data/relationships/lists/data") for each in named.get("data") or []]


def too_many(profiles: list[Json], most: int) -> Iterator[Problem]:
    """That more profiles were sent than a job may have."""
    if len(profiles) > most:
        reason = f"At most {most} profiles may be sent in one request, {len(profiles)} were given."
        yield problem("invalid", reason=reason, pointer=f"{PROFILES}/data")
