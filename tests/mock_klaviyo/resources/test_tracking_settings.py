"""Tracking settings: one per account."""

from __future__ import annotations

from tests.calling import resource

PATH = "/api/tracking-settings"
STATIC = {"flow": {"type": "static", "value": "mail"}, "campaign": {"type": "dynamic", "value": "campaign_id"}}


def test_an_account_has_one_setting_with_its_id(client):
    (found,) = client.get(PATH)["data"]

    assert "MOCK01" == found["id"]
    assert found == client.get(f"{PATH}/MOCK01")["data"]
    assert (False, []) == (found["attributes"]["auto_add_parameters"], found["attributes"]["custom_parameters"])


def test_a_change_leaves_the_rest_alone(client):
    before = client.get(f"{PATH}/MOCK01")["data"]["attributes"]
    custom = [{"name": "from", **STATIC}]
    body = resource("tracking-setting", "MOCK01", auto_add_parameters=True, utm_source=STATIC, custom_parameters=custom)
    changed = client.patch(f"{PATH}/MOCK01", body)["data"]["attributes"]

    assert before | {"auto_add_parameters": True, "utm_source": STATIC, "custom_parameters": custom} == changed
    assert changed == client.get(f"{PATH}/MOCK01")["data"]["attributes"]


def test_a_dynamic_value_must_be_known(client):
    wrong = {"flow": {"type": "dynamic", "value": "weather"}}
    status, error = client.error("PATCH", f"{PATH}/MOCK01", resource("tracking-setting", "MOCK01", utm_term=wrong))

    assert (400, "invalid") == (status, error["code"])


def test_another_account_has_no_setting_here(client):
    assert 404 == client.error("GET", f"{PATH}/OTHER1")[0]
    assert 404 == client.error("PATCH", f"{PATH}/OTHER1", resource("tracking-setting", "OTHER1"))[0]
