"""A flow run: one profile's way through a flow, where it stands, and all that happened on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mock_klaviyo.engine.subject import Start
from mock_klaviyo.json import Json
from mock_klaviyo.resources.flow_runs import DONE, FLOW_RUN, REFUSED, WAITING
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

COMPLETED = "Completed"
"""Why a run is over when nothing follows that is live or manual; the other reasons are skip reasons of Klaviyo's."""


@dataclass
class Run:
    """A run as it is kept."""

    row: Row

    @property
    def id(self) -> str:
        """Its id."""
        return self.row.id

    @property
    def profile_id(self) -> str:
        """Whose run it is."""
        return str(self.row.document["profile_id"])

    @property
    def flow_id(self) -> str:
        """The flow that it is in."""
        return str(self.row.document["flow_id"])

    @property
    def position(self) -> str | None:
        """The action that it stands at."""
        found: str | None = self.row.document["position"]
        return found

    @property
    def trigger(self) -> Json:
        """What began it."""
        found: Json = self.row.document["trigger"]
        return found

    @property
    def is_waiting(self) -> bool:
        """Whether it waits at an action."""
        return bool(self.row.document["status"] == WAITING)

    @property
    def is_again(self) -> bool:
        """Whether the action that it waits at must still be done; else it goes on to the next one."""
        return bool(self.row.document["is_again"])

    @property
    def due(self) -> datetime | None:
        """Until when it waits."""
        due = self.row.document["due"]
        return datetime.fromisoformat(due) if due else None

    @property
    def begins(self) -> datetime:
        """When it should have begun: at its date's moment, or when it was entered."""
        return datetime.fromisoformat(self.trigger.get("begins") or self.row.document["entered_at"])

    def start(self, event: Row | None) -> Start:
        """How it began, as conditions see it."""
        document = self.row.document
        return Start(
            at=datetime.fromisoformat(document["entered_at"]).replace(microsecond=0),
            number=document["after"],
            flow_id=self.flow_id,
            key=f"{self.flow_id}:{self.profile_id}",
            run_id=self.id,
            metric_id=event.document["metric_id"] if event else None,
            properties=event.document["event_properties"] if event else {},
            outputs=document["outputs"],
        )

    def note(self, at: datetime, action: Json, outcome: str, **facts: Any) -> None:
        """Note what happened at an action."""
        step = {"at": text(at), "action_id": action["id"], "action_type": action["type"], "outcome": outcome}
        self.row.document["path"].append(step | {name: fact for name, fact in facts.items() if fact is not None})

    def stand(self, action_id: str) -> None:
        """Come to an action."""
        self.row.document |= {"position": action_id, "due": None, "is_again": False}

    def wait(self, until: datetime | None, *, again: bool = False) -> None:
        """Wait at the action where it stands, until a time or until something happens."""
        self.row.document |= {"status": WAITING, "due": until and text(until), "is_again": again}

    def end(self, at: datetime, reason: str = COMPLETED) -> None:
        """Be over."""
        over = {"status": DONE, "exit": reason, "exited_at": text(at), "position": None, "due": None}
        self.row.document |= over


def text(at: datetime) -> str:
    """A time as runs keep it."""
    return at.astimezone(UTC).isoformat()


def new_run(world: World, flow_id: str, profile_id: str, trigger: Json, at: datetime) -> Run:
    """A run that begins; the caller keeps it."""
    document = {
        "flow_id": flow_id,
        "profile_id": profile_id,
        "trigger": trigger,
        "entered_at": text(at),
        "after": trigger["number"],
        "position": None,
        "status": WAITING,
        "due": None,
        "is_again": False,
        "exit": None,
        "exited_at": None,
        "outputs": {},
        "entry": [],
        "path": [],
    }
    return Run(Row(FLOW_RUN.type, FLOW_RUN.make_id(world), document))


def refuse(run: Run, at: datetime, reason: str) -> None:
    """Let a run not begin."""
    run.row.document |= {"status": REFUSED, "exit": reason, "exited_at": text(at), "position": None}


def rounds(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Runs in their order, but no profile twice in one round: the second run must see what the first one did."""
    found: dict[str, Run] = {}
    for run in runs:
        if run.profile_id in found:
            yield list(found.values())
            found = {}
        found[run.profile_id] = run
    if found:
        yield list(found.values())
