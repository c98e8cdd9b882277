"""The official Node SDK takes a tour of each tag."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mock_klaviyo.app import create_app
from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.serving import Server
from mock_klaviyo.spec.recorded import recording
from tests.calling import REVISION

TOUR = Path(__file__).with_name("node")
NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="node and npm are not on the PATH"),
]


@pytest.fixture
def installed(pytestconfig: pytest.Config) -> Path:
    """The tour with its SDK, in pytest's cache; it is installed when its lock file is another than before."""
    folder = Path(pytestconfig.cache.mkdir("node-sdk"))  # type: ignore[union-attr]
    lock = (TOUR / "package-lock.json").read_bytes()
    known = folder / "package-lock.json"
    is_known = (folder / "node_modules/klaviyo-api").is_dir() and known.read_bytes() == lock
    for file in TOUR.iterdir():
        shutil.copy(file, folder)
    if not is_known:
        run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return folder


@pytest.fixture
def klaviyo() -> Iterator[Klaviyo]:
    """A Klaviyo whose clock stands still."""
    with closing(Klaviyo(Config(clock=NOW))) as made:
        yield made


def run(folder: Path, *command: str, **variables: str) -> None:
    """Run a command; what it says is the reason when it fails."""
    ended = subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert 0 == ended.returncode, f"{' '.join(command)}: {ended.stdout}{ended.stderr}"


def test_the_node_sdk_takes_a_tour_of_each_tag(installed: Path, klaviyo: Klaviyo) -> None:
    server = Server(create_app(klaviyo=klaviyo))
    server.start()
    try:
        run(installed, "node", "tour.mjs", **klaviyo.config.environment(server.url))
    finally:
        server.stop()

    operations = recording(REVISION).operations
    called = {entry.operation for entry in klaviyo.journal.entries() if entry.operation and entry.status < 300}
    assert {each.tag for each in operations.values()} == {operations[name].tag for name in called}


def test_the_node_sdk_is_answered_unchanged_under_exec(installed: Path) -> None:
    run(installed, sys.executable, "-m", "mock_klaviyo", "exec", "--", "node", "unchanged.mjs")
