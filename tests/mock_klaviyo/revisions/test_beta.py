"""A beta is recorded from its definition and served beside the shipped revisions."""

from __future__ import annotations

import gzip
import json

import pytest
from click.testing import CliRunner

from mock_klaviyo.cli import main
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.spec.recorded import Recordings, RecordingsError, revisions
from mock_klaviyo.wire.messages import Request
from tests.calling import resource
from tests.conftest import START

BETA = "2026-07-15.pre"


def answer_to(type):
    """What answers with resources of a type: their name and colour."""
    members = {"name": {"type": "string"}, "colour": {"type": "string", "nullable": True}}
    item = {
        "type": "object",
        "required": ["type", "id", "attributes"],
        "properties": {
            "type": {"type": "string", "enum": [type]},
            "id": {"type": "string"},
            "attributes": {"type": "object", "properties": members},
        },
    }
    document = {"type": "object", "properties": {"data": {"type": "array", "items": item}}}
    return {"200": {"description": "", "content": {"application/vnd.api+json": {"schema": document}}}}


def listing(type):
    """An operation that lists resources of a type."""
    limits = {"burst": "3/s", "steady": "60/m"}
    name = type.replace("-", "_")
    return {
        "get": {
            "operationId": f"get_{name}s",
            "tags": ["Beta"],
            "x-klaviyo-ratelimit": limits,
            "responses": answer_to(type),
        }
    }


DEFINITION = {
    "openapi": "3.0.2",
    "info": {"title": "A beta", "version": BETA},
    "paths": {
        "/api/lists": listing("list"),
        "/api/gadgets": listing("gadget"),
        "/api/webhook-deliveries": {"get": listing("webhook-delivery")["get"] | {"operationId": "get_deliveries"}},
    },
    "components": {"schemas": {}},
}


@pytest.fixture
def folder(tmp_path):
    """A folder with the recording of a beta."""
    (tmp_path / "beta.json").write_text(json.dumps(DEFINITION))
    recorded = CliRunner().invoke(main, ["record", str(tmp_path / "beta.json"), "--to", str(tmp_path)])
    assert 0 == recorded.exit_code, recorded.output
    return tmp_path


@pytest.fixture
def call(folder):
    """Calls a Klaviyo that knows the beta, in a revision."""
    klaviyo = Klaviyo(Config(clock=START, recordings=folder))

    def answer(method, path, revision=BETA, body=None):
        headers = {"authorization": f"Klaviyo-API-Key {klaviyo.config.private_key}", "revision": revision}
        content = json.dumps(body).encode() if body else b""
        return klaviyo.answer(Request(method, path, headers=headers, body=content, base_url="https://a.klaviyo.com"))

    yield answer
    klaviyo.close()


def test_a_beta_is_served_by_the_same_handlers(call):
    created = call("POST", "/api/lists", "2026-07-15", resource("list", name="News"))
    response = call("GET", "/api/lists")

    assert (201, 200) == (created.status, response.status)
    assert BETA == response.headers["X-Klaviyo-Api-Revision"]
    assert [{"name": "News", "colour": None}] == [each["attributes"] for each in response.document["data"]]


def test_an_operation_of_a_beta_on_resources_that_are_there_is_answered(call):
    assert [] == call("GET", "/api/webhook-deliveries").document["data"]


def test_an_operation_of_a_beta_on_unknown_resources_says_so(call):
    assert 501 == call("GET", "/api/gadgets").status


def test_an_operation_of_a_beta_is_not_there_in_the_revision_of_its_day(call):
    response = call("GET", "/api/gadgets", "2026-07-15")

    assert (404, f"use a date after {BETA}") == (response.status, response.document["errors"][0]["detail"][-31:])


def test_a_beta_without_a_recording_is_served_as_the_revision_of_its_day(client):
    response = client.call("GET", "/api/lists", headers={"revision": BETA})

    assert "2026-07-15" == response.headers["X-Klaviyo-Api-Revision"]


def test_shipped_recordings_stay(folder):
    assert (*revisions(), BETA) == Recordings(folder).revisions


BAD_FILES = {
    "nothing": None,
    "no archive": b"{}",
    "no JSON": gzip.compress(b"x"),
    "no recording": gzip.compress(b"{}"),
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES)
def test_a_folder_without_good_recordings_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "bad.json.gz").write_bytes(content)

    with pytest.raises(RecordingsError, match="mock-klaviyo record"):
        Recordings(tmp_path)
