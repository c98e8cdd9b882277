"""Flow steps: one action of one run at a moment, and the registry of what each type of action does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_klaviyo.engine.flow_plans import Plan
from mock_klaviyo.engine.flow_run import Run
from mock_klaviyo.engine.subject import Subject
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_actions import data_of
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

if TYPE_CHECKING:
    from mock_klaviyo.engine.flow_walk import Walk


NOT_CONFIGURED = "Not Configured"
"""Why an action is passed that does not say what it must; an unfinished flow has such ones."""


@dataclass(frozen=True)
class Wait:
    """Stay at the action until a time, and then go on, or do it `again`."""

    until: datetime
    again: bool = False


@dataclass(frozen=True)
class Onward:
    """Go on to an action, or to the end."""

    to: str | None


@dataclass(frozen=True)
class Leave:
    """Be over at once."""

    reason: str


@dataclass(frozen=True)
class Park:
    """Stay at the action until something happens, and then go on."""


Way: TypeAlias = Wait | Onward | Leave | Park
"""Where a run goes from an action."""


@dataclass
class Step:
    """An action that a run has come to."""

    walk: Walk
    run: Run
    action: Json
    subject: Subject
    event: Row | None

    @property
    def world(self) -> World:
        """The world that it happens in."""
        return self.walk.world

    @property
    def plan(self) -> Plan:
        """The flow."""
        return self.walk.plan

    @property
    def at(self) -> datetime:
        """When it happens."""
        return self.walk.at

    @property
    def profile(self) -> Row:
        """Who it happens to."""
        return self.subject.profile

    @property
    def data(self) -> Json:
        """What the action says."""
        found: Json = data_of(self.action)
        return found

    @property
    def onward(self) -> Onward:
        """The way on of an action that has one."""
        return self.way("next")

    def way(self, name: str) -> Onward:
        """One of the ways out of the action."""
        return Onward((self.action.get("links") or {}).get(name))

    def pass_by(self, reason: str = NOT_CONFIGURED) -> Onward:
        """Do nothing, and say why."""
        self.note("passed", reason=reason)
        return self.onward

    def note(self, outcome: str, **facts: Any) -> None:
        """Note what happened."""
        self.run.note(self.at, self.action, outcome, **facts)


Act: TypeAlias = Callable[[Step], Way]

ACTIONS: dict[str, Act] = {}
"""Every type of action → what it does, and where its run goes then."""


def flow_action(type: str) -> Callable[[Act], Act]:
    """Declare the function that does a type of action."""

    def register(function: Act) -> Act:
        ACTIONS[type] = function
        return function

    return register
