"""The filter language: cases in tests/data/filters.yaml, and what holds for every filter."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mock_klaviyo.errors import ApiError
from mock_klaviyo.jsonapi.filters import LIST_OPERATORS, OPERATORS, Comparison, checked, parse
from mock_klaviyo.spec.operation import FilterField
from mock_klaviyo.spec.recorded import recording, revisions

CASES = YAML(typ="safe").load(Path(__file__).parents[2] / "data" / "filters.yaml")
FIELDS = {name: FilterField(**field) for name, field in CASES["fields"].items()}

ALL_CASES = [
    pytest.param(part, case, id=f"{part}: {case['description']}")
    for part in ("grammar", "checks")
    for case in CASES[part]
]


@pytest.mark.parametrize(("part", "case"), ALL_CASES)
def test_a_filter_means_what_its_case_says(part, case, operation):
    def read() -> tuple[Comparison, ...]:
        comparisons = parse(case["input"])
        return checked(comparisons, operation(filters=FIELDS)) if part == "checks" else comparisons

    if "error" in case:
        with pytest.raises(ApiError) as refused:
            read()
        assert case["error"] in str(refused.value)
    else:
        assert [expected(*comparison) for comparison in case["expected"]] == typed(read())


def expected(operator: str, field: str, value: Any) -> tuple[Any, ...]:
    return operator, field, *typed_value(from_yaml(value))


def from_yaml(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(from_yaml, value))
    return datetime.fromisoformat(value["moment"]) if isinstance(value, dict) else value


def typed(comparisons: tuple[Comparison, ...]) -> list[tuple[Any, ...]]:
    return [(each.operator, each.field, *typed_value(each.value)) for each in comparisons]


def typed_value(value: Any) -> tuple[Any, type]:
    """The value and its type, for True == 1 in Python."""
    return value, type(value)


def test_every_case_names_its_source():
    unnamed = [case.values[1]["description"] for case in ALL_CASES if not case.values[1].get("source")]

    assert [] == unnamed


def test_every_operator_has_a_case():
    used = {comparison[0] for case in CASES["grammar"] for comparison in case.get("expected", [])}

    assert set(OPERATORS) == used


def test_a_refused_filter_names_the_parameter():
    with pytest.raises(ApiError) as refused:
        parse("equals(")

    assert ("filter", 400) == (refused.value.problems[0].parameter, refused.value.status)


VALUES = {"date-time": "2023-01-01", "number": "1.5", "integer": "1", "boolean": "true"}


@pytest.mark.parametrize("revision", revisions())
def test_every_recorded_filter_can_be_used(revision):
    for operation in recording(revision).operations.values():
        for name, field in operation.filters.items():
            for operator in field.operators:
                assert checked(parse(example(name, operator, field)), operation)


def example(name: str, operator: str, field: FilterField) -> str:
    value = VALUES.get(field.format or field.type, "'x'")
    if operator == "has":
        return f"has({name})"
    return f"{operator}({name},{f'[{value}]' if operator in LIST_OPERATORS else value})"


def test_nesting_has_an_end():
    with pytest.raises(ApiError, match="at most 20 nested 'and'"):
        parse("and(" * 100_000)


@pytest.mark.parametrize("text", [",".join(["has(a)"] * 501), f"any(a,[{','.join('1' * 501)}])"])
def test_the_number_of_values_has_an_end(text):
    with pytest.raises(ApiError, match="more than 500 values"):
        parse(text)


# A client's side: how an official SDK or a person writes a filter.


def written(comparison: Comparison, quote: str = '"') -> str:
    if comparison.operator == "has":
        return f"has({comparison.field})"
    return f"{comparison.operator}({comparison.field},{written_value(comparison.value, quote)})"


def written_value(value: Any, quote: str) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(written_value(item, quote) for item in value)}]"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return quote + value.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote
    return json.dumps(value)


MOMENTS = st.datetimes(timezones=st.just(UTC))
NUMBERS = st.integers(-(10**18) + 1, 10**18 - 1) | st.floats(-1e17, 1e17).filter(
    lambda number: number == 0 or abs(number) > 1e-99
)
SCALARS = st.text() | NUMBERS | st.booleans() | st.none() | MOMENTS
NAMES = st.from_regex(r"[A-Za-z0-9_.$-]+", fullmatch=True)
COMPARISONS = st.one_of(
    st.builds(Comparison, st.just("has"), NAMES),
    st.builds(Comparison, st.sampled_from([*LIST_OPERATORS]), NAMES, st.lists(SCALARS).map(tuple)),
    st.builds(Comparison, st.sampled_from([name for name in OPERATORS if name != "has"]), NAMES, SCALARS),
)


@given(st.lists(COMPARISONS, min_size=1), st.sampled_from("'\""))
def test_what_is_written_is_read_back(comparisons, quote):
    texts = [written(comparison, quote) for comparison in comparisons]

    assert typed(tuple(comparisons)) == typed(parse(",".join(texts)))
    assert typed(tuple(comparisons)) == typed(parse(f"and({','.join(texts)})"))


@given(st.lists(st.text().map(json.dumps), min_size=1))
def test_strings_are_read_as_json_writes_them(texts):
    assert tuple(map(json.loads, texts)) == parse(f"any(name,[{','.join(texts)}])")[0].value


PIECES = st.sampled_from([*OPERATORS, *FIELDS, *"()[],'\"\\ -.", "and", "0001-01-01", "T00:00+03:00", "1e99", "null"])


@given(st.text() | st.lists(PIECES | st.text(max_size=2)).map("".join))
def test_any_text_is_read_or_refused(operation, text):
    with suppress(ApiError):
        checked(parse(text), operation(filters=FIELDS))


@given(st.sampled_from([*FIELDS]), st.sampled_from([*OPERATORS]), SCALARS | st.lists(SCALARS).map(tuple))
def test_any_comparison_is_checked_or_refused(operation, field, operator, value):
    with suppress(ApiError):
        checked((Comparison(operator, field, value),), operation(filters=FIELDS))
