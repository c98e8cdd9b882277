"""What the tests of recordings share: a small definition, its recording, and the newest shipped one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_klaviyo.spec.record import recorded
from mock_klaviyo.spec.recorded import Recording, recording, revisions

HERE = Path(__file__).parent


@pytest.fixture
def definition() -> dict[str, Any]:
    return json.loads((HERE / "definition.json").read_text())


@pytest.fixture
def small(definition: dict[str, Any]) -> Recording:
    return Recording(recorded(definition))


@pytest.fixture
def newest() -> Recording:
    return recording(revisions()[-1])
