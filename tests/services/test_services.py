"""Three mapping services are driven by one scenario file; only the target changes."""

from __future__ import annotations

from pathlib import Path

import pytest

SCENARIO = Path(__file__).parent / "loyalty.yaml"


@pytest.mark.parametrize("target", ["function", "flask", "node"], indirect=True)
def test_each_service_passes_the_same_scenario(play, target):
    verdict = play(SCENARIO, target)

    assert [] == verdict.tally.failures
    assert (9, 9) == (verdict.met, verdict.expectations)
