"""One HTML page that needs nothing beside it: scenarios with their time drawn, expectations, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from simulator.chronicle import PARTS, Chronicle
from simulator.reports.finding import details, short
from simulator.verdict import Verdict, handled

TEMPLATE = Path(__file__).with_name("page.html")
LANE_HEIGHT = 26
WIDTH = 1000
"""Units across a drawing; it is as wide as the page."""

TICKS = 6


@dataclass(frozen=True)
class Lane:
    """A lane of a drawing: its name, how much happened in it, and its bars as (x, y, height, count)."""

    name: str
    total: int
    y: int
    bars: list[tuple[float, float, float, int]]
    marks: list[tuple[float, str]]


@dataclass(frozen=True)
class Drawing:
    """The time of a run, drawn: lanes, windows as (x, width, text), and ticks as (x, text)."""

    height: int
    lanes: list[Lane]
    windows: list[tuple[float, float, str]]
    ticks: list[tuple[float, str]]


def page(verdicts: Sequence[Verdict]) -> str:
    """The report of a run as one page."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {"details": details, "short": short, "handled": handled, "drawing": drawing}
    return environment.from_string(TEMPLATE.read_text()).render(
        verdicts=verdicts, passed=sum(verdict.is_passed for verdict in verdicts), width=WIDTH, lane_height=LANE_HEIGHT
    )


def drawing(chronicle: Chronicle) -> Drawing:
    """The time of a run as a drawing."""
    lanes = [lane(chronicle, name, index * LANE_HEIGHT) for index, name in enumerate(chronicle.lanes)]
    windows = [
        (x(chronicle, each.start), max(2.0, x(chronicle, each.end) - x(chronicle, each.start)), each.text)
        for each in chronicle.windows
    ]
    return Drawing(len(lanes) * LANE_HEIGHT, lanes, windows, list(ticks(chronicle)))


def lane(chronicle: Chronicle, name: str, y: int) -> Lane:
    """One lane: a bar for each part of the time in which something happened."""
    counts = chronicle.lanes[name]
    most = max(counts)
    room = LANE_HEIGHT - 6
    bars = [
        (number * WIDTH / PARTS, y + LANE_HEIGHT - 2 - height, height, count)
        for number, count in enumerate(counts)
        if count and (height := max(2.0, room * count / most))
    ]
    marks = [
        (x(chronicle, mark.at), f"{mark.at:%Y-%m-%d %H:%M} {mark.text}")
        for mark in chronicle.marks
        if mark.lane == name
    ]
    return Lane(name, chronicle.totals[name], y, bars, marks)


def x(chronicle: Chronicle, at: datetime) -> float:
    """How far to the right a time stands."""
    return chronicle.share(at) * WIDTH


def ticks(chronicle: Chronicle) -> Iterator[tuple[float, str]]:
    """Some times along the drawing, in the run's own dates."""
    whole = chronicle.end - chronicle.start
    form = "%b %d" if whole > timedelta(days=3) else "%d %H:%M"
    for number in range(TICKS):
        at = chronicle.start + whole * number / (TICKS - 1)
        yield x(chronicle, at), at.strftime(form)
