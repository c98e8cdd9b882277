"""Malformed requests: whatever comes, the answer is a document and never a fault of ours."""

from __future__ import annotations

import gzip
import http.client
from functools import cache
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_klaviyo import json
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.reference import handler
from mock_klaviyo.spec.recorded import recording
from mock_klaviyo.spec.validation import error_decider
from mock_klaviyo.wire.messages import MEDIA_TYPE, Request
from tests.bodies import mistaken, valid
from tests.calling import REVISION, Client, event, profile, references, resource
from tests.conftest import START

RECORDED = recording(REVISION)
WORKING = [
    operation
    for operation in RECORDED.operations.values()
    if operation.tag in {"Accounts", "Events", "Metrics", "Profiles", "Lists", "Client", "Data Privacy"}
    and handler(operation)
]
KEY = Config().private_key
EMAIL = "anna@shop.example.org"

ODD_TEXTS = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "%00",
        "é",
        "🐎",
        "\ud800",
        "..",
        "//",
        "a" * 5000,
        "[]",
        "null",
        "0",
        "-1",
        "9" * 40,
        "%",
        "'",
        '"',
    ]
) | st.text(max_size=20)
FILTERS = st.sampled_from(
    [
        'equals(email,"anna@shop.example.org")', "equals(email,)", "any(id,[", 'any(id,["a"])', "has(profile)",
        "less-than(created,2026-01-01)", "less-than(timestamp,1e308)", "less-than(datetime,0001-01-01T00:00:00+14:00)",
        "greater-than(timestamp,-9223372036854775808)", "equals(id,null)", "equals(id,true)", "and(", "and()",
        'equals(name,"' + "x" * 3000 + '")', "less-than(created,99999-01-01)", "equals(name,\"\\ud800\")",
    ]
) | ODD_TEXTS  # fmt: skip
NAMES = ("filter", "sort", "include", "page[size]", "page[cursor]", "fields[profile]", "fields[event]", "company_id")
NAMES += ("additional-fields[profile]", "fields[", "page[]", "q")
QUERIES = st.lists(st.tuples(st.sampled_from(NAMES) | ODD_TEXTS, FILTERS), max_size=3)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "content-encoding", "revision", "authorization", "x-mock-clock", "x-mock-cause"]),
    st.sampled_from(
        [
            "",
            "gzip",
            "br",
            MEDIA_TYPE,
            "text/html",
            "2026-07-15",
            "2026-07-15.pre",
            "2020-01-01",
            "soon",
            "\xff",
            "x" * 9000,
        ]
    ),
    max_size=2,
)
DEEP = b'{"data":' * 3000 + b"1" + b"}" * 3000
RAW_BODIES = st.binary(max_size=200) | st.sampled_from(
    [b"", b"null", b"[]", b"{", b'"', b"\xff\xfe", DEEP, b"[" * 90_000, b'{"data":' + b"9" * 5000 + b"}", b'"\\ud800"']
)
"""Headers that replace the right ones, and bodies that are none."""


@cache
def example(name):
    """A right body for an operation."""
    schema = RECORDED.operations[name].request
    return valid(schema, schema)


@st.composite
def contents(draw, operation):
    """A body with mistakes, or no JSON at all, perhaps compressed."""
    if operation.request is None or draw(st.integers(0, 4)) == 0:
        content = draw(RAW_BODIES)
    else:
        content = json.written(draw(mistaken(example(operation.id))))
    return gzip.compress(content) if draw(st.integers(0, 9)) == 0 else content


@st.composite
def requests(draw):
    """A request to a working operation, with something wrong at any place."""
    operation = draw(st.sampled_from(WORKING))
    path = operation.path
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + quote(draw(ODD_TEXTS), safe="/", errors="replace") + rest.partition("}")[2]
    path += draw(st.sampled_from(["", "/"] * 8 + ["//", "/x", "%2F", "%ff", "?", "/relationships/nothing"]))
    method = draw(st.sampled_from([operation.method] * 8 + ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "BREW"]))
    query = draw(QUERIES)
    if operation.is_client and draw(st.booleans()):
        query = [*query, ("company_id", "MOCK01")]
    encoded = "&".join(f"{quote(name, errors='replace')}={quote(text, errors='replace')}" for name, text in query)
    right = {"authorization": f"Klaviyo-API-Key {KEY}", "revision": REVISION, "content-type": MEDIA_TYPE}
    return Request(method, path, encoded, right | draw(HEADERS), draw(contents(operation)))


def seeded():
    """A Klaviyo in which there is something that could be changed by mistake."""
    client = Client(Klaviyo(Config(clock=START)))
    anna = client.create("/api/profiles", profile(email=EMAIL, first_name="Anna"))
    news = client.create("/api/lists", resource("list", name="News"))
    client.post(f"/api/lists/{news}/relationships/profiles", references("profile", anna))
    client.post("/api/events", event("Bought", {"email": EMAIL}, unique_id="1"))
    client.klaviyo.catch_up()
    return client


def state(client):
    """All that can be read, and how much of everything there is."""
    paths = ("profiles", "lists", "events", "metrics", "push-tokens", "profile-bulk-import-jobs")
    return [client.get(f"/api/{path}")["data"] for path in paths]


def check(status, content, path):
    """That an answer is no fault, and that a refusal is an error document."""
    assert status < 500 or status == 501, content
    if status >= 400:
        document = json.read(content)
        assert error_decider(RECORDED).is_valid(document), document
        assert {status} == {error["status"] for error in document["errors"]}
        assert all(error["id"] and error["source"] for error in document["errors"]), path


@pytest.fixture(scope="module")
def shared():
    return seeded()


@pytest.fixture(scope="module")
def states(shared):
    """The states that the shared Klaviyo went through."""
    return [state(shared)]


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(requests())
def test_a_malformed_request_gets_a_document_and_changes_nothing_when_refused(shared, states, request):
    response = shared.klaviyo.answer(request)

    check(response.status, response.body, request.url)
    states.append(state(shared))
    assert response.status < 400 or states[-1] == states[-2]


WORDS = st.sampled_from(
    ["$value", "$event_id", "$extra", 'a"b', "a'b", "a.b", "$.x", "\x7f", "\u2028", "é" * 300]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(WORDS, VALUES, max_size=4)
PATCHES = st.fixed_dictionaries(
    {}, optional={"append": PROPERTIES, "unappend": PROPERTIES, "unset": WORDS | st.lists(WORDS, max_size=2)}
)
PLACES = st.fixed_dictionaries({}, optional={"city": WORDS, "latitude": NUMBERS | st.just("1e5")})
PEOPLE = st.fixed_dictionaries(
    {"external_id": st.integers(-3, 3) | st.sampled_from(["0", "1", "x"])},
    optional={
        "email": st.sampled_from([EMAIL, "otto@shop.example.org", None]),
        "first_name": WORDS | st.none(),
        "properties": PROPERTIES | st.none(),
        "location": st.none()
        | st.fixed_dictionaries({}, optional={"city": WORDS, "latitude": NUMBERS | st.just("1e5")}),
    },
)


@st.composite
def odd_events(draw):
    """An event that is right, with strange texts and values wherever they are free."""
    known = draw(PEOPLE) | draw(st.fixed_dictionaries({}, optional={"anonymous_id": WORDS}))
    known["meta"] = {"patch_properties": draw(PATCHES)}
    said = draw(st.fixed_dictionaries({}, optional={"value": NUMBERS, "unique_id": st.sampled_from(["1", "é", "'"])}))
    return "/api/events", event(draw(WORDS) or "x", known, properties=draw(PROPERTIES), **said)


@st.composite
def odd_profiles(draw):
    """A profile that is right, with strange texts and values wherever they are free."""
    asked = profile(**draw(PEOPLE))
    asked["data"]["meta"] = {"patch_properties": draw(PATCHES)}
    return "/api/profile-import", asked


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(odd_events() | odd_profiles(), min_size=1, max_size=4))
def test_strange_values_that_are_accepted_never_break_what_comes_after(shared, requests):
    for path, asked in requests:
        response = shared.call("POST", path, asked)
        assert response.status in (200, 201, 202, 400, 409), response.document

    assert state(shared)
    (metric, *_) = shared.ids("/api/metrics")
    assert 200 == shared.call("GET", f"/api/metrics/{metric}/metric-properties").status
    bounds = ["greater-or-equal(datetime,2025-06-01)", "less-than(datetime,2026-02-01)"]
    asked = resource("metric-aggregate", metric_id=metric, measurements=["sum_value"], filter=bounds, by=["URL"])
    assert 200 == shared.call("POST", "/api/metric-aggregates", asked).status


def sent(server, request):
    """The status and body that a server gives; None when the request cannot even be sent."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    try:
        target = request.path + (f"?{request.query_string}" if request.query_string else "")
        connection.putrequest(request.method, target)
        for name, text in (request.headers | {"content-length": str(len(request.body))}).items():
            connection.putheader(name, text.encode("latin-1"))
        connection.endheaders(request.body)
        response = connection.getresponse()
        return response.status, response.read()
    except (ValueError, http.client.InvalidURL):
        return None
    finally:
        connection.close()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(requests())
def test_a_malformed_request_is_answered_so_over_a_socket_as_well(server, request):
    answer = sent(server, request)

    if answer is not None and request.method != "HEAD":
        check(*answer, request.url)


@pytest.mark.parametrize(
    "target",
    [
        "/api", "/api/", "/api//profiles", "/api/%2F", "/api/profiles/%2F", "/api/profiles/%00", "/api/profiles/%ff%fe",
        "/api/profiles/%", "/api/profiles/%zz", "/api/profiles/..%2f..", "/api/../api/profiles", "/client", "/client//",
        "/api/profiles?filter=%ff", "/api/profiles?page[cursor]=%00", "/api/profiles?&&==&", "/api/profiles?a[b[c]=d",
        "/api/events?page%5Bsize%5D=%31%30", "http://a.klaviyo.com/api/profiles", "/api/profiles#x",
    ],
)  # fmt: skip
def test_odd_paths_get_a_document_over_a_socket(server, target):
    right = {"authorization": f"Klaviyo-API-Key {KEY}", "revision": REVISION}
    path, _, query = target.partition("?")

    status, content = sent(server, Request("GET", path, query, right))
    check(status, content, target)


@pytest.mark.parametrize("length", ["-1", "x", "99999999999999999999", "1e3"])
def test_an_odd_content_length_never_breaks_the_server(server, length):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    connection.putrequest("POST", "/api/events")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()

    assert 400 <= status < 500
    right = {"authorization": f"Klaviyo-API-Key {KEY}", "revision": REVISION}
    assert 200 == sent(server, Request("GET", "/api/accounts", "", right))[0]
