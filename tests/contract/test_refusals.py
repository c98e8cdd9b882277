"""What bad input gets at every operation: the documented error at the right place, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from mock_klaviyo.config import Config
from mock_klaviyo.klaviyo import Klaviyo
from tests.calling import Client
from tests.contract.arrangements import scene
from tests.contract.arranging import OPERATIONS, Asked
from tests.contract.mistakes import MISTAKES, Mistake

MOST = 60
"""How many mistakes of a kind are made at an operation; of more, every n-th is."""
NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
CASES = [
    pytest.param(name, kind, id=f"{name}-{kind}")
    for name, operation in OPERATIONS.items()
    for kind, (_, is_possible) in MISTAKES.items()
    if is_possible(operation)
]


class Stage:
    """A Klaviyo in which the calls of one operation after the other are arranged."""

    def __init__(self) -> None:
        self.klaviyo = Klaviyo(Config(clock=NOW))
        self.name: str | None = None

    def asked(self, name: str) -> Asked:
        """A call that would succeed; since no mistake changes anything, it is arranged once for all mistakes."""
        if name != self.name:
            self.klaviyo.reset()
            self.scene = scene(Client(self.klaviyo))
            self.made, self.name = self.scene.asked(name), name
            self.klaviyo.catch_up()
        return self.made

    def state(self) -> str:
        """A digest of all that is kept."""
        self.klaviyo.catch_up()
        connection: Any = self.klaviyo.store._database._connection.connection.driver_connection
        return sha256(connection.serialize()).hexdigest()

    def fault(self, mistake: Mistake) -> str | None:
        """What is wrong with the answer to a mistake; nothing when it is as it should be."""
        response = self.scene.call(mistake.asked)
        if response.status not in range(400, 500) or mistake.status not in (None, response.status):
            return f"{mistake.what}: {response.status} {response.document}"
        errors = response.document["errors"]
        return None if any(mistake.is_told(each["source"]) for each in errors) else f"{mistake.what}: {errors}"


def some(mistakes: list[Mistake]) -> list[Mistake]:
    """The mistakes, or of very many some from everywhere."""
    return mistakes[:: len(mistakes) // MOST + 1]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A stage for all operations."""
    made = Stage()
    yield made
    made.klaviyo.close()


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_mistake_is_refused_and_changes_nothing(stage: Stage, name: str, kind: str) -> None:
    asked, (mistakes, _) = stage.asked(name), MISTAKES[kind]
    before = stage.state()

    faults = [fault for mistake in some(list(mistakes(asked))) if (fault := stage.fault(mistake))]

    assert [] == faults
    assert before == stage.state()
