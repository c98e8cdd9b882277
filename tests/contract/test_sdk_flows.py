"""Flows made through the official Python SDK, saved to files and loaded elsewhere: they do the same everywhere.

The expectations of each flow's own scenario judge both servers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from klaviyo_api import KlaviyoAPI
from openapi_client.api_arg_options import USE_DICTIONARY_FOR_RESPONSE_DATA
from openapi_client.models.reentry_criteria import ReentryCriteria

from mock_klaviyo.app import create_app
from mock_klaviyo.cli.flows import flow
from mock_klaviyo.config import PRIVATE_KEY, Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.serving import Server
from simulator.contract.inspection import Wire
from simulator.scenario.account import Account
from simulator.scenario.judging import judged
from simulator.scenario.scenario import Scenario, scenarios
from simulator.server import mock
from simulator.vendors import vendors
from tests.calling import event, resource

AS_DICTIONARY = {USE_DICTIONARY_FOR_RESPONSE_DATA: True}
"""The SDK's model of re-entry criteria wants an object where Klaviyo has a text, so flows are read without models."""

FILES = sorted((Path(__file__).parents[2] / "scenarios").glob("flow_*.yaml"))
NAME = re.compile(r'"((METRIC|LIST|SEGMENT|TPL):([^"]+))"')
LINK = re.compile(r"http://127\.0\.0\.1:\d+/__mock/[^\s\"'<\\]+")
PATH = ("action_type", "outcome", "reason", "branch", "until")
MESSAGE = ("at", "channel", "to", "outcome", "reason", "subject", "html", "text", "empty_variables")
ADDRESSED = MESSAGE.index("subject")
"""Where what a message says begins, after when and to whom it was sent."""


@dataclass
class Shop:
    """A server with an account of its own."""

    url: str
    klaviyo: Klaviyo

    @property
    def sdk(self) -> KlaviyoAPI:
        return KlaviyoAPI(PRIVATE_KEY, test_host=self.url)

    def make(self, document: Any) -> list[str]:
        """Make the flows of a file through the SDK, with all that they name; gives their ids."""
        sdk, templates = self.sdk, {each["id"]: each["attributes"] for each in document["templates"]}
        ids = {}
        flows = document["flows"]
        segments = {each["id"]: each["attributes"] for each in flows.get("segments", ())}
        found = NAME.findall(json.dumps(flows))
        for word, kind, name in sorted(set(found), key=lambda one: one[1] == "SEGMENT"):
            ids[word] = self._made(sdk, kind, name, filled(templates.get(word) or segments.get(word), ids))
        return [self._flow(sdk, filled(each["attributes"], ids)) for each in flows["flows"]]

    def _made(self, sdk: KlaviyoAPI, kind: str, name: str, attributes: Any) -> str:
        """The id of something new of a kind and a name."""
        if kind == "METRIC":
            sdk.Events.create_event(event(name, {"email": "first@example.org"}, time="2020-01-01T00:00:00Z"))
            return next(each.id for each in sdk.Metrics.get_metrics().data if each.attributes.name == name)
        if kind == "LIST":
            return sdk.Lists.create_list(resource("list", name=name)).data.id
        if kind == "SEGMENT":
            return sdk.Segments.create_segment(resource("segment", **attributes)).data.id
        return sdk.Templates.create_template(resource("template", **{"editor_type": "CODE"} | attributes)).data.id

    def _flow(self, sdk: KlaviyoAPI, attributes: Any) -> str:
        """The id of a new flow, live."""
        name, definition = attributes["name"], attributes["definition"]
        criteria = definition["reentry_criteria"] and ReentryCriteria.model_construct(**definition["reentry_criteria"])
        given = {"name": name, "definition": definition | {"reentry_criteria": criteria}}
        id = sdk.Flows.create_flow(resource("flow", **given), options=AS_DICTIONARY)["data"]["id"]
        sdk.Flows.update_flow(id, resource("flow", id, status="live"), options=AS_DICTIONARY)
        read = sdk.Flows.get_flow(id, additional_fields_flow=["definition"], options=AS_DICTIONARY)["data"]
        assert (name, "live") == (read["attributes"]["name"], read["attributes"]["status"])
        assert types(definition) == types(read["attributes"]["definition"])
        return str(id)

    def play(self, scenario: Scenario) -> Any:
        """Play a scenario with the flows that are there; gives the messages and runs that it brings about."""
        self.klaviyo.keep_baseline()
        with mock(self.url) as way:
            verdict = judged(replace(scenario, klaviyo=replace(scenario.klaviyo, flows=())), vendors(), Wire(*way))
            account = Account(*way)
            runs = {name: list(map(run, account.flow_runs(name) or ())) for name in names(scenario)}
            messages = sorted(map(message, account.messages()), key=json.dumps)
        assert [] == [(one.what, one.expected, one.got) for one in verdict.tally.failures]
        return messages, runs


def types(definition: Any) -> list[str]:
    """The types of a flow's actions."""
    return [each["type"] for each in definition["actions"]]


def filled(value: Any, ids: dict[str, str]) -> Any:
    """A JSON value with ids in place of names."""
    return json.loads(NAME.sub(lambda found: json.dumps(ids[found[1]]), json.dumps(value)))


def names(scenario: Scenario) -> list[str]:
    """The names of a scenario's flows."""
    return [each["attributes"]["name"] for file in scenario.klaviyo.flows for each in file.document["flows"]["flows"]]


def message(kept: Any) -> Any:
    """A message without ids, which differ from server to server, as does who gets which variation of a test."""
    told = {name: kept.get(name) for name in (MESSAGE if kept["variation_id"] is None else MESSAGE[:ADDRESSED])}
    return json.loads(LINK.sub("LINK", json.dumps(told)))


def run(kept: Any) -> Any:
    """A run without ids."""
    path = [{name: step.get(name) for name in PATH} for step in kept["path"]]
    told = {name: kept[name] for name in ("entered_at", "status", "exit")}
    return told | {"path": path, "who": kept["profile"]["email"]}


@pytest.fixture
def shops() -> Iterator[list[Shop]]:
    """Two servers that know nothing of each other."""
    with closing(Klaviyo(Config())) as first, closing(Klaviyo(Config())) as second:
        servers = [Server(create_app(klaviyo=klaviyo)) for klaviyo in (first, second)]
        for server in servers:
            server.start()
        yield [Shop(server.url, klaviyo) for server, klaviyo in zip(servers, (first, second), strict=True)]
        for server in servers:
            server.stop()


def command(*arguments: Any) -> str:
    """What a command prints."""
    found = CliRunner().invoke(flow, [*map(str, arguments)])
    assert 0 == found.exit_code, found.output
    return found.output


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # of re-entry criteria, see AS_DICTIONARY
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_flow_made_by_the_sdk_does_the_same_when_it_is_loaded_from_a_file(shops, file, tmp_path):
    first, second = shops
    (scenario,) = scenarios(file, vendors())
    ids = [id for each in scenario.klaviyo.flows for id in first.make(each.document)]
    for id in ids:
        command("save", id, tmp_path / f"{id}.json", "--url", first.url)
        command("load", tmp_path / f"{id}.json", "--url", second.url, "--status", "live")
    messages, runs = first.play(scenario)

    assert (messages, runs) == second.play(scenario)
    assert messages
    assert all(runs.values())
