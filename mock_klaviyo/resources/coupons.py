"""Coupons: offers; and coupon codes, each for one profile."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from mock_klaviyo.errors import error
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.values import moment
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.generic import create, list_
from mock_klaviyo.resources.jobs import Job, declare_job
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, many_by, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection
from mock_klaviyo.store.tables import Field

COUPON_ID = "[0-9_A-z]+"
LEAST_THRESHOLD = 100
MOST_CODES = 1000
VALID_FOR = timedelta(days=364)
"""How long a code is good that does not say; a year in the documentation, a day less on record."""

UNASSIGNED, ASSIGNED = "UNASSIGNED", "ASSIGNED_TO_PROFILE"
MONITOR = "monitor_configuration"


def check_coupon(_: Call, row: Row) -> None:
    """Keep the threshold below which Klaviyo warns as Klaviyo does: as text."""
    monitor = row.document.get(MONITOR) or {}
    if "low_balance_threshold" in monitor:
        check_threshold(monitor["low_balance_threshold"])
        row.document[MONITOR] = monitor | {"low_balance_threshold": str(monitor["low_balance_threshold"])}


def check_threshold(threshold: Any) -> None:
    """Refuse a threshold that is no whole number of at least a hundred."""
    is_number = not isinstance(threshold, bool) and str(threshold).isascii() and str(threshold).isdigit()
    if not is_number or int(str(threshold)[:9]) < LEAST_THRESHOLD:
        reason = f"low_balance_threshold must be greater than or equal to {LEAST_THRESHOLD}"
        raise error("invalid", reason=reason, pointer=f"/data/attributes/{MONITOR}/low_balance_threshold")


def remove_codes(call: Call, row: Row) -> None:
    """Remove a coupon's codes with it."""
    call.world.store.delete_where("coupon-code", coupon_id=row.id)


COUPON = declare(
    Resource(
        type="coupon",
        make_id=lambda world: world.ids.short(),
        id_of=lambda attributes: checked_id(attributes["external_id"]),
        id_form=COUPON_ID,
        malformed_id="invalid_coupon_id",
        not_found="unknown_coupon",
        relationships=(many_by("coupon-codes", to="coupon-code", field="coupon_id"),),
        before_write=check_coupon,
        before_delete=remove_codes,
    )
)


def checked_id(external_id: str) -> str:
    """The id of a coupon, which is its external_id."""
    if not re.fullmatch(COUPON_ID, external_id):
        raise error("invalid_coupon_id", id=external_id)
    return external_id


def name_code(call: Call, row: Row) -> None:
    """Give a code its id, of the coupon's and its own; refuse one that is there already."""
    coupon_id = row.document.get("coupon_id")
    if coupon_id is None:
        pointer = "/data/relationships/coupon/data"
        raise error("missing_attribute", field="data", type="coupon", pointer=pointer)
    row.id = f"{coupon_id}-{row.document['unique_code']}"
    if call.world.store.row(row.type, row.id) is not None:
        raise error("duplicate_resource", type="A coupon code", id=row.id)


def complete_code(call: Call, row: Row) -> None:
    """Say when a code expires; nobody has a code that is unassigned."""
    expires_at = row.document.get("expires_at")
    end = moment(expires_at) if expires_at else call.world.now + VALID_FOR
    row.document["expires_at"] = end.replace(microsecond=0).isoformat()
    if row.document["status"] == UNASSIGNED:
        row.document["profile_id"] = None


def refuse_assigned(_: Call, row: Row) -> None:
    """Refuse to remove a code that somebody has."""
    if row.document["profile_id"] is not None or row.document["status"] == ASSIGNED:
        raise error("assigned_coupon_code", id=row.id)


COUPON_CODE = declare(
    Resource(
        type="coupon-code",
        make_id=lambda world: world.ids.short(),
        not_found="unknown_coupon_code",
        defaults={"status": UNASSIGNED, "profile_id": None},
        never_null=("status",),
        relationships=(
            one("coupon", to="coupon", field="coupon_id"),
            one("profile", to="profile", field="profile_id"),
        ),
        fields=(
            Field("coupon_id", is_indexed=True),
            Field("profile_id", is_indexed=True),
            Field("status"),
            Field("expires_at"),
        ),
        aliases={"coupon.id": "coupon_id", "profile.id": "profile_id"},
        before_create=name_code,
        before_write=complete_code,
        before_delete=refuse_assigned,
    )
)

declare_job(
    Job(
        of="coupon-code",
        action="create",
        entries="coupon-codes",
        operation="bulk_create_coupon_codes",
        most=MOST_CODES,
        not_found="unknown_coupon_code_job",
    )
)


@operation("get_coupon_codes")
def get_coupon_codes(call: Call) -> Reply:
    """Codes of coupons or of profiles; one of the two must be named."""
    if not any(each.field in ("coupon.id", "profile.id") for each in call.query.filters):
        raise error("invalid_filter", reason="coupon.id or profile.id is required")
    return list_(call)


@operation("create_coupon_code")
def create_coupon_code(call: Call) -> Reply:
    """A new code; only here its time of expiry ends in Z."""
    reply = create(call)
    attributes: Json = reply.document["data"]["attributes"] if reply.document else {}
    if "expires_at" in attributes:
        attributes["expires_at"] = attributes["expires_at"].replace("+00:00", "Z")
    return reply


def code_for(world: World, coupon_id: str, profile_id: str, message_id: str) -> Row | None:
    """The code that a profile has from a message, else the oldest that is free and still good; None without any."""
    mine = world.store.rows("coupon-code", coupon_id=coupon_id, profile_id=profile_id)
    return next((row for row in mine if row.document.get("message_id") == message_id), None) or free(world, coupon_id)


def free(world: World, coupon_id: str) -> Row | None:
    """The oldest code of a coupon that nobody has and that is still good."""
    comparisons = (
        Comparison("equals", "coupon_id", coupon_id),
        Comparison("equals", "status", UNASSIGNED),
        Comparison("greater-than", "expires_at", cut(world.now)),
    )
    return next(iter(world.store.page(Selection("coupon-code", comparisons), 1).rows), None)


def assign(world: World, row: Row, profile_id: str, message_id: str) -> None:
    """Give a profile a code, which it keeps for all that a message says."""
    row.document |= {"status": ASSIGNED, "profile_id": profile_id, "message_id": message_id, "updated": world.second}
    world.store.update(row)


def cut(at: datetime) -> datetime:
    """A time cut to the second, as expiry is."""
    return at.replace(microsecond=0)
