"""What bad input gets at every operation: the documented error at the right place, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest

from tests.contract.arranging import OPERATIONS, Asked
from tests.contract.mistakes import MISTAKES, Mistake
from tests.contract.stage import Stage

MOST = 60
"""How many mistakes of a kind are made at an operation; of more, every n-th is."""
CASES = [
    pytest.param(name, kind, id=f"{name}-{kind}")
    for name, operation in OPERATIONS.items()
    for kind, (_, is_possible) in MISTAKES.items()
    if is_possible(operation)
]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A Klaviyo in which the calls of one operation after the other are arranged."""
    made = Stage()
    yield made
    made.close()


@pytest.fixture(scope="module")
def arranged(stage: Stage) -> Callable[[str], Asked]:
    """Arranges an operation; since no mistake changes anything, once for all mistakes."""
    return lru_cache(maxsize=1)(stage.fresh)


def fault(stage: Stage, mistake: Mistake) -> str | None:
    """What is wrong with the answer to a mistake; nothing when it is as it should be."""
    response = stage.scene.call(mistake.asked)
    if response.status not in range(400, 500) or mistake.status not in (None, response.status):
        return f"{mistake.what}: {response.status} {response.document}"
    errors = (response.document or {})["errors"]
    return None if any(mistake.is_told(each["source"]) for each in errors) else f"{mistake.what}: {errors}"


def some(mistakes: list[Mistake]) -> list[Mistake]:
    """The mistakes, or of very many some from everywhere."""
    return mistakes[:: len(mistakes) // MOST + 1]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_mistake_is_refused_and_changes_nothing(stage: Stage, arranged: Any, name: str, kind: str) -> None:
    asked, (mistakes, _) = arranged(name), MISTAKES[kind]
    before = stage.state()

    faults = [found for mistake in some(list(mistakes(asked))) if (found := fault(stage, mistake))]

    assert [] == faults
    assert before == stage.state()
