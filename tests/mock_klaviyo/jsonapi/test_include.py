"""The include parameter."""

from __future__ import annotations

import pytest

from mock_klaviyo.errors import ApiError
from mock_klaviyo.jsonapi.include import checked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lists", ("lists",)),
        ("segments,lists", ("segments", "lists")),
        ("lists,lists", ("lists",)),
        ("", ()),
    ],
)
def test_the_order_is_kept_and_doubles_are_not(text, expected, profiles):
    assert expected == checked(text, profiles)


def test_every_wrong_name_is_reported_in_klaviyos_words(profiles):
    with pytest.raises(ApiError) as refused:
        checked("profiless,lists,tags", profiles)

    assert [
        "'profiless' is not an allowed include parameter for this resource.",
        "'tags' is not an allowed include parameter for this resource.",
    ] == [problem.detail for problem in refused.value.problems]
