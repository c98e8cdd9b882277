"""Flow plans: a flow's definition as the engine walks through it, read once for each version of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from mock_klaviyo.engine.subject import Needs, needs
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_actions import data_of, exits, messages
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

DRAFT, MANUAL, LIVE = "draft", "manual", "live"
EXECUTED = (MANUAL, LIVE)

OF_TRIGGER = ("metric-property", "price-drop-property", "low-inventory-property")
"""Conditions that look only at what a flow began with."""


@dataclass(frozen=True)
class Plan:
    """A flow: its trigger, its actions by id, those from which one comes to something that is executed, and what must
    be read of a profile before it can be judged."""

    flow: Row
    actions: Mapping[str, Json]
    executed: frozenset[str]
    leading: frozenset[str]
    needs: Needs

    @property
    def id(self) -> str:
        """The id of the flow."""
        return self.flow.id

    @property
    def trigger(self) -> Json:
        """What starts the flow."""
        found: Json = self.flow.document["triggers"][0]
        return found

    @property
    def profile_filter(self) -> Json | None:
        """Whom the flow is for."""
        found: Json | None = self.flow.document["profile_filter"]
        return found

    @property
    def entry(self) -> str | None:
        """The action that comes first."""
        found: str | None = self.flow.document["entry_action_id"]
        return found

    @property
    def is_open(self) -> bool:
        """Whether profiles may begin: it is no draft, and something in it is live or manual.

        https://help.klaviyo.com/hc/en-us/articles/360017706091
        """
        document = self.flow.document
        return document["status"] in EXECUTED and not document["archived"] and self.entry in self.leading

    @property
    def restocked(self) -> list[str]:
        """The actions at which runs wait until something is back in stock."""
        return [id for id, action in self.actions.items() if action["type"] == "back-in-stock-delay"]

    @property
    def is_transactional(self) -> bool:
        """Whether it sends a message that is transactional."""
        return any(
            message.get("transactional") for action in self.actions.values() for _, message, _ in messages(action)
        )


class Plans:
    """The plans of a world's flows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._plans: dict[str, Plan | None] = {}

    def forget(self) -> None:
        """Read all plans anew when they are needed next."""
        self._plans = {}

    def plan(self, flow_id: str) -> Plan | None:
        """The plan of a flow; None when it is gone."""
        if flow_id not in self._plans:
            flow = self._world.store.row("flow", flow_id)
            self._plans[flow_id] = self._read(flow) if flow else None
        return self._plans[flow_id]

    def _read(self, flow: Row) -> Plan:
        """The plan of a flow."""
        rows = self._world.store.rows("flow-action", flow_id=flow.id)
        actions = {row.id: row.document["definition"] for row in rows}
        executed = frozenset(id for id, action in actions.items() if status(action) in EXECUTED)
        found = [flow.document["profile_filter"], *(each for action in actions.values() for each in filters(action))]
        needed = reduce(or_, (needs(of_profile(each)) for each in found if each), Needs())
        return Plan(flow, actions, executed, leading(actions, executed), needed)


def status(action: Json) -> str | None:
    """The status of an action; None for one that only leads on."""
    found: str | None = data_of(action).get("status")
    return found


def leading(actions: Mapping[str, Json], executed: frozenset[str]) -> frozenset[str]:
    """The actions that are executed and those from which one comes to them."""
    before: dict[str | None, list[str]] = {}
    for id, action in actions.items():
        for each in exits(action):
            before.setdefault(each.next, []).append(id)
    found, waiting = set(executed), [*executed]
    while waiting:
        new = set(before.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return frozenset(found)


def filters(action: Json) -> Iterator[Json]:
    """The definitions in an action by which profiles are judged."""
    data = data_of(action)
    found = [data.get("profile_filter"), *(branch.get("branch_filter") for branch in data.get("branches") or ())]
    found += [message.get("additional_filters") for _, message, _ in messages(action)]
    yield from (each for each in found if each)


def of_profile(definition: Json) -> Json:
    """A definition without the conditions on what a flow began with."""
    groups = [
        [each for each in group["conditions"] if each["type"] not in OF_TRIGGER]
        for group in definition["condition_groups"]
    ]
    return {"condition_groups": [{"conditions": group} for group in groups]}
