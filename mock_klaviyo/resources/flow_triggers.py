"""Flow triggers: what starts a flow, and what becomes of it when that is deleted."""

from __future__ import annotations

from collections.abc import Mapping

from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call
from mock_klaviyo.store.rows import Row

UNCONFIGURED = "Unconfigured"
BY_ID: Mapping[str, str] = {"list": "Added to List", "segment": "Added to List", "metric": "Metric"}
"""The type of a trigger that names what starts the flow → how flows call it; for segments that is a guess."""

BY_RULE: Mapping[str, str] = {"date": "Date Based", "price-drop": "Price Drop", "low-inventory": "Low Inventory"}
"""The type of a trigger that says itself what starts the flow → how flows call it."""

NEVER_AGAIN: Json = {"duration": 1, "unit": "alltime"}
ALWAYS: Json = {"duration": 0, "unit": "alltime"}


def trigger_type(trigger: Json) -> str:
    """How a flow calls its trigger."""
    if trigger["type"] in BY_RULE:
        return BY_RULE[trigger["type"]]
    return BY_ID[trigger["type"]] if trigger.get("id") else UNCONFIGURED


def default_reentry(trigger: Json) -> Json:
    """Whether a profile may come back, when the flow does not say.

    https://help.klaviyo.com/hc/en-us/articles/360003040052
    """
    return NEVER_AGAIN if trigger["type"] in ("list", "segment") else ALWAYS


def unconfigure(call: Call, row: Row) -> None:
    """Take its trigger from every flow that something starts which is about to be deleted."""
    flows = call.world.store.rows("flow", trigger_id=row.id)
    for flow in flows:
        flow.document["triggers"] = [each | {"id": None} for each in flow.document["triggers"]]
        flow.document |= {"trigger_id": None, "trigger_type": UNCONFIGURED}
    call.world.store.update(*flows)
