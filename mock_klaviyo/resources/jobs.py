"""Bulk jobs: what a job looks like when it is created, and when it is complete."""

from __future__ import annotations

from datetime import timedelta

from mock_klaviyo.json import Json
from mock_klaviyo.resources.world import World, rounded

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


def complete(job: Json, world: World, *, failed: int = 0) -> Json:
    """The job when all its work is done."""
    done = {"status": "complete", "started_at": world.second, "completed_at": world.second}
    return job | done | {"completed_count": job["total_count"] - failed, "failed_count": failed}
