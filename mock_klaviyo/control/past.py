"""Our own routes back: everything as it was just after event N, to read only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import Response, request

from mock_klaviyo.api.views import klaviyo, message, written
from mock_klaviyo.control.answering import PAGE, answer, blueprint, page
from mock_klaviyo.control.documents import event_document, message_document, profile_document
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.past import NoHistoryError
from mock_klaviyo.resources.lists import MEMBERS as LIST_MEMBERS
from mock_klaviyo.resources.outbox import OUTBOX_MESSAGE
from mock_klaviyo.resources.segments import MEMBERS as SEGMENT_MEMBERS
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.store.history import UnknownEventError
from mock_klaviyo.store.rows import Row

READING = ("GET", "HEAD")
CALLED = ("GET", "POST", "PUT", "PATCH", "DELETE")
KNOWN = {200: "How it was.", 404: "There is no such event in the history, or no history."}
REFUSED = {**KNOWN, 405: "The past is to read only."}


def looking_back(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view of the state after an event: it is given the account as it was."""

    @wraps(view)
    def found(number: int, **rest: Any) -> Response:
        try:
            return view(klaviyo().past.at(number), **rest)
        except (UnknownEventError, NoHistoryError) as reason:
            return answer({"error": str(reason)}, 404)

    return found


@blueprint.get("/at/<int:number>/events", arguments=PAGE, answers=KNOWN)
@looking_back
def events(then: Klaviyo) -> Response:
    """Events up to one, dropped ones among them."""
    return page(then.events, lambda row: event_document(then, row))


@blueprint.get("/at/<int:number>/profiles", arguments=PAGE, answers=KNOWN)
@looking_back
def profiles(then: Klaviyo) -> Response:
    """Profiles as they were just after an event."""
    return page(lambda after, limit: then.rows("profile", after, limit), lambda row: profile_document(then, row))


@blueprint.get("/at/<int:number>/profiles/<id>", answers=KNOWN)
@looking_back
def profile(then: Klaviyo, id: str) -> Response:
    """A profile as it was just after an event."""
    row = then.row("profile", id)
    return answer(profile_document(then, row)) if row else answer({"error": f"there was no profile {id} then"}, 404)


@blueprint.get("/at/<int:number>/messages", arguments=PAGE, answers=KNOWN)
@looking_back
def messages(then: Klaviyo) -> Response:
    """Messages that had been sent."""
    return page(lambda after, limit: then.rows(OUTBOX_MESSAGE.type, after, limit), message_document)


@blueprint.get("/at/<int:number>/lists", arguments=PAGE, answers=KNOWN)
@looking_back
def lists(then: Klaviyo) -> Response:
    """Lists, and who was on them just after an event."""
    return groups(then, "list", LIST_MEMBERS)


@blueprint.get("/at/<int:number>/segments", arguments=PAGE, answers=KNOWN)
@looking_back
def segments(then: Klaviyo) -> Response:
    """Segments, and who was in them just after an event."""
    return groups(then, "segment", SEGMENT_MEMBERS)


def groups(then: Klaviyo, type: str, members: str) -> Response:
    """A page of groups of profiles with their members."""

    def document(row: Row) -> Json:
        name = row.document["name"]
        return {"number": row.number, "id": row.id, "name": name, "profiles": then.store.links.ids(members, row.id)}

    return page(lambda after, limit: then.rows(type, after, limit), document)


@blueprint.route("/at/<int:number>/api/<path:rest>", methods=CALLED, answers=REFUSED, takes_any=True)
def api(number: int, rest: str) -> Response:
    """Klaviyo's API on the state just after an event, with all its arguments; what would write is refused."""
    if request.method not in READING and not only_reads(request.method, f"/api/{rest}"):
        said = f"the past is to read only: {request.method} /api/{rest} would change it"
        return answer({"error": f"{said}; call it without /__mock/at/{number}"}, 405)
    return called(number)


@looking_back
def called(then: Klaviyo) -> Response:
    """The answer of an earlier state to the request at hand; its links stay in the past."""
    asked = message(request)
    before, _, path = asked.path.partition("/api/")
    there = replace(asked, path=f"/api/{path}", base_url=f"{asked.base_url}{before}")
    return written(then.answer(there))


def only_reads(method: str, path: str) -> bool:
    """Whether an operation asks for nothing but the right to read, as reports do that are POSTs."""
    found = recording(revisions()[-1]).route(method, path)
    scopes = found[0].scopes if found else ()
    return bool(scopes) and all(scope.endswith(":read") for scope in scopes)
