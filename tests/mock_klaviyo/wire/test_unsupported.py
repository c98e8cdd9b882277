"""What clients asked for that is not there, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_klaviyo import errors
from mock_klaviyo.app import create_app
from mock_klaviyo.wire.unsupported import KINDS, MOST, Missing, Unsupported
from tests.calling import Client, profile


@pytest.fixture
def asked(klaviyo):
    """Makes a call, and gives what was counted."""
    client = Client(klaviyo)
    client.check = lambda *_: None

    def call(method, path, body=None, *, headers=None, **query):
        client.call(method, path, body, headers=headers, **query)
        found = create_app(klaviyo=klaviyo).test_client().get("/__mock/unsupported").json["data"]
        return [(each["kind"], each["where"]) for each in found]

    return call


@pytest.mark.parametrize(
    ("kind", "where", "call"),
    [
        ("path", "GET /api/wishes", ("GET", "/api/wishes")),
        ("method", "DELETE /api/lists", ("DELETE", "/api/lists")),
        ("field", "create_profile", ("POST", "/api/profiles", profile(emial="a@shop.example.org"))),
        ("legacy endpoint", "POST /api/track", ("POST", "/api/track")),
    ],
)
def test_what_is_not_there_is_counted(asked, kind, where, call):
    assert (kind, where) in asked(*call)


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"include": "friends"},
        {"sort": "shoe_size"},
        {"fields[profile]": "shoe_size"},
        {"filter": 'equals(shoe_size,"42")'},
        {"filter": 'contains(email,"a")'},
    ],
)
def test_arguments_that_are_not_there_are_counted(asked, query):
    assert [("parameter", "get_profiles")] == asked("GET", "/api/profiles", **query)


@pytest.mark.parametrize(
    ("kind", "revision", "headers"),
    [
        ("retired revision", "2023-02-22", {"x-klaviyo-revision-fall-forward-opt-out": "1"}),
        ("unknown revision", "2031-01-15", {}),
        ("unknown revision", "yesterday", {}),
        ("beta revision", "2026-07-15.pre", {}),
        ("beta revision", "2025-07-15.pre", {}),
    ],
)
def test_revisions_that_are_not_there_are_counted(asked, kind, revision, headers):
    assert [(kind, "GET /api/profiles")] == asked("GET", "/api/profiles", headers={"revision": revision, **headers})


def test_an_operation_without_a_handler_is_counted(asked, monkeypatch):
    monkeypatch.setattr("mock_klaviyo.klaviyo.handler", lambda _: None)

    assert [("operation", "get_profiles")] == asked("GET", "/api/profiles")


def test_an_operation_of_a_later_revision_is_counted(klaviyo, asked):
    newest, oldest = klaviyo.recordings["2026-07-15"], klaviyo.recordings["2024-10-15"]
    operation = next(
        each for each in newest.operations.values() if each.method == "GET" and not oldest.methods(each.path)
    )

    assert ["operation of a later revision"] == [
        kind for kind, _ in asked("GET", operation.path, headers={"revision": oldest.revision})
    ]


def test_the_most_frequent_comes_first_with_its_times(klaviyo):
    found = Unsupported()
    found.note(Missing("path", "GET /a", ""), "2026-01-01")
    for day in ("2026-01-02", "2026-01-03"):
        found.note(Missing("path", "GET /b", ""), day)

    document = found.document()
    assert 3 == document["total"]
    assert ("GET /b", 2, "2026-01-02", "2026-01-03") == tuple(
        document["data"][0][name] for name in ("where", "count", "first", "last")
    )


def test_members_of_a_list_are_one_field():
    found = Unsupported()
    kind = replace(errors.ERRORS["unknown_attribute"], name="unknown_attribute")
    for number in range(3):
        found.refuse("create", [replace(kind, pointer=f"/data/{number}/x")], "2026-01-01")

    assert [3] == [each["count"] for each in found.document()["data"]]


def test_it_does_not_grow_for_ever():
    found = Unsupported()
    for number in range(MOST + 10):
        found.note(Missing("path", f"GET /{number}", ""), "2026-01-01")

    assert (MOST + 1, MOST + 10) == (len(found.document()["data"]), found.document()["total"])
    assert 10 == found.document()["data"][0]["count"]


def test_faults_mistakes_and_resets_do_not_count(klaviyo, asked):
    klaviyo.faults.add([{"status": 404, "times": 1}], klaviyo.clock.now)
    asked("GET", "/api/wishes")

    assert [] == asked("POST", "/api/profiles", profile(email="wrong"))
    assert [("path", "GET /api/wishes")] == asked("GET", "/api/wishes")
    klaviyo.reset()
    assert {"data": [], "total": 0} == klaviyo.unsupported.document()


def test_every_error_that_counts_is_one():
    assert KINDS.keys() <= errors.ERRORS.keys()
