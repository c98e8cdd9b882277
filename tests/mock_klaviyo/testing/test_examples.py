"""The examples of docs/testing.md run, and the page shows them as they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mock_klaviyo.testing.test_pytest_plugin import pytest_run

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLES = DOCS / "examples" / "testing"


def test_the_tests_and_the_scenario_pass(tmp_path: Path) -> None:
    for example in EXAMPLES.iterdir():
        if example.is_file():
            shutil.copy(example, tmp_path)

    code, said = pytest_run(tmp_path)

    assert 0 == code, said
    assert "4 passed" in said


def test_the_unittest_passes() -> None:
    command = [sys.executable, str(EXAMPLES / "unittest_orders.py")]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stderr
    assert "Ran 1 test" in done.stderr


@pytest.mark.parametrize("name", ["test_orders.py", "unittest_orders.py", "points.mock-klaviyo.yaml"])
def test_the_page_shows_the_example_as_it_is(name: str) -> None:
    assert (EXAMPLES / name).read_text().strip() in (DOCS / "testing.md").read_text()
