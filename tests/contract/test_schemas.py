"""The contracts of vendors as the server takes them: what a vendor sends breaks none of them."""

from __future__ import annotations

import json

import pytest
import requests
from click.testing import CliRunner

from mock_klaviyo.serving import Server
from simulator.cli import main
from simulator.vendors import vendors


@pytest.mark.parametrize("vendor", sorted(vendors()))
def test_the_server_takes_the_contract_and_the_vendor_keeps_it(server: Server, vendor: str, tmp_path) -> None:
    printed = CliRunner().invoke(main, ["contract", "schemas", vendor]).output
    requests.post(f"{server.url}/__mock/reset?to=empty", timeout=5).raise_for_status()
    assert 0 == CliRunner().invoke(main, ["contract", "verify", vendor, "--to", server.url]).exit_code
    requests.put(f"{server.url}/__mock/contracts", data=printed, timeout=5).raise_for_status()

    found = requests.get(f"{server.url}/__mock/violations", timeout=20).json()
    contracts = json.loads(printed)
    requests.put(f"{server.url}/__mock/contracts", json={}, timeout=5).raise_for_status()

    assert contracts["metrics"]
    assert [] == [each for each in found["data"] if not each["is_note"]]
