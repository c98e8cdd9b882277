"""Exchange: one request on its way through every check to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from mock_klaviyo import json
from mock_klaviyo.errors import ApiError, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.page import EVERYTHING, FIXED_SIZE
from mock_klaviyo.jsonapi.query import query
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.lineage import told
from mock_klaviyo.resources.reference import RESOURCES
from mock_klaviyo.spec.counterparts import counterpart
from mock_klaviyo.spec.formats import moment
from mock_klaviyo.spec.misplacement import misplaced
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.record import BETA
from mock_klaviyo.spec.revisions import Resolved, operation_at, resolve
from mock_klaviyo.spec.shapes import primary_types
from mock_klaviyo.spec.validation import problems
from mock_klaviyo.wire.authentication import check_scopes
from mock_klaviyo.wire.bodies import body, checkable
from mock_klaviyo.wire.faults import Hit
from mock_klaviyo.wire.journal import Notes
from mock_klaviyo.wire.messages import MEDIA_TYPE, Request, Response
from mock_klaviyo.wire.translation import Translation, translation
from mock_klaviyo.wire.unsupported import BETA_REVISION, Missing

if TYPE_CHECKING:
    from mock_klaviyo.klaviyo import Klaviyo

COLLECTION_METHODS = "GET, POST, HEAD, OPTIONS"
ITEM_METHODS = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
CORS = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
WITH_DOCUMENT = {
    "Content-Type": MEDIA_TYPE,
    "Content-Language": "en-us",
    "Vary": "Accept, Accept-Language, Cookie, Origin",
}
FALL_FORWARD_OPT_OUT = "x-klaviyo-revision-fall-forward-opt-out"


class Exchange:
    """A request, and what is known of it so far: for the answer and for the journal."""

    def __init__(self, klaviyo: Klaviyo, request: Request, request_id: str) -> None:
        self._klaviyo = klaviyo
        self._request = request
        self._id = request_id
        self._operation: Operation | None = None
        self._lineage = told(request.headers) or klaviyo.lineage
        self._hit: Hit | None = None
        self._errors: list[Json] = []
        self._hints: list[str] = []
        self._headers: dict[str, str] = {"X-Klaviyo-Req-Id": request_id, "Allow": allowed_methods(request.path)}

    def response(self) -> Response:
        """The answer."""
        self._move_clock()
        self._hit = hit = self._klaviyo.hit(self._request)
        try:
            reply = hit.around(self._answer) if hit else self._answer()
        except ApiError as refusal:
            reply = self._refused(refusal)
        return self._written(reply)

    def _answer(self) -> Reply:
        """What the request deserves."""
        return self._options() if self._request.method == "OPTIONS" else self._reply()

    def _reply(self) -> Reply:
        """Every check in turn, and then the operation itself."""
        klaviyo, request = self._klaviyo, self._request
        key = klaviyo.authentication.key(request)
        resolved = self._resolved()
        self._note_beta(resolved)
        operation, parameters = operation_at(resolved.served, request.method, request.path, klaviyo.recordings)
        self._operation = operation
        self._headers |= self._resolution(resolved)
        check_scopes(key, operation)
        self._headers |= klaviyo.count(operation, key.app)
        older = translation(resolved.served, operation)
        return self._translated(older, parameters) if older else klaviyo.perform(self._call(operation, parameters))

    def _translated(self, older: Translation, parameters: Mapping[str, str]) -> Reply:
        """What the newest revision answers to an older one's request, as the older one has it."""
        call = self._call(older.asked, parameters)
        try:
            body, query = older.body(call.body), older.query(call.query)
            reply = self._klaviyo.perform(replace(call, operation=older.answering, body=body, query=query))
        except ApiError as refusal:
            raise older.refusal(refusal) from None
        return older.reply(reply, call.query)

    def _resolved(self) -> Resolved:
        """The revision that serves the request."""
        headers = self._request.headers
        return resolve(
            headers.get("revision"),
            now=self._klaviyo.clock.now.date(),
            is_fall_forward=headers.get(FALL_FORWARD_OPT_OUT) != "1",
            when_missing=self._klaviyo.config.without_revision,
            recorded=self._klaviyo.recordings.revisions,
        )

    def _note_beta(self, resolved: Resolved) -> None:
        """Count a beta that is not recorded."""
        asked = resolved.requested or ""
        if asked.endswith(BETA) and asked != resolved.served:
            missing = Missing(BETA_REVISION, f"{self._request.method} {self._request.path}", asked)
            self._klaviyo.unsupported.note(missing, self._klaviyo.clock.now.isoformat())

    @property
    def _where(self) -> str:
        """What was asked: the operation, or the method and path when there is none."""
        return self._operation.id if self._operation else f"{self._request.method} {self._request.path}"

    def _resolution(self, resolved: Resolved) -> dict[str, str]:
        """The headers that tell which account and revision answer."""
        found = {"Cid": self._klaviyo.config.account.id, "X-Klaviyo-Api-Revision": resolved.served}
        if resolved.hint:
            self._hints.append(resolved.hint)
        if resolved.retirement_date:
            found["X-Klaviyo-Api-Retirement-Date"] = resolved.retirement_date
        return found

    def _call(self, operation: Operation, parameters: Mapping[str, str]) -> Call:
        """The call, once its body and its query are as the recording allows."""
        request = self._request
        self._klaviyo.world.base_url = request.base_url
        content = body(request, operation)
        if operation.request is not None:
            found = problems(operation, checkable(content))
            if found:
                self._hints += misplaced(operation, found)
                raise_all(found)
        return Call(
            operation=operation,
            world=self._klaviyo.world,
            parameters=parameters,
            query=query(operation, request.arguments, fixed_size=fixed_page_size(operation)),
            body=content,
            url=request.url,
            base_url=request.base_url,
            lineage=self._lineage,
            hints=self._hints,
            headers=request.headers,
        )

    def _options(self) -> Reply:
        """What a browser asks before it calls."""
        self._headers |= CORS
        return Reply(200)

    def _refused(self, refusal: ApiError) -> Reply:
        """A refusal as an answer."""
        self._headers |= refusal.headers
        if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._headers = without_limits(self._headers)
        if refusal.hint:
            self._hints.append(refusal.hint)
        if self._hit is None or not self._hit.fault.is_failure:
            self._klaviyo.unsupported.refuse(self._where, refusal.problems, self._klaviyo.clock.now.isoformat())
        document = refusal.document(self._id)
        self._errors = document["errors"]
        return Reply(refusal.status, document)

    def _written(self, reply: Reply) -> Response:
        """The answer in bytes, with all its headers."""
        headers, hit = self._headers, self._hit
        if hit is not None:
            self._hints.append(hit.hint)
        if self._request.path.startswith("/client/"):
            headers["Access-Control-Allow-Origin"] = "*"
        if self._hints:
            headers["X-Mock-Hint"] = header_text("; ".join(dict.fromkeys(self._hints)))
        if reply.document is None:
            return Response(reply.status, headers, hit=hit)
        return Response(reply.status, headers | WITH_DOCUMENT, json.written(reply.document), hit)

    def _move_clock(self) -> None:
        """Move a held clock forward to the time that the client names; ours, not Klaviyo's."""
        text, clock = self._request.headers.get("x-mock-clock"), self._klaviyo.clock
        if text is None or not clock.is_frozen:
            return
        try:
            now = moment(text)
            if now > clock.now:
                self._klaviyo.move_on(now)
        except ValueError:
            self._hints.append(f"X-Mock-Clock must be an ISO 8601 time, not {text!r}")

    @property
    def notes(self) -> Notes:
        """What the journal keeps beside the request and its answer."""
        fault = self._hit.document() if self._hit else None
        return Notes(self._operation.id if self._operation else None, self._lineage, fault, self._errors)


def allowed_methods(path: str) -> str:
    """The Allow header: by the form of the path, and with methods that the endpoint does not have, as Klaviyo's is.

    >>> allowed_methods("/api/lists/")
    'GET, POST, HEAD, OPTIONS'
    """
    return ITEM_METHODS if len(path.strip("/").split("/")) > 2 else COLLECTION_METHODS


def without_limits(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as a call too many gets them: they do not tell what is left."""
    return {name: value for name, value in headers.items() if not name.startswith("RateLimit-")}


def fixed_page_size(operation: Operation) -> int:
    """How many resources a page holds where the client cannot choose: all where there is no other page."""
    if not operation.has_cursor:
        return EVERYTHING
    if later := counterpart(operation).page_size:
        return later.default
    types = (type for type in primary_types(operation) if type in RESOURCES)
    return next((RESOURCES[type].fixed_page_size for type in types), FIXED_SIZE)


def header_text(text: str) -> str:
    """A text as a header may hold it: one line of Latin-1.

    >>> header_text("Šárka\\nsaid")
    '?árka said'
    """
    return " ".join(text.split()).encode("latin-1", "replace").decode("latin-1")
