"""A story for each test of flows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mock_klaviyo.engine.flows.story import Story


@pytest.fixture
def story() -> Iterator[Story]:
    """A shop with a held clock: Monday noon, 2026-03-02."""
    told = Story()
    yield told
    told.klaviyo.close()
