"""Paths, methods, revisions and headers: what every request goes through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, event, profile, references, resource
from tests.conftest import START

EMAIL = "anna@shop.example.org"


def get(client, path="/api/profiles", revision=None, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.call("GET", path, headers=sent | ({"revision": revision} if revision is not None else {}))


# paths


@pytest.mark.parametrize("path", ["/api/profiles", "/api/profiles/"])
@pytest.mark.parametrize("query", [{}, {"sort": "-email"}])
def test_a_slash_at_the_end_means_nothing_and_is_echoed(client, path, query):
    document = client.get(path, **query)

    assert f"https://a.klaviyo.com{path}{'?sort=-email' if query else ''}" == document["links"]["self"]


def test_links_of_resources_end_with_a_slash(client):
    id = client.create("/api/profiles", profile(email=EMAIL))
    data = client.get(f"/api/profiles/{id}")["data"]

    link = f"https://a.klaviyo.com/api/profiles/{id}/"
    assert link == data["links"]["self"]
    assert {"self": f"{link}relationships/lists/", "related": f"{link}lists/"} == data["relationships"]["lists"][
        "links"
    ]


def test_the_members_of_a_resource_come_in_klaviyos_order(client):
    client.post("/api/profiles", profile(email=EMAIL))

    assert ["type", "id", "attributes", "relationships", "links"] == list(client.get("/api/profiles")["data"][0])
    assert ["self", "next", "prev"] == list(client.get("/api/profiles")["links"])


@pytest.mark.parametrize(
    "path",
    [
        "/api/nothing",
        "/api/",
        "/api",
        "/api//profiles",
        "/api/profiles//",
        "/api/profiles/a/b/c/d",
        "/client/profiles/1",
    ],
)
def test_an_unknown_path_is_not_found(client, path):
    status, error = client.error("GET", path)

    assert (404, "not_found") == (status, error["code"])


@pytest.mark.parametrize("path", ["/api/profiles/a%2Fb", "/api/profiles/%00", "/api/profiles/%ff", "/api/profiles/%"])
def test_an_encoded_id_is_an_id(client, path):
    status, error = client.error("GET", path)

    assert (404, True) == (status, error["detail"].startswith("A profile with id "))


# methods


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/profiles", "GET, POST"),
        ("DELETE", "/api/profiles/x", "GET, PATCH"),
        ("HEAD", "/api/profile-merge", "POST"),
        ("TRACE", "/api/profiles", "GET, POST"),
    ],
)
def test_a_method_that_a_path_does_not_know_is_not_allowed(client, method, path, allowed):
    response = client.call(method, path)

    assert 405 == response.status
    assert set(allowed.split(", ")) == set(response.headers["Allow"].split(", "))
    assert f'Method "{method}" not allowed.' == response.document["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/lists", "GET, POST, HEAD, OPTIONS"),
        ("/api/lists/X", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
    ],
)
def test_the_allow_header_tells_the_form_of_the_path_as_klaviyos_does(client, path, allowed):
    assert allowed == client.call("GET", path).headers["Allow"]


def test_head_answers_as_get_does(client):
    head, answer = client.call("HEAD", "/api/profiles"), client.call("GET", "/api/profiles")

    names = ("Content-Type", "Cid", "X-Klaviyo-Api-Revision")
    assert [answer.headers[name] for name in names] == [head.headers[name] for name in names]
    assert answer.status == head.status


def test_options_needs_no_key(client):
    response = client.call("OPTIONS", "/api/profiles", headers={"authorization": ""})

    assert (200, b"") == (response.status, response.body)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/events", event("Bought", {"email": EMAIL})),
        ("POST", "/api/lists/{list}/relationships/profiles", references("profile")),
    ],
)
def test_an_empty_answer_has_no_media_type(client, method, path, body):
    path = path.replace("{list}", client.create("/api/lists", resource("list", name="News")))
    response = client.call(method, path, body)

    assert (b"", False) == (response.body, "Content-Type" in response.headers)
    assert response.status in (202, 204)


# revisions


def test_the_revision_that_serves_is_told(client):
    assert "2026-07-15" == get(client).headers["X-Klaviyo-Api-Revision"]
    assert "2026-01-15" == get(client, revision="2026-01-15").headers["X-Klaviyo-Api-Revision"]


def test_a_date_between_two_revisions_is_rounded_down(client):
    assert "2026-01-15" == get(client, revision="2026-03-01").headers["X-Klaviyo-Api-Revision"]


def test_a_future_revision_is_not_found(client):
    response = get(client, revision="2099-01-01")

    (error,) = response.document["errors"]
    assert (404, "Unable to specify a future revision date") == (response.status, error["detail"])


@pytest.mark.parametrize("revision", ["latest", "", "2026-7-15", "2026-02-30", "15.07.2026", "2026-07-15.beta", "v1"])
def test_a_malformed_revision_is_refused(client, revision):
    assert 400 == get(client, revision=revision).status


def test_without_a_revision_the_newest_serves_unless_that_is_to_be_refused(client, klaviyo):
    client.headers.pop("revision")
    assert "2026-07-15" == get(client).headers["X-Klaviyo-Api-Revision"]

    strict = Client(Klaviyo(Config(without_revision="refuse")))
    strict.headers.pop("revision")
    assert 400 == get(strict).status


def test_a_deprecated_revision_tells_when_it_retires(client, klaviyo):
    assert "X-Klaviyo-Api-Retirement-Date" not in get(client, revision="2025-04-15").headers

    klaviyo.move_clock(datetime(2026, 4, 28, tzinfo=UTC))

    assert "2027-04-15" == get(client, revision="2025-04-15").headers["X-Klaviyo-Api-Retirement-Date"]


def test_a_retired_revision_is_served_by_the_oldest_that_lives(client, klaviyo):
    klaviyo.move_clock(datetime(2026, 11, 1, tzinfo=UTC))

    assert "2025-01-15" == get(client, revision="2024-10-15").headers["X-Klaviyo-Api-Revision"]


def test_a_retired_revision_is_gone_for_those_who_opt_out(client, klaviyo):
    klaviyo.move_clock(datetime(2026, 11, 1, tzinfo=UTC))
    response = get(client, revision="2024-10-15", x_klaviyo_revision_fall_forward_opt_out="1")

    assert 410 == response.status
    assert 200 == get(client, revision="2025-01-15", x_klaviyo_revision_fall_forward_opt_out="1").status


def test_an_operation_that_is_newer_than_the_revision_is_not_found(client):
    response = get(client, "/api/mapped-metrics", revision="2025-04-15")

    (error,) = response.document["errors"]
    assert 404 == response.status
    assert "Revision 2025-04-15 is before the earliest available, use a date after 2025-07-15" == error["detail"]


def test_a_method_that_is_newer_than_the_revision_is_not_found(client):
    asked = resource("flow-action", "1")
    response = client.call("PATCH", "/api/flow-actions/1", asked, headers={"revision": "2025-07-15"})

    (error,) = response.document["errors"]
    assert (404, "No valid revisions found for method") == (response.status, error["detail"])


# ours


def test_a_held_clock_follows_the_client_that_says_the_time(client, klaviyo):
    get(client, x_mock_clock="2026-01-01T10:00:00")
    assert START + timedelta(hours=10) == klaviyo.clock.now

    get(client, x_mock_clock="2026-01-01T09:00:00Z")
    assert START + timedelta(hours=10) == klaviyo.clock.now


@pytest.mark.parametrize("time", ["noon", "", "99999-01-01", "9999-12-31T23:59:59Z"])
def test_a_time_that_is_none_is_told_in_a_hint(client, klaviyo, time):
    response = get(client, x_mock_clock=time)

    assert (200, START) == (response.status, klaviyo.clock.now)
    assert response.headers["X-Mock-Hint"].startswith("X-Mock-Clock must be an ISO 8601 time")


def test_a_real_clock_follows_nobody():
    client = Client(Klaviyo(Config()))
    get(client, x_mock_clock="2199-01-01")

    assert not client.klaviyo.clock.is_frozen


def test_the_journal_keeps_what_was_asked_and_answered(client, klaviyo):
    client.call("POST", "/api/profiles", profile(email="wrong"), headers={"x-mock-cause": "order 7"})

    entry = list(klaviyo.journal.entries())[-1]
    cause = entry.lineage["cause"]
    assert ("POST", 400, "create_profile", "order 7") == (entry.method, entry.status, entry.operation, cause)
    assert ["Invalid email address"] == [error["detail"] for error in entry.errors]
