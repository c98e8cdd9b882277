"""`mock-klaviyo demo`: one command from nothing to a shop to look at, the same each time, also when it is installed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import requests
from click import ClickException
from click.testing import CliRunner

from mock_klaviyo.cli import demo, main
from mock_klaviyo.serving import Server
from simulator.scenario.scenario import scenarios
from simulator.vendors import vendors

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "mock_klaviyo", "demo", "--port", "0")


def told(tmp_path: Path, **environment: str) -> str:
    """What the demo tells, started from a folder that knows nothing of us, with the port left out."""
    variables = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    ended = subprocess.run(
        (*COMMAND, "--once"), cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120, check=False
    )

    assert 0 == ended.returncode, ended.stderr + ended.stdout
    return re.sub(r"127\.0\.0\.1:[0-9]+", "HOST", ended.stdout)


def test_it_tells_the_same_each_time_whatever_the_environment_says(tmp_path):
    first = told(tmp_path)
    again = told(tmp_path, MOCK_KLAVIYO_URL="http://127.0.0.1:1", MOCK_KLAVIYO_API_KEY="pk_x", GITHUB_ACTIONS="true")

    assert first == again
    assert "the time     2026-04-06T08:00:00+00:00, frozen" in first
    assert 8 == len(re.findall(r"^  \w{6}  live ", first, re.MULTILINE))
    assert [] == list(tmp_path.iterdir())


def test_it_answers_until_it_is_told_to_end_and_what_it_says_comes_next_works(tmp_path):
    process = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = []
    while not lines or not lines[-1].startswith("  vendor-sim"):
        lines.append(process.stdout.readline().rstrip())
        assert process.poll() is None, lines
    (url,) = {word for line in lines for word in line.split() if re.fullmatch(r"http://[\d.:]+", word)}
    pages = [word for line in lines for word in line.split() if word.startswith(f"{url}/__mock/")]
    seen = {page: requests.get(page, timeout=10).status_code for page in pages}
    step = CliRunner().invoke(main, ["clock", "--url", url, "next-message", "ana@example.org"])
    runs = CliRunner().invoke(main, ["flow", "runs", "--url", url, "Points expiring (Smile.io)", "--status", "waiting"])
    process.send_signal(signal.SIGTERM)

    assert 0 == process.wait(20)
    assert dict.fromkeys(pages, 200) == seen
    assert 5 <= len(pages)
    assert "email to ana@example.org: Your code" in step.output
    assert "ana@example.org\n  2026-03-25T08:00:00+00:00  begins" in runs.output
    process.stdout.close()


def test_a_port_that_is_taken_is_explained(server: Server):
    ended = CliRunner().invoke(main, ["demo", "--port", str(server.port)])

    assert (1, True) == (ended.exit_code, "another --port helps" in ended.output), ended.output


@pytest.mark.parametrize(("scenario", "says"), [(None, "install the package anew"), ("scenario: 1", "ended with 3")])
def test_a_demo_that_cannot_be_played_is_explained(tmp_path, monkeypatch, server, scenario, says):
    monkeypatch.setattr(demo, "PLACES", (tmp_path,))
    if scenario is not None:
        (tmp_path / demo.SCENARIO).write_text(scenario)

    with pytest.raises(ClickException, match=says):
        demo.play(server.url)


def test_the_wheel_holds_what_it_plays():
    """`pip wheel` copies what is named here; everything that the scenario names must lie in it."""
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    inside = {(ROOT / source).resolve(): target for source, target in named["force-include"].items()}
    file = ROOT / "scenarios" / demo.SCENARIO
    (scenario,) = scenarios(file, vendors())
    flows = list((file.parent / "flows").rglob("*.*"))

    assert 8 == len(scenario.klaviyo.flows)
    assert [] == [each for each in [file, *flows] if not {each, *each.parents} & set(inside)]
    assert {demo.PLACES[0].relative_to(ROOT).parts} == {Path(target).parts[:2] for target in inside.values()}
