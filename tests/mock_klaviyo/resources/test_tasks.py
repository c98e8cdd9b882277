"""Work that is put off until the clock reaches it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources import tasks
from mock_klaviyo.resources.world import World
from tests.conftest import START


@pytest.fixture
def done(monkeypatch) -> list[tuple[str, datetime]]:
    """What was done, and what the clock showed then."""
    found: list[tuple[str, datetime]] = []

    def work(world: World, given: Json, due: datetime) -> None:
        found.append((given["name"], world.now))

    monkeypatch.setitem(tasks.WORKS, "test", work)
    return found


def put_off(klaviyo: Klaviyo, name: str, **by: float) -> None:
    with klaviyo.store.transaction():
        tasks.later(klaviyo.world, START + timedelta(**by), "test", f"subject of {name}", name=name)


def test_tasks_are_done_in_the_order_in_which_they_fall_due_each_at_its_time(klaviyo, done):
    put_off(klaviyo, "second", hours=2)
    put_off(klaviyo, "first", hours=1)
    put_off(klaviyo, "never", days=9)

    klaviyo.move_clock(START + timedelta(days=1))

    assert [("first", START + timedelta(hours=1)), ("second", START + timedelta(hours=2))] == done
    assert START + timedelta(days=1) == klaviyo.clock.now


def test_a_task_is_done_once(klaviyo, done):
    put_off(klaviyo, "once", hours=1)

    klaviyo.move_clock(START + timedelta(hours=3))
    klaviyo.move_clock(START + timedelta(hours=5))

    assert 1 == len(done)


def test_what_was_called_off_is_not_done(klaviyo, done):
    put_off(klaviyo, "gone", hours=1)
    with klaviyo.store.transaction():
        tasks.call_off(klaviyo.world, "subject of gone")

    klaviyo.move_clock(START + timedelta(days=1))

    assert [] == done


def test_a_clock_that_goes_back_changes_nothing(klaviyo, done):
    put_off(klaviyo, "later", hours=1)
    with pytest.raises(ValueError, match="does not go back"):
        klaviyo.move_clock(START - timedelta(days=1))

    assert [] == done
    assert START == klaviyo.clock.now
