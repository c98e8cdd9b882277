"""Bulk jobs: how one is declared, what it looks like when it is created, and when it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from mock_klaviyo.errors import ApiError, error
from mock_klaviyo.json import Json
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


def complete(job: Json, world: World, *, failed: int = 0) -> Json:
    """The job when all its work is done."""
    done = {"status": "complete", "started_at": world.second, "completed_at": world.second}
    return job | done | {"completed_count": job["total_count"] - failed, "failed_count": failed}
