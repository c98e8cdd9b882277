"""Null wherever an attribute may be null: taken or refused, and never shown where answers know no null."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.shapes import resolved
from tests.bodies import changed
from tests.contract.arranging import OPERATIONS
from tests.contract.mistakes import satisfies, takes_json
from tests.contract.stage import Stage


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A Klaviyo that begins anew with each call."""
    made = Stage()
    yield made
    made.close()


def nullable(operation: Operation) -> list[str]:
    """The attributes of a body that may be null."""
    document: Any = operation.request
    data = resolved(resolved(document, document)["properties"]["data"], document)
    attributes = resolved(data.get("properties", {}).get("attributes", {}), document).get("properties", {})
    return [name for name, schema in attributes.items() if satisfies(None, schema, document)]


CASES = [
    (name, each) for name, operation in OPERATIONS.items() if takes_json(operation) for each in nullable(operation)
]


@pytest.mark.parametrize(("name", "attribute"), CASES)
def test_null_is_taken_or_refused(stage: Stage, name: str, attribute: str) -> None:
    asked = stage.fresh(name)

    response = stage.scene.call(replace(asked, body=changed(asked.body, ("data", "attributes", attribute), None)))

    assert response.status in (*asked.operation.responses, 400)
