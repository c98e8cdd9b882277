from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings

from mock_klaviyo.spec.openapi import RecordError
from mock_klaviyo.spec.operation import FilterField, Form, PageSize, RateLimit
from mock_klaviyo.spec.record import record, recorded
from mock_klaviyo.spec.recorded import read
from tests.bodies import mistaken

DEFINITION = json.loads((Path(__file__).parent / "definition.json").read_text())
LISTS = ("paths", "/api/lists", "get")

REFUSALS = {
    "another version of OpenAPI": (("openapi",), "3.1.0", "openapi is not 3.0.x"),
    "Swagger": (("openapi",), None, "openapi is not 3.0.x"),
    "no info": (("info",), None, "info.version is None, not a revision"),
    "a version that is no revision": (("info", "version"), "1.0", "info.version is '1.0', not a revision"),
    "no paths": (("paths",), None, "paths is missing"),
    "paths without an operation": (("paths",), {}, "paths has no operation"),
    "an operation that is no object": (LISTS, [], "paths['/api/lists'].get is not an object"),
    "a schema of a strange form": (("components", "schemas", "GetTags"), {"properties": []}, "has an unexpected form"),
    "a path that is no object": (("paths", "/api/lists"), [], "paths['/api/lists'] is not an object"),
    "no operation id": ((*LISTS, "operationId"), None, "GET /api/lists: operationId is missing"),
    "an id used twice": ((*LISTS, "operationId"), "create_list", "operationId create_list is used twice"),
    "no tags": ((*LISTS, "tags"), None, "GET /api/lists: tags is missing"),
    "no responses": ((*LISTS, "responses"), None, "GET /api/lists: responses is missing"),
    "no success": ((*LISTS, "responses"), {"4XX": {}}, "GET /api/lists: responses has no success"),
    "no rate limit": ((*LISTS, "x-klaviyo-ratelimit"), None, "GET /api/lists: x-klaviyo-ratelimit is missing"),
    "a strange rate": ((*LISTS, "x-klaviyo-ratelimit", "burst"), "many", "the rate limit 'many' is not one"),
    "a strange parameter": ((*LISTS, "parameters", 0), "fields", "GET /api/lists: has an unexpected form"),
    "a dangling reference": (("components", "schemas", "GetLists"), None, "GetLists leads nowhere"),
    "a path of no known form": (("paths", "/api/a/b/c/d"), {"get": {"operationId": "x"}}, "GET /api/a/b/c/d: "),
}  # fmt: skip


def changed(definition, path, value):
    *parents, last = path
    place = definition
    for step in parents:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return definition


def written(tmp_path, text):
    source = tmp_path / "openapi.json"
    source.write_text(text)
    return source


@pytest.mark.parametrize(("path", "value", "message"), REFUSALS.values(), ids=REFUSALS)
def test_a_file_that_is_no_such_definition_is_refused(definition, tmp_path, path, value, message):
    source = written(tmp_path, json.dumps(changed(definition, path, value)))
    target = tmp_path / "recorded.json.gz"

    with pytest.raises(RecordError) as refusal:
        record(source, target)
    assert str(source) in str(refusal.value)
    assert message in str(refusal.value)
    assert [source] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("text", "message"), [("{", "is not JSON"), ("[]", "is not a JSON object")])
def test_a_file_that_holds_no_object_is_refused(tmp_path, text, message):
    with pytest.raises(RecordError, match=message):
        record(written(tmp_path, text), tmp_path / "recorded.json.gz")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RecordError, match=r"nowhere\.json: cannot be read"):
        record(tmp_path / "nowhere.json", tmp_path / "recorded.json.gz")


def test_recording_twice_gives_the_same_bytes(definition, tmp_path):
    source = written(tmp_path, json.dumps(definition))
    first, second = (record(source, tmp_path / name).read_bytes() for name in ("a.json.gz", "b.json.gz"))

    assert first == second


def test_a_failed_write_leaves_the_old_file(definition, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("disk full")

    source = written(tmp_path, json.dumps(definition))
    target = tmp_path / "recorded.json.gz"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        record(source, target)

    assert b"old" == target.read_bytes()
    assert {source, target} == set(tmp_path.iterdir())


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(mistaken(DEFINITION))
def test_whatever_is_wrong_with_a_definition_is_said(definition):
    with suppress(RecordError):
        recorded(definition if isinstance(definition, dict) else {})


def test_a_recorded_file_can_be_read(definition, tmp_path):
    recording = read(record(written(tmp_path, json.dumps(definition)), tmp_path / "recorded.json.gz"))

    assert "2026-07-15" == recording.revision
    assert ["get_lists", "create_list", "get_tags_for_list", "merge_profiles"] == list(recording.operations)


def test_an_operation_keeps_what_the_server_needs(small):
    lists = small.operations["get_lists"]

    assert ("GET", "/api/lists", Form.LIST, "Lists") == (lists.method, lists.path, lists.form, lists.tag)
    assert ("lists:read",) == lists.scopes
    assert RateLimit(75, 750) == lists.rate_limit
    assert RateLimit(1, 15, 150) == small.operations["create_list"].rate_limit
    assert {"list": ("name", "title")} == lists.fields
    assert {"list": ("profile_count",)} == lists.additional_fields
    assert ("tags",) == lists.include
    assert ("name", "-name") == lists.sort
    assert PageSize(10, 1, 20) == lists.page_size
    assert lists.has_cursor
    assert lists.is_filter_required
    assert ["company_id"] == list(lists.parameters)
    assert lists.parameters["company_id"].is_required


def test_published_filters_tell_operators_and_types(small):
    expected = {
        "name": FilterField(("any", "equals"), ("any", "equals")),
        "created": FilterField(("greater-than",), type="string", format="date-time"),
        "tags": FilterField(("has",)),
    }

    assert expected == small.operations["get_lists"].filters


def test_filters_described_in_words_take_their_types_from_the_attributes(small):
    expected = {
        "archived": FilterField(("equals",), type="boolean"),
        "name": FilterField(("any", "equals"), ("any", "equals")),
        "place.size": FilterField(("equals",), type="integer"),
        "updated": FilterField(("greater-than", "less-than"), type="string", format="date-time"),
    }

    assert expected == small.operations["get_tags_for_list"].filters


def test_success_codes_are_those_seen_live(small):
    assert [201, 202] == list(small.operations["create_list"].responses)
    assert {202: None} == small.operations["merge_profiles"].responses


def test_requests_are_closed_and_free_form_objects_stay_free(small):
    attributes = small.operations["create_list"].request["$defs"]["ListCreate"]["properties"]["data"]["properties"][
        "attributes"
    ]

    assert attributes["additionalProperties"] is False
    assert {"type": "object"} == attributes["properties"]["properties"]
    assert ["title"] == attributes["required"]


def test_requests_are_translated(small):
    defs = small.operations["create_list"].request["$defs"]
    attributes = defs["ListCreate"]["properties"]["data"]["properties"]["attributes"]["properties"]
    expected = {
        "title": {"type": "string", "maxLength": 10},
        "description": {"type": ["string", "null"], "default": None},
        "example": {"type": ["string", "null"], "enum": ["a", "b", None]},
        "size": {"anyOf": [{"type": "integer"}, {"type": "number"}]},
        "place": {"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}]},
        "properties": {"type": "object"},
        "number": {"type": "string"},
        "colour": {"type": "string"},
        "since": {"type": "string", "format": "date-time"},
    }

    assert expected == attributes
    assert ["ListCreate", "ListEnum", "Place"] == sorted(defs)


def test_answers_stay_open_and_the_last_page_has_no_next(small):
    defs = small.operations["get_lists"].responses[200]["$defs"]

    assert "additionalProperties" not in defs["GetLists"]
    assert ["string", "null"] == defs["CollectionLinks"]["properties"]["next"]["type"]
    assert "string" == defs["CollectionLinks"]["properties"]["self"]["type"]


def test_compositions_are_merged(small):
    data = small.operations["create_list"].responses[201]["$defs"]["GetList"]["properties"]["data"]

    assert ["object", "null"] == data["type"]
    assert ["profile_count", "title", "secret"] == list(data["properties"]["attributes"]["properties"])
    assert ["title"] == data["properties"]["attributes"]["required"]
    assert ["type", "id"] == data["required"]


def test_schemas_that_nothing_refers_to_are_left_out(definition):
    recording = recorded(definition)

    assert "Unused" not in recording["request_schemas"] | recording["response_schemas"]


def test_no_prose_is_recorded(definition):
    assert "Prose" not in json.dumps(recorded(definition))


def test_a_recording_is_read_only_once_it_is_asked_for(small):
    assert {} == small.operations.made

    assert small.operations["get_lists"] is small.operations["get_lists"]
    assert ["get_lists"] == list(small.operations.made)
