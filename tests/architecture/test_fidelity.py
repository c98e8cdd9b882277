"""The page of what is known: every fact has a standing and a reason, and what the code tells is on the page."""

from __future__ import annotations

import pytest

from mock_klaviyo import errors
from mock_klaviyo.resources.definitions import PREDICTIVE
from tests import fidelity
from tests.fidelity import STANDINGS, facts

ROWS = [(area, each) for area, found in facts().items() for each in found]
PAGE = fidelity.SOURCE.with_suffix(".md").read_text()


@pytest.mark.parametrize(("area", "fact"), ROWS, ids=lambda each: getattr(each, "asked", each))
def test_a_fact_has_a_standing_and_a_reason(area, fact):
    assert fact.standing in STANDINGS
    assert all(text and text == text.strip() and "\n" not in text for text in (area, fact.asked, fact.chosen, fact.why))


def test_no_fact_stands_twice():
    asked = [fact.asked for _, fact in ROWS]

    assert [] == sorted({each for each in asked if asked.count(each) > 1})


def test_errors_with_texts_of_ours_are_those_that_are_marked():
    found = list(fidelity.unsure_errors())
    marks = [line for line in fidelity.inspect.getsource(errors).splitlines() if line.endswith(fidelity.MARK)]

    assert len(marks) == len(found) > 0
    assert all(errors.ERRORS[name].detail.replace("|", r"\|") in PAGE for name in found)


def test_what_cannot_work_is_told():
    assert [PREDICTIVE] == fidelity.never_true()
    assert ["code", "internal-service"] == fidelity.passed_over()
    assert all(f"`{name}`" in PAGE for name in (*fidelity.never_true(), *fidelity.passed_over()))


@pytest.mark.parametrize("name", ["lookup", "unsubscribe", "coupon_code", "days_later"])
def test_klaviyos_own_tags_and_filters_are_told_and_djangos_are_not(name):
    assert f"`{name}`" in PAGE
    assert "`linebreaks`" not in PAGE
