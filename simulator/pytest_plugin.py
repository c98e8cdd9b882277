"""The pytest plugin of scenarios: each one in a `*.mock-klaviyo.yaml` file is a test; see docs/testing.md.

A scenario runs as `vendor-sim run` does, in a process of its own and in a world of its own of a server that the plugin
`mock-klaviyo` starts; where that plugin is off, on a server of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ENDING = ".mock-klaviyo.yaml"
FOLDERS = "mock_klaviyo_scenarios"
YAML = {".yaml", ".yml"}
PARTNER = "mock-klaviyo"
"""The plugin that knows a server; its `scenario_world` gives the URL and the key of a fresh world."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that names folders of scenarios."""
    parser.addini(FOLDERS, "Folders whose YAML files are scenarios, and so tests.", type="paths", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of scenarios."""
    folders = [Path(folder) for folder in parent.config.getini(FOLDERS)]
    is_in_folder = file_path.suffix in YAML and any(folder in file_path.parents for folder in folders)
    if file_path.name.endswith(ENDING) or is_in_folder:
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFailed(Exception):
    """A scenario did not come out as it says; holds the report."""


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterable[pytest.Item]:
        """An item for each document of the file."""
        from simulator.document import DocumentError, documents

        try:
            parts = [*documents(self.path)]
        except DocumentError as reason:
            raise self.CollectError(str(reason)) from None
        for number, part in enumerate(parts):
            name = part.plain.get("name") if isinstance(part.plain, dict) else None
            yield ScenarioItem.from_parent(self, name=str(name or f"scenario {number + 1}"), line=part.place.line)


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, line: int, **rest: Any) -> None:
        super().__init__(**rest)
        self._line = line

    def runtest(self) -> None:
        """Run it and judge it."""
        with place(self) as options:
            done = run(self.path, options)
        if not done.stdout.strip():
            raise ScenarioFailed(done.stderr.strip() or f"vendor-sim ended with {done.returncode}")
        outcomes = [each["passed"] for each in json.loads(done.stdout)["scenarios"] if each["name"] == self.name]
        if not outcomes or not all(outcomes):
            raise ScenarioFailed(section(done.stderr, self.name) or done.stderr.strip())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report of the scenario; a traceback of ours would tell nobody anything."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, self._line - 1, f"scenario: {self.name}"


@contextmanager
def place(item: pytest.Item) -> Iterator[list[str]]:
    """Where a scenario runs, as options of `vendor-sim run`: none leaves it to start a server of its own."""
    partner: Any = item.config.pluginmanager.get_plugin(PARTNER)
    if partner is None:
        yield []
        return
    with partner.scenario_world(item) as (url, key):
        yield ["--to", url, "--key", key]


def run(file: Path, options: list[str]) -> subprocess.CompletedProcess[str]:
    """What `vendor-sim run` says of a file."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_KLAVIYO_")}
    command = [sys.executable, "-m", "simulator", "run", str(file), "--json", *options]
    return subprocess.run(command, capture_output=True, text=True, env={**own, "NO_COLOR": "1"}, check=False)


def section(report: str, name: str) -> str:
    """The lines of a report that are about one scenario.

    >>> section("PASS  one  seed 1\\nFAIL  two  seed 1\\n  a.yaml:3: no\\nPASS  three", "two")
    'FAIL  two  seed 1\\n  a.yaml:3: no'
    """
    kept: list[str] = []
    is_in = False
    for line in report.splitlines():
        if line.startswith(("PASS  ", "FAIL  ")):
            is_in = line[6:].startswith(name)
        if is_in:
            kept.append(line)
    return "\n".join(kept)
