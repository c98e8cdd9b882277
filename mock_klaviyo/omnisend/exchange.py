"""One request to Omnisend's event endpoint, on its way to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.omnisend.events import Conflict, take_in
from mock_klaviyo.omnisend.rate_limit import LIMIT
from mock_klaviyo.omnisend.schema import moment, problems
from mock_klaviyo.resources.lineage import told
from mock_klaviyo.wire.faults import Hit
from mock_klaviyo.wire.journal import Notes
from mock_klaviyo.wire.messages import Request, Response

if TYPE_CHECKING:
    from mock_klaviyo.klaviyo import Klaviyo

PREFIX = "/omnisend/"
VERSION = "2026-03-15"
PATHS: Mapping[str, bool] = {"/omnisend/api/events": True, "/omnisend/v5/events": False, "/omnisend/v3/events": False}
"""The paths that take events → whether they ask for the version header."""

OLDEST = "/omnisend/v3/"
SCHEMES = ("omnisend-api-key", "bearer")
PROBLEM = {"Content-Type": "application/problem+json"}
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
}
TYPES = {429: "https://problems.omnisend.com/rate-limit-exceeded"}
"""The types of problems that are published; no header tells when to come again.

https://api-docs.omnisend.com/reference/rate-limit-timeouts-errors
"""


class Refusal(Exception):
    """What is wrong with a request: a status, in words, and by field."""

    def __init__(self, status: int, detail: str, errors: list[Json] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []

    def document(self, instance: str) -> Json:
        """The refusal as a problem of RFC 9457, as Omnisend's are."""
        found: Json = {
            "type": TYPES.get(self.status, "about:blank"),
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        return {**found, "errors": self.errors} if self.errors else found


class OmnisendExchange:
    """A request to Omnisend: taken in, or refused in its own form."""

    def __init__(self, klaviyo: Klaviyo, request: Request, request_id: str) -> None:
        self._klaviyo = klaviyo
        self._request = request
        self._id = request_id
        self._hit: Hit | None = None
        self._errors: list[Json] = []
        self._lineage = told(request.headers) or klaviyo.lineage

    def response(self) -> Response:
        """The answer; what goes wrong on the way may come before it."""
        self._move_clock()
        self._hit = hit = self._klaviyo.hit(self._request)
        return hit.response(self._answer, self._id) if hit else self._answer()

    def _answer(self) -> Response:
        """202 without a body, or a problem."""
        try:
            self._check()
            with self._klaviyo.store.transaction():
                take_in(
                    self._klaviyo.world, self._body(), self._lineage, is_oldest=self._request.path.startswith(OLDEST)
                )
        except (Refusal, Conflict) as reason:
            refusal = reason if isinstance(reason, Refusal) else Refusal(400, str(reason), reason.errors)
            document = refusal.document(self._request.path)
            self._errors = refusal.errors or [document]
            return Response(refusal.status, PROBLEM, json.written(document))
        return Response(202, {})

    def _check(self) -> None:
        """Refuse another path or method, a key that is unknown, and another version."""
        path, headers = self._request.path.removesuffix("/"), self._request.headers
        if path not in PATHS:
            raise Refusal(404, f"There is no {path}; events go to POST /omnisend/api/events")
        if self._request.method != "POST":
            raise Refusal(405, "Events are sent with POST")
        if not self._is_known(headers, is_newest=PATHS[path]):
            raise Refusal(401, "Authorization: Omnisend-API-Key KEY is needed, with a private key of this account")
        if PATHS[path] and headers.get("omnisend-version") != VERSION:
            raise Refusal(400, f"The header Omnisend-Version: {VERSION} is needed")
        if not self._klaviyo.omnisend_limit.allows(self._klaviyo.clock.now):
            raise Refusal(429, f"More than {LIMIT} requests in a minute")

    def _move_clock(self) -> None:
        """Move a held clock forward to the time that the client names; one that is none is left alone."""
        text, clock = self._request.headers.get("x-mock-clock"), self._klaviyo.clock
        if text is None or not clock.is_frozen:
            return
        with suppress(ValueError):
            if (now := moment(text)) > clock.now:
                self._klaviyo.move_on(now)

    def _is_known(self, headers: Mapping[str, str], *, is_newest: bool) -> bool:
        """Whether the key is one of the account's."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        given = key.strip() if scheme.lower() in SCHEMES else ""
        if not given and not is_newest:
            given = headers.get("x-api-key", "")
        config = self._klaviyo.config
        return bool(given) and (config.takes_any_key or given in {key.key for key in config.keys})

    def _body(self) -> Json:
        """The event, once it is as Omnisend wants it."""
        try:
            body = json.read(self._request.body)
        except ValueError as reason:
            raise Refusal(400, f"The body is not valid JSON: {reason}") from None
        if found := problems(body):
            raise Refusal(400, "The event is not valid", found)
        return dict(body)

    @property
    def notes(self) -> Notes:
        """What the journal keeps beside the request and its answer."""
        fault = self._hit.document() if self._hit else None
        return Notes("omnisend post_events", self._lineage, fault, self._errors)
