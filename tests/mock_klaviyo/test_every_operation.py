"""What holds for every recorded operation, answered or not."""

from __future__ import annotations

import re

import pytest

from mock_klaviyo import json
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.spec.recorded import recording
from mock_klaviyo.wire.messages import MEDIA_TYPE
from tests.bodies import valid
from tests.calling import REVISION, Client
from tests.conftest import START

OPERATIONS = recording(REVISION).operations
PRIVATE = [name for name, operation in OPERATIONS.items() if not operation.is_client]
TAKING_JSON = [name for name, operation in OPERATIONS.items() if operation.media_type == MEDIA_TYPE]
FORM = "multipart/form-data"
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nPNG\r\n--x--\r\n'


@pytest.fixture(scope="module")
def client():
    """A client of a Klaviyo that all tests here share, since none of them changes it."""
    return Client(Klaviyo(Config(clock=START)))


def call(client, name, body=None, media_type=MEDIA_TYPE, **headers):
    """The answer to an operation whose ids lead nowhere."""
    operation = OPERATIONS[name]
    required = {each: example(found.schema) for each, found in operation.parameters.items() if found.is_required}
    query = required | ({"company_id": "MOCK01"} if "company_id" in operation.parameters else {})
    query |= {"filter": a_filter(operation)} if operation.is_filter_required else {}
    return client.call(
        operation.method,
        re.sub(r"\{\w+\}", "1", operation.path),
        body,
        headers=headers | {"content-type": media_type},
        **query,
    )


def wanted(operation):
    """A body that an operation takes."""
    if operation.media_type == FORM:
        return FILE, f"{FORM}; boundary=x"
    return (json.written(valid(operation.request, operation.request)) if operation.request else None), MEDIA_TYPE


def example(schema):
    return str(valid(schema, schema))


def a_filter(operation):
    field = next(name for name, allowed in operation.filters.items() if "equals" in allowed.operators)
    return f'equals({field},"x")'


@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_operation_needs_a_key(client, name):
    assert 401 == call(client, name, authorization="").status


@pytest.mark.parametrize("name", TAKING_JSON)
def test_a_body_of_another_form_is_refused(client, name):
    response = call(client, name, {"data": {"type": 5, "unknown": True}})

    assert 400 == response.status, response.document


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_that_nothing_answers_takes_its_request_and_says_so_by_name(client, monkeypatch, name):
    monkeypatch.setattr("mock_klaviyo.klaviyo.handler", lambda _: None)
    response = call(client, name, *wanted(OPERATIONS[name]))

    assert (501, "not_implemented") == (response.status, response.document["errors"][0]["code"])
    assert name in response.document["errors"][0]["detail"]
