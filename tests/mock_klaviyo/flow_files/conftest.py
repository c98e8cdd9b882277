"""A story for each test of flow files."""

from __future__ import annotations

from tests.mock_klaviyo.engine.flows.conftest import story

__all__ = ["story"]
