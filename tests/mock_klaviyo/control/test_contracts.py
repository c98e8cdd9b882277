from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from mock_klaviyo.app import create_app
from tests.calling import Client, event, profile

CONTRACTS = {
    "metrics": {
        "Points Redeemed": {
            "required": ["points"],
            "properties": {
                "points": {"type": "integer", "x-provenance": "documented"},
                "note": {"type": "string", "x-provenance": "assumed"},
            },
        }
    },
    "profile": {"properties": {"tier": {"enum": ["Gold", "Silver"], "x-provenance": "recorded"}}},
}


@pytest.fixture
def control(klaviyo) -> FlaskClient:
    return create_app(klaviyo=klaviyo).test_client()


def redeem(client: Client, **properties: object) -> str | None:
    body = event("Points Redeemed", {"email": "ana@example.org"}, properties=properties, unique_id=str(properties))
    response = client.call("POST", "/api/events", body)
    assert 202 == response.status
    return response.headers.get("X-Mock-Hint")


def test_contracts_are_taken_and_given_back(control):
    assert {"metrics": {}, "profile": None} == control.get("/__mock/contracts").json

    assert CONTRACTS == control.put("/__mock/contracts", json=CONTRACTS).json
    assert CONTRACTS == control.get("/__mock/contracts").json


def test_an_event_that_breaks_its_contract_is_a_violation_and_is_accepted_all_the_same(control, client):
    control.put("/__mock/contracts", json=CONTRACTS)

    hint = redeem(client, points="500")
    found = control.get("/__mock/violations").json

    assert "contract of Points Redeemed: points: '500' is not of type 'integer' (documented)" == hint
    assert (1, 0) == (found["violations"], found["notes"])
    assert ("Points Redeemed", "points", "documented") == tuple(
        found["data"][0][name] for name in ("metric", "field", "provenance")
    )


def test_what_is_assumed_is_a_note(control, client):
    control.put("/__mock/contracts", json=CONTRACTS)

    redeem(client, points=5, note=7)
    found = control.get("/__mock/violations").json

    assert (0, 1) == (found["violations"], found["notes"])


def test_a_missing_property_is_a_violation_of_the_whole(control, client):
    control.put("/__mock/contracts", json=CONTRACTS)

    redeem(client)

    assert [("", "'points' is a required property")] == [
        (each["field"], each["message"]) for each in control.get("/__mock/violations").json["data"]
    ]


def test_events_that_came_before_the_contract_are_held_against_it_as_well(control, client):
    redeem(client, points="500")
    control.put("/__mock/contracts", json=CONTRACTS)

    assert 1 == control.get("/__mock/violations").json["violations"]


def test_properties_that_klaviyo_adds_are_none_of_the_contract(control, client):
    closed = {"metrics": {"Points Redeemed": {"properties": {"points": {}}, "additionalProperties": False}}}
    control.put("/__mock/contracts", json=closed)

    redeem(client, points=5)

    assert [] == control.get("/__mock/violations").json["data"]


def test_profiles_are_held_against_theirs(control, client):
    control.put("/__mock/contracts", json=CONTRACTS)
    client.post("/api/profiles", profile(email="ana@example.org", properties={"tier": "Bronze"}))

    (found,) = control.get("/__mock/violations").json["data"]

    assert ("profile", "tier", "recorded") == (found["type"], found["field"], found["provenance"])


@pytest.mark.parametrize(
    "bad", [{"metrics": []}, {"events": {}}, {"metrics": {"A": {"type": "number!"}}}, {"profile": 7}], ids=str
)
def test_a_bad_contract_is_refused_and_changes_nothing(control, bad):
    control.put("/__mock/contracts", json=CONTRACTS)

    assert 400 == control.put("/__mock/contracts", json=bad).status_code
    assert CONTRACTS == control.get("/__mock/contracts").json
