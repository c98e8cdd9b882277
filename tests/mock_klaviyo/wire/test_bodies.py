"""Bodies: media types, compression, size and JSON."""

from __future__ import annotations

import gzip

import pytest

from mock_klaviyo import json
from tests.calling import event, profile

LARGEST = 5 * 1024 * 1024
EVENT = json.written(event("Bought", {"email": "anna@shop.example.org"}))


def send(client, content, **headers):
    return client.call("POST", "/api/events", content, headers={n.replace("_", "-"): v for n, v in headers.items()})


def detail(response):
    return response.document["errors"][0]["detail"]


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.api+json",
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        'application/vnd.api+json; ext="x"',
        "",
    ],
)
def test_json_is_taken_by_both_its_names(client, media_type):
    assert 202 == send(client, EVENT, content_type=media_type).status


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", ";"])
def test_other_media_types_are_not_supported(client, media_type):
    response = send(client, EVENT, content_type=media_type)

    assert (415, "unsupported_media_type") == (response.status, response.document["errors"][0]["code"])


def test_an_answer_is_json_api_whatever_is_accepted(client):
    response = client.call("GET", "/api/profiles", headers={"accept": "application/json"})

    assert "application/vnd.api+json" == response.headers["Content-Type"]
    assert "en-us" == response.headers["Content-Language"]
    assert "Accept, Accept-Language, Cookie, Origin" == response.headers["Vary"]


def test_the_media_type_of_a_request_without_a_body_does_not_matter(client):
    assert 200 == client.call("GET", "/api/profiles", headers={"content-type": "text/plain"}).status


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_gzipped_body_is_unpacked(client, encoding):
    assert 202 == send(client, gzip.compress(EVENT), content_encoding=encoding).status


@pytest.mark.parametrize(
    "content", [EVENT, gzip.compress(EVENT)[:-9], b"", b"\x1f\x8b"], ids=["plain", "cut off", "empty", "a beginning"]
)
def test_a_broken_gzip_is_refused(client, content):
    response = send(client, content, content_encoding="gzip")

    assert (400, True) == (response.status, "not gzip" in detail(response))


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_other_encodings_are_not_supported(client, encoding):
    assert 415 == send(client, EVENT, content_encoding=encoding).status


def test_a_body_of_more_than_5_mb_is_too_large(client):
    response = send(client, b" " * (LARGEST - len(EVENT)) + EVENT)
    assert 202 == response.status

    response = send(client, b" " * (LARGEST - len(EVENT) + 1) + EVENT)
    assert (413, "payload_too_large") == (response.status, response.document["errors"][0]["code"])


def test_a_small_gzip_cannot_become_a_huge_body(client):
    bomb = gzip.compress(b" " * 200 * 1024 * 1024, compresslevel=1)

    assert len(bomb) < LARGEST
    assert 413 == send(client, bomb, content_encoding="gzip").status


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{'a': 1}", b'{"a": NaN}', b"\xff", b'"\\ud800"', b'{"a": 1} {}', b"[" * 5000, b'{"a": 1e999}'],
)
def test_malformed_json_is_refused(client, content):
    response = send(client, content)

    assert (400, "invalid", True) == (
        response.status,
        response.document["errors"][0]["code"],
        "not valid JSON" in detail(response),
    )


@pytest.mark.parametrize("content", [b"null", b"[]", b"5", b'"text"', b"{}", b'{"data": null}', b'{"data": []}'])
def test_json_that_is_no_resource_is_refused(client, content):
    assert 400 == send(client, content).status


def test_all_that_is_wrong_is_said_at_once_with_its_places(client):
    wrong = profile(email="wrong", phone_number="wrong")
    response = client.call("POST", "/api/profiles", wrong)

    places = [each["source"]["pointer"] for each in response.document["errors"]]
    assert ["/data/attributes/email", "/data/attributes/phone_number"] == places


def test_a_validation_error_has_empty_links_and_meta(client):
    response = client.call("POST", "/api/profiles", profile(email="wrong"))

    (error,) = response.document["errors"]
    assert ["id", "status", "code", "title", "detail", "source", "links", "meta"] == list(error)
    assert ("invalid", "Invalid input.", {}, {}) == (error["code"], error["title"], error["links"], error["meta"])


def test_a_framework_error_has_neither(client):
    response = client.call("GET", "/api/lists/invalid")

    (error,) = response.document["errors"]
    assert ["id", "status", "code", "title", "detail", "source"] == list(error)
    assert {"pointer": "/data/"} == error["source"]


def test_errors_are_written_without_spaces(client):
    assert b'{"errors":[{"id":"' == client.call("GET", "/api/lists/invalid").body[:18]


def test_an_unknown_attribute_is_refused_in_klaviyos_words(client):
    status, error = client.error("POST", "/api/profiles", profile(email="anna@shop.example.org", lastname="Berg"))

    assert "'lastname' is not a valid field for the resource 'profile'." == error["detail"]
    assert (400, "/data/attributes/lastname") == (status, error["source"]["pointer"])


@pytest.mark.parametrize("depth", [190, 205, 900, 100_000])
def test_a_body_that_is_nested_too_deeply_is_refused(client, depth):
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    content = b'{"data":{"type":"profile","attributes":{"email":"anna@shop.example.org","properties":%s}}}' % deep

    assert 400 == client.call("POST", "/api/profiles", content).status


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"data":{"type":"profile","attributes":{"email":"a\\u0000@b.org"}}}', "/data/attributes/email"),
        (
            b'{"data":{"type":"profile","attributes":{"email":"a@b.org","properties":{"a\\u0000":1}}}}',
            "/data/attributes/properties/a\0",
        ),
        (
            b'{"data":{"type":"profile","attributes":{"email":"a@b.org","properties":{"a":["\\u0000"]}}}}',
            "/data/attributes/properties/a/0",
        ),
    ],
)
def test_null_characters_are_refused_where_they_stand(client, content, place):
    response = client.call("POST", "/api/profiles", content)

    (error,) = response.document["errors"]
    assert (400, "Null characters are not allowed.") == (response.status, error["detail"])
    assert {"pointer": place} == error["source"]
