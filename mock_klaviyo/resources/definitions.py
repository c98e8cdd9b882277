"""Definitions: what those of segments and flows have in common, their conditions and what they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.resources.call import Call
from mock_klaviyo.resources.registry import RESOURCES
from mock_klaviyo.resources.world import World

NAMED: Mapping[str, tuple[str, ...]] = {
    "metric_id": ("metric",),
    "group_ids": ("list", "segment"),
    "list_id": ("list",),
    "template_id": ("template",),
}
"""The member of a definition that holds ids → the types that they may be of."""

PREDICTIVE = "profile-predictive-analytics"
PREDICTIVE_HINT = "nothing is predicted here: conditions on predictive analytics are false for every profile"


def conditions(definition: Json, pointer: str) -> Iterator[tuple[str, Json]]:
    """Each condition of a definition, and where it stands."""
    for number, group in enumerate(definition["condition_groups"]):
        for index, condition in enumerate(group["conditions"]):
            yield f"{pointer}/condition_groups/{number}/conditions/{index}", condition


def members(definition: Any) -> Iterator[tuple[str, Any]]:
    """Every named member of a definition, however deep."""
    if isinstance(definition, list):
        for item in definition:
            yield from members(item)
    elif isinstance(definition, dict):
        for name, member in definition.items():
            yield name, member
            yield from members(member)


def hint_at_trouble(call: Call, definition: Json) -> None:
    """Say what in a definition cannot be true here, or names something that is not there."""
    hint_at_predictions(call, definition)
    for types, ids in unknown(call.world, definition).items():
        hint_at_unknown(call, " or ".join(types), *ids)


def unknown(world: World, definition: Json) -> dict[tuple[str, ...], list[str]]:
    """What a definition names and is not there: the ids by the types that they should be of."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name, member in members(definition):
        ids = member if isinstance(member, list) else [member]
        for id in ids if name in NAMED else ():
            if isinstance(id, str) and id not in found.get(NAMED[name], ()) and not is_any(world, NAMED[name], id):
                found.setdefault(NAMED[name], []).append(id)
    return found


def hint_at_predictions(call: Call, definition: Json) -> None:
    """Say that conditions on predictions are false."""
    if any(name == "type" and member == PREDICTIVE for name, member in members(definition)):
        call.hint(PREDICTIVE_HINT)


def hint_at_unknown(call: Call, type: str, *ids: str) -> None:
    """Say that something is named that is not there; what Klaviyo does then is not documented."""
    call.hint(f"there is no {type} with id {', '.join(ids)}; Klaviyo may refuse that")


def is_any(world: World, types: tuple[str, ...], id: str) -> bool:
    """Whether there is something of one of some types that has an id."""
    return any(type in RESOURCES and world.store.row(type, id) is not None for type in types)
