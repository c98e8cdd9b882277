"""The control routes to faults and presets."""

from __future__ import annotations

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.wire.presets import PRESETS


@pytest.fixture
def control(klaviyo):
    return create_app(klaviyo=klaviyo).test_client()


def test_one_fault_or_several_are_set_counted_and_taken_away(control):
    one = control.post("/__mock/faults", json={"match": "GET /api/lists", "status": 503})
    several = control.post("/__mock/faults", json={"faults": [{"latency": "1ms"}, {"preset": "segments-late"}]})
    control.get("/api/lists")

    assert (201, ["fault-1"]) == (one.status_code, [each["id"] for each in one.json["data"]])
    assert ["fault-2", "fault-3"] == [each["id"] for each in several.json["data"]]
    found = control.get("/__mock/faults").json["data"]
    assert [(1, 1), (1, 1), (0, 0)] == [(each["draws"], each["hits"]) for each in found]
    assert {"removed": 1} == control.delete("/__mock/faults/fault-1").json
    assert {"removed": 2} == control.delete("/__mock/faults").json
    assert [] == control.get("/__mock/faults").json["data"]


def test_a_fault_of_one_world_hits_no_other(control, klaviyo):
    key = {"Authorization": f"Klaviyo-API-Key {klaviyo.config.private_key}"}
    control.post("/__mock/faults", json={"status": 503}, headers={"X-Mock-World": "unlucky"})

    assert 503 == control.get("/api/lists", headers={**key, "X-Mock-World": "unlucky"}).status_code
    assert 200 == control.get("/api/lists", headers={**key, "X-Mock-World": "lucky"}).status_code
    assert 200 == control.get("/api/lists", headers=key).status_code


def test_a_fault_that_is_not_there_cannot_be_taken_away(control):
    assert 404 == control.delete("/__mock/faults/fault-9").status_code


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_set_by_name(control, name):
    assert 201 == control.post("/__mock/faults", json={"preset": name}).status_code
    assert len(PRESETS[name].faults) == len(control.get("/__mock/faults").json["data"])


def test_presets_are_listed_with_what_they_mean(control):
    found = control.get("/__mock/presets").json["data"]

    assert list(PRESETS) == [each["name"] for each in found]
    assert all(each["meaning"] and each["faults"] for each in found)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"preset": "armageddon"}, "klaviyo-503-window"),
        ({"faults": {"status": 503}}, "several faults are given as"),
        ({"faults": [{"status": 503}], "rate": 1}, "several faults are given as"),
        ({"stauts": 503}, "(status?)"),
        ({}, "needs status"),
    ],
)
def test_what_is_no_fault_is_refused(control, body, said):
    answer = control.post("/__mock/faults", json=body)

    assert 400 == answer.status_code
    assert said in answer.json["error"]
    assert [] == control.get("/__mock/faults").json["data"]
