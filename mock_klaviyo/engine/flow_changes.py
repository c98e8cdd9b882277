"""Flow changes: the actions that change a profile or a list, and those that cannot run here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_klaviyo.engine.flow_delays import zone_of
from mock_klaviyo.engine.flow_steps import Step, Way, flow_action
from mock_klaviyo.json import Json
from mock_klaviyo.resources.lists import MEMBERS

TODAY = "today"
LOCALLY = "it runs at Klaviyo only"


@flow_action("update-profile")
def update_profile(step: Step) -> Way:
    """Change properties of the profile, one after the other."""
    properties = dict(step.profile.document["properties"])
    for operation in step.data.get("profile_operations") or []:
        change(properties, operation, today(step))
    before = step.profile.document["properties"]
    changed = {
        name: properties.get(name) for name in {**before, **properties} if before.get(name) != properties.get(name)
    }
    step.profile.document["properties"] = properties
    step.walk.change_profile(step.profile)
    step.note("updated", properties=changed)
    return step.onward


def today(step: Step) -> str:
    """The day that it is for the account."""
    return step.at.astimezone(zone_of(None, step.walk.nowhere, step.world)).date().isoformat()


def change(properties: Json, operation: Json, today: str) -> None:
    """Do one operation on properties: to create what is there overwrites, to update what is not there creates."""
    key = operation["property_key"]
    if operation["operator"] == "delete":
        properties.pop(key, None)
        return
    value = operation["property_value"]
    if operation["property_type"] == "date" and value == TODAY:
        value = today
    if operation["property_type"] == "list":
        value = LISTED[operation.get("property_operation") or "set"](items(properties.get(key)), value)
    properties[key] = value


def items(value: Any) -> list[Any]:
    """What a property holds as a list."""
    return [] if value is None else list(value) if isinstance(value, list) else [value]


LISTED: Mapping[str, Callable[[list[Any], Any], list[Any]]] = {
    "add": lambda known, value: known if value in known else [*known, value],
    "remove": lambda known, value: [each for each in known if each != value],
    "set": lambda _known, value: items(value),
}
"""The operation on a list → what it holds then."""


@flow_action("list-update")
def list_update(step: Step) -> Way:
    """Add the profile to a list or remove it; a list that is gone is passed over.

    https://help.klaviyo.com/hc/en-us/articles/30101956634523
    """
    id, is_added = step.data.get("list_id"), step.data.get("on_execution")
    if id is None or is_added is None or not step.world.store.is_any("list", id=id):
        step.note("passed", reason="the list is not configured")
    elif is_added:
        step.world.store.links.add(MEMBERS, id, [step.profile.id], step.world.second)
        step.note("updated", list_id=id, is_member=True)
    else:
        step.world.store.links.remove(MEMBERS, id, [step.profile.id])
        step.note("updated", list_id=id, is_member=False)
    step.walk.regroup(step.subject)
    return step.onward


@flow_action("internal-service")
@flow_action("code")
def elsewhere(step: Step) -> Way:
    """Pass what only Klaviyo can run."""
    step.note("passed", reason=LOCALLY)
    return step.onward
