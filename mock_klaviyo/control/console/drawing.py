"""A flow as it is drawn: boxes one below the other, branches side by side, and how many profiles came through each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_actions import exits, messages, reached
from mock_klaviyo.resources.flow_runs import WAITING
from mock_klaviyo.store.rows import Row

WORDS = {"next_if_true": "yes", "next_if_false": "no"}
"""What the ways out of a split are called."""


@dataclass
class Numbers:
    """How many runs there are by status, and at each action: how many wait, and how often what happened there."""

    statuses: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    happened: dict[str, Counter[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, runs: Iterable[Row]) -> Numbers:
        """The numbers of runs."""
        found = cls()
        for run in runs:
            found.count(run.document)
        return found

    def count(self, run: Json) -> None:
        """Count a run."""
        self.statuses[run["status"]] += 1
        if run["status"] == WAITING:
            self.waiting[run["position"]] += 1
        for step in run["path"]:
            self.happened.setdefault(step["action_id"], Counter())[outcome(step)] += 1


@dataclass(frozen=True)
class Branch:
    """A way out of a split: what it is called, what is on it, and whether the flow ends there."""

    name: str
    boxes: list[Box]
    is_end: bool


@dataclass(frozen=True)
class Box:
    """An action as it is drawn; one that is drawn already is only named again."""

    action: Json
    branches: list[Branch] = field(default_factory=list)
    is_again: bool = False

    @property
    def title(self) -> str:
        """What the action is called, or what it does."""
        data = self.action.get("data") or {}
        named = [(data.get("current_experiment") or {}).get("name"), data.get("name")]
        named += [message.get("name") for _, message, _ in messages(self.action)]
        named += [", ".join(each["property_key"] for each in data.get("profile_operations") or ())]
        return next(filter(None, named), None) or span(data)

    @property
    def status(self) -> str | None:
        """Whether it is live; None for an action that only leads on."""
        found: str | None = (self.action.get("data") or {}).get("status")
        return found


@dataclass
class Drawing:
    """Draws a flow's actions, each once."""

    actions: Mapping[str, Json]
    drawn: set[str] = field(default_factory=set)

    def line(self, id: str | None, end: str | None = None) -> Iterator[Box]:
        """The boxes from an action on, as far as the end of the flow or another action."""
        while id is not None and id != end and id in self.actions:
            action = self.actions[id]
            if id in self.drawn:
                yield Box(action, is_again=True)
                return
            self.drawn.add(id)
            ways = list(ways_out(action))
            if len(ways) == 1:
                yield Box(action)
                id = ways[0][1]
                continue
            meeting = self.meeting([next for _, next in ways])
            yield Box(action, [self.branch(name, next, meeting or end) for name, next in ways])
            id = meeting

    def branch(self, name: str, next: str | None, end: str | None) -> Branch:
        """A way out of a split, as far as the ways meet again."""
        return Branch(name, list(self.line(next, end)), next is None)

    def meeting(self, ways: Iterable[str | None]) -> str | None:
        """The first action at which all ways meet that do not end at once."""
        open_ways = [way for way in ways if way is not None]
        shared = set.intersection(*(reached(self.actions, way) for way in open_ways)) if open_ways else set()
        return next((id for id in sorted(shared) if shared <= reached(self.actions, id)), None)


def ways_out(action: Json) -> Iterator[tuple[str, str | None]]:
    """What each way out of an action is called, and where it leads."""
    branches = {id(each.get("links")): each for each in (action.get("data") or {}).get("branches") or []}
    for exit in exits(action):
        branch = branches.get(id(exit.links))
        yield str((branch.get("name") or branch["branch_id"]) if branch else WORDS.get(exit.name, "")), exit.next


def outcome(step: Json) -> str:
    """What happened at an action, in words.

    >>> outcome({"outcome": "branch", "branch": True}), outcome({"outcome": "skipped", "reason": "Smart Sending"})
    ('yes', 'skipped: Smart Sending')
    """
    if step["outcome"] == "branch":
        branch = step.get("branch")
        return ("yes" if branch else "no") if isinstance(branch, bool) else str(step.get("name") or branch)
    return f"{step['outcome']}: {step['reason']}" if step.get("reason") else str(step["outcome"])


def span(data: Json) -> str:
    """How long an action waits; empty for one that does not.

    >>> span({"value": 3, "unit": "days", "delay_until_time": "11:00:00"})
    '3 days, until 11:00'
    """
    parts = [f"{data['value']} {data['unit']}"] if data.get("unit") else []
    parts += [f"until {time[:5]}" for name in ("delay_until_time", "target_time") if (time := data.get(name))]
    parts += [day[:3].capitalize() for day in data.get("delay_until_weekdays") or data.get("target_days") or ()]
    return ", ".join(parts)
