"""A recording of each vendor's stream: record, infer, find drift, replay."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from mock_klaviyo.config import PRIVATE_KEY
from mock_klaviyo.serving import Server
from simulator.cli import main
from simulator.contract.contract import load
from simulator.contract.inference.drift import GONE, OTHER_TYPE, drifts
from simulator.contract.inference.traffic import resources
from simulator.recording.exchange import Exchange, exchanges
from simulator.vendors import vendors

STRANGERS = {"object": {}, "array": [], "boolean": True}
"""Values by their types; at least one type is not what a property has."""

HEADERS = {"Authorization": f"Klaviyo-API-Key {PRIVATE_KEY}", "revision": "2026-07-15"}
PROGRAM = "import sys; from simulator.cli import main; main()"


@contextmanager
def recorder(upstream: str, file: Path) -> Iterator[str]:
    """The URL of a recording proxy, a process of its own as users run it."""
    command = [sys.executable, "-c", PROGRAM, "record", str(file), "--to", upstream]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def vendor_sim(*words: object) -> tuple[int, str]:
    """What `vendor-sim` exits with and prints."""
    result = CliRunner().invoke(main, [*map(str, words)])
    return result.exit_code, result.output


@pytest.fixture(scope="module", params=sorted(vendors()))
def recorded(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A vendor, and a recording of every event that it sends."""
    file = tmp_path_factory.mktemp(request.param) / "traffic.ndjson"
    with recorder(server.url, file) as url:
        code, output = vendor_sim("contract", "verify", request.param, "--to", url)
        assert 0 == code, output
    return request.param, file


def test_a_recording_keeps_what_the_vendor_documents(recorded: tuple[str, Path]) -> None:
    vendor, file = recorded

    assert (0, "no drift\n") == vendor_sim("contract", "drift", file, vendor)


def test_an_inferred_contract_fits_its_own_recording(recorded: tuple[str, Path], tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"

    assert 0 == vendor_sim("contract", "infer", recorded[1], "-o", contract)[0]
    assert (0, "no drift\n") == vendor_sim("contract", "drift", recorded[1], contract)
    assert {"recorded"} == {each.provenance for each in load(contract).events.values()}


def test_a_vanished_field_and_a_changed_type_are_found(recorded: tuple[str, Path], tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"
    vendor_sim("contract", "infer", recorded[1], "-o", contract)
    traffic = list(exchanges(recorded[1]))

    for metric, rules in load(contract).events.items():
        exchange = first(traffic, metric)
        for name in rules.properties.required:
            stranger = next(each for each in STRANGERS if each not in rules.properties.rules[name].schema["type"])
            assert [(metric, f"properties.{name}", GONE)] == kinds(without(exchange, name), contract)
            assert [(metric, f"properties.{name}", OTHER_TYPE)] == kinds(
                retyped(exchange, name, STRANGERS[stranger]), contract
            )


def first(traffic: list[Exchange], metric: str) -> Exchange:
    """The first exchange that carries an event of a metric."""
    return next(
        replace(exchange, body={"data": each})
        for exchange in traffic
        for each in resources(exchange.body)
        if each["type"] == "event" and metric == each["attributes"]["metric"]["data"]["attributes"]["name"]
    )


def kinds(exchange: Exchange, contract: Path) -> list[tuple[str, str, str]]:
    """Where and how an exchange drifted."""
    return [each.key for each in drifts([exchange], load(contract)) if not each.is_note]


def without(exchange: Exchange, name: str) -> Exchange:
    """The exchange when its event has lost a property."""
    properties = exchange.body["data"]["attributes"]["properties"]
    return changed(exchange, {key: properties[key] for key in properties if key != name})


def retyped(exchange: Exchange, name: str, value: object) -> Exchange:
    """The exchange when a property of its event has a value of another type."""
    return changed(exchange, {**exchange.body["data"]["attributes"]["properties"], name: value})


def changed(exchange: Exchange, properties: dict) -> Exchange:
    """The exchange when its event has these properties."""
    data = exchange.body["data"]
    return replace(exchange, body={"data": {**data, "attributes": {**data["attributes"], "properties": properties}}})


def test_a_recording_can_be_sent_again(recorded: tuple[str, Path], server: Server) -> None:
    code, output = vendor_sim("replay", recorded[1], "--to", server.url)

    assert (0, "0 answered otherwise") == (code, output.strip().rpartition(", ")[2])


def test_a_recording_names_nobody(recorded: tuple[str, Path]) -> None:
    emails = {word for word in recorded[1].read_text().split('"') if "@" in word}

    assert emails
    assert all(email.endswith("@example.org") and 22 == len(email) for email in emails if " " not in email)


def test_answers_of_another_shape_are_told(tmp_path: Path, server: Server) -> None:
    body = {"data": {"type": "list", "attributes": {"name": "News"}}}
    with recorder(server.url, tmp_path / "lists.ndjson") as url:
        requests.post(f"{url}/api/lists", json=body, headers=HEADERS, timeout=10)
    (made,) = exchanges(tmp_path / "lists.ndjson")
    kept, other = made.answer["data"]["attributes"], {"created": 7, "colour": "red"}
    real = replace(made, answer={"data": made.answer["data"] | {"attributes": kept | other}})
    (tmp_path / "real.ndjson").write_bytes(real.line())
    words = ["--answers", "--to", server.url]

    assert (0, "1 sent, 0 answered otherwise\n") == vendor_sim("replay", tmp_path / "lists.ndjson", *words)
    code, output = vendor_sim("replay", tmp_path / "real.ndjson", *words)
    assert (1, True) == (code, "data.attributes.colour is gone" in output)
    assert "data.attributes.created is a text, recorded was a number" in output
    assert 0 == vendor_sim("replay", tmp_path / "real.ndjson", "--to", server.url)[0]


def test_what_was_recorded_of_an_older_revision_is_sent_again_as_such(tmp_path: Path, server: Server) -> None:
    old = {**HEADERS, "revision": "2024-10-15"}
    with recorder(server.url, tmp_path / "old.ndjson") as url:
        requests.get(f"{url}/api/lists", headers=old, timeout=10)

    assert 0 == vendor_sim("replay", tmp_path / "old.ndjson", "--answers", "--to", server.url)[0]
    found = requests.get(f"{server.url}/__mock/requests?operation=get_lists", timeout=10).json()["data"]
    assert ["2024-10-15"] * 2 == [each["revision"] for each in found]
