"""The rules by which conditions on what starts a flow are checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mock_klaviyo.flow_files.law import ERROR, Draft, Trouble, law
from mock_klaviyo.flow_files.laws import conditions, definitions, metric
from mock_klaviyo.json import Json

READS: Mapping[str, tuple[str, ...]] = {
    "metric-property": ("metric", "price-drop", "low-inventory"),
    "price-drop-property": ("price-drop",),
    "low-inventory-property": ("low-inventory",),
    "custom-object-property": ("date",),
    "custom-object-trigger-property": ("date",),
}
"""The type of a condition on what starts a flow → the types of triggers that have such properties."""


@law(ERROR)
def condition_on_another_trigger(draft: Draft) -> Iterator[Trouble]:
    """A condition on what starts a flow that asks about something which does not start this one; it is never true."""
    for pointer, definition in definitions(draft):
        for place, condition in conditions(definition, pointer):
            if (reason := unavailable(draft, condition)) is not None:
                yield place, f"it is never true: {reason}", "ask about the profile, or about what starts the flow"


def unavailable(draft: Draft, condition: Json) -> str | None:
    """Why what a condition asks about is not there; None when it is, or when the condition is of another kind."""
    type, trigger = condition["type"], draft.trigger["type"]
    if type in READS and trigger not in READS[type]:
        return f"what a {trigger} trigger starts has no {type}"
    if type == "metric-property" and draft.metric_id and condition["metric_id"] not in (None, draft.metric_id):
        return f"events of {metric(draft, condition)} do not start the flow"
    return None
