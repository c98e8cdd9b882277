"""Flow actions as definitions write them: where they lead, what they hold, and the messages they send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mock_klaviyo.json import Json

CHANNELS: Mapping[str, str] = {
    "send-email": "email",
    "send-sms": "sms",
    "send-mobile-push": "mobile_push",
    "send-whatsapp": "whatsapp",
    "send-webhook": "webhook",
    "send-internal-alert": "internal_alert",
}
"""The type of an action that sends → the channel of its message."""


@dataclass(frozen=True)
class Exit:
    """A way out of an action: which member of which object names the next action, and where that stands."""

    links: Json
    name: str
    pointer: str

    @property
    def next(self) -> str | None:
        """The id of the next action; None where the way ends."""
        id: str | None = self.links[self.name]
        return id


def data_of(action: Json) -> Json:
    """What an action says; nothing of code, whose data may be anything."""
    data = action.get("data")
    return data if isinstance(data, dict) and action.get("type") != "code" else {}


def exits(action: Json, pointer: str = "") -> Iterator[Exit]:
    """The ways out of an action, the one of a split's true or first branch before the others."""
    yield from ways(action.get("links"), f"{pointer}/links")
    for index, branch in enumerate(data_of(action).get("branches") or []):
        yield from ways(branch.get("links"), f"{pointer}/data/branches/{index}/links")


def ways(links: Any, pointer: str) -> Iterator[Exit]:
    """The links that name an action or the end; those of a split with many branches are published as anything."""
    for name, next in links.items() if isinstance(links, dict) else ():
        if next is None or isinstance(next, str):
            yield Exit(links, name, f"{pointer}/{name}")


def parts(action: Json, pointer: str = "") -> Iterator[tuple[Json, str]]:
    """An action and those that it holds, as tests of variations do, each with where it stands."""
    yield action, pointer
    data = data_of(action)
    if data.get("main_action"):
        yield data["main_action"], f"{pointer}/data/main_action"
    for index, variation in enumerate((data.get("current_experiment") or {}).get("variations") or []):
        yield variation, f"{pointer}/data/current_experiment/variations/{index}"


def messages(action: Json, pointer: str = "") -> Iterator[tuple[str, Json, str]]:
    """The messages of an action: channel, message, and where it stands."""
    for part, place in parts(action, pointer):
        message = data_of(part).get("message")
        if message and part["type"] in CHANNELS:
            yield CHANNELS[part["type"]], message, f"{place}/data/message"


def reached(actions: Mapping[str, Json], entry: str | None) -> set[str]:
    """The ids of the actions that one comes to from the first."""
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        id = waiting.pop()
        if id is not None and id in actions and id not in found:
            found.add(id)
            waiting += [each.next for each in exits(actions[id])]
    return found


def has_circle(actions: Mapping[str, Json]) -> bool:
    """Whether one can come to an action again."""
    ways = {id: [each.next for each in exits(action)] for id, action in actions.items()}
    try:
        TopologicalSorter(ways).prepare()
    except CycleError:
        return True
    return False
