"""Inside: calls an account's own API, as any client would, without HTTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.outbound import Rehearsal
from mock_klaviyo.wire.messages import MEDIA_TYPE, Request


class Refused(ValueError):
    """Klaviyo refused a call; says what it said, and where."""

    def __init__(self, errors: list[Json]) -> None:
        self.errors = errors
        super().__init__("; ".join(map(told, errors)))


def told(error: Json) -> str:
    """An error of an answer as a line."""
    source = error.get("source") or {}
    where = source.get("pointer") or source.get("parameter")
    return f"{error['detail']}{f' at {where}' if where else ''}"


@dataclass(frozen=True)
class Inside:
    """The API of an account, called with its own key."""

    klaviyo: Klaviyo

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The document of a successful answer; raises `Refused` for any other."""
        key, revision = self.klaviyo.config.private_key, self.klaviyo.recordings.revisions[-1]
        headers = {"authorization": f"Klaviyo-API-Key {key}", "revision": revision, "content-type": MEDIA_TYPE}
        content = json.written(body) if body is not None else b""
        response = self.klaviyo.answer(Request(method, path, urlencode(query), headers, content))
        if response.status >= 400:
            raise Refused((response.document or {}).get("errors", []))
        return response.document

    def make(self, path: str, type: str, **attributes: Any) -> str:
        """The id of a new resource."""
        return str(self.ask("POST", path, resource(type, **attributes))["data"]["id"])


def copy_of(klaviyo: Klaviyo, clock: datetime | None = None) -> Klaviyo:
    """An account that is as this one is now, to try things out in; its clock stands still, at another time if told.

    It reads web feeds, and posts nothing.
    """
    klaviyo.catch_up()
    config = replace(klaviyo.config, data=None, baseline=None, smtp=None, clock=clock or klaviyo.clock.now)
    copy = Klaviyo(config, klaviyo.store.copy())
    copy.world.outbound = Rehearsal(config.allowed_hosts)
    copy.contracts.recall(klaviyo.contracts.remember())
    return copy


def resource(type: str, id: str | None = None, **attributes: Any) -> Json:
    """A resource object in its envelope; attributes that are None are left out."""
    known = {name: value for name, value in attributes.items() if value is not None}
    return {"data": {"type": type, **({"id": id} if id else {}), "attributes": known}}
