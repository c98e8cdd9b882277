"""The query string as a whole."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_klaviyo.errors import ApiError
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.page import Cursor
from mock_klaviyo.jsonapi.query import ARGUMENTS, Query, query
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.spec.operation import FilterField, Parameter


def refusals(operation, *arguments: tuple[str, str]) -> list[tuple[str | None, str]]:
    with pytest.raises(ApiError) as refused:
        query(operation, arguments)
    return [(problem.parameter, problem.detail) for problem in refused.value.problems]


def test_no_arguments_make_the_default_query(profiles):
    assert Query(size=20) == query(profiles, ())


def test_an_operation_without_page_size_has_the_size_that_the_caller_gives(bare):
    assert Query(size=50) == query(bare, (), fixed_size=50)


def test_every_argument_finds_its_place(profiles):
    cursor = Cursor(key=("x",), id="01KQ", is_backward=True, scope="get_profiles")

    read = query(
        profiles,
        [
            ("filter", "equals(email,'anna@example.com')"),
            ("sort", "-created"),
            ("page[size]", "5"),
            ("page[cursor]", cursor.written()),
            ("include", "lists"),
            ("fields[profile]", "email,location.city"),
            ("fields[list]", "id"),
            ("additional-fields[profile]", "subscriptions"),
            ("company_id", "ABC123"),
        ],
    )

    assert (
        Query(
            filters=(Comparison("equals", "email", "anna@example.com"),),
            sort=Sort("created", is_descending=True),
            size=5,
            cursor=cursor,
            include=("lists",),
            fields={"profile": ("email", "location.city"), "list": ("id",)},
            additional_fields={"profile": ("subscriptions",)},
            parameters={"company_id": "ABC123"},
        )
        == read
    )


def test_the_last_of_several_arguments_counts(profiles):
    assert 7 == query(profiles, [("page[size]", "5"), ("page[size]", "7")]).size


def test_all_problems_are_reported_at_once(profiles):
    found = refusals(
        profiles,
        ("filter", "equals(name,'x'),contains(email,'x')"),
        ("sort", "name"),
        ("page[size]", "1000"),
        ("fields[profile]", "colour"),
        ("nonsense", "1"),
    )

    assert ["filter", "filter", "sort", "page[size]", "fields[profile]", "nonsense"] == [
        parameter for parameter, _ in found
    ]


@pytest.mark.parametrize("name", [*ARGUMENTS, "page[number]", "page", "fields", "company_id", "Filter", ""])
def test_an_argument_that_the_operation_does_not_take_is_refused(name, bare):
    assert [(name, f"'{name}' is not a valid query parameter for this endpoint.")] == [
        (parameter or "", detail) for parameter, detail in refusals(bare, (name, "x"))
    ]


@pytest.mark.parametrize("name", ["fields[coupon]", "additional-fields[list]", "fields[]"])
def test_a_fieldset_of_a_type_that_the_operation_does_not_list_is_refused(name, profiles):
    type = name.partition("[")[2].rstrip("]")

    assert [(name, f"'name' is not a valid field for the resource '{type}'.")] == refusals(profiles, (name, "name"))


def test_id_is_no_additional_field(profiles):
    assert "additional-fields[profile]" == refusals(profiles, ("additional-fields[profile]", "id"))[0][0]


def test_a_required_filter_is_asked_for(operation):
    filtered = operation(filters={"id": FilterField(("equals",))}, is_filter_required=True)

    assert [("filter", "A filter is required.")] == refusals(filtered)


def test_a_wrong_filter_is_not_a_missing_one(operation):
    filtered = operation(filters={"id": FilterField(("equals",))}, is_filter_required=True)

    assert 1 == len(refusals(filtered, ("filter", "x")))


def test_a_required_parameter_is_asked_for(operation):
    client = operation(parameters={"company_id": Parameter({"type": "string"}, is_required=True)})

    assert [("company_id", "'company_id' is a required query parameter.")] == refusals(client)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("company_id", "ABC123", "ABC123"),
        ("timeframe", "all_time", "all_time"),
        ("limit", "10", 10),
        ("ratio", "0.5", 0.5),
        ("is_new", "true", True),
        ("ratings", "1,2", [1, 2]),
    ],
)
def test_a_parameter_has_its_schemas_type(name, text, expected, profiles):
    assert {name: expected} == query(profiles, [(name, text)]).parameters


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("timeframe", "today", "'today' is not one of all_time, last_30_days."),
        ("limit", "ten", "'ten' is not an integer."),
        ("limit", "9" * 5000, f"'{'9' * 5000}' is not an integer."),
        ("ratio", "half", "'half' is not a number."),
        ("is_new", "maybe", "'maybe' is not true or false."),
        ("ratings", "1,x", "'x' is not an integer."),
    ],
)
def test_a_parameter_of_another_type_is_refused(name, text, reason, profiles):
    assert [(name, reason)] == refusals(profiles, (name, text))


NAMES = st.sampled_from([*ARGUMENTS, "fields[profile]", "additional-fields[profile]", "limit", "ratio", "ratings"])


@given(st.lists(st.tuples(NAMES | st.text(), st.text())))
def test_any_query_string_is_read_or_refused(profiles, arguments):
    with suppress(ApiError):
        query(profiles, arguments)
