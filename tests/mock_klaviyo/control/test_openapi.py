"""Every control route says what it takes, is described so, and takes nothing else."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from mock_klaviyo.app import create_app
from mock_klaviyo.control import blueprint
from mock_klaviyo.control.openapi import HEADERS, PLACE, path, place_schema

ROUTES = {f"{route.method} {route.rule}": route for route in blueprint.routes}


def filled(route):
    """A path that a rule matches."""
    return PLACE.sub(lambda place: str(place_schema(place[1] or "").get("enum", ["1"])[0]), route.rule)


@pytest.fixture(scope="module")
def control():
    """One server for all: what is refused changes nothing."""
    return create_app().test_client()


@pytest.fixture(scope="module")
def description(control):
    return control.get("/__mock/openapi.json").json


def test_the_description_is_valid(description):
    validate(description)


def test_every_rule_of_the_server_is_described_and_nothing_else(control, description):
    rules = {
        f"{method} {rule.rule.removeprefix('/__mock')}"
        for rule in control.application.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/__mock")
    }
    described = {f"{method.upper()} {name}" for name, item in description["paths"].items() for method in item}

    declared = {name for name in ROUTES if not name.startswith("HEAD")}  # Flask has HEAD wherever there is GET
    assert rules == declared
    assert {PLACE.sub(r"{\2}", rule) for rule in ROUTES} == described


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_is_described_with_all_that_it_takes(description, name):
    route = ROUTES[name]
    found = description["paths"][path(route)][route.method.lower()]
    by_place = {place: [] for place in ("path", "query")}
    for parameter in found["parameters"]:
        by_place.get(parameter.get("in"), []).append(parameter.get("name"))

    assert [name for _, name in PLACE.findall(route.rule)] == by_place["path"]
    assert [each.name for each in route.arguments] == by_place["query"]
    assert route.summary == found["summary"].strip() != ""
    assert (route.body is None) is ("requestBody" not in found)
    assert {str(status) for status in route.answers} <= found["responses"].keys()
    assert len(HEADERS) == sum("$ref" in each for each in found["parameters"])


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if not route.takes_any])
def test_a_route_refuses_an_argument_that_it_does_not_take(control, name):
    route = ROUTES[name]
    word = f"{route.arguments[0].name}x" if route.arguments else "zzz"
    answer = control.open(f"/__mock{filled(route)}?{word}=1", method=route.method)

    assert 400 == answer.status_code
    if route.method == "HEAD":  # its answer has no body
        return
    assert f"takes no '{word}'" in answer.json["error"]
    if route.arguments:
        assert f"({route.arguments[0].name}?)" in answer.json["error"]


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.body is not None])
def test_a_route_refuses_a_member_of_its_body_that_it_does_not_take(control, name):
    route = ROUTES[name]
    answer = control.open(f"/__mock{filled(route)}", method=route.method, json={"zzz": 1})

    assert 400 == answer.status_code
    assert "'zzz'" in answer.json["error"]


def test_an_argument_that_is_not_declared_cannot_be_read(control):
    with pytest.raises(LookupError, match="does not declare it"):
        ROUTES["GET /health"].argument("limit")
