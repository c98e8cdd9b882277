from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from mock_klaviyo.account_file import AccountFileError, configs
from mock_klaviyo.app import create_app
from mock_klaviyo.config import PRIVATE_KEY, Config
from tests.calling import REVISION, event, profile

SECOND = """
[[account]]
id = "SHOP02"
name = "Second shop"
timezone = "Europe/Berlin"
keys = ["pk_two", "pk_reader:profiles:read"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "accounts.toml"
    path.write_text(SECOND)
    return path


@pytest.fixture
def both(file: Path) -> FlaskClient:
    return create_app(*configs(Config(), file)).test_client()


def headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Klaviyo-API-Key {key}", "revision": REVISION}


def emails(client: FlaskClient, key: str) -> list[str]:
    answer = client.get("/api/profiles", headers=headers(key)).json
    return [each["attributes"]["email"] for each in answer["data"]]


def test_each_key_opens_its_own_account(both):
    both.post("/api/profiles", headers=headers(PRIVATE_KEY), json=profile(email="ana@example.org"))
    both.post("/api/profiles", headers=headers("pk_two"), json=profile(email="bob@example.org"))

    assert ["ana@example.org"] == emails(both, PRIVATE_KEY)
    assert ["bob@example.org"] == emails(both, "pk_two")


def test_an_account_tells_its_own_name_and_id(both):
    answer = both.get("/api/accounts", headers=headers("pk_two"))

    assert "SHOP02" == answer.headers["Cid"]
    assert "Second shop" == answer.json["data"][0]["attributes"]["contact_information"]["organization_name"]
    assert "Europe/Berlin" == answer.json["data"][0]["attributes"]["timezone"]


def test_a_browser_reaches_an_account_by_its_public_key(both):
    body = event("Viewed", {"email": "bob@example.org"})

    answer = both.post("/client/events?company_id=SHOP02", headers={"revision": REVISION}, json=body)

    assert 202 == answer.status_code
    assert [] == emails(both, PRIVATE_KEY)
    assert ["bob@example.org"] == emails(both, "pk_two")


def test_a_key_of_a_file_has_its_scopes(both):
    answer = both.get("/api/lists", headers=headers("pk_reader"))

    assert 403 == answer.status_code
    assert "Your API key is missing required scopes: lists:read" == answer.json["errors"][0]["detail"]


def test_control_routes_speak_of_the_account_that_is_named(both):
    both.post("/api/profiles", headers=headers("pk_two"), json=profile(email="bob@example.org"))

    assert [] == both.get("/__mock/profiles").json["data"]
    assert 1 == len(both.get("/__mock/profiles", headers={"X-Mock-Account": "SHOP02"}).json["data"])


@pytest.mark.parametrize("path", ["/__mock/profiles", "/__mock/worlds", "/api/lists"])
def test_an_unknown_account_is_nobody_elses(both, path):
    answer = both.get(path, headers={"X-Mock-Account": "SHOP03", **headers(PRIVATE_KEY)})

    assert 404 == answer.status_code
    assert "there is no account 'SHOP03'; there are: MOCK01, SHOP02" in answer.json["error"]


@pytest.mark.parametrize("name", ["SHOP02", "pk_two"])
def test_a_key_names_an_account_as_its_id_does(both, name):
    assert 200 == both.get("/__mock/profiles", headers={"X-Mock-Account": name}).status_code


def test_an_unknown_key_is_refused_as_ever(both):
    assert 401 == both.get("/api/lists", headers=headers("pk_nobody")).status_code


def test_each_account_has_a_data_file_of_its_own(file):
    first, second = configs(Config(data=Path("shop.sqlite")), file)

    assert ("shop.sqlite", "shop.SHOP02.sqlite") == (str(first.data), str(second.data))


BAD = {
    "no TOML": ("[[account", "account"),
    "other tables": ("[shop]", "must consist of [[account]] tables"),
    "an unknown name": ('[[account]]\nid = "A"\nkey = ["k"]', "key is unknown (keys?)"),
    "no id": ('[[account]]\nkeys = ["k"]', "account 1: it needs an id"),
    "no keys": ('[[account]]\nid = "A"', "it needs keys such as"),
    "a key twice": (f'[[account]]\nid = "A"\nkeys = ["{PRIVATE_KEY}"]', "stands for more than one account"),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_its_place(tmp_path, text, reason):
    file = tmp_path / "accounts.toml"
    file.write_text(text)

    with pytest.raises(AccountFileError) as refusal:
        configs(Config(), file)

    assert reason in str(refusal.value)
