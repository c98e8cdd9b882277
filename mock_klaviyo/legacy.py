"""A request to an endpoint older than revisions, on its way to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_klaviyo import json
from mock_klaviyo.errors import ApiError, error, raise_all
from mock_klaviyo.exchange import header_text
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.query import query
from mock_klaviyo.resources.call import Call
from mock_klaviyo.resources.lineage import told
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.spec.validation import problems
from mock_klaviyo.wire.faults import Hit
from mock_klaviyo.wire.journal import Notes
from mock_klaviyo.wire.legacy import translated
from mock_klaviyo.wire.messages import MEDIA_TYPE, Request, Response

if TYPE_CHECKING:
    from mock_klaviyo.klaviyo import Klaviyo

WITH_DIGIT = {"Content-Type": "text/plain", "Access-Control-Allow-Origin": "*"}
BACK = "`serve --legacy` answers /api/track and /api/identify as before they were retired"
REMAINS_GONE = "nobody has recorded what this endpoint answered; --legacy is for /api/track and /api/identify only"
TRACKED = ("/api/track", "/api/identify")


class LegacyExchange:
    """A request to a retired endpoint: gone, or taken in where the server is asked to be that old."""

    def __init__(self, klaviyo: Klaviyo, request: Request, request_id: str, replacement: str) -> None:
        self._klaviyo = klaviyo
        self._request = request
        self._id = request_id
        self._replacement = replacement
        self._operation: str | None = None
        self._errors: list[Json] = []
        self._lineage = told(request.headers) or klaviyo.lineage
        self._hit: Hit | None = None
        self._hint: str | None = None

    def response(self) -> Response:
        """The answer: `1` or `0`, or that the endpoint is gone; what goes wrong on the way may come before it."""
        self._hit = hit = self._klaviyo.hit(self._request)
        return hit.response(self._answer, self._id) if hit else self._answer()

    def _answer(self) -> Response:
        """The answer that the request deserves."""
        if not self._klaviyo.config.is_legacy or self._request.path.rstrip("/") not in TRACKED:
            return self._gone()
        try:
            self._take_in()
        except ApiError as refusal:
            self._errors = refusal.document(self._id)["errors"]
            self._hint = refusal.problems[0].detail
        except ValueError as reason:
            self._hint = str(reason)
        hint = {"X-Mock-Hint": header_text(self._hint)} if self._hint else {}
        return Response(200, WITH_DIGIT | hint, b"0" if self._hint else b"1")

    def _gone(self) -> Response:
        """The answer of an endpoint that is no more."""
        refusal = error("retired_endpoint", replacement=self._replacement)
        where, at = f"{self._request.method} {self._request.path}", self._klaviyo.clock.now.isoformat()
        self._klaviyo.unsupported.refuse(where, refusal.problems, at)
        document = refusal.document(self._id)
        self._errors = document["errors"]
        self._hint = REMAINS_GONE if self._klaviyo.config.is_legacy else BACK
        headers = {"Content-Type": MEDIA_TYPE, "X-Klaviyo-Req-Id": self._id, "X-Mock-Hint": self._hint}
        return Response(410, headers, json.written(document))

    def _take_in(self) -> None:
        """Do what the operation does that took the endpoint's place."""
        self._operation, body = translated(self._request)
        operation = recording(revisions()[-1]).operations[self._operation]
        raise_all(problems(operation, body))
        call = Call(operation, self._klaviyo.world, {}, query(operation, []), body, self._request.url)
        call.lineage = self._lineage
        self._klaviyo.perform(call)

    @property
    def notes(self) -> Notes:
        """What the journal keeps beside the request and its answer."""
        fault = self._hit.document() if self._hit else None
        return Notes(self._operation, self._lineage, fault, self._errors)
