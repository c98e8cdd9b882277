"""Pointing: an error in a file, with the line that it is about and a caret below the place."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.document import DocumentError, Place

WIDEST = 110
"""How much of a line is shown."""


def pointed(problem: DocumentError) -> str:
    """What is wrong, the line where that is, and a caret below the place; the bare words when there is no such line."""
    line = line_at(problem.place)
    if line is None:
        return str(problem)
    skipped = max(0, problem.place.column - 1 - WIDEST // 2) if len(line) > WIDEST else 0
    before = "…" if skipped else ""
    shown = f"{before}{line[skipped : skipped + WIDEST]}"
    return f"{problem}\n  {shown}\n  {' ' * (problem.place.column - 1 - skipped + len(before))}^"


def line_at(place: Place) -> str | None:
    """The line at a place, without its end."""
    try:
        with Path(place.file).open(encoding="utf-8") as lines:
            found = next(islice(lines, place.line - 1, None), None)
    except (OSError, UnicodeDecodeError):
        return None
    return found and found.rstrip().expandtabs(1)
