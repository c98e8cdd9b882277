"""Coverage: how much of what is recorded the server answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from mock_klaviyo.json import Json
from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.recorded import Recording

HEADINGS = ("tag", "recorded", "answered", "own behaviour")


@dataclass(frozen=True)
class Row:
    """Numbers of operations: recorded, answered, and those among them with behaviour of their own."""

    tag: str
    recorded: int
    answered: int
    own: int


@dataclass(frozen=True)
class Coverage:
    """The numbers of a revision, per tag and in all."""

    revision: str
    rows: tuple[Row, ...]
    total: Row

    def document(self) -> Json:
        """The numbers as JSON."""
        return {"revision": self.revision, "tags": [asdict(row) for row in self.rows], "total": asdict(self.total)}

    def text(self) -> str:
        """The numbers as a table."""
        lines = [HEADINGS, *(cells(row) for row in (*self.rows, self.total))]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(aligned(line, widths) for line in lines)


def coverage(recording: Recording, answered: Collection[str], own: Collection[str]) -> Coverage:
    """What of a recording is answered, and what has behaviour of its own, given the ids of both."""
    operations = list(recording.operations.values())
    tags = sorted({operation.tag for operation in operations})
    rows = [row(tag, (each for each in operations if each.tag == tag), answered, own) for tag in tags]
    return Coverage(recording.revision, tuple(rows), row("all", operations, answered, own))


def row(tag: str, operations: Iterable[Operation], answered: Collection[str], own: Collection[str]) -> Row:
    """The numbers of some operations."""
    ids = {operation.id for operation in operations}
    return Row(tag, len(ids), len(ids.intersection(answered)), len(ids.intersection(own)))


def cells(row: Row) -> tuple[str, ...]:
    """A row as it is written."""
    return (row.tag, str(row.recorded), str(row.answered), str(row.own))


def aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    """A line of a table: the first cell to the left, numbers to the right."""
    numbers = (cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
    return "  ".join((line[0].ljust(widths[0]), *numbers))
