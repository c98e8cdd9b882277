"""Geofences and the IP allow list, which need no secret key."""

from __future__ import annotations

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client

BERLIN = {"latitude": 52.52, "longitude": 13.405, "radius": 100}
PARIS = {"latitude": 48.8566, "longitude": 2.3522, "radius": 200.5}
BOSTON = {"latitude": 42.3601, "longitude": -71.0589, "radius": 300}


@pytest.fixture
def places(klaviyo: Klaviyo) -> list[str]:
    control = create_app(klaviyo=klaviyo).test_client()
    return [control.post("/__mock/geofences", json=place).json["id"] for place in (BERLIN, BOSTON, PARIS)]


def geofences(client: Client, filter: str | None = None, **query: str):
    headers = {"x-klaviyo-api-filters": filter} if filter else {}
    response = client.call("GET", "/client/geofences", headers=headers, **({"company_id": "MOCK01"} | query))
    return response.status, response.document


def order(client: Client, places: list[str], filter: str | None) -> list[int]:
    return [places.index(each["id"]) for each in geofences(client, filter)[1]["data"]]


def test_a_geofence_is_a_place_and_a_radius(client, places):
    assert BERLIN == geofences(client)[1]["data"][0]["attributes"]


def test_the_nearest_geofence_comes_first(client, places):
    assert [0, 1, 2] == order(client, places, None)
    assert [1, 2, 0] == order(client, places, "and(equals(lat,40.7128),equals(lng,-74.0060))")
    assert [2, 0, 1] == order(client, places, "equals(lat,48),equals(lng,2)")


def test_half_a_place_sorts_nothing(client, places):
    assert [0, 1, 2] == order(client, places, "equals(lat,40.7128)")


def test_geofences_come_in_pages(client, places):
    near_new_york = "and(equals(lat,40.7128),equals(lng,-74.0060))"
    first = geofences(client, near_new_york, **{"page[size]": "2"})[1]
    cursor = first["links"]["next"].partition("cursor%5D=")[2]
    second = geofences(client, near_new_york, **{"page[size]": "2", "page[cursor]": cursor})[1]

    assert [places[1], places[2], places[0]] == [each["id"] for each in first["data"] + second["data"]]
    assert (None, None) == (first["links"]["prev"], second["links"]["next"])


@pytest.mark.parametrize(
    "filter",
    ["nonsense", "equals(lat,'x')", "equals(lat,91)", "equals(lng,true)", "greater-than(lat,1)", "equals(id,1)"],
)
def test_a_wrong_filter_in_the_header_is_refused(client, places, filter):
    assert 400 == geofences(client, filter)[0]


def test_a_cursor_must_be_one_of_geofences(client, places):
    assert 400 == geofences(client, **{"page[cursor]": "nope"})[0]


def test_geofences_need_a_company(client):
    assert 400 == client.error("GET", "/client/geofences")[0]


@pytest.mark.parametrize("given", [{}, {"latitude": "x"}, {**BERLIN, "radius": True}])
def test_a_geofence_is_made_of_numbers(klaviyo, given):
    assert 400 == create_app(klaviyo=klaviyo).test_client().post("/__mock/geofences", json=given).status_code


def test_calls_come_from_this_machine(client):
    found = client.get("/client/ip-allowlists/integration-egress")["data"]

    assert ["127.0.0.1/32"] == found["attributes"]["prefixes"]
    assert found == client.get("/client/ip-allowlists/integration-egress", company_id="MOCK01")["data"]


def test_the_allow_list_needs_no_key(klaviyo):
    found = Client(klaviyo, {"authorization": ""}).get("/client/ip-allowlists/integration-egress")

    assert "integration-egress" == found["data"]["id"]


def test_there_is_one_allow_list(client):
    assert 404 == client.error("GET", "/client/ip-allowlists/other")[0]
