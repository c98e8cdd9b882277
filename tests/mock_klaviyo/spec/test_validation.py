from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_klaviyo.spec.explanation import pointer
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.spec.validation import decider, explainer, problems, response_problems
from tests.bodies import GONE, at, changed, mistaken, valid

NEWEST = recording(revisions()[-1])
WITH_BODY = [operation for operation in NEWEST.operations.values() if operation.request is not None]

EVENT = {
    "data": {
        "type": "event",
        "attributes": {
            "properties": {"anything": [{"goes": None}]},
            "time": "2026-07-15T12:30:00+00:00",
            "value": 9,
            "metric": {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}},
            "profile": {
                "data": {
                    "type": "profile",
                    "attributes": {"email": "anna@example.com", "location": {"latitude": "1.5"}},
                }
            },
        },
    }
}
SEGMENT = {
    "data": {
        "type": "segment",
        "attributes": {
            "name": "Buyers",
            "definition": {
                "condition_groups": [
                    {
                        "conditions": [
                            {
                                "type": "profile-metric",
                                "metric_id": "ABC123",
                                "measurement": "count",
                                "measurement_filter": {"type": "numeric", "operator": "greater-than", "value": 0},
                                "timeframe_filter": {"type": "date", "operator": "alltime"},
                            }
                        ]
                    }
                ]
            },
        },
    }
}
SMALL = {"data": {"type": "list", "attributes": {"title": "a", "place": {"shape": {"type": "circle", "radius": 1}}}}}
BODIES = {"create_event": EVENT, "create_segment": SEGMENT}

PROFILE = "/data/attributes/profile/data"
CONDITION = "/data/attributes/definition/condition_groups/0/conditions/0"
SHAPE = "/data/attributes/place/shape"


def unknown(name, resource):
    return f"'{name}' is not a valid field for the resource '{resource}'."


def missing(name, resource):
    return f"'{name}' is a required field for the resource '{resource}'."


EXPLAINED = [
    # members that are not known
    ("create_event", "/data/attributes/last_name", 1, unknown("last_name", "event")),
    ("create_event", "/data/unique_id", "1", unknown("unique_id", "event")),
    ("create_event", f"{PROFILE}/attributes/age", 1, unknown("age", "profile")),
    ("create_event", f"{PROFILE}/attributes/location/x~1y", 1, unknown("x/y", "location")),
    ("create_event", "/meta", {}, unknown("meta", "request-data")),
    ("create_segment", f"{CONDITION}/colour", 1, unknown("colour", "conditions")),
    # members that are missing
    ("create_event", "/data", GONE, missing("data", "request-data")),
    ("create_event", "/data/type", GONE, missing("type", "request-data")),
    ("create_event", "/data/attributes/properties", GONE, missing("properties", "event")),
    ("create_event", "/data/attributes/metric/data/attributes/name", GONE, missing("name", "metric")),
    ("create_segment", f"{CONDITION}/metric_id", GONE, missing("metric_id", "conditions")),
    # wrong values
    ("create_event", "/data/attributes/value", "abc", "'abc' is not of type 'number', 'null'."),
    ("create_event", "/data/attributes/properties", [1], "[1] is not of type 'object'."),
    ("create_event", "/data/attributes/properties", None, "null is not of type 'object'."),
    ("create_event", "/data/type", "events", "'events' is not one of 'event'."),
    ("create_event", "/data/type", 3, "3 is not of type 'string'."),
    ("create_event", "/data/attributes/time", "soon", "'soon' is not a valid 'date-time'."),
    ("create_event", "/data/attributes/time", "2016-12-31T23:59:60Z",
     "'2016-12-31T23:59:60Z' is not a valid 'date-time'."),
    ("create_event", "/data/attributes/value", "x" * 100, f"'{'x' * 78}… is not of type 'number', 'null'."),
    ("create_list", "/data/attributes/title", "x" * 11, "'xxxxxxxxxxx' is longer than 10 characters."),
    # alternatives: the one that was meant
    ("create_event", f"{PROFILE}/attributes/location/latitude", [], "[] is not of type 'string', 'number', 'null'."),
    ("create_segment", CONDITION, "all", "'all' is not of type 'object'."),
    ("create_segment", f"{CONDITION}/measurement", "most", "'most' is not one of 'count', 'sum'."),
    ("create_segment", f"{CONDITION}/measurement_filter/value", "1", "'1' is not of type 'integer', 'number'."),
    ("create_list", SHAPE, 5, "5 is not of type 'object', 'null'."),
    ("create_list", f"{SHAPE}/type", "star", "'star' is not one of 'circle', 'square'."),
    ("create_list", f"{SHAPE}/radius", GONE, missing("radius", "shape")),
    ("create_list", f"{SHAPE}/radius", "long", "'long' is not of type 'number'."),
    ("create_list", f"{SHAPE}/side", 1, unknown("side", "shape")),
]  # fmt: skip


def names(text):
    """The names in a JSON pointer."""
    return [name.replace("~1", "/").replace("~0", "~") for name in text.split("/")[1:]]


def steps(body, text):
    """The path that a JSON pointer names in a body: a step into a list is an index."""
    path = ()
    for name in names(text):
        path = (*path, int(name) if isinstance(at(body, path), list) else name)
    return path


def text_of(problem):
    return problem.pointer, problem.detail


@pytest.mark.parametrize(("operation_id", "place", "value", "detail"), EXPLAINED)
def test_a_mistake_is_explained_at_its_place(small, operation_id, place, value, detail):
    source, body = (NEWEST, BODIES[operation_id]) if operation_id in BODIES else (small, SMALL)
    operation = source.operations[operation_id]

    assert [] == problems(operation, body)
    assert [(place, detail)] == [
        text_of(each) for each in problems(operation, changed(body, steps(body, place), value))
    ]


def test_all_mistakes_are_explained(small):
    body = {"data": {"type": "list", "attributes": {"size": "big", "colour": 1, "shape": "round"}}}
    expected = {
        ("/data/attributes/size", "'big' is not of type 'integer', 'number'."),
        ("/data/attributes/colour", "1 is not of type 'string'."),
        ("/data/attributes/shape", "'shape' is not a valid field for the resource 'list'."),
        ("/data/attributes/title", "'title' is a required field for the resource 'list'."),
    }

    assert expected == {text_of(each) for each in problems(small.operations["create_list"], body)}


def test_problems_are_validation_errors(small):
    (problem,) = problems(small.operations["create_list"], {})

    assert (400, "invalid", "Invalid input.") == (problem.status, problem.code, problem.title)
    assert {"links", "meta"} < problem.document("a").keys()


def test_an_integer_is_a_number(small):
    for size in (1, 1.5, 2**40):
        assert [] == problems(small.operations["create_list"], changed(SMALL, ("data", "attributes", "size"), size))


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_a_body_that_is_no_object_is_explained(body):
    (problem,) = problems(NEWEST.operations["create_event"], body)

    assert problem.detail.endswith(" is not of type 'object'.")


def test_a_body_that_is_nested_too_deeply_is_explained():
    nested = []
    for _ in range(1000):
        nested = [nested]
    (problem,) = problems(NEWEST.operations["create_event"], {"data": nested})

    assert "The request body is nested too deeply." == problem.detail


def test_an_operation_without_a_body_takes_any():
    assert [] == problems(NEWEST.operations["get_lists"], {"anything": 1})


@pytest.mark.parametrize("revision", revisions())
def test_every_operation_takes_a_body_made_from_its_schema(revision):
    for operation in recording(revision).operations.values():
        if operation.request is not None:
            body = valid(operation.request, operation.request)
            assert [] == problems(operation, body), operation.id
            assert explainer(operation).is_valid(body), operation.id


@pytest.mark.parametrize("revision", revisions())
def test_every_answer_has_a_schema_that_compiles(revision):
    for operation in recording(revision).operations.values():
        for status, schema in operation.responses.items():
            answer = None if schema is None else valid(schema, schema)
            assert [] == response_problems(recording(revision), operation, status, answer), operation.id


@settings(max_examples=1500, deadline=None, database=None, derandomize=True)
@given(st.data())
def test_both_libraries_give_the_same_verdict(data):
    operation = data.draw(st.sampled_from(WITH_BODY))
    body = data.draw(mistaken(valid(operation.request, operation.request)))
    is_right = decider(operation).is_valid(body)

    assert is_right == explainer(operation).is_valid(body)
    assert is_right == (not problems(operation, body))


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(st.data())
def test_every_pointer_leads_into_the_body(data):
    operation = data.draw(st.sampled_from(WITH_BODY))
    body = data.draw(mistaken(valid(operation.request, operation.request)))
    for problem in problems(operation, body):
        path = steps(body, problem.pointer)

        assert problem.pointer == pointer(path)
        assert isinstance(at(body, path[:-1]), dict | list) or not path


def test_answers_are_held_against_their_schema(newest):
    metric = newest.operations["get_metric"]
    answer = {"data": {"type": "metrics", "id": "A", "links": {"self": "x"}}}

    assert [
        "/data/links/self: ",
        "/data/type: ",
        "/data: ",
    ] == sorted(fault[: fault.index(": ") + 2] for fault in response_problems(newest, metric, 200, answer))


def test_empty_answers_and_unknown_statuses_are_held_too(newest):
    event = newest.operations["create_event"]

    assert [] == response_problems(newest, event, 202, None)
    assert ["create_event answers 202 without a body"] == response_problems(newest, event, 202, {})
    assert ["create_event does not answer 201"] == response_problems(newest, event, 201, {})


def test_errors_are_held_against_the_error_document(newest):
    event = newest.operations["create_event"]
    error = {"id": "a", "status": 400, "code": "invalid", "title": "t", "detail": "d", "source": {"pointer": "/data"}}

    assert [] == response_problems(newest, event, 400, {"errors": [error]})
    assert 1 == len(response_problems(newest, event, 500, {"error": "x"}))
