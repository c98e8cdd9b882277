"""A finding in words, the same in every report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.verdict import Finding


def summary(finding: Finding) -> str:
    """What is wrong, in one line."""
    return f"{finding.what}: expected {finding.expected}, got {finding.got}"


def details(finding: Finding) -> Iterator[str]:
    """What is wrong, where, how often, with examples and with what is known of the reason."""
    times = f"   ({finding.times:,} times)" if finding.times > 1 else ""
    place = f"{short(finding.place.file)}:{finding.place.line}:{finding.place.column}"
    yield f"{place}  {summary(finding)}{times}"
    yield from (f"   {example}" for example in finding.examples)
    if finding.why:
        yield f"why: {finding.why}"
    if finding.mapping:
        yield f"mapping: {short(finding.mapping)}"


def short(path: str) -> str:
    """A path as seen from here, if it is below here."""
    return path.removeprefix(f"{Path.cwd()}/")
