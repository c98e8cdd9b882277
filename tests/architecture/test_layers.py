"""Who may import whom: each layer itself and the layers below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS = {
    "mock_klaviyo": (
        ("cli", "__main__", "pytest_plugin", "testcontainers"),
        ("testing",),
        ("app", "serving"),
        ("api", "control"),
        ("accounts", "worlds"),
        ("flow_files",),
        ("travel", "violations"),
        ("snapshots", "past", "klaviyo", "dispatch", "exchange", "legacy", "omnisend"),
        ("engine",),
        ("wire",),
        ("resources",),
        ("store",),
        ("contracts", "spec", "jsonapi", "render"),
        ("proxy",),
        ("account_file", "outbound", "smtp"),
        ("deadline", "naming", "durations", "config", "clock", "ids", "errors", "json", "__init__"),
    ),
    "simulator": (
        ("cli", "__main__", "pytest_plugin"),
        ("scenario",),
        ("contract",),
        ("report", "reports", "targets", "recording"),
        ("verdict",),
        ("vendors",),
        ("server", "delivery"),
        ("line",),
        ("vendor", "stream", "webhook"),
        ("mapping",),
        ("shop", "population", "agenda", "habits"),
        ("event", "chance", "chronicle", "document", "json", "__init__"),
    ),
}
"""From top to bottom; modules of one line may import each other."""

HOMES = {
    "flask": {"mock_klaviyo": ("app", "serving", "api", "control"), "simulator": ()},
    "sqlalchemy": {"mock_klaviyo": ("store",), "simulator": ()},
    "click": {"mock_klaviyo": ("cli",), "simulator": ("cli",)},
    "django": {"mock_klaviyo": ("render",), "simulator": ()},
    "pytest": {"mock_klaviyo": ("pytest_plugin",), "simulator": ("pytest_plugin",)},
    "testcontainers": {"mock_klaviyo": ("testcontainers",), "simulator": ()},
    "random": {"mock_klaviyo": ("ids",), "simulator": ("chance",)},
}
"""Where alone a library may be imported."""

FORBIDDEN = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "service", "base", "data", "info"}
FORBIDDEN |= {"core", "impl"}
TAGS = {"data_privacy", "data_sources"}
"""Klaviyo's own names, which win."""


def modules(package: str) -> list[Path]:
    """Every Python file of a package."""
    return sorted((ROOT / package).rglob("*.py"))


def part(path: Path, package: str) -> str:
    """The module or folder directly below the package that a file belongs to."""
    return path.relative_to(ROOT / package).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """What a file imports when it runs, also within functions; not what it imports for types only."""
    tree = ast.parse(path.read_text())
    typed = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
    skipped = {id(child) for node in typed for child in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(package: str, name: str) -> int:
    """How far from the top a part stands."""
    return next(number for number, names in enumerate(LAYERS[package]) if name in names)


@pytest.mark.parametrize("package", LAYERS)
def test_every_part_has_a_layer(package: str) -> None:
    known = {name for names in LAYERS[package] for name in names}

    assert set() == {part(path, package) for path in modules(package)} - known


@pytest.mark.parametrize("package", LAYERS)
def test_nothing_imports_upward(package: str) -> None:
    upward = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imports(path)
        if name.startswith(f"{package}.")
        and (target := name.split(".")[1]) in {each for names in LAYERS[package] for each in names}
        and level(package, target) < level(package, part(path, package))
    ]

    assert [] == upward


@pytest.mark.parametrize(("package", "other"), [("mock_klaviyo", "simulator"), ("simulator", "mock_klaviyo")])
def test_the_two_programs_meet_over_http_only(package: str, other: str) -> None:
    assert [] == [path for path in modules(package) for name in imports(path) if name.split(".")[0] == other]


@pytest.mark.parametrize("library", HOMES)
def test_a_library_stays_in_its_home(library: str) -> None:
    strays = [
        str(path.relative_to(ROOT))
        for package, homes in HOMES[library].items()
        for path in modules(package)
        if library in {name.split(".")[0] for name in imports(path)} and part(path, package) not in homes
    ]

    assert [] == strays


def test_no_vendor_imports_another() -> None:
    strays = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("simulator/vendors")
        if path.parent.name != "vendors"
        for name in imports(path)
        if name.startswith("simulator.vendors.") and name.split(".")[2] != path.parent.name
    ]

    assert [] == strays


@pytest.mark.parametrize("stranger", ["events", "member", "lives"])
def test_a_mapping_sees_only_what_the_vendor_tells(stranger: str) -> None:
    mappings = [path for path in modules("simulator/vendors") if path.name == "mapping.py"]

    assert mappings
    assert [] == [path for path in mappings for name in imports(path) if name.endswith(f".{stranger}")]


@pytest.mark.parametrize("package", LAYERS)
def test_names_say_what_things_are(package: str) -> None:
    words = [word for path in modules(package) if path.stem not in TAGS for word in path.stem.split("_")]

    assert set() == FORBIDDEN & set(words)
