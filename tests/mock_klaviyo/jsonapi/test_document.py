"""Resource objects, documents and links."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_klaviyo.jsonapi.document import (
    carrying,
    collection,
    document,
    identifier,
    next_link,
    plural,
    relationship,
    resource_link,
    resource_object,
)

BASE_URL = "https://a.klaviyo.com"
LIST_LINK = resource_link(BASE_URL, "list", "UGZNN4")


def tag(id: str) -> dict[str, object]:
    return resource_object("tag", id, {}, self_link=resource_link(BASE_URL, "tag", id))


@pytest.mark.parametrize(
    ("type", "segment"),
    [
        ("profile", "profiles"),
        ("push-token", "push-tokens"),
        ("catalog-category", "catalog-categories"),
        ("metric-property", "metric-properties"),
        ("coupon-code-bulk-create-job", "coupon-code-bulk-create-jobs"),
        ("flow-series-report", "flow-series-reports"),
        ("template-universal-content", "template-universal-content"),
        ("event-bulk-create", "event-bulk-create"),
        ("profile-merge", "profile-merge"),
        ("push-token-unregister", "push-token-unregister"),
    ],
)
def test_a_types_collection_has_klaviyos_path(type, segment):
    assert segment == plural(type)


def test_a_resource_has_its_members_in_klaviyos_order():
    resource = resource_object(
        "list",
        "UGZNN4",
        {"name": "Newsletter"},
        {"tags": relationship(LIST_LINK, "tags")},
        self_link=LIST_LINK,
    )

    assert ["type", "id", "attributes", "relationships", "links"] == list(resource)
    assert "https://a.klaviyo.com/api/lists/UGZNN4/" == resource["links"]["self"]


def test_a_resource_without_relationships_has_no_such_member():
    assert "relationships" not in tag("T1")


def test_a_relationship_has_links_that_end_with_a_slash():
    assert {
        "links": {
            "self": "https://a.klaviyo.com/api/lists/UGZNN4/relationships/flow-triggers/",
            "related": "https://a.klaviyo.com/api/lists/UGZNN4/flow-triggers/",
        }
    } == relationship(LIST_LINK, "flow-triggers")


@pytest.mark.parametrize("data", [None, [], identifier("tag", "T1"), [identifier("tag", "T1")]])
def test_a_relationship_carries_data_before_its_links(data):
    member = carrying(data, relationship(LIST_LINK, "tags"))

    assert ["data", "links"] == list(member)
    assert data == member["data"]


def test_a_document_repeats_the_requests_url():
    assert {"data": tag("T1"), "links": {"self": "https://a.klaviyo.com/api/tags/T1"}} == document(
        tag("T1"), "https://a.klaviyo.com/api/tags/T1"
    )


def test_a_collection_says_null_where_no_page_is():
    assert {"self": "https://a.klaviyo.com/api/tags", "next": None, "prev": None} == collection(
        [], "https://a.klaviyo.com/api/tags"
    )["links"]


def test_included_stands_between_data_and_links():
    assert ["data", "included", "links"] == list(collection([], "https://a.klaviyo.com/api/tags", included=[]))


def test_included_has_each_resource_once():
    included = document(tag("T1"), "self", included=[tag("T2"), tag("T3"), tag("T2")])["included"]

    assert [tag("T2"), tag("T3")] == included


@pytest.mark.parametrize(
    ("request_url", "expected"),
    [
        ("https://a.klaviyo.com/api/lists", "https://a.klaviyo.com/api/lists?page%5Bcursor%5D=WzFd"),
        ("https://a.klaviyo.com/api/lists/?", "https://a.klaviyo.com/api/lists/?page%5Bcursor%5D=WzFd"),
        (
            "https://a.klaviyo.com/api/lists?page%5Bcursor%5D=old&sort=name",
            "https://a.klaviyo.com/api/lists?sort=name&page%5Bcursor%5D=WzFd",
        ),
        (
            'http://localhost:4747/api/lists?fields[list]=name&filter=equals(name,"a b")',
            "http://localhost:4747/api/lists?fields%5Blist%5D=name&filter=equals(name,%22a%20b%22)"
            "&page%5Bcursor%5D=WzFd",
        ),
        (
            "http://localhost/api/lists?filter=any(name,%5B%22a%2Bb%22%5D)",
            "http://localhost/api/lists?filter=any(name,%5B%22a%2Bb%22%5D)&page%5Bcursor%5D=WzFd",
        ),
    ],
)
def test_the_next_page_has_the_same_arguments_and_then_the_cursor(request_url, expected):
    assert expected == next_link(request_url, "WzFd")


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_the_next_page_means_the_same(arguments):
    link = next_link(f"https://a.klaviyo.com/api/lists?{urlencode(arguments)}", "WzFd")

    assert [*arguments, ("page[cursor]", "WzFd")] == parse_qsl(urlsplit(link).query, keep_blank_values=True)
