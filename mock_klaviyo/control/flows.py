"""Our own routes to flows: where each profile stands and why, what waits for review, and what webhooks were sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import PAGE, answer, asked, blueprint, body, page
from mock_klaviyo.control.declaring import Argument, ControlError
from mock_klaviyo.control.documents import identifiers
from mock_klaviyo.control.timeline import timeline
from mock_klaviyo.engine import flow_reviews
from mock_klaviyo.engine.flow_reviews import QUEUED
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.flow_runs import (
    CANCELLED,
    DONE,
    FLOW_CALL,
    FLOW_REVIEW,
    FLOW_RUN,
    REFUSED,
    SENT,
    SKIPPED,
    WAITING,
)
from mock_klaviyo.resources.webhook_deliveries import DELIVERED, FAILED
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Position, Selection

STATUSES: Mapping[str, tuple[str, ...]] = {
    FLOW_RUN.type: (WAITING, DONE, REFUSED),
    FLOW_REVIEW.type: (WAITING, SENT, SKIPPED, CANCELLED, QUEUED),
    FLOW_CALL.type: (WAITING, DELIVERED, FAILED),
}
"""What each thing that is kept of a flow can be."""

PROFILE = Argument("profile", "The id or the email address of a profile.")
OF_REVIEW: Json = {"ids": {"type": "array", "items": {"type": "string"}}}
"""The ids of what waits; all that waits in the flow when there are none."""

ANSWERS = {200: "A page.", 404: "There is no such flow or profile."}


def of(type: str) -> tuple[Argument, ...]:
    """The arguments of a route that lists what is kept of a flow."""
    return (PROFILE, Argument("status", "What it is.", {"type": "string", "enum": [*STATUSES[type]]}), *PAGE)


@blueprint.get("/flows", arguments=PAGE)
def flows() -> Response:
    """The flows, each with how many runs wait, are done, and were refused."""
    here = klaviyo()
    return page(lambda after, limit: here.rows("flow", after, limit), lambda row: flow_document(here, row))


@blueprint.get("/flows/<id>/runs", arguments=of(FLOW_RUN.type), answers=ANSWERS)
def runs(id: str) -> Response:
    """The runs of a flow: who, since when, where now, each step, and what every condition saw; also who was refused."""
    return listed(FLOW_RUN.type, id)


@blueprint.get("/flows/<id>/review", arguments=of(FLOW_REVIEW.type), answers=ANSWERS)
def review(id: str) -> Response:
    """What manual actions left to a human: what waits, and what became of the rest."""
    return listed(FLOW_REVIEW.type, id)


@blueprint.get("/flows/<id>/calls", arguments=of(FLOW_CALL.type), answers=ANSWERS)
def calls(id: str) -> Response:
    """The calls of a flow's webhook actions, each with its attempts."""
    return listed(FLOW_CALL.type, id)


@blueprint.post("/flows/<id>/review/send", body=OF_REVIEW)
def send_review(id: str) -> Response:
    """Send what waits for review: all, or `{"ids": ["…"]}`; filters are looked at again."""
    ids, here = wanted(), klaviyo()
    found = here.alter(lambda world: sent(here, flow_reviews.waiting(world, id, ids)))
    here.catch_up()
    return answer({"data": [document(here, row) for row in found]})


@blueprint.post("/flows/<id>/review/cancel", body=OF_REVIEW)
def cancel_review(id: str) -> Response:
    """Send nothing of what waits for review: all, or `{"ids": ["…"]}`."""
    ids, here = wanted(), klaviyo()
    found = here.alter(lambda world: flow_reviews.waiting(world, id, ids))
    here.alter(lambda world: flow_reviews.cancel(world, found))
    return answer({"data": [document(here, row) for row in found]})


@blueprint.get("/profiles/<id>/timeline", answers={200: "What happened.", 404: "No such profile."})
def profile_timeline(id: str) -> Response:
    """Everything that happened to a profile, in order: events, messages, skips, runs, lists and segments."""
    here = klaviyo()
    here.catch_up()
    profile = named_profile(here, id)
    if profile is None:
        return missing("profile", id)
    return answer({"profile": identifiers(profile), "data": timeline(here.store, profile.id)})


def sent(here: Klaviyo, reviews: list[Row]) -> list[Row]:
    """What was waiting, after it was sent."""
    flow_reviews.send(here.flows, reviews, here.world.now)
    return reviews


def wanted() -> list[str] | None:
    """The ids in the body, none for all."""
    ids: Any = body().get("ids")
    if ids is not None and not (isinstance(ids, list) and all(isinstance(each, str) for each in ids)):
        raise ControlError('ids must be a list of ids such as {"ids": ["01KD…"]}')
    return ids


def listed(type: str, flow_id: str) -> Response:
    """A page of what is kept of a flow."""
    here, status = klaviyo(), asked("status")
    if status is not None and status not in STATUSES[type]:
        raise ControlError(f"status must be one of {', '.join(STATUSES[type])}, not {status!r}")
    here.catch_up()
    if here.row("flow", flow_id) is None and not here.store.is_any(type, flow_id=flow_id):
        return missing("flow", flow_id)
    who = asked("profile")
    profile = named_profile(here, who) if who else None
    if who and profile is None:
        return missing("profile", who)
    wishes = {"flow_id": flow_id, "status": status, "profile_id": profile and profile.id}
    comparisons = tuple(Comparison("equals", name, value) for name, value in wishes.items() if value)
    selection = Selection(type, comparisons)
    return page(lambda after, limit: found(here, selection, after, limit), lambda row: document(here, row))


def found(here: Klaviyo, selection: Selection, after: int, limit: int) -> Iterator[Row]:
    """The rows of a selection after a number."""
    yield from here.store.page(selection, limit, Position(None, after)).rows


def named_profile(here: Klaviyo, name: str) -> Row | None:
    """The profile of an id or an email address."""
    return here.row("profile", name) or here.store.first("profile", email=name)


def flow_document(here: Klaviyo, row: Row) -> Json:
    """A flow and the numbers of its runs."""
    known = {name: row.document[name] for name in ("name", "status", "archived", "trigger_type")}
    runs = {status: number_of_runs(here, row.id, status) for status in STATUSES[FLOW_RUN.type]}
    return {"number": row.number, "id": row.id, **known, "runs": runs}


def number_of_runs(here: Klaviyo, flow_id: str, status: str) -> int:
    """How many runs of a flow have a status."""
    wishes = (Comparison("equals", "flow_id", flow_id), Comparison("equals", "status", status))
    return here.store.count(Selection(FLOW_RUN.type, wishes))


def document(here: Klaviyo, row: Row) -> Json:
    """Something of a flow as it is shown, with who it is about."""
    profile = here.store.row("profile", row.document["profile_id"])
    return {"number": row.number, "id": row.id, "profile": identifiers(profile) if profile else None, **row.document}


def missing(what: str, id: str) -> Response:
    """That there is no such thing."""
    return answer({"error": f"there is no {what} {id!r} here"}, 404)
