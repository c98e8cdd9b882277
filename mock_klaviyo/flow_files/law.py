"""Law: what a rule for flows looks at, and how one is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mock_klaviyo.flow_files.loading import Loaded
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.flow_actions import reached
from mock_klaviyo.store.rows import Row

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Draft:
    """A flow that rules look at: made in an account that nobody sees, with the ids of its file in `given`."""

    klaviyo: Klaviyo
    loaded: Loaded
    given: Json
    flow: Row
    actions: list[Json]
    """The actions in the order of the file, with the ids that they have in the account."""

    @property
    def trigger(self) -> Json:
        """What starts the flow."""
        found: Json = self.flow.document["triggers"][0]
        return found

    @property
    def metric_id(self) -> str | None:
        """The metric that starts the flow, None when something else does."""
        return self.trigger.get("id") if self.trigger["type"] == "metric" else None

    def place(self, action: Json) -> str:
        """Where an action stands in the file."""
        return f"/actions/{self.actions.index(action)}"

    def shown(self, action: Json) -> str:
        """How the file calls an action."""
        given = self.given["actions"][self.actions.index(action)]
        return str(given.get("temporary_id") or given.get("id"))

    @property
    def reached(self) -> set[str]:
        """The ids of the actions that one comes to."""
        return reached({action["id"]: action for action in self.actions}, self.flow.document["entry_action_id"])


Trouble: TypeAlias = tuple[str, str, str]
"""Where something is wrong in a definition, what, and what would be right."""

Rule: TypeAlias = Callable[[Draft], Iterator[Trouble]]


@dataclass(frozen=True)
class Law:
    """A rule with its name and how bad it is to break it."""

    name: str
    severity: str
    rule: Rule

    @property
    def meaning(self) -> str:
        """What it finds, in one sentence."""
        return (self.rule.__doc__ or "").strip().splitlines()[0]


LAWS: dict[str, Law] = {}
"""Every rule by its name."""


def law(severity: str) -> Callable[[Rule], Rule]:
    """Declare a rule; its name is that of the function."""

    def register(rule: Rule) -> Rule:
        name = rule.__name__.replace("_", "-")
        LAWS[name] = Law(name, severity, rule)
        return rule

    return register
