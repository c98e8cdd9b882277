"""The account that a key belongs to."""

from __future__ import annotations

from mock_klaviyo.config import Account, Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client


def test_there_is_one_account_and_its_id_is_the_public_key_and_the_cid_header(client):
    response = client.call("GET", "/api/accounts")

    (account,) = response.document["data"]
    assert ("MOCK01", "MOCK01") == (account["id"], account["attributes"]["public_api_key"])
    assert "MOCK01" == response.headers["Cid"]


def test_the_account_is_found_by_its_id(client):
    assert "US/Eastern" == client.get("/api/accounts/MOCK01")["data"]["attributes"]["timezone"]


def test_an_unknown_account_is_not_found(client):
    status, error = client.error("GET", "/api/accounts/OTHER1")

    assert (404, "Account with id OTHER1 not found.") == (status, error["detail"])


def test_the_account_can_be_another():
    account = Account(id="SHOP99", name="My Shop", timezone="Europe/Prague", currency="CZK", locale="cs-CZ")
    client = Client(Klaviyo(Config(account=account)))

    attributes = client.get("/api/accounts")["data"][0]["attributes"]
    found = (attributes["preferred_currency"], attributes["locale"], attributes["timezone"])
    assert ("CZK", "cs-CZ", "Europe/Prague") == found
    assert "My Shop" == attributes["contact_information"]["organization_name"]
