"""Forms and their versions."""

from __future__ import annotations

import pytest

from tests.calling import Client, resource

STEP = {"columns": [{"rows": [{"blocks": []}]}], "name": "Email"}
POPUP = {"steps": [STEP], "name": "Popup", "type": "popup"}
FULL_SCREEN = {"steps": [STEP], "type": "full_screen"}


def form(client: Client, *versions: object, name: str = "Newsletter", ab_test: bool = False):
    definition = {"versions": list(versions or [POPUP])}
    body = resource("form", name=name, status="draft", ab_test=ab_test, definition=definition)
    return client.post("/api/forms", body)["data"]


def refusal(client: Client, definition: object):
    body = resource("form", name="x", status="draft", ab_test=False, definition=definition)
    status, error = client.error("POST", "/api/forms", body)
    return status, error["source"]["pointer"]


def test_a_form_lives_from_creation_to_deletion(client):
    made = form(client)
    found = client.get(f"/api/forms/{made['id']}")["data"]
    (version,) = client.ids(f"/api/forms/{made['id']}/form-versions")
    client.delete(f"/api/forms/{made['id']}")

    assert {"name": "Newsletter", "status": "draft", "ab_test": False}.items() <= found["attributes"].items()
    assert 404 == client.error("GET", f"/api/forms/{made['id']}")[0]
    assert 404 == client.error("GET", f"/api/form-versions/{version}")[0]


def test_forms_are_filtered_sorted_and_paged(client, klaviyo):
    first = form(client, name="Alpha")["id"]
    klaviyo.move_clock(klaviyo.clock.now.replace(hour=1))
    second = form(client, POPUP, FULL_SCREEN, name="Beta", ab_test=True)["id"]

    assert [second] == client.ids("/api/forms", filter="equals(ab_test,true)")
    assert [first] == client.ids("/api/forms", filter='contains(name,"lph"),less-than(created_at,2026-01-01T00:30:00Z)')
    assert [second, first] == client.ids("/api/forms", sort="-created_at")
    assert [first] == client.ids("/api/forms", **{"page[size]": "1"})


def test_the_parts_of_a_form_get_ids(client):
    (version,) = form(client)["attributes"]["definition"]["versions"]
    step = version["steps"][0]

    assert isinstance(version["id"], int)
    assert all(part["id"] for part in (step, step["columns"][0], step["columns"][0]["rows"][0]))


def test_each_version_of_a_definition_is_a_form_version(client):
    made = form(client, POPUP, FULL_SCREEN, ab_test=True)
    found = client.get(f"/api/forms/{made['id']}/form-versions")["data"]
    shown = [[each["attributes"][name] for name in ("form_type", "variation_name", "status")] for each in found]

    assert [["popup", "Popup", "draft"], ["full_page", "Variation 2", "draft"]] == shown
    assert {"variation_name": "Popup"} == found[0]["attributes"]["ab_test"]
    assert [each["id"] for each in found] == client.ids(f"/api/forms/{made['id']}/relationships/form-versions")
    assert [str(each["id"]) for each in made["attributes"]["definition"]["versions"]] == [each["id"] for each in found]


def test_a_version_without_a_test_has_none(client):
    (id,) = client.ids(f"/api/forms/{form(client)['id']}/form-versions")

    assert None is client.get(f"/api/form-versions/{id}")["data"]["attributes"]["ab_test"]


def test_versions_are_filtered_by_type(client):
    id = form(client, POPUP, FULL_SCREEN)["id"]
    path = f"/api/forms/{id}/form-versions"

    assert 1 == len(client.ids(path, filter='equals(form_type,"full_page")'))
    assert 2 == len(client.ids(path, filter='any(form_type,["popup","full_page"])', sort="-updated_at"))
    assert [] == client.ids(path, filter='equals(status,"live")')


def test_a_version_leads_to_its_form(client):
    made = form(client)
    (version,) = client.ids(f"/api/forms/{made['id']}/form-versions")
    found = client.get(f"/api/form-versions/{version}", include="form")

    assert made["id"] == client.get(f"/api/form-versions/{version}/form")["data"]["id"]
    assert made["id"] == client.get(f"/api/form-versions/{version}/relationships/form")["data"]["id"]
    assert [made["id"]] == [each["id"] for each in found["included"]]


def test_a_form_needs_a_version(client):
    assert (400, "/data/attributes/definition/versions") == refusal(client, {"versions": []})


@pytest.mark.parametrize(
    ("version", "place"),
    [
        (POPUP | {"id": 1}, "0/id"),
        ({"steps": [STEP | {"id": "x"}]}, "0/steps/0/id"),
        (POPUP | {"triggers": [{"type": "delay", "id": "x"}]}, "0/triggers/0/id"),
    ],
)
def test_a_new_form_brings_no_ids(client, version, place):
    assert (400, f"/data/attributes/definition/versions/{place}") == refusal(client, {"versions": [version]})
    assert [] == client.ids("/api/forms")


def test_a_new_form_is_a_draft(client):
    body = resource("form", name="x", status="live", ab_test=False, definition={"versions": [POPUP]})

    assert 400 == client.error("POST", "/api/forms", body)[0]


@pytest.mark.parametrize("path", ["/api/forms/nope", "/api/form-versions/1", "/api/form-versions/1/form"])
def test_an_unknown_form_is_not_found(client, path):
    assert 404 == client.error("GET", path)[0]
