"""Loading: makes the flows of a file in an account, whatever account their ids are from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from mock_klaviyo.flow_files.bundle import Bundle, definition
from mock_klaviyo.flow_files.inside import Inside, Refused, resource
from mock_klaviyo.flow_files.references import Reference, references
from mock_klaviyo.json import Json
from mock_klaviyo.klaviyo import Klaviyo
from mock_klaviyo.resources.flow_actions import data_of, exits, messages, parts
from mock_klaviyo.resources.metrics import metric_row
from mock_klaviyo.resources.own_events import SERVICE
from mock_klaviyo.resources.own_metrics import OWN_METRICS

KEPT, FOUND, MADE, UNRESOLVED = "kept", "found", "made", "unresolved"


@dataclass(frozen=True)
class Resolution:
    """What became of an id in a file: kept as it is, found by its name, made, or unresolved."""

    flow: str
    type: str
    id: str
    name: str | None
    outcome: str
    local_id: str | None
    pointer: str


@dataclass(frozen=True)
class Loaded:
    """A flow of a file that is now in the account, and what its ids became."""

    id: str
    name: str
    status: str
    resolutions: list[Resolution] = field(default_factory=list)

    @property
    def unresolved(self) -> list[Resolution]:
        """The ids that mean nothing here."""
        return [each for each in self.resolutions if each.outcome == UNRESOLVED]


@dataclass(frozen=True)
class Loader:
    """Makes flows in an account, and what they name when the file tells enough of it."""

    klaviyo: Klaviyo
    bundle: Bundle
    status: str | None = None

    @classmethod
    def load_all(cls, klaviyo: Klaviyo, bundle: Bundle, status: str | None = None) -> list[Loaded]:
        """Make all flows of a file, or none when Klaviyo refuses one."""
        before = klaviyo.remember()
        try:
            return list(cls(klaviyo, bundle, status).load())
        except Refused:
            klaviyo.recall(before)
            raise

    def load(self) -> Iterator[Loaded]:
        """Make each flow of the file; raises `Refused` when a definition is not as it must be."""
        for flow in self.bundle.flows:
            yield self._flow(flow)

    def _flow(self, flow: Json) -> Loaded:
        """Make one flow, with the statuses that its file tells."""
        name, wanted = str(flow["attributes"].get("name", "Flow")), deepcopy(definition(flow))
        told = statuses(wanted)
        resolutions = [self._resolved(name, each) for each in references(wanted)]
        renew(wanted)
        inside = Inside(self.klaviyo)
        id = inside.make("/api/flows", "flow", name=name, definition=wanted)
        status = self.status or flow["attributes"].get("status") or "draft"
        if status != "draft":
            inside.ask("PATCH", f"/api/flows/{id}", resource("flow", id, status=status))
            self._restore(inside, id, {} if self.status else told)
        return Loaded(id, name, status, resolutions)

    def _restore(self, inside: Inside, id: str, told: Mapping[int, str]) -> None:
        """Give each action the status that the file tells; making a flow live gave all of them its own."""
        answer = inside.ask("GET", f"/api/flows/{id}", **{"additional-fields[flow]": "definition"})
        actions = answer["data"]["attributes"]["definition"]["actions"]
        for index, status in told.items():
            action = actions[index]
            if action["data"]["status"] != status:
                action["data"]["status"] = status
                body = resource("flow-action", action["id"], definition=action)
                inside.ask("PATCH", f"/api/flow-actions/{action['id']}", body)

    def _resolved(self, flow: str, reference: Reference) -> Resolution:
        """Put the local id of what an id stands for in its place."""
        type, name = self._meant(reference)
        outcome, local = self._local(reference, type, name)
        if local is not None:
            reference.replace(local)
        elif reference.types == ("template",):
            reference.replace(None)  # a message may be without a template, but not with one that is nowhere
        return Resolution(flow, type, reference.id, name, outcome, local, reference.pointer)

    def _meant(self, reference: Reference) -> tuple[str, str | None]:
        """The type and the name of what an id stands for."""
        if reference.symbol is not None:
            return reference.symbol
        for type in reference.types:
            name = self.bundle.name(type, reference.id)
            if name is not None:
                return type, name
        here = next((type for type in reference.types if self.klaviyo.row(type, reference.id)), reference.types[0])
        return here, None

    def _local(self, reference: Reference, type: str, name: str | None) -> tuple[str, str | None]:
        """What stands here for an id: what is called the same, what has the id, or what the file tells how to make."""
        if name is None:
            return (KEPT, reference.id) if self.klaviyo.row(type, reference.id) else (UNRESOLVED, None)
        known = self._named(type, name)
        if known is not None:
            return FOUND, known
        made = MAKERS[type](self, name, self.bundle.others.get((type, reference.id))) if type in MAKERS else None
        return (MADE, made) if made is not None else (UNRESOLVED, None)

    def _named(self, type: str, name: str) -> str | None:
        """The id of what is called so here; of several the oldest."""
        with self.klaviyo.store.transaction():
            rows = self.klaviyo.store.rows(type) if type != "metric" else self.klaviyo.store.rows(type, name=name)
        return next((row.id for row in rows if row.document.get("name") == name), None)


def make_metric(loader: Loader, name: str, told: Json | None) -> str | None:
    """A metric that has had no events yet; it is Klaviyo's own when it is called so, and the file tells no other."""
    integration = ((told or {}).get("attributes") or {}).get("integration") or {}
    service = integration.get("key") or (SERVICE if name in OWN_METRICS else None)
    return loader.klaviyo.alter(lambda world: metric_row(world, name, service)).id


def make_list(loader: Loader, name: str, _told: Json | None) -> str | None:
    """An empty list."""
    return Inside(loader.klaviyo).make("/api/lists", "list", name=name)


def make_segment(loader: Loader, name: str, told: Json | None) -> str | None:
    """A segment, when the file tells its definition."""
    given = ((told or {}).get("attributes") or {}).get("definition")
    if given is None:
        return None
    wanted = deepcopy(given)
    for each in references(wanted):
        loader._resolved(name, each)
    return Inside(loader.klaviyo).make("/api/segments", "segment", name=name, definition=wanted)


def make_template(loader: Loader, name: str, told: Json | None) -> str | None:
    """A template, when the file tells what it says."""
    given = (told or {}).get("attributes") or {}
    if not given.get("html"):
        return None
    known: dict[str, Any] = {"html": given["html"], "text": given.get("text") or None, "editor_type": "CODE"}
    return Inside(loader.klaviyo).make("/api/templates", "template", name=name, **known)


MAKERS: Mapping[str, Callable[[Loader, str, Json | None], str | None]] = {
    "metric": make_metric,
    "list": make_list,
    "segment": make_segment,
    "template": make_template,
}
"""The type of what a flow may name → how it is made when it is not here."""


def statuses(wanted: Json) -> dict[int, str]:
    """The status of each action that has one, by its place."""
    found = {index: data_of(action).get("status") for index, action in enumerate(wanted.get("actions", ()))}
    return {index: status for index, status in found.items() if status}


def renew(wanted: Json) -> None:
    """Make temporary ids of the real ones, and forget what only the account that they are from knows."""
    for action in wanted.get("actions", ()):
        for part, _ in parts(action):
            id = part.pop("id", None)
            if id is not None and "temporary_id" not in part:
                part["temporary_id"] = id
        for _, message, _ in messages(action):
            message.pop("id", None)
        data = data_of(action)
        data.pop("experiment_status", None)
        if data.get("current_experiment"):
            data["current_experiment"].pop("id", None)
        for each in exits(action):
            each.links[each.name] = each.next
