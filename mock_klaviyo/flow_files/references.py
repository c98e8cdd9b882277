"""References: what of its account a flow's definition names by id, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_klaviyo.json import Json
from mock_klaviyo.resources.definitions import NAMED
from mock_klaviyo.resources.flow_triggers import BY_ID

MEMBERS: Mapping[str, tuple[str, ...]] = {
    **NAMED,
    "conversion_metric_id": ("metric",),
    "image_id": ("image",),
}
"""The member of a definition that holds ids → the types that they may be of."""

SYMBOLS: Mapping[str, str] = {
    "METRIC": "metric",
    "LIST": "list",
    "SEGMENT": "segment",
    "TPL": "template",
    "TEMPLATE": "template",
    "IMAGE": "image",
}
"""What may stand before a colon and a name in place of an id → the type of what is meant: `METRIC:Placed Order`."""


@dataclass(frozen=True)
class Reference:
    """An id in a definition: what it may be the id of, where it stands, and how to put another one there."""

    types: tuple[str, ...]
    id: str
    pointer: str
    holder: Any
    key: str | int

    def replace(self, id: str | None) -> None:
        """Put another id there."""
        self.holder[self.key] = id

    @property
    def symbol(self) -> tuple[str, str] | None:
        """The type and the name that it stands for, when it is written as a name."""
        kind, colon, name = self.id.partition(":")
        return (SYMBOLS[kind], name) if colon and kind in SYMBOLS else None


def references(definition: Json) -> Iterator[Reference]:
    """Every id in a definition that belongs to its account."""
    for index, trigger in enumerate(definition.get("triggers") or ()):
        if trigger.get("type") in BY_ID and trigger.get("id"):
            yield Reference((trigger["type"],), trigger["id"], f"/triggers/{index}/id", trigger, "id")
    yield from within(definition, "")


def within(value: Any, pointer: str) -> Iterator[Reference]:
    """Every id in the members of a value."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from within(each, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from named(value, name, f"{pointer}/{name}")
            yield from within(member, f"{pointer}/{name}")


def named(holder: Json, name: str, pointer: str) -> Iterator[Reference]:
    """The ids that one member holds."""
    member = holder[name]
    types = split_types(holder) if name == "trigger_id" else MEMBERS.get(name, ())
    if types and isinstance(member, str):
        yield Reference(types, member, pointer, holder, name)
    elif types and isinstance(member, list):
        for index, id in enumerate(member):
            if isinstance(id, str):
                yield Reference(types, id, f"{pointer}/{index}", member, index)


def split_types(holder: Json) -> tuple[str, ...]:
    """What the trigger that a split names may be; only some triggers have an id."""
    type = str(holder.get("trigger_type"))
    return (type,) if type in BY_ID else ()
