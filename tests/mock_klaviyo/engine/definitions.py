"""Short words for conditions and segments."""

from __future__ import annotations

from typing import Any

from tests.calling import resource


def segment(*conditions: Any, both: bool = False, name: str = "A segment") -> Any:
    """The body of a segment of those who satisfy any of the conditions, or all when `both`."""
    groups = [[each] for each in conditions] if both else [[*conditions]]
    definition = {"condition_groups": [{"conditions": group} for group in groups]}
    return resource("segment", name=name, definition=definition)


def is_gold(property: str = "properties['Tier']", value: str = "Gold") -> Any:
    """The condition on a text."""
    filter = {"type": "string", "operator": "equals", "value": value}
    return {"type": "profile-property", "property": property, "filter": filter}


def bought(metric: str, *, operator: str = "in-the-last", least: int = 1, days: int = 3, **timeframe: Any) -> Any:
    """The condition on how often somebody did something in a time."""
    frame = timeframe if "unit" in timeframe else {"unit": "day", "quantity": days}
    return {
        "type": "profile-metric",
        "metric_id": metric,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": "greater-than-or-equal", "value": least},
        "timeframe_filter": {"type": "date", "operator": operator, **frame},
    }


def in_group(id: str, *, is_member: bool = True, days: int | None = None) -> Any:
    """The condition on a list or a segment."""
    found: Any = {"type": "profile-group-membership", "is_member": is_member, "group_ids": [id]}
    if days is not None:
        found["timeframe_filter"] = {"type": "date", "operator": "in-the-last", "unit": "day", "quantity": days}
    return found
