"""Users' programs as targets, and what they may do wrong."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from simulator.delivery import Destination
from simulator.targets.choosing import target
from simulator.targets.surroundings import Surroundings, TargetError
from simulator.targets.target import reaction

PROGRAM = Path(__file__).parent / "mappings" / "program.py"


@pytest.fixture
def made(tea):
    targets = []

    def make(how: str, **options):
        command = f"{sys.executable} {PROGRAM} {how} {{klaviyo}}"
        targets.append(target({"command": command}, Surroundings({"tea": tea}, **options)))
        return targets[-1]

    yield make
    for each in targets:
        each.close()


def bodies(happening):
    return [one.request.body for one in happening.outgoing]


def test_a_program_answers_each_event_with_its_requests(made, sold):
    program = made("well")

    assert [[{"cups": 2}], [{"cups": 2}]] == [bodies(reaction(program, sold)) for _ in range(2)]


def test_a_program_is_told_where_klaviyo_is(made, sold):
    happening = reaction(made("url", klaviyo=Destination("http://127.0.0.1:4747", "pk_1")), sold)

    url = "http://127.0.0.1:4747"
    assert [{"url": url, "key": "pk_1", "argument": url}] == bodies(happening)


@pytest.mark.parametrize(
    ("how", "got", "complaint"),
    [
        ("crash", "the program ended with exit code 1", "ValueError: no tea today"),
        ("slow", "no line within 1 s", "tea program starts"),
        ("error", "no such kind of tea", "tea program starts"),
        ("text", "'hello'", "tea program starts"),
        ("list", "list [{'method': 'POST'", "tea program starts"),
    ],
)
def test_what_a_program_does_wrong_is_told_with_its_complaints(made, sold, how, got, complaint):
    (fault,) = reaction(made(how, patience=timedelta(seconds=1)), sold).faults

    assert fault.got.startswith(got)
    assert complaint == fault.lines[-1]


@pytest.mark.parametrize("command", ["no-such-program --x", "'unbalanced", ""])
def test_a_program_that_cannot_be_started_is_refused(tea, command):
    with pytest.raises(TargetError, match="target"):
        target({"command": command}, Surroundings({"tea": tea}))
