"""Filters, sort, fields, include and pages, from the query string to the answer."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from mock_klaviyo import json
from tests.calling import profile, references, resource
from tests.conftest import START

LETTERS = "abcde"


@pytest.fixture
def people(client):
    """Five profiles, all made at once; the last two have no name."""
    names = ["Anna", "Anna", "Otto", None, None]
    return [
        client.create("/api/profiles", profile(email=f"{letter}@shop.example.org", first_name=name))
        for letter, name in zip(LETTERS, names, strict=True)
    ]


def cursor(link):
    """The cursor in a link, None when there is no link."""
    return link and parse_qs(urlsplit(link).query)["page[cursor]"][0]


def follow(client, link):
    """The document that a link leads to."""
    parts = urlsplit(link)
    return client.get(parts.path, **{name: texts[0] for name, texts in parse_qs(parts.query).items()})


def walk(client, path, direction="next", start=None, **query):
    """The pages from the first one, or from a document, as lists of ids; and the last document."""
    document = start or client.get(path, **query)
    pages = [[each["id"] for each in document["data"]]]
    while document["links"][direction]:
        document = follow(client, document["links"][direction])
        pages.append([each["id"] for each in document["data"]])
    return pages, document


# pages


SORTS = ["created", "-created", "email", "-email", "id", "-id", "updated", "-updated"]
SUPPRESSED = "subscriptions.email.marketing.suppression.timestamp"


@pytest.mark.parametrize("sort", ["", *SORTS, SUPPRESSED, f"-{SUPPRESSED}"])
def test_pages_show_each_profile_once_in_both_directions(client, people, sort):
    query = {"page[size]": "2"} | ({"sort": sort} if sort else {})
    whole = client.ids("/api/profiles", **({"sort": sort} if sort else {}))

    there, last = walk(client, "/api/profiles", **query)
    back, first = walk(client, "/api/profiles", "prev", last)

    assert [whole[:2], whole[2:4], whole[4:]] == there
    assert there == back[::-1]
    assert first["links"]["prev"] is None


def test_ties_come_in_the_order_of_creation(client, people):
    assert people == client.ids("/api/profiles", sort="created")
    assert people[::-1] == client.ids("/api/profiles", sort="-created")


def test_what_is_deleted_between_two_pages_hides_nothing_else(client, people):
    first = client.get("/api/profiles", **{"page[size]": "2"})
    for id in people[1:3]:
        data = {"type": "profile", "id": id, "attributes": {}}
        client.post("/api/data-privacy-deletion-jobs", resource("data-privacy-deletion-job", profile={"data": data}))

    assert people[3:] == [each["id"] for each in follow(client, first["links"]["next"])["data"]]


def test_what_is_added_between_two_pages_shows_nothing_twice(client, people):
    first = client.get("/api/profiles", **{"page[size]": "4", "sort": "-email"})
    client.create("/api/profiles", profile(email="z@shop.example.org"))

    assert [people[0]] == [each["id"] for each in follow(client, first["links"]["next"])["data"]]


def test_the_next_link_repeats_the_query_and_ends_with_the_cursor(client, people):
    query = {"page[size]": "2", "sort": "-email", "fields[profile]": "email"}
    link = client.get("/api/profiles", **query)["links"]["next"]

    names = [each.partition("=")[0] for each in urlsplit(link).query.split("&")]
    assert ["page%5Bsize%5D", "sort", "fields%5Bprofile%5D", "page%5Bcursor%5D"] == names
    assert query == {name: texts[0] for name, texts in parse_qs(urlsplit(link).query).items() if name in query}


def test_links_to_pages_that_do_not_exist_are_null(client, people):
    assert {"next": None, "prev": None} == {
        name: link for name, link in client.get("/api/profiles")["links"].items() if name != "self"
    }


@pytest.mark.parametrize("encode", [str, quote])
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_whole_url_is_taken_as_cursor(client, people, encode, scheme):
    link = client.get("/api/profiles", **{"page[size]": "2"})["links"]["next"].replace("https", scheme)

    found = client.ids("/api/profiles", **{"page[size]": "2", "page[cursor]": encode(link)})
    assert people[2:4] == found


def test_an_empty_cursor_is_the_first_page(client, people):
    assert people[:2] == client.ids("/api/profiles", **{"page[size]": "2", "page[cursor]": ""})


def refused(client, text, path="/api/profiles"):
    status, error = client.error("GET", path, **{"page[cursor]": text})
    return (status, error["detail"], error["source"])


INVALID = (400, "Invalid cursor provided.", {"pointer": "/data/"})


@pytest.mark.parametrize("text", ["garbage", "!!", "W10", "e30", "bnVsbA", "é", "a" * 5000, "%00"])
def test_garbage_is_no_cursor(client, text):
    assert INVALID == refused(client, text)


def test_the_cursor_of_another_endpoint_is_refused(client, people):
    link = client.get("/api/profiles", **{"page[size]": "2"})["links"]["next"]

    assert INVALID == refused(client, cursor(link), "/api/lists")


@pytest.mark.parametrize(
    "key", [[], [1], ["a"], [1, "2"], [1, 2, 3], [1, 2**63], [{"a": 1}, 1], [[1], 1], "ab", None, [1, 1.5]]
)
def test_a_cursor_with_another_key_is_refused(client, people, key):
    forged = urlsafe_b64encode(json.written([key, "", False, "get_profiles"])).decode().rstrip("=")

    assert INVALID == refused(client, forged)


@pytest.mark.parametrize("key", [["x", -1], [None, 2**63 - 1], [-(2**63), 0], [1e300, 3], [True, 1], ["\0", 1]])
@pytest.mark.parametrize("is_backward", [False, True])
@pytest.mark.parametrize("sort", [{}, {"sort": "email"}, {"sort": "-created"}])
def test_a_forged_key_never_breaks_the_server(client, people, key, is_backward, sort):
    forged = urlsafe_b64encode(json.written([key, "", is_backward, "get_profiles"])).decode().rstrip("=")

    assert client.call("GET", "/api/profiles", **{"page[cursor]": forged}, **sort).status in (200, 400)


@pytest.mark.parametrize("size", ["0", "101", "-1", "ten", "1e1", "1.5", "", "9" * 30])
def test_a_page_size_outside_the_limits_is_refused(client, size):
    status, error = client.error("GET", "/api/profiles", **{"page[size]": size})

    assert (400, "page[size]") == (status, error["source"]["parameter"])


# filters


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ('equals(email,"a@shop.example.org")', "a"),
        ("equals(email,'a@shop.example.org')", "a"),
        (' equals( email , "a@shop.example.org" ) ', "a"),
        ('any(email,["a@shop.example.org","c@shop.example.org"])', "ac"),
        ('equals(email,["a@shop.example.org","c@shop.example.org"])', "ac"),
        ("any(email,[])", ""),
        ("greater-than(created,2025-12-31)", "abcde"),
        ("greater-than(created,2026-01-01T00:00:00Z)", ""),
        ('less-than(created,"2026-01-01T00:00:01+00:00")', "abcde"),
        ("less-than(created,2026-01-01T02:00:01+02:00)", "abcde"),
        ('and(equals(email,"a@shop.example.org"),less-than(created,2027-01-01))', "a"),
        ('equals(email,"a@shop.example.org"),equals(email,"b@shop.example.org")', ""),
        ('equals(email,"A@shop.example.org")', ""),
        ("equals(email,null)", ""),
        ('equals(email,"%")', ""),
        ('equals(email,"a\'; DROP TABLE profile; --")', ""),
    ],
)
def test_a_filter_finds_what_it_says(client, people, text, letters):
    assert [people[LETTERS.index(letter)] for letter in letters] == client.ids("/api/profiles", filter=text)


def test_a_filter_holds_on_every_page(client, people):
    text = 'any(email,["a@shop.example.org","c@shop.example.org","e@shop.example.org"])'

    pages, _ = walk(client, "/api/profiles", filter=text, **{"page[size]": "2"})
    assert [[people[0], people[2]], [people[4]]] == pages


def test_an_operator_that_a_field_does_not_have_is_refused_in_klaviyos_words(client):
    status, error = client.error("GET", "/api/lists", filter='contains(name,"x")')

    expected = "'contains' is not an allowed filter operator for name.  Allowed operators are any, equals"
    assert (400, expected, {"parameter": "filter"}) == (status, error["detail"], error["source"])


@pytest.mark.parametrize(
    "text",
    [
        "equals(email,anna@shop.example.org)",
        'equals(surname,"Berg")',
        'or(equals(email,"a"),equals(email,"b"))',
        'equals(email,"a"',
        "equals(email)",
        'equals(email,"a") equals(email,"b")',
        "less-than(created,yesterday)",
        "less-than(created,5)",
        "less-than(created,2026-02-30)",
        'equals(phone_number,["a",["b"]])',
        "nonsense",
        "",
        "(" * 5000,
        "and(" * 5000,
        'any(email,["a"' + ',"a"' * 40_000 + "])",
        ",".join(['equals(email,"a")'] * 40_000),
        "less-than(created,99999999999999999999999999)",
        "equals(external_id,17)",
    ],
    ids=lambda text: text[:30],
)
def test_a_filter_that_makes_no_sense_is_refused(client, text):
    status, error = client.error("GET", "/api/profiles", filter=text)

    assert (400, "filter") == (status, error["source"]["parameter"])


@pytest.mark.parametrize("number", ["9223372036854775808", "-1e300", "1e-300", "123456789012345678", "0.1"])
def test_numbers_beyond_64_bits_are_compared_or_refused(client, number):
    assert client.call("GET", "/api/events", filter=f"less-than(timestamp,{number})").status in (200, 400)


def test_one_place_of_a_filter_is_not_like_another(client, people):
    """Each comparison of a list's members by time and address."""
    news = client.create("/api/lists", resource("list", name="News"))
    client.post(f"/api/lists/{news}/relationships/profiles", references("profile", *people[:3]))
    client.klaviyo.move_clock(START + timedelta(hours=1))
    client.post(f"/api/lists/{news}/relationships/profiles", references("profile", *people[3:]))

    late = "greater-or-equal(joined_group_at,2026-01-01T01:00:00Z)"
    assert people[3:] == client.ids(f"/api/lists/{news}/profiles", filter=late)
    both = f'{late},equals(email,"a@shop.example.org")'
    assert [] == client.ids(f"/api/lists/{news}/profiles", filter=both)


# sort, fields, include


@pytest.mark.parametrize("sort", ["name", "-", "email,created", "--email", "+email", ""])
def test_an_unknown_sort_is_refused(client, sort):
    status, error = client.error("GET", "/api/profiles", sort=sort)

    assert (400, {"parameter": "sort"}) == (status, error["source"])


def test_sparse_fields_leave_only_themselves_and_relationships(client, people):
    (data, *_) = client.get("/api/profiles", **{"fields[profile]": "email,location.city"})["data"]

    assert {"email": "a@shop.example.org", "location": {"city": None}} == data["attributes"]
    assert "lists" in data["relationships"]


def test_sparse_fields_hold_for_included_resources_as_well(client):
    client.track("Bought", "a@shop.example.org")
    found = client.get("/api/events", include="profile", **{"fields[profile]": "email", "fields[event]": "timestamp"})

    assert {"timestamp"} == found["data"][0]["attributes"].keys()
    assert {"email": "a@shop.example.org"} == found["included"][0]["attributes"]


def test_id_is_a_name_of_a_field(client, people):
    assert {} == client.get("/api/profiles", **{"fields[profile]": "id"})["data"][0]["attributes"]


def test_additional_fields_come_after_sparse_ones(client, people):
    asked = {"fields[profile]": "email", "additional-fields[profile]": "subscriptions"}

    assert ["email", "subscriptions"] == list(client.get("/api/profiles", **asked)["data"][0]["attributes"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fields[profile]", "mail"),
        ("fields[profile]", "email, first_name"),
        ("fields[list]", "name"),
        ("fields[]", "name"),
        ("additional-fields[profile]", "everything"),
        ("additional-fields[list]", "profile_count"),
    ],
)
def test_an_unknown_field_is_refused_with_its_parameter(client, name, value):
    status, error = client.error("GET", "/api/profiles", **{name: value})

    assert (400, name) == (status, error["source"]["parameter"])


def test_included_is_there_only_when_something_was_asked_for(client, people):
    assert "included" not in client.get(f"/api/profiles/{people[0]}")
    assert [] == client.get(f"/api/profiles/{people[0]}", include="lists")["included"]


def test_an_included_relationship_shows_its_data(client, people):
    related = client.get(f"/api/profiles/{people[0]}", include="lists")["data"]["relationships"]

    assert ([], "data" in related["segments"]) == (related["lists"]["data"], False)


def test_a_bad_include_is_refused_in_klaviyos_words(client):
    status, error = client.error("GET", "/api/events", include="profiless")

    expected = "'profiless' is not an allowed include parameter for this resource."
    assert (400, expected, {"parameter": "include"}) == (status, error["detail"], error["source"])


def test_an_unknown_parameter_is_refused(client):
    status, error = client.error("GET", "/api/profiles", **{"page[number]": "2"})

    assert (400, {"parameter": "page[number]"}) == (status, error["source"])


def test_all_that_is_wrong_with_a_query_is_said_at_once(client):
    response = client.call("GET", "/api/profiles", sort="x", include="y", **{"page[size]": "0"})

    assert ["sort", "include", "page[size]"] == [each["source"]["parameter"] for each in response.document["errors"]]
