"""Worlds: isolated states of one account, told apart by header and by key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from mock_klaviyo.app import create_app
from mock_klaviyo.config import Account, Config, Key
from tests.calling import event, profile

ONE = {"X-Mock-World": "one"}
SECOND = Config(keys=(Key("pk_two"),), account=Account(id="SHOP02"))


@pytest.fixture
def http() -> Iterator[FlaskClient]:
    app = create_app(Config(clock=datetime(2026, 1, 1, tzinfo=UTC), most_worlds=3), SECOND)
    yield app.test_client()
    app.extensions["accounts"].close()


def authorized(key: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Klaviyo-API-Key {key}", "revision": "2026-07-15"} | headers


def emails(http: FlaskClient, headers: dict[str, str]) -> list[str]:
    found: Any = http.get("/api/profiles", headers=headers).json
    return [each["attributes"]["email"] for each in found["data"]]


def add(http: FlaskClient, email: str, headers: dict[str, str]) -> None:
    assert 201 == http.post("/api/profiles", json=profile(email=email), headers=headers).status_code


def made(http: FlaskClient, **asked: Any) -> Any:
    answer = http.post("/__mock/worlds", json=asked)
    assert 201 == answer.status_code, answer.json
    return answer.json


def test_what_one_world_is_told_no_other_knows(http: FlaskClient) -> None:
    one, two = (authorized(made(http, name=name)["private_key"]) for name in ("one", "two"))

    add(http, "one@shop.org", one)
    add(http, "two@shop.org", two)

    assert ["one@shop.org"] == emails(http, one)
    assert ["two@shop.org"] == emails(http, two)
    assert [] == emails(http, authorized(http.get("/__mock/config").json["private_key"]))


def test_the_header_makes_a_world_and_takes_the_accounts_own_key(http: FlaskClient) -> None:
    key = http.get("/__mock/config").json["private_key"]

    add(http, "one@shop.org", authorized(key, **ONE))

    assert ["one@shop.org"] == emails(http, authorized(key, **ONE))
    assert [] == emails(http, authorized(key))
    assert ["one"] == [each["name"] for each in http.get("/__mock/worlds").json["data"]]


def test_a_world_is_of_the_account_whose_key_asks(http: FlaskClient) -> None:
    add(http, "two@shop.org", authorized("pk_two", **ONE))

    assert [] == http.get("/__mock/worlds").json["data"]
    assert ["one"] == [each["name"] for each in http.get("/__mock/worlds", headers=authorized("pk_two")).json["data"]]
    assert [] == http.get("/__mock/profiles", headers=ONE).json["data"]


def test_the_public_key_reaches_its_world_and_is_what_the_account_says(http: FlaskClient) -> None:
    world = made(http, name="one")
    body = event("Viewed", {"email": "v@shop.org"})

    answer = http.post(
        f"/client/events?company_id={world['public_key']}", json=body, headers={"revision": "2026-07-15"}
    )

    assert 202 == answer.status_code
    assert ["Viewed"] == [each["metric"] for each in http.get("/__mock/events", headers=ONE).json["data"]]
    assert [] == http.get("/__mock/events").json["data"]
    account = http.get("/api/accounts", headers=authorized(world["private_key"])).json["data"]
    assert [world["public_key"]] == [each["attributes"]["public_api_key"] for each in account]
    settings = http.get("/api/tracking-settings", headers=authorized(world["private_key"])).json["data"]
    assert [world["public_key"]] == [each["id"] for each in settings]


def test_a_world_begins_from_the_baseline_and_a_reset_goes_back_there(http: FlaskClient) -> None:
    add(http, "seed@shop.org", authorized(http.get("/__mock/config").json["private_key"]))
    http.put("/__mock/baseline")
    world = authorized(made(http)["private_key"])
    add(http, "own@shop.org", world)

    assert {"seed@shop.org", "own@shop.org"} == set(emails(http, world))
    http.post("/__mock/reset", headers=world)
    assert ["seed@shop.org"] == emails(http, world)


def test_worlds_of_one_seed_answer_alike(http: FlaskClient) -> None:
    bodies = [
        http.post("/api/profiles", json=profile(email="a@shop.org"), headers=authorized(made(http)["private_key"])).data
        for _ in range(2)
    ]

    assert bodies[0] == bodies[1]


def test_the_clock_and_the_seed_are_the_worlds_own(http: FlaskClient) -> None:
    world = made(http, name="one", clock="2030-01-01T00:00:00Z", seed=7)

    http.post("/__mock/clock/advance", json={"by": "1d"}, headers=ONE)

    assert "2030-01-02T00:00:00+00:00" == http.get("/__mock/clock", headers=ONE).json["now"]
    assert "2026-01-01T00:00:00+00:00" == http.get("/__mock/clock").json["now"]
    assert 7 == world["seed"]


def test_keys_come_of_the_name(http: FlaskClient) -> None:
    first = made(http, name="one")
    http.delete("/__mock/worlds/one")

    assert first["private_key"] == made(http, name="one")["private_key"] != made(http, name="two")["private_key"]


def test_making_a_world_again_makes_it_fresh(http: FlaskClient) -> None:
    world = authorized(made(http, name="one")["private_key"])
    add(http, "one@shop.org", world)

    made(http, name="one")

    assert [] == emails(http, world)


def test_a_removed_world_is_gone_and_its_key_with_it(http: FlaskClient) -> None:
    key = made(http, name="tests/a b::c")["private_key"]

    assert 200 == http.delete("/__mock/worlds/tests/a b::c").status_code

    assert 401 == http.get("/api/profiles", headers=authorized(key)).status_code
    assert 404 == http.delete("/__mock/worlds/tests/a b::c").status_code


@pytest.mark.parametrize("path", ["/__mock/events", "/api/profiles"])
def test_a_world_too_many_is_refused_with_the_remedy(http: FlaskClient, path: str) -> None:
    for _ in range(3):
        made(http)

    answer = http.get(path, headers=ONE)

    assert 409 == answer.status_code
    assert "DELETE /__mock/worlds/NAME" in answer.json["error"]
    assert 400 == http.post("/__mock/worlds").status_code


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": ""}, "printable ASCII"),
        ({"name": "a" * 201}, "1 to 200"),
        ({"name": "å"}, "printable ASCII"),
        ({"name": 1}, "name must be a text"),
        ({"seed": "1"}, "seed must be a whole number"),
        ({"clock": "soon"}, "clock must be an ISO 8601 time"),
        ({"clock": "1900-01-01T00:00:00Z"}, "1970"),
        ({"nmae": "x"}, "(name?)"),
    ],
)
def test_a_world_that_cannot_be_is_refused_with_the_reason(http: FlaskClient, asked: Any, said: str) -> None:
    answer = http.post("/__mock/worlds", json=asked)

    assert 400 == answer.status_code
    assert said in answer.json["error"]
    assert [] == http.get("/__mock/worlds").json["data"]


def test_time_passes_no_more_in_a_world_that_is_gone(http: FlaskClient) -> None:
    made(http, name="one")
    *_, world = http.application.extensions["accounts"].every()
    world.clock.restart(None)

    http.delete("/__mock/worlds/one")
    world.tick()

    assert [] == http.get("/__mock/worlds").json["data"]
