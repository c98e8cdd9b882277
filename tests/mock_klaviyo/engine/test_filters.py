"""Filters: the cases of tests/data/conditions.yaml, and that every operator has one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mock_klaviyo.engine.filters import OPERATORS, matched
from mock_klaviyo.engine.moments import SPANS

CASES = YAML(typ="safe").load(Path(__file__).parents[2] / "data" / "conditions.yaml")["filters"]
NOW = datetime(2023, 6, 17, 10, tzinfo=UTC)


def judged(value, filter):
    return matched(value, filter, NOW).is_true


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["filter"]))
def test_a_filter_accepts_what_it_should(case):
    wrong = [each for each in case["accepts"] if not judged(each, case["filter"])]
    wrong += [each for each in case["refuses"] if judged(each, case["filter"])]

    assert [] == wrong


def test_every_operator_has_a_case():
    tested = {(case["filter"]["type"], case["filter"]["operator"]) for case in CASES}

    assert {*OPERATORS, *(("date", name) for name in SPANS)} <= tested


def test_29_february_comes_in_leap_years_only():
    leap, common = datetime(2024, 2, 29, 10, tzinfo=UTC), datetime(2023, 2, 28, 10, tzinfo=UTC)
    today, this_month = ({"type": "date", "operator": name} for name in ("anniversary", "anniversary-month"))

    assert matched("2000-02-29", today, leap).is_true
    assert not matched("2000-02-29", today, common).is_true
    assert not matched("2000-02-29", today, datetime(2023, 3, 1, tzinfo=UTC)).is_true
    assert matched("2000-02-29", this_month, common).is_true


def test_a_year_ends_within_an_anniversary():
    new_year = datetime(2024, 1, 1, 10, tzinfo=UTC)

    assert matched(
        "1990-12-30", {"type": "date", "operator": "anniversary-last", "unit": "day", "quantity": 3}, new_year
    ).is_true
    assert matched(
        "1990-01-02",
        {"type": "date", "operator": "anniversary-next", "unit": "day", "quantity": 3},
        datetime(2023, 12, 31, tzinfo=UTC),
    ).is_true
