"""Sparse fieldsets."""

from __future__ import annotations

import pytest

from mock_klaviyo.errors import ApiError
from mock_klaviyo.jsonapi.fields import checked, pruned

LOCATION = {"city": "Bonn", "zip": "53111"}
PROFILE = {"email": "anna@example.com", "title": None, "location": LOCATION, "properties": {"a.b": 1}}


def test_wrong_names_are_refused_with_the_parameter():
    with pytest.raises(ApiError) as refused:
        checked("email,colour, size", ("email",), type="profile", parameter="fields[profile]")

    assert [
        ("'colour' is not a valid field for the resource 'profile'.", "fields[profile]"),
        ("' size' is not a valid field for the resource 'profile'.", "fields[profile]"),
    ] == [(problem.detail, problem.parameter) for problem in refused.value.problems]


@pytest.mark.parametrize("text", ["", "email"])
def test_a_type_without_fields_is_refused(text):
    with pytest.raises(ApiError):
        checked(text, (), type="coupon", parameter="fields[coupon]")


def test_no_names_are_no_fields():
    assert () == checked("", ("email",), type="profile", parameter="fields[profile]")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], {}),
        (["email"], {"email": "anna@example.com"}),
        (["id"], {}),
        (["location", "title"], {"title": None, "location": LOCATION}),
        (["location.zip"], {"location": {"zip": "53111"}}),
        (["location.zip", "location"], {"location": LOCATION}),
        (["location.street"], {"location": {}}),
        (["title.first"], {"title": None}),
    ],
)
def test_only_what_is_named_is_kept(names, expected):
    assert expected == pruned(PROFILE, names)


def test_the_order_of_the_attributes_is_kept():
    assert ["email", "location"] == list(pruned(PROFILE, ["location", "email"]))


def test_a_name_may_go_several_objects_deep():
    attributes = {"subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED", "method": None}}, "sms": {}}}

    kept = pruned(attributes, ["subscriptions.email.marketing.consent"])

    assert {"subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}}} == kept
