"""The pytest plugin: the fixtures `klaviyo`, `klaviyo_env`, `make_klaviyo` and `klaviyo_server`; see docs/testing.md.

Every pytest run of somebody who has this package loads it, so it imports nothing heavy before a test asks for a mock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_klaviyo.config import Config
    from mock_klaviyo.testing.mock import KlaviyoMock
    from mock_klaviyo.testing.shared import SharedServer

MARKER = "klaviyo(revision=, seed=, clock=, faults=): how the world of this test begins"
WORDS = ("revision", "seed", "clock", "faults")
SECTION = "what Klaviyo received"
FAILED = pytest.StashKey[bool]()
SCENARIOS: pytest.StashKey[SharedServer] = pytest.StashKey()
"""The server of scenarios that are tests; it starts with the first one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options, in a group of their own."""
    group = parser.getgroup("mock-klaviyo", "a local Klaviyo for tests")
    group.addoption("--mock-klaviyo-url", metavar="URL", help="Use the server that runs there; start none.")
    group.addoption(
        "--mock-klaviyo-keep", action="store_true", help="Keep the worlds of failed tests in the server at that URL."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known; refuse options that make no sense."""
    config.addinivalue_line("markers", MARKER)
    if config.getoption("--mock-klaviyo-keep") and not config.getoption("--mock-klaviyo-url"):
        raise pytest.UsageError("--mock-klaviyo-keep needs --mock-klaviyo-url: a server of our own ends with the tests")


@pytest.fixture(scope="session")
def klaviyo_config() -> Config:
    """The settings of the server; override it in conftest.py to choose others."""
    from mock_klaviyo.config import Config

    return Config()


@pytest.fixture(scope="session")
def klaviyo_server(request: pytest.FixtureRequest, klaviyo_config: Config) -> Iterator[SharedServer]:
    """The server that all tests of this process share."""
    from mock_klaviyo.testing.shared import SharedServer

    server = SharedServer(klaviyo_config, request.config.getoption("--mock-klaviyo-url"))
    yield server
    server.stop()


@pytest.fixture
def make_klaviyo(request: pytest.FixtureRequest, klaviyo_server: SharedServer) -> Iterator[Callable[..., KlaviyoMock]]:
    """Makes further fresh worlds: `make_klaviyo("second shop", seed=7)`; they end with the test."""
    made: list[str] = []

    def make(name: str = "", **asked: Any) -> KlaviyoMock:
        made.append(full_name(request.node, name))
        return klaviyo_server.world(made[-1], **asked)

    yield make
    is_kept = request.config.getoption("--mock-klaviyo-keep") and request.node.stash.get(FAILED, False)
    for name in () if is_kept else made:
        klaviyo_server.remove(name)


@pytest.fixture
def klaviyo(request: pytest.FixtureRequest, make_klaviyo: Callable[..., KlaviyoMock]) -> Iterator[KlaviyoMock]:
    """A Klaviyo that only this test sees: `.url`, `.api_key`, `.clock`, `.expect(…)`, `.wait(…)`, `.faults`, …"""
    asked = marked(request.node)
    faults = asked.pop("faults", ())
    mock = make_klaviyo(**asked)
    for fault in faults:
        mock.faults.add(**fault)
    yield mock
    mock.stop()


@pytest.fixture
def klaviyo_env(klaviyo: KlaviyoMock, monkeypatch: pytest.MonkeyPatch) -> KlaviyoMock:
    """The same, with the variables set that `mock-klaviyo env` prints."""
    for name, value in klaviyo.environment.items():
        monkeypatch.setenv(name, value)
    return klaviyo


@contextmanager
def scenario_world(item: pytest.Item) -> Iterator[tuple[str, str]]:
    """The URL and the key of a fresh world in which a scenario runs; the plugin `vendor-sim` asks for it by name."""
    from mock_klaviyo.testing.shared import SharedServer

    stash, name = item.config.stash, full_name(item, "")
    if SCENARIOS not in stash:
        stash[SCENARIOS] = SharedServer(url=item.config.getoption("--mock-klaviyo-url"))
    mock = stash[SCENARIOS].world(name)
    yield mock.url, mock.api_key
    mock.stop()
    stash[SCENARIOS].remove(name)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server of scenarios."""
    if SCENARIOS in config.stash:
        config.stash[SCENARIOS].stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what Klaviyo received to the report of a failed test."""
    report = yield
    mock: Any = getattr(item, "funcargs", {}).get("klaviyo")
    if report.failed:
        item.stash[FAILED] = True
    if report.failed and call.when == "call" and is_mock(mock):
        report.sections.append((SECTION, received(mock)))
    return report


def is_mock(value: object) -> bool:
    """Whether a fixture's value is ours; somebody else may have a fixture of the same name."""
    return type(value).__module__ == "mock_klaviyo.testing.mock"


def received(mock: KlaviyoMock) -> str:
    """What a mock received; or why that cannot be told, which must not hide the test's own failure."""
    try:
        return mock.received()
    except RuntimeError as reason:
        return f"cannot be told: {reason}"


def marked(item: pytest.Item) -> dict[str, Any]:
    """What the markers of a test ask for, the nearest first."""
    asked: dict[str, Any] = {}
    for marker in item.iter_markers("klaviyo"):
        unknown = sorted(marker.kwargs.keys() - set(WORDS))
        if unknown or marker.args:
            raise pytest.UsageError(f"@pytest.mark.klaviyo takes {', '.join(WORDS)}; not {unknown or marker.args}")
        asked = {**marker.kwargs, **asked}
    return asked


def full_name(item: pytest.Item, name: str) -> str:
    """The name of a test's world: its worker, its node id, and what the test itself calls it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return f"{worker}:{item.nodeid}{f':{name}' if name else ''}"
