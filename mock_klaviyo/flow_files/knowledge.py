"""Knowledge: which properties the events of a metric carry, from contracts and from the events that came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo

SCHEMA_OF_INFERRED: Mapping[str, Json] = {
    "boolean": {"type": "boolean"},
    "number": {"type": "number"},
    "string": {"type": "string"},
    "list": {"type": "array"},
    "dict": {"type": "object"},
}
"""The type of a property that is learnt from events → its schema."""


@dataclass(frozen=True)
class Carried:
    """What the events of a metric carry: a schema for each property; whether a contract says that this is all."""

    properties: Mapping[str, Json]
    is_contracted: bool

    def has(self, name: str) -> bool:
        """Whether events carry a property; those that Klaviyo itself sets begin with `$`."""
        return name.startswith("$") or name in self.properties


def carried(klaviyo: Klaviyo, metric_id: str) -> Carried | None:
    """What the events of a metric carry; None when nobody knows, since none came and no contract speaks of it."""
    metric = klaviyo.row("metric", metric_id)
    if metric is None:
        return None
    contract: Any = klaviyo.contracts.document["metrics"].get(metric.document["name"])
    if isinstance(contract, dict) and isinstance(contract.get("properties"), dict):
        return Carried(contract["properties"], is_contracted=True)
    learnt = klaviyo.store.rows("metric-property", metric_id=metric_id)
    known = {row.document["property"]: SCHEMA_OF_INFERRED.get(row.document["inferred_type"], {}) for row in learnt}
    return Carried(known, is_contracted=False) if known else None
