"""Observed: the JSON Schema that values suggest."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.contract.inference.observed import Observed

CASES = [
    ([1, 2], {"type": "integer", "minimum": 0}),
    ([1, 2.5], {"type": "number", "minimum": 0}),
    ([-1], {"type": "integer"}),
    ([True], {"type": "boolean"}),
    ([None, "x1"], {"type": ["null", "string"]}),
    (["2026-02-28"], {"type": "string", "format": "date"}),
    (["2026-02-30"], {"type": "string"}),
    (["2026-02-28T10:00:00Z"], {"type": "string", "format": "date-time"}),
    (["2026-02-28T10:00:00"], {"type": "string"}),
    (["a@b.test", "c@d.test"], {"type": "string", "format": "email"}),
    (["https://a.test/x", "nothing"], {"type": "string"}),
    (["6f1ed002-ab59-4a16-8ffa-51bd6a1a1c2d"], {"type": "string", "format": "uuid"}),
    (["Gold", "Silver"] * 5, {"type": "string", "enum": ["Gold", "Silver"]}),
    (["Gold", "Silver"] * 4, {"type": "string"}),
    (["Gold", None] * 5, {"type": ["null", "string"], "enum": ["Gold", None]}),
    (["Tier 1"] * 10, {"type": "string"}),
    ([[1], [2.5]], {"type": "array", "items": {"type": "number", "minimum": 0}}),
    ([[]], {"type": "array"}),
]


@pytest.mark.parametrize(("values", "schema"), CASES, ids=lambda each: str(each)[:40])
def test_values_suggest_a_schema(values: list[Any], schema: dict[str, Any]) -> None:
    observed = Observed()
    for value in values:
        observed.add(value)

    assert schema == observed.schema()


def test_a_field_that_is_not_always_there_is_not_required() -> None:
    observed = Observed()
    for value in ({"a": 1, "b": 1}, {"a": 2}):
        observed.add(value)

    found = observed.schema()

    assert ["a"] == found["required"]
    assert 0.5 == found["properties"]["b"]["x-seen"]
