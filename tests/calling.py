"""Calling a Klaviyo in tests, and the bodies that one calls it with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

from mock_klaviyo import json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.recorded import recording
from mock_klaviyo.spec.validation import response_problems
from mock_klaviyo.wire.messages import Request, Response

REVISION = "2026-07-15"


@dataclass
class Client:
    """Calls a Klaviyo without HTTP, and holds every answer against its recorded schema."""

    klaviyo: Klaviyo
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        key = self.klaviyo.config.private_key
        self.headers = {"authorization": f"Klaviyo-API-Key {key}", "revision": REVISION} | self.headers

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **query: str
    ) -> Response:
        """The answer to a call; query arguments are written as `filter="..."` or `**{"page[size]": "2"}`."""
        request = Request(
            method=method,
            path=path,
            query_string=urlencode(query),
            headers={"content-type": "application/vnd.api+json"} | self.headers | (headers or {}),
            body=body if isinstance(body, bytes) else json.written(body) if body is not None else b"",
            base_url="https://a.klaviyo.com",
        )
        response = self.klaviyo.answer(request)
        self.check(request, response)
        return response

    def check(self, request: Request, response: Response) -> None:
        """Hold an answer against the recording of the revision that gave it."""
        if request.method == "OPTIONS":  # a browser's question; no recording has it
            return
        recorded = recording(response.headers.get("X-Klaviyo-Api-Revision", REVISION))
        found = recorded.route(request.method.replace("HEAD", "GET"), request.path)
        operation = found[0] if found else next(iter(recorded.operations.values()))
        if "fields%5B" in request.query_string or b'"return_fields"' in request.body:
            operation = with_optional_members(operation)
        assert [] == response_problems(recorded, operation, response.status, response.document)

    def get(self, path: str, **query: str) -> Any:
        """The document of a successful GET."""
        response = self.call("GET", path, **query)
        assert 200 == response.status, response.document
        return response.document

    def post(self, path: str, body: Any, **query: str) -> Any:
        """The document of a successful POST, None when the body is empty."""
        response = self.call("POST", path, body, **query)
        assert response.status in (200, 201, 202, 204), response.document
        return response.document

    def patch(self, path: str, body: Any, **query: str) -> Any:
        """The document of a successful PATCH, None when the body is empty."""
        response = self.call("PATCH", path, body, **query)
        assert response.status in (200, 204), response.document
        return response.document

    def delete(self, path: str, body: Any = None) -> None:
        """A successful DELETE."""
        response = self.call("DELETE", path, body)
        assert 204 == response.status, response.document

    def ids(self, path: str, **query: str) -> list[str]:
        """The ids in the document of a successful GET of many."""
        return [each["id"] for each in self.get(path, **query)["data"]]

    def error(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        """The status and the first error of a refused call."""
        response = self.call(method, path, body, **query)
        assert response.status >= 400, response.document
        assert response.document is not None
        return response.status, response.document["errors"][0]

    def create(self, path: str, body: Any) -> str:
        """The id of what a POST creates."""
        id: str = self.post(path, body)["data"]["id"]
        return id

    def profile(self, id: str) -> Any:
        """The attributes of a profile, its subscriptions among them."""
        found = self.get(f"/api/profiles/{id}", **{"additional-fields[profile]": "subscriptions"})
        return found["data"]["attributes"]

    def track(self, metric: str, email: str, **attributes: Any) -> None:
        """Send an event."""
        self.post("/api/events", event(metric, {"email": email}, **attributes))


@cache
def with_optional_members(operation: Operation) -> Operation:
    """The operation as it answers who asks for some fields only: no member must be there."""
    return replace(operation, responses={status: optional(schema) for status, schema in operation.responses.items()})


def optional(schema: Any) -> Any:
    """A schema that requires no member."""
    if isinstance(schema, dict):
        return {
            name: optional(member) for name, member in schema.items() if name != "required" or isinstance(member, dict)
        }
    return [optional(member) for member in schema] if isinstance(schema, list) else schema


def event(metric: str, profile: dict[str, Any], **attributes: Any) -> Any:
    """The body of an event."""
    named = {"data": {"type": "metric", "attributes": {"name": metric}}}
    known = {"data": {"type": "profile", "attributes": profile}}
    return {"data": {"type": "event", "attributes": {"properties": {}, "metric": named, "profile": known} | attributes}}


def resource(type: str, id: str | None = None, relationships: Any = None, /, **attributes: Any) -> Any:
    """The body of a resource; `relationships` maps names to one reference or many."""
    related = {name: {"data": data} for name, data in (relationships or {}).items()}
    data = {"type": type, "id": id, "attributes": attributes, "relationships": related}
    return {"data": {name: value for name, value in data.items() if value or name == "attributes"}}


def reference(type: str, id: str) -> Any:
    """What leads to a resource."""
    return {"type": type, "id": id}


def references(type: str, *ids: str) -> Any:
    """The body that names many resources."""
    return {"data": [reference(type, id) for id in ids]}


def profile(**attributes: Any) -> Any:
    """The body of a profile."""
    return {"data": {"type": "profile", "attributes": attributes}}


def patched(id: str, meta: Any, **attributes: Any) -> Any:
    """The body of a profile with `meta` beside its attributes."""
    found = resource("profile", id, **attributes)
    found["data"]["meta"] = meta
    return found


def consent(*profiles: dict[str, Any], list_id: str | None = None, **attributes: Any) -> Any:
    """The body of a job that subscribes profiles, each given by its attributes."""
    return consent_job("profile-subscription-bulk-create-job", profiles, list_id, attributes)


def withdrawal(*profiles: dict[str, Any], list_id: str | None = None) -> Any:
    """The body of a job that unsubscribes profiles, each given by its attributes."""
    return consent_job("profile-subscription-bulk-delete-job", profiles, list_id, {})


def consent_job(type: str, profiles: Any, list_id: str | None, attributes: dict[str, Any]) -> Any:
    named = {"data": [{"type": "profile", "attributes": each} for each in profiles]}
    relationships = {"list": reference("list", list_id)} if list_id else None
    return resource(type, None, relationships, profiles=named, **attributes)


def channels(channel: str = "email", kind: str = "marketing", **said: Any) -> Any:
    """Subscriptions to one kind of a channel."""
    return {channel: {kind: {"consent": "SUBSCRIBED"} | said}}


def no_channels(channel: str = "email", kind: str = "marketing") -> Any:
    """Subscriptions that are taken back."""
    return {channel: {kind: {"consent": "UNSUBSCRIBED"}}}
