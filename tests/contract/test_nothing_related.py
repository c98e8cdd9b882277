"""Relationships that lead nowhere: answered as they are recorded, in each revision."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_klaviyo.spec.operation import Form
from mock_klaviyo.spec.recorded import revisions
from tests.contract.arrangements.campaigns import push_campaign
from tests.contract.arranging import OPERATIONS, Asked, owner
from tests.contract.stage import Stage

RELATED = [name for name, each in OPERATIONS.items() if each.form in (Form.LIST_RELATED, Form.LIST_RELATED_IDS)]
WITH_IMAGES = [name for name in RELATED if "image" in name]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A Klaviyo that begins anew with each operation."""
    made = Stage()
    yield made
    made.close()


def read(stage: Stage, name: str) -> None:
    """Read a relationship of something new in each revision; the client looks at the answers."""
    operation = OPERATIONS[name]
    for revision in revisions():
        asked = Asked(operation, {"id": stage.scene.one(owner(operation))}, {}, revision=revision)
        assert stage.scene.call(asked).status in (200, 400, 404)


@pytest.mark.parametrize("name", RELATED)
def test_what_leads_nowhere_is_answered_as_it_is_recorded(stage: Stage, name: str) -> None:
    stage.fresh("get_accounts")

    read(stage, name)


@pytest.mark.parametrize("name", WITH_IMAGES)
def test_a_message_without_the_image_it_may_have_is_answered_as_it_is_recorded(stage: Stage, name: str) -> None:
    stage.fresh("get_accounts")
    push_campaign(stage.scene)

    read(stage, name)
