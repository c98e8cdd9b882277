"""The one view: what Flask and the WSGI server make of requests and answers."""

from __future__ import annotations

import gzip

import pytest
import requests

from mock_klaviyo import json
from tests.calling import REVISION, event

KEY = "pk_0123456789abcdef0123456789abcdef01"
EVENT = json.written(event("Bought", {"email": "anna@shop.example.org"}))


@pytest.fixture
def session(server):
    with requests.Session() as made:
        made.headers.update({"authorization": f"Klaviyo-API-Key {KEY}", "revision": REVISION})
        yield made


def test_an_empty_answer_says_so(server, session):
    answer = session.post(f"{server.url}/api/events", data=EVENT, headers={"content-type": "application/json"})

    assert (202, b"", "0") == (answer.status_code, answer.content, answer.headers["Content-Length"])
    assert "Content-Type" not in answer.headers


def test_links_lead_back_to_this_server(server, session):
    document = session.get(f"{server.url}/api/accounts/").json()

    assert f"{server.url}/api/accounts/" == document["links"]["self"]
    assert document["data"][0]["links"]["self"].startswith(server.url)


def test_the_query_is_echoed_as_it_was_sent(server, session):
    query = "filter=equals(email,%22a%2Bb@shop.example.org%22)&page%5Bsize%5D=1"
    document = session.get(f"{server.url}/api/profiles?{query}").json()

    assert document["links"]["self"].endswith(f"/api/profiles?{query}")


def test_head_has_the_headers_of_get_and_no_body(server, session):
    head, answer = (session.request(method, f"{server.url}/api/accounts") for method in ("HEAD", "GET"))

    assert (200, b"") == (head.status_code, head.content)
    assert answer.headers["Content-Length"] == head.headers["Content-Length"]


def test_a_gzipped_body_comes_through(server, session):
    headers = {"content-type": "application/vnd.api+json", "content-encoding": "gzip"}

    assert 202 == session.post(f"{server.url}/api/events", data=gzip.compress(EVENT), headers=headers).status_code


def test_a_body_of_6_mb_gets_klaviyos_413(server, session):
    answer = session.post(
        f"{server.url}/api/events", data=b" " * 6 * 1024 * 1024, headers={"content-type": "application/json"}
    )

    assert (413, "payload_too_large") == (answer.status_code, answer.json()["errors"][0]["code"])


@pytest.mark.parametrize("path", ["/api", "/api/", "/api//profiles", "/client/"])
def test_paths_that_flask_does_not_know_get_klaviyos_answer(server, session, path):
    answer = session.get(f"{server.url}{path}")

    assert (404, "application/vnd.api+json") == (answer.status_code, answer.headers["Content-Type"])
    assert answer.headers["X-Klaviyo-Req-Id"] == answer.json()["errors"][0]["id"]


def test_methods_that_flask_does_not_know_get_klaviyos_answer(server, session):
    answer = session.request("PROPFIND", f"{server.url}/api/profiles")

    assert (405, 'Method "PROPFIND" not allowed.') == (answer.status_code, answer.json()["errors"][0]["detail"])


def test_a_path_outside_klaviyos_is_explained(server, session):
    answer = session.get(f"{server.url}/profiles")

    assert (404, True) == (answer.status_code, "/api/" in answer.json()["errors"][0]["detail"])
