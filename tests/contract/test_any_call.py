"""Whatever anybody calls: no fault of ours, every answer as it is recorded, and no refusal changes a thing.

`MOCK_KLAVIYO_ANY_CALLS=50` makes 50 times as many calls, and other ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.contract.any_call import Chance
from tests.contract.arranging import MAKERS, OPERATIONS
from tests.contract.stage import Stage

TIMES = int(os.environ.get("MOCK_KLAVIYO_ANY_CALLS", "1"))
PER_OPERATION = 2
MOST_CALLS = 5
TAGS: dict[str, list[str]] = {}
for name, operation in OPERATIONS.items():
    TAGS.setdefault(operation.tag, []).append(name)
TYPES = sorted(MAKERS)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A Klaviyo that begins anew with each example."""
    made = Stage()
    yield made
    made.close()


@pytest.mark.parametrize("tag", TAGS)
def test_no_call_breaks_anything(stage: Stage, tag: str) -> None:
    @settings(
        max_examples=max(4, PER_OPERATION * len(TAGS[tag])) * TIMES,
        deadline=None,
        database=None,
        derandomize=TIMES == 1,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # the calls that led to a failure are few, and told; to find fewer takes minutes
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        play(stage, data, tag)

    run()


def play(stage: Stage, data: st.DataObject, tag: str) -> None:
    """Arrange an operation of a tag, and make some calls."""
    asked = stage.fresh(data.draw(st.sampled_from(TAGS[tag])))
    for type in data.draw(st.lists(st.sampled_from(TYPES), max_size=2)):
        stage.scene.one(type)
    chance = Chance(data.draw, stage.scene, tag)
    for _ in range(data.draw(st.integers(1, MOST_CALLS))):
        call, before = chance.call(asked), stage.state()
        note(f"{call.revision} {call.operation.method} {call.path} {dict(call.query)} {call.body}")
        response = stage.scene.call(call)
        assert response.status < 500
        if response.status >= 400:
            assert before == stage.state(), response.document
        chance.note(response)
