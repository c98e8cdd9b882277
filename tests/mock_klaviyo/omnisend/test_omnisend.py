"""Omnisend's event endpoint: who may send, what is taken, what is refused and in which form."""

from __future__ import annotations

import json

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config, RateLimits
from mock_klaviyo.klaviyo import Klaviyo
from tests.conftest import START

HEADERS = {"Authorization": f"Omnisend-API-Key {PRIVATE_KEY}", "Omnisend-Version": "2026-03-15"}
UUID = "0190a0b0-0000-7000-8000-000000000001"
CONTACT = {"email": "ana@shop.test"}


@pytest.fixture
def omnisend(klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


def event(**members):
    return {"eventName": "Points Earned", "contact": CONTACT, **members}


def send(omnisend, body, headers=HEADERS, path="/omnisend/api/events"):
    return omnisend.post(path, json=body, headers=headers)


def kept(omnisend, kind="events"):
    return omnisend.get(f"/__mock/omnisend/{kind}").json["data"]


def test_an_event_is_accepted_without_a_body_and_kept(omnisend):
    answer = send(omnisend, event(properties={"points": 10}, eventTime="2026-01-01 10:00:00+02:00"))

    assert (202, b"") == (answer.status_code, answer.data)
    [stored] = kept(omnisend)
    assert ({"points": 10}, "2026-01-01T08:00:00+00:00") == (stored["properties"], stored["eventTime"])
    assert [stored["contactID"]] == [contact["id"] for contact in kept(omnisend, "contacts")]


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({}, "/omnisend/api/events", 401),
        ({"Authorization": "Omnisend-API-Key wrong", "Omnisend-Version": "2026-03-15"}, "/omnisend/api/events", 401),
        ({"Authorization": HEADERS["Authorization"]}, "/omnisend/api/events", 400),
        ({**HEADERS, "Omnisend-Version": "2020-01-01"}, "/omnisend/api/events", 400),
        ({"Authorization": f"Bearer {PRIVATE_KEY}", "Omnisend-Version": "2026-03-15"}, "/omnisend/api/events", 202),
        ({"X-API-KEY": PRIVATE_KEY, "Omnisend-Version": "2026-03-15"}, "/omnisend/api/events", 401),
        ({"X-API-KEY": PRIVATE_KEY}, "/omnisend/v5/events", 202),
        ({"X-API-KEY": PRIVATE_KEY}, "/omnisend/v3/events", 202),
        (HEADERS, "/omnisend/api/orders", 404),
    ],
)
def test_the_key_and_the_version_are_asked_for(omnisend, headers, path, status):
    assert status == send(omnisend, event(), headers, path).status_code
    assert (status == 202) == bool(kept(omnisend))


WRONG = {
    "eventName": {"contact": CONTACT},
    "eventID": event(eventID="0190a0b0-0000-1000-8000-000000000001"),
    "eventTime": event(eventTime="2026-01-01T10:00:00"),
    "properties": event(properties=[]),
    "contact": event(contact={"firstName": "Ana"}),
    "contact.email": event(contact={"email": "ana"}),
    "contact.phone": event(contact={"phone": "+351912345678901"}),
    "contact.birthdate": event(contact={**CONTACT, "birthdate": "1990-13-01"}),
    "contact.gender": event(contact={**CONTACT, "gender": "x"}),
    "contact.countryCode": event(contact={**CONTACT, "countryCode": "PORT"}),
    "contact.optIns.0.channel": event(contact={**CONTACT, "optIns": [{"channel": "push"}]}),
}


@pytest.mark.parametrize(("field", "body"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_told_as_a_problem_with_its_field(omnisend, field, body):
    answer = send(omnisend, body)
    told = json.loads(answer.data)

    assert (400, "application/problem+json") == (answer.status_code, answer.content_type)
    assert {"type", "title", "status", "detail", "instance", "errors"} == told.keys()
    assert [field] == [each["field"] for each in told["errors"]]
    assert [] == kept(omnisend)


@pytest.mark.parametrize("content", [b"{", b"[]", b"null", b""])
def test_what_is_no_event_is_refused(omnisend, content):
    assert 400 == omnisend.post("/omnisend/api/events", data=content, headers=HEADERS).status_code


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [(10, "10", 400), (10.0, 10.5, 202), (10.5, 10, 202), (None, "x", 202), ("Never", None, 202), ([1], {"a": 1}, 400)],
)
def test_the_first_event_fixes_the_types_of_its_properties(omnisend, first, second, status):
    send(omnisend, event(properties={"value": first}))
    answer = send(omnisend, event(properties={"value": second}, contact={"email": "other@shop.test"}))

    assert status == answer.status_code
    assert (2 if status == 202 else 1) == len(kept(omnisend)) == len(kept(omnisend, "contacts"))


def test_the_oldest_version_takes_no_fraction_where_an_integer_came_first(omnisend):
    headers, path = {"X-API-KEY": PRIVATE_KEY}, "/omnisend/v3/events"
    statuses = [send(omnisend, event(properties={"a": each}), headers, path).status_code for each in (10.0, 10.5)]

    assert [202, 400] == statuses


def test_a_property_that_comes_later_is_fixed_then(omnisend):
    statuses = [send(omnisend, event(properties=each)).status_code for each in ({}, {"a": 1}, {"a": "x"})]

    assert [202, 202, 400] == statuses


def test_a_contact_is_updated(omnisend):
    send(omnisend, event())
    send(omnisend, event(contact={**CONTACT, "firstName": "Ana"}))

    assert ["Ana"] == [contact["firstName"] for contact in kept(omnisend, "contacts")]


@pytest.mark.parametrize(("time", "count"), [("2025-12-01T00:00:00Z", 1), ("2026-02-01T00:00:00Z", 2)])
def test_the_same_event_is_kept_once_when_it_is_historical(omnisend, time, count):
    statuses = {send(omnisend, event(eventID=UUID, eventTime=time)).status_code for _ in range(2)}

    assert ({202}, count) == (statuses, len(kept(omnisend)))


def test_requests_are_in_the_journal_and_a_reset_empties_it(omnisend):
    send(omnisend, event(), {**HEADERS, "X-Mock-Cause": "order-1"})
    send(omnisend, {})

    shown = omnisend.get("/__mock/requests").json["data"]
    assert [(202, "order-1"), (400, None)] == [(each["status"], each["cause"]) for each in shown]
    omnisend.post("/__mock/reset")
    assert [] == kept(omnisend) == kept(omnisend, "contacts")


def test_worlds_are_apart(omnisend):
    send(omnisend, event(), {**HEADERS, "X-Mock-World": "other"})

    assert [] == kept(omnisend)
    assert 1 == len(omnisend.get("/__mock/omnisend/events", headers={"X-Mock-World": "other"}).json["data"])


def test_a_fault_hits_it_too(omnisend):
    omnisend.post("/__mock/faults", json={"match": "POST /omnisend/*", "status": 503, "times": 1})

    assert [503, 202] == [send(omnisend, event()).status_code for _ in range(2)]
    assert 1 == len(kept(omnisend))


def limited():
    """Omnisend with its real rate limit, on a held clock."""
    return create_app(klaviyo=Klaviyo(Config(rate_limits=RateLimits.REAL, clock=START))).test_client()


def test_more_than_400_requests_in_a_minute_are_refused_until_the_first_is_a_minute_old():
    omnisend = limited()
    statuses = [send(omnisend, event()).status_code for _ in range(401)]

    assert (400, [429]) == (statuses.count(202), statuses[400:])
    assert "application/problem+json" == send(omnisend, event()).content_type
    omnisend.post("/__mock/clock/advance", json={"by": "59s"})
    assert 429 == send(omnisend, event()).status_code
    omnisend.post("/__mock/clock/advance", json={"by": "1s"})
    assert 202 == send(omnisend, event()).status_code


def test_a_reset_forgets_the_requests_that_were_counted():
    omnisend = limited()
    [send(omnisend, event()) for _ in range(400)]
    omnisend.post("/__mock/reset")

    assert 202 == send(omnisend, event()).status_code


def test_a_client_moves_a_held_clock_forward_and_never_back(omnisend):
    omnisend.put("/__mock/clock", json={"now": "2026-03-01T08:00:00Z"})
    for told, now in {"2026-03-01T09:00:00Z": "09", "2026-03-01T07:00:00Z": "09", "soon": "09"}.items():
        send(omnisend, event(), {**HEADERS, "X-Mock-Clock": told})

        assert f"2026-03-01T{now}:00:00" in omnisend.get("/__mock/clock").json["now"]
