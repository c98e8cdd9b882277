"""Cursors and page sizes."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_klaviyo import json
from mock_klaviyo.errors import ApiError
from mock_klaviyo.jsonapi.page import Cursor, cursor, default_size, size

CURSOR = Cursor(key=("2026-01-01T00:00:00+00:00",), id="01KQ", is_backward=False, scope="get_profiles")

KEYS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
CURSORS = st.builds(
    Cursor,
    key=st.lists(KEYS.filter(lambda key: key not in (float("inf"), float("-inf")))).map(tuple),
    id=st.text(),
    is_backward=st.booleans(),
    scope=st.just("get_profiles"),
)


@given(CURSORS)
def test_a_cursor_is_read_as_it_was_written(written):
    assert written == Cursor.read(written.written(), "get_profiles")


@given(CURSORS)
def test_a_cursor_needs_no_percent_encoding(written):
    assert written.written() == quote(written.written())


@given(st.text())
def test_any_text_is_a_cursor_or_refused(text):
    with suppress(ApiError):
        Cursor.read(text, "get_profiles")


@pytest.mark.parametrize(
    "url",
    [
        "https://a.klaviyo.com/api/profiles?page%5Bcursor%5D={}",
        "http://localhost:4747/api/profiles/?filter=equals(email,'a')&page[cursor]={}",
        "http://localhost:4747/api/profiles?page%5Bcursor%5D={}&sort=created",
        "http%3A%2F%2Flocalhost%2Fapi%2Fprofiles%3Fpage%5Bcursor%5D%3D{}",
        "http%3A%2F%2Flocalhost%2Fapi%2Fprofiles%3Fpage%255Bcursor%255D%3D{}%26sort%3Dcreated",
    ],
)
def test_a_whole_url_serves_as_cursor(url):
    assert CURSOR == Cursor.read(url.format(CURSOR.written()), "get_profiles")


def test_an_equals_sign_before_the_cursor_does_not_matter():
    """klaviyo-api 25.0.0 leaves it there when it takes the cursor out of an https link."""
    assert CURSOR == Cursor.read(f"={CURSOR.written()}", "get_profiles")


def encoded(content: object) -> str:
    return urlsafe_b64encode(json.written(content)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "next::id::01F3ZZ",
        "https://a.klaviyo.com/api/profiles",
        "https://a.klaviyo.com/api/profiles?page[cursor]=",
        CURSOR.written()[:-3],
        encoded("text"),
        encoded([["key"], "id", True]),
        encoded([["key"], "id", 1, "get_profiles"]),
        encoded(["key", "id", True, "get_profiles"]),
        encoded([[["key"]], "id", True, "get_profiles"]),
        encoded([[2**63], "id", True, "get_profiles"]),
    ],
)
def test_garbage_is_an_invalid_cursor(text):
    with pytest.raises(ApiError) as refused:
        Cursor.read(text, "get_profiles")

    assert "Invalid cursor provided." == str(refused.value)


def test_a_cursor_of_another_operation_is_refused(operation):
    with pytest.raises(ApiError, match="Invalid cursor"):
        cursor(CURSOR.written(), operation(id="get_lists"))


def test_an_empty_cursor_is_the_first_page(profiles):
    assert None is cursor("", profiles)


@pytest.mark.parametrize(("text", "expected"), [("1", 1), ("100", 100), ("020", 20)])
def test_a_size_within_the_limits_is_taken(text, expected, profiles):
    assert expected == size(text, profiles)


@pytest.mark.parametrize("text", ["0", "101", "-1", "1.5", "ten", "", "\u0661", "9" * 5000])
def test_any_other_size_is_refused(text, profiles):
    with pytest.raises(ApiError) as refused:
        size(text, profiles)

    assert "Page size must be an integer from 1 to 100." == str(refused.value)
    assert "page[size]" == refused.value.problems[0].parameter


def test_the_default_size_is_the_operations(profiles):
    assert 20 == default_size(profiles, fixed_size=7)


def test_an_operation_without_size_has_a_fixed_one(bare):
    assert 7 == default_size(bare, fixed_size=7)
