"""The command `mock-klaviyo faults`."""

from __future__ import annotations

import pytest
import requests
from click.testing import CliRunner

from mock_klaviyo.cli import main
from mock_klaviyo.wire.presets import PRESETS


@pytest.fixture
def faults(server):
    requests.post(f"{server.url}/__mock/reset", timeout=10)
    yield lambda *words: CliRunner().invoke(main, ["faults", "--url", server.url, *words])
    requests.delete(f"{server.url}/__mock/faults", timeout=10)


def test_faults_are_set_listed_and_taken_away(faults):
    added = faults("add", "match=POST /api/events", "status=503", "rate=0.5")

    assert "fault-1    0 of 0        match=POST /api/events status=503 rate=0.5\n" == added.output
    assert added.output == faults("list").output == faults().output
    assert "1 removed\n" == faults("clear", "fault-1").output
    assert ("0 removed\n", "") == (faults("clear").output, faults("list").output)


def test_presets_are_listed_and_set(faults):
    assert list(PRESETS) == [line.split()[0] for line in faults("presets").output.splitlines()]
    assert 2 == len(faults("add", "preset=connection-resets").output.splitlines())


@pytest.mark.parametrize(("word", "code", "said"), [("status", 2, "MEMBER=VALUE"), ("stauts=503", 1, "(status?)")])
def test_what_is_no_fault_is_explained(faults, word, code, said):
    found = faults("add", word)

    assert (code, True) == (found.exit_code, said in found.output)


def test_a_server_that_is_not_there_is_exit_code_4():
    assert 4 == CliRunner().invoke(main, ["faults", "--url", "http://127.0.0.1:9"]).exit_code
