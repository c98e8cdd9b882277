"""Requests that are copied: as HAR, as curl, and as the operations that they called."""

from __future__ import annotations

import shlex

import pytest
from flask.testing import FlaskClient

from mock_klaviyo import json
from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client, profile

NAME = "O'Neil $HOME `id` é"


@pytest.fixture
def control(klaviyo: Klaviyo, client: Client) -> FlaskClient:
    """The control routes after three requests."""
    client.create("/api/profiles", profile(email="ana@shop.org", first_name=NAME))
    client.get("/api/profiles", **{"page[size]": "5"})
    client.call("GET", "/api/nonsense")
    return create_app(klaviyo=klaviyo).test_client()


def test_har_holds_each_request_with_its_revision_and_body(control):
    log = control.get("/__mock/requests/har").json["log"]
    made, listed, lost = log["entries"]

    assert "1.2" == log["version"]
    assert NAME == json.read(made["request"]["postData"]["text"].encode())["data"]["attributes"]["first_name"]
    assert {"name": "revision", "value": "2026-07-15"} in made["request"]["headers"]
    assert [{"name": "page[size]", "value": "5"}] == listed["request"]["queryString"]
    assert [(201, "Created"), (200, "OK"), (404, "Not Found")] == [
        (each["response"]["status"], each["response"]["statusText"]) for each in (made, listed, lost)
    ]


def test_curl_is_what_a_shell_takes(control):
    (command,) = control.get("/__mock/requests/curl?method=POST").text.splitlines()
    words = shlex.split(command)

    assert ["curl", "-X", "POST"] == words[:3]
    assert "Authorization: Klaviyo-API-Key $KLAVIYO_API_KEY" in words
    assert NAME == json.read(words[-1].encode())["data"]["attributes"]["first_name"]


@pytest.mark.parametrize("form", ["har", "curl"])
def test_no_key_is_copied(control, form):
    assert PRIVATE_KEY not in control.get(f"/__mock/requests/{form}").text


def test_coverage_counts_the_operations_that_were_called_and_names_the_others(control):
    found = control.get("/__mock/requests/coverage").json

    assert {"create_profile": 1, "get_profiles": 1} == found["calls"]
    assert (345, 2, 343) == (found["operations"], found["called"], len(found["not_called"]))


def test_coverage_begins_anew_with_a_reset(control):
    control.post("/__mock/reset")

    assert {} == control.get("/__mock/requests/coverage").json["calls"]
