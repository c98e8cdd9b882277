"""Flows as files, over HTTP: load them, check them, and try them on somebody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from flask import Response, request

from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import answer, asked, blueprint, body, moment
from mock_klaviyo.control.declaring import OBJECT, TEXT, TIME, Argument, ControlError
from mock_klaviyo.flow_files.bundle import Bundle, BundleError, bundle, bundle_of
from mock_klaviyo.flow_files.exporting import export
from mock_klaviyo.flow_files.inside import Refused, copy_of
from mock_klaviyo.flow_files.lint import findings
from mock_klaviyo.flow_files.loading import Loader
from mock_klaviyo.flow_files.whatif import NotPreviewed, Question, walked
from mock_klaviyo.json import Json

STATUSES = ("draft", "manual", "live")
QUESTION: Json = {"profile": {}, "consent": {"type": "array", "items": TEXT}, "event": OBJECT, "at": TIME}
WALKED = {200: "The run, step by step, and the messages.", 400: "It cannot be tried."}
STATUS = Argument("status", "For all actions; those of the file unless given.", {"type": "string", "enum": [*STATUSES]})


@blueprint.post("/flows/load", arguments=(STATUS,), answers={201: "What was made, and what each id became."})
def load_flows() -> Response:
    """Make the flows of a file: the body of POST /api/flows, the answer of a GET, or a whole export."""
    status = asked("status")
    if status is not None and status not in STATUSES:
        raise ControlError(f"status must be one of {', '.join(STATUSES)}, not {status!r}")
    with understandable():
        loaded = Loader.load_all(klaviyo(), given_bundle(), status)
    return answer({"data": [asdict(each) for each in loaded]}, 201)


@blueprint.post("/flows/lint", answers={200: "What is wrong, perhaps nothing."})
def lint_flows() -> Response:
    """Check the flows of a file against what this account knows; nothing is made."""
    with understandable():
        found = [asdict(each) for each in findings(klaviyo(), given_bundle())]
    return answer({"data": found})


@blueprint.post("/flows/<id>/preview", body=QUESTION, answers=WALKED)
def preview_flow(id: str) -> Response:
    """Let one profile walk through a flow in a copy of the account, which stays as it is."""
    with understandable():
        return answer(asdict(walked(klaviyo(), question(id, body()))))


@blueprint.post("/flows/preview", body={"file": OBJECT, **QUESTION}, answers=WALKED)
def preview_file() -> Response:
    """Let one profile walk through the first flow of a file, in a copy of the account, which stays as it is."""
    given = body()
    with understandable():
        scratch = copy_of(klaviyo())
        (loaded, *_) = Loader.load_all(scratch, bundle_of(given.pop("file", None)), "live")
        return answer(asdict(walked(scratch, question(loaded.id, given))))


@blueprint.get("/flows/<id>/export", answers={200: "A file for flows/load.", 404: "There is no such flow."})
def export_flow(id: str) -> Response:
    """A flow with all that it names: metrics, lists, segments and templates; another account can load it."""
    klaviyo().catch_up()
    if klaviyo().row("flow", id) is None:
        return answer({"error": f"there is no flow {id!r} here"}, 404)
    return answer(export(klaviyo(), id))


def question(flow_id: str, given: Json) -> Question:
    """What a body asks."""
    profile, event, consent = given.get("profile"), given.get("event", {}), given.get("consent", [])
    if profile is not None and not isinstance(profile, dict | str):
        raise ControlError('profile must be an identifier such as "ana@example.org", or the attributes of a profile')
    if not isinstance(event, dict):
        raise ControlError('event must be an object such as {"metric": "Placed Order", "properties": {"total": 20}}')
    if not isinstance(consent, list) or not all(isinstance(each, str) for each in consent):
        raise ControlError('consent must be a list of channels such as ["email", "sms"]')
    at: Any = given.get("at")
    return Question(flow_id, profile, tuple(consent), event, moment(at, "at") if at is not None else None)


def given_bundle() -> Bundle:
    """The flows in the body."""
    return bundle(request.get_data(cache=False))


@contextmanager
def understandable() -> Iterator[None]:
    """Turns what can be wrong with a file or a question into a refusal."""
    try:
        yield
    except BundleError as reason:
        raise ControlError(f"this is no file of flows: {reason}") from None
    except Refused as reason:
        raise ControlError(f"Klaviyo refuses it: {reason}") from None
    except NotPreviewed as reason:
        raise ControlError(str(reason)) from None
