"""The pytest plugin, in pytest runs of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mock_klaviyo.serving import Server

PLUGINS = ("-p", "mock_klaviyo.pytest_plugin", "-p", "simulator.pytest_plugin")
HEAVY = {"flask", "faker", "sqlalchemy", "urllib3", "django", "waitress", "jsonschema", "simulator.vendors"}
SENDING = """
import urllib3

def send(klaviyo, metric="Placed Order", email="ana@shop.org", **properties):
    attributes = {
        "properties": properties,
        "metric": {"data": {"type": "metric", "attributes": {"name": metric}}},
        "profile": {"data": {"type": "profile", "attributes": {"email": email}}},
    }
    body = {"data": {"type": "event", "attributes": attributes}}
    return urllib3.request("POST", f"{klaviyo.url}/api/events", json=body, headers=dict(klaviyo.headers)).status
"""
SCENARIOS = """scenario: 1
name: A month of points
population: {ana: {}}
timeline: [{at: 0s, live: smile, for: ana, period: 30d}]
expect: {clean: true}
---
scenario: 1
name: What cannot be
population: {ana: {}}
timeline: [{at: 0s, live: smile, for: ana, period: 30d}]
expect:
  clean: true
  profiles: {ana: {properties: {nothing: 1}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sending.py").write_text(SENDING)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = --strict-markers\nfilterwarnings = error\npythonpath = .\n"
    )
    return tmp_path


def pytest_run(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of a pytest run in a folder, and what it printed."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugins(), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def plugins() -> tuple[str, ...]:
    """What makes our plugins known where the entry points of the installed package do not."""
    from importlib.metadata import entry_points

    return () if "mock-klaviyo" in entry_points(group="pytest11").names else PLUGINS


def write(folder: Path, tests: str, name: str = "test_it.py") -> None:
    (folder / name).write_text(f"import pytest\nfrom sending import send\n{tests}")


def test_each_test_has_a_world_of_its_own(folder: Path) -> None:
    write(folder, """
@pytest.mark.parametrize("number", range(3))
def test_alone(klaviyo, number):
    assert [] == klaviyo.events()
    assert 202 == send(klaviyo, number=number)
    klaviyo.expect(event="Placed Order", profile="ana@shop.org", properties={"number": number}, count=1)
    klaviyo.expect(request="POST /api/ev*", status=202, count=1)
    klaviyo.expect(profile="ana@shop.org", email="ana@shop.org")
    klaviyo.expect(message="email", count=0)
""")  # fmt: skip

    code, said = pytest_run(folder)

    assert 0 == code, said
    assert "3 passed" in said


def test_a_failure_tells_what_differs_and_what_klaviyo_received(folder: Path) -> None:
    write(folder, """
def test_wrong(klaviyo):
    send(klaviyo, total=12)
    send(klaviyo, email="ana@example.com")
    send(klaviyo, metric="")
    klaviyo.expect(event="Placed Order", profile="ana@shop.org", properties={"total": 15})
""")  # fmt: skip

    code, said = pytest_run(folder)

    assert 1 == code
    assert "expected at least 1 event with outcome='stored', event='Placed Order', profile='ana@shop.org'" in said
    assert "✓ event: 'Placed Order'" in said
    assert "✗ properties.total: expected 15, got 12" in said
    _, received = said.split("what Klaviyo received")
    assert (
        '202 POST /api/events  {"properties":{"total":12},"metric":"Placed Order","profile":"ana@shop.org"}' in received
    )
    assert "400 POST /api/events" in received
    assert "invalid: A metric name must have 1 to 127 characters. /data/attributes/metric" in received
    assert "dropped: event 2 'Placed Order': Klaviyo drops events for placeholder domains" in received
    assert "mock_klaviyo/testing" not in said


def test_a_passed_test_has_no_section(folder: Path) -> None:
    write(folder, "def test_right(klaviyo):\n    assert 202 == send(klaviyo)\n")

    assert "what Klaviyo received" not in pytest_run(folder, "-rA")[1]


def test_the_marker_says_how_the_world_begins(folder: Path) -> None:
    write(folder, """
@pytest.mark.klaviyo(clock="2026-03-01T08:00:00Z", seed=7)
class TestMarked:
    def test_clock(self, klaviyo):
        assert "2026-03-01T08:00:00+00:00" == klaviyo.clock.now.isoformat()
        assert "2026-03-04T08:00:00+00:00" == klaviyo.clock.advance("3d").isoformat()
        assert 7 == klaviyo.control.call("GET", "config")["seed"]

    @pytest.mark.klaviyo(seed=8, revision="2025-10-15")
    def test_nearest(self, klaviyo):
        assert 8 == klaviyo.control.call("GET", "config")["seed"]
        assert 2026 == klaviyo.clock.now.year
        assert "2025-10-15" == klaviyo.headers["revision"]
""")  # fmt: skip

    code, said = pytest_run(folder)

    assert 0 == code, said


def test_a_misspelt_marker_is_refused_with_the_right_words(folder: Path) -> None:
    write(folder, "@pytest.mark.klaviyo(sed=8)\ndef test_it(klaviyo):\n    pass\n")

    assert "@pytest.mark.klaviyo takes revision, seed, clock, faults; not ['sed']" in pytest_run(folder)[1]


def test_a_misspelt_criterion_is_no_silent_pass(folder: Path) -> None:
    write(folder, "def test_it(klaviyo):\n    send(klaviyo)\n    klaviyo.expect(event='X', propertis={}, count=0)\n")

    assert "there is no 'propertis' (properties?)" in pytest_run(folder)[1]


def test_the_environment_is_set_for_the_test_alone(folder: Path) -> None:
    write(folder, """
import os

def test_set(klaviyo_env):
    assert klaviyo_env.url == os.environ["KLAVIYO_API_BASE"]
    assert klaviyo_env.api_key == os.environ["KLAVIYO_API_KEY"]
    assert klaviyo_env.public_key == os.environ["KLAVIYO_COMPANY_ID"]

def test_unset():
    assert "KLAVIYO_COMPANY_ID" not in os.environ
""")  # fmt: skip

    code, said = pytest_run(folder)

    assert 0 == code, said


def test_snapshots_resets_and_further_worlds(folder: Path) -> None:
    write(folder, """
def test_it(klaviyo, make_klaviyo):
    other = make_klaviyo("other", seed=9)
    with klaviyo.snapshot():
        send(klaviyo)
        klaviyo.expect(event="Placed Order")
        assert [] == other.events()
    assert [] == klaviyo.events()
    send(klaviyo)
    klaviyo.reset(clock="2030-01-01T00:00:00Z")
    assert [] == klaviyo.events()
    assert 2030 == klaviyo.clock.hold().year == klaviyo.clock.set("2030-02-01T00:00:00Z").year
""")  # fmt: skip

    code, said = pytest_run(folder)

    assert 0 == code, said


def test_waiting_ends_with_what_comes_or_says_that_nothing_came(folder: Path) -> None:
    write(folder, """
from threading import Timer

def test_comes(klaviyo):
    Timer(0.1, send, [klaviyo]).start()
    assert "Placed Order" == klaviyo.wait(event="Placed Order", timeout=10)[0]["metric"]

def test_does_not_come(klaviyo):
    klaviyo.wait(event="Placed Order", timeout=0.05)
""")  # fmt: skip

    said = pytest_run(folder)[1]

    assert "1 failed, 1 passed" in said
    assert "waited 0.05 s" in said


def test_settings_are_overridden_in_a_conftest(folder: Path) -> None:
    conftest = """import pytest
from mock_klaviyo.config import Config

@pytest.fixture(scope="session")
def klaviyo_config():
    return Config(seed=11, most_worlds=1)
"""
    (folder / "conftest.py").write_text(conftest)
    write(folder, "def test_it(klaviyo):\n    assert 11 == klaviyo.control.call('GET', 'config')['seed']\n")

    code, said = pytest_run(folder)

    assert 0 == code, said


def test_a_running_server_is_used_and_keeps_the_worlds_of_failed_tests(
    folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    write(
        folder, "def test_good(klaviyo):\n    send(klaviyo)\ndef test_bad(klaviyo):\n    send(klaviyo)\n    assert 0\n"
    )

    pytest_run(folder, "--mock-klaviyo-url", server.url, "--mock-klaviyo-keep")

    from mock_klaviyo.testing.shared import SharedServer

    shared = SharedServer(url=server.url)
    assert ["main:test_it.py::test_bad"] == [each["name"] for each in shared.control.call("GET", "worlds")["data"]]
    shared.remove("main:test_it.py::test_bad")
    assert [] == shared.control.call("GET", "worlds")["data"]
    shared.stop()


def test_keeping_without_a_server_makes_no_sense(folder: Path) -> None:
    code, said = pytest_run(folder, "--mock-klaviyo-keep")

    assert 4 == code
    assert "--mock-klaviyo-keep needs --mock-klaviyo-url" in said


@pytest.mark.parametrize("url", [True, False], ids=["one server", "a server each"])
def test_eight_workers_do_not_meet(folder: Path, server: Server, url: bool) -> None:
    write(folder, """
@pytest.mark.parametrize("number", range(200))
def test_alone(klaviyo, number):
    assert [] == klaviyo.profiles()
    for turn in range(3):
        assert 202 == send(klaviyo, email=f"p{number}@shop.org", number=number, turn=turn, metric=f"Metric {turn}")
    assert {number} == {each["properties"]["number"] for each in klaviyo.events()}
    assert [f"p{number}@shop.org"] == [each["attributes"]["email"] for each in klaviyo.profiles()]
    assert 3 == len(klaviyo.requests())
    klaviyo.reset()
    assert [] == klaviyo.events()
""")  # fmt: skip
    where = ["--mock-klaviyo-url", server.url] if url else []

    code, said = pytest_run(folder, "-n", "8" if url else "2", *where)

    assert 0 == code, said
    assert "200 passed" in said


def test_scenarios_are_tests(folder: Path) -> None:
    (folder / "month.mock-klaviyo.yaml").write_text(SCENARIOS)

    code, said = pytest_run(folder)

    assert 1 == code
    assert "1 failed, 1 passed" in said
    assert "FAIL  What cannot be" in said
    assert "month.mock-klaviyo.yaml:13" in said
    assert "repeat: vendor-sim run" in said
    assert "Traceback" not in said


def test_folders_of_scenarios_are_named_in_the_settings(folder: Path) -> None:
    (folder / "stories").mkdir()
    (folder / "stories" / "month.yaml").write_text(SCENARIOS.partition("---")[0])
    (folder / "other.yaml").write_text("no: scenario")
    (folder / "pytest.ini").write_text("[pytest]\nmock_klaviyo_scenarios = stories\n")

    code, said = pytest_run(folder, "-v")

    assert 0 == code, said
    assert "stories/month.yaml::A month of points PASSED" in said


def test_a_file_that_is_no_yaml_is_told_with_its_place(folder: Path) -> None:
    (folder / "month.mock-klaviyo.yaml").write_text("a: [1\nb: 2\n")

    code, said = pytest_run(folder)

    assert 2 == code
    assert "month.mock-klaviyo.yaml:2:2: not YAML" in said


@pytest.mark.parametrize("plugin", ["mock_klaviyo.pytest_plugin", "simulator.pytest_plugin"])
def test_the_plugin_loads_nothing_heavy(plugin: str) -> None:
    program = f"import sys, {plugin}; print(sorted({HEAVY!r} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
