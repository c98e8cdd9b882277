from __future__ import annotations

import pytest

from mock_klaviyo.spec import recorded
from mock_klaviyo.spec.json_schema import COPIED, KEYWORDS
from mock_klaviyo.spec.operation import FilterField, Form
from mock_klaviyo.spec.recorded import recording, revisions

COUNTS = {
    "2024-10-15": 261,
    "2025-01-15": 266,
    "2025-04-15": 289,
    "2025-07-15": 301,
    "2025-10-15": 303,
    "2026-01-15": 304,
    "2026-04-15": 309,
    "2026-07-15": 345,
}

FORMS = {
    Form.LIST: 45,
    Form.RETRIEVE: 54,
    Form.LIST_RELATED: 49,
    Form.LIST_RELATED_IDS: 56,
    Form.CREATE: 71,
    Form.UPDATE: 26,
    Form.DELETE: 21,
    Form.ADD_RELATED: 9,
    Form.REPLACE_RELATED: 5,
    Form.REMOVE_RELATED: 9,
}

each_revision = pytest.mark.parametrize("revision", COUNTS)


def keywords(schema):
    """Every keyword of a schema, as opposed to the names in `properties` and `$defs`."""
    for keyword, value in schema.items():
        yield keyword
        if keyword in {"properties", "$defs"}:
            for member in value.values():
                yield from keywords(member)
        elif keyword == "anyOf":
            for branch in value:
                yield from keywords(branch)
        elif isinstance(value, dict):
            yield from keywords(value)


def schemas(operation):
    """Every schema of an operation."""
    yield from (schema for schema in (operation.request, *operation.responses.values()) if schema is not None)
    yield from (parameter.schema for parameter in operation.parameters.values())


def test_eight_revisions_are_shipped():
    assert tuple(COUNTS) == revisions()


def test_an_unknown_revision_is_refused():
    with pytest.raises(LookupError, match="no recording of revision 2020-01-01; there are 2024-10-15, "):
        recording("2020-01-01")


@each_revision
def test_every_operation_is_recorded(revision):
    assert COUNTS[revision] == len(recording(revision).operations)


@each_revision
def test_every_operation_is_complete(revision):
    for operation in recording(revision).operations.values():
        assert operation.form in Form
        assert 200 <= operation.success < 300
        assert operation.tag
        assert operation.scopes or operation.is_client
        assert operation.rate_limit.burst <= operation.rate_limit.steady
        assert (operation.request is None) == (operation.media_type is None)


@each_revision
def test_every_operation_is_reached_by_its_path(revision):
    for operation in recording(revision).operations.values():
        path = operation.path.replace("{id}", "a1").replace("{job_id}", "a1")
        for sent in (path, path + "/"):
            found, parameters = recording(revision).route(operation.method, sent)

            assert operation is found
            assert set(parameters.values()) == ({"a1"} if "{" in operation.path else set())


@each_revision
def test_no_prose_survives(revision):
    allowed = COPIED | KEYWORDS.keys() | {"$schema", "$defs"} - {"oneOf"}
    for operation in recording(revision).operations.values():
        for schema in schemas(operation):
            assert allowed >= set(keywords(schema))


@each_revision
def test_schemas_hold_what_they_refer_to_and_no_more(revision):
    for operation in recording(revision).operations.values():
        for schema in schemas(operation):
            defs = schema.get("$defs", {})
            assert set(recorded.references(schema)) == defs.keys()


def test_the_forms_of_the_newest_revision(newest):
    counted = {form: sum(each.form is form for each in newest.operations.values()) for form in Form}

    assert counted == FORMS


@each_revision
def test_profiles_can_be_filtered_by_email_in_every_revision(revision):
    email = recording(revision).operations["get_profiles"].filters["email"]

    assert FilterField(("any", "equals"), ("any", "equals")) == email


@each_revision
def test_events_can_be_filtered_by_time_in_every_revision(revision):
    filters = recording(revision).operations["get_events"].filters

    assert ("string", "date-time") == (filters["datetime"].type, filters["datetime"].format)
    assert filters["timestamp"].type in {"integer", "number"}


def test_all_filters_of_the_newest_revision_are_recorded(newest):
    filters = [operation.filters for operation in newest.operations.values() if operation.filters]

    assert 56 == len(filters)
    assert 221 == sum(map(len, filters))
    assert 435 == sum(len(field.operators) for fields in filters for field in fields.values())


def test_loading_makes_no_operation_and_follows_no_reference():
    loaded = recorded.read(recorded.DATA / "2026-07-15.json.gz")

    assert {} == loaded.operations.made
    assert {} == loaded.operations.requests.neighbours
    loaded.route("POST", "/api/events")
    assert ["create_event"] == list(loaded.operations.made)
