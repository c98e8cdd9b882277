"""The shortcut: what it answers is what Flask would have answered, byte for byte."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from flask import Flask, request

from mock_klaviyo import json
from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.store.database import StoreClosed
from mock_klaviyo.wire.messages import MEDIA_TYPE
from tests.calling import REVISION, event

MARCH = Config(clock=datetime(2026, 3, 1, tzinfo=UTC))
EVENT = json.written(event("Bought", {"email": "anna@shop.example.org"}))
LIST = json.written({"data": {"type": "list", "attributes": {"name": "Fans"}}})

CALLS = {
    "accepted, and empty": ("POST", "/api/events", {}, EVENT),
    "made": ("POST", "/api/lists", {}, LIST),
    "listed, with a query": ("GET", "/api/profiles?filter=equals(email,%22a%2Bb@x.org%22)&page%5Bsize%5D=1", {}, b""),
    "a path with percent signs": ("GET", "/api/profiles/%C3%A9%2F1", {}, b""),
    "removed": ("DELETE", "/api/templates/none", {}, b""),
    "no such path": ("GET", "/api/nothing", {}, b""),
    "nothing after the prefix": ("GET", "/api/", {}, b""),
    "two slashes": ("GET", "/api//events", {}, b""),
    "a method that the path lacks": ("PATCH", "/api/events", {}, b"{}"),
    "only the head": ("HEAD", "/api/accounts", {}, b""),
    "options": ("OPTIONS", "/api/events", {}, b""),
    "no JSON": ("POST", "/api/events", {}, b"{"),
    "zipped": ("POST", "/api/events", {"content-encoding": "gzip"}, gzip.compress(EVENT)),
    "a hint": ("POST", "/api/events", {"x-mock-clock": "noon"}, EVENT),
    "without a key": ("GET", "/api/lists", {"authorization": ""}, b""),
    "not in /api": ("GET", "/client/nothing", {}, b""),
    "neither": ("GET", "/nothing", {}, b""),
}


@pytest.fixture
def app() -> Flask:
    return create_app(klaviyo=Klaviyo(MARCH))


@pytest.fixture
def by_flask() -> Flask:
    """The same application without the shortcut."""
    found = create_app(klaviyo=Klaviyo(MARCH))
    found.wsgi_app = found.wsgi_app._flask
    return found


def answer(app: Flask, method: str, path: str, more: dict[str, str], body: bytes):
    told = {"authorization": f"Klaviyo-API-Key {PRIVATE_KEY}", "revision": REVISION, "content-type": MEDIA_TYPE, **more}
    found = app.test_client().open(path, method=method, headers=told, data=body)
    return found.status, list(found.headers), found.data


@pytest.fixture
def seen(monkeypatch) -> list[str]:
    """The paths that Flask was asked for."""
    found: list[str] = []
    dispatch = Flask.full_dispatch_request

    def noted(self):
        found.append(request.path)
        return dispatch(self)

    monkeypatch.setattr(Flask, "full_dispatch_request", noted)
    return found


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_answer_is_flasks(app, by_flask, call):
    assert answer(by_flask, *call) == answer(app, *call)


def test_what_is_removed_leaves_nothing_to_read(app, by_flask):
    ends = []
    for each in (app, by_flask):
        made = json.read(answer(each, *CALLS["made"])[2])["data"]["id"]
        ends.append(answer(each, "DELETE", f"/api/lists/{made}", {}, b""))

    assert ends[0] == ends[1]
    assert "204 NO CONTENT" == ends[0][0]


def test_a_plain_request_does_not_come_to_flask(app, seen):
    assert answer(app, *CALLS["made"])[0] == "201 CREATED"
    assert [] == seen


@pytest.mark.parametrize(("raised", "status"), [(StoreClosed("ended"), "409 CONFLICT"), (LookupError("oh"), "500")])
def test_what_goes_wrong_is_told_as_flask_tells_it(app, by_flask, monkeypatch, raised, status):
    def fail(*_):
        raise raised

    monkeypatch.setattr(Klaviyo, "answer", fail)
    found = answer(app, *CALLS["made"])

    assert found[0].startswith(status)
    assert answer(by_flask, *CALLS["made"]) == found


def test_a_fault_hits_once(app, seen):
    app.test_client().post("/__mock/faults", json={"match": "POST /api/lists", "status": 503, "times": 1})
    statuses = [answer(app, *CALLS["made"])[0] for _ in range(2)]

    assert ["503 SERVICE UNAVAILABLE", "201 CREATED"] == statuses
    assert ["/__mock/faults", "/api/lists"] == seen


@pytest.mark.parametrize("hook", [Flask.before_request, Flask.after_request])
def test_who_wants_something_done_before_or_after_is_heard(app, hook):
    heard: list[object] = []
    hook(app, lambda *asked: heard.append(asked) or (asked[0] if asked else None))
    answer(app, *CALLS["made"])

    assert 1 == len(heard)


@pytest.mark.parametrize("more", [{"x-mock-world": "own"}, {"x-mock-account": "MOCK01"}])
def test_another_account_or_world_is_left_to_flask(app, seen, more):
    answer(app, "POST", "/api/lists", more, LIST)

    assert ["/api/lists"] == seen


def test_a_world_is_found_by_its_key(app):
    key = app.test_client().post("/__mock/worlds", json={}).json["private_key"]
    own = {"authorization": f"Klaviyo-API-Key {key}"}

    assert "201 CREATED" == answer(app, "POST", "/api/lists", own, LIST)[0]
    assert [] == json.read(answer(app, "GET", "/api/lists", {}, b"")[2])["data"]
