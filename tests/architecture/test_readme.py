"""What the README and the docs say is true: their tables are current, and their commands work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from cogapp import Cog

from mock_klaviyo.cli import main as mock_klaviyo
from mock_klaviyo.serving import Server
from simulator.cli import main as vendor_sim

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
PROGRAMS = {"vendor-sim": vendor_sim, "mock-klaviyo": mock_klaviyo}
ELSEWHERE = {
    "mock-klaviyo demo": "tests/contract/test_demo.py starts it as a process",
    "mock-klaviyo serve": "tests/mock_klaviyo/test_cli.py starts it as a process",
    "mock-klaviyo exec": "tests/mock_klaviyo/proxy/test_exec.py runs programs in three languages",
    "mock-klaviyo record": "tests/mock_klaviyo/spec/test_record.py records a definition",
    "vendor-sim run scenarios": "tests/scenarios/test_scenarios.py runs each scenario",
    "vendor-sim record": "tests/contract/test_recordings.py records each vendor's stream",
    "vendor-sim replay": "tests/contract/test_recordings.py sends each recording again",
    "vendor-sim contract": "tests/simulator/contract tests verify and mutants, vendor by vendor",
}
"""Commands that take long or never end, and the test that runs them instead."""


def commands() -> list[str]:
    """Every command of ours in a shell block of a page."""
    blocks = (block for page in PAGES for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL))
    lines = (line.partition("  #")[0].strip() for block in blocks for line in block.splitlines())
    return sorted({line for line in lines if line.split(" ")[0] in PROGRAMS})


@pytest.mark.parametrize("command", [each for each in commands() if not each.startswith(tuple(ELSEWHERE))])
def test_a_command_of_the_pages_works(command: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_KLAVIYO_URL", server.url)
    monkeypatch.chdir(ROOT)
    program, *arguments = shlex.split(command)

    result = CliRunner().invoke(PROGRAMS[program], arguments)

    assert 0 == result.exit_code, result.output


def test_every_page_of_the_docs_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()

    assert [] == [page.name for page in PAGES if page.name != "README.md" and f"docs/{page.name}" not in readme]


@pytest.mark.parametrize("package", ["mock_klaviyo", "simulator"])
def test_the_map_of_the_house_shows_every_folder(package: str) -> None:
    house = (ROOT / "README.md").read_text().partition("## The house")[2].partition(f"\n{package}/ ")[2]
    room = house.partition("\nsimulator/ ")[0].partition("\nscenarios/ ")[0]
    folders = {file.parent.name for file in (ROOT / package).glob("*/__init__.py")}

    assert folders
    assert set() == folders - set(re.findall(r"(\w+)/", room))


@pytest.mark.parametrize("page", [page.relative_to(ROOT) for page in PAGES], ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text())
    local = [link for link in links if "://" not in link]

    assert [] == [link for link in local if not (ROOT / page.parent / link).exists()]


@pytest.mark.parametrize("page", [page.relative_to(ROOT) for page in PAGES], ids=str)
def test_generated_parts_are_current(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert 0 == Cog().main(["cog", "--check", str(page)])
