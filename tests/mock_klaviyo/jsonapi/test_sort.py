"""Sort keys."""

from __future__ import annotations

import pytest

from mock_klaviyo.errors import ApiError
from mock_klaviyo.jsonapi.sort import Sort, checked


def test_a_field_sorts_upward(profiles):
    assert Sort("created") == checked("created", profiles)


def test_a_minus_sorts_downward(profiles):
    assert Sort("created", is_descending=True) == checked("-created", profiles)


@pytest.mark.parametrize("text", ["email", "", "-", "created,-created", "--created", " created"])
def test_any_other_sort_is_refused(text, profiles):
    with pytest.raises(ApiError) as refused:
        checked(text, profiles)

    assert f"'{text}' is not an allowed sort parameter for this resource." == str(refused.value)
    assert "sort" == refused.value.problems[0].parameter
