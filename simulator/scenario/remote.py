"""Remote: scenarios against real Klaviyo, whose state is read back over its public API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import sleep
from typing import Any
from urllib.parse import quote

from simulator.contract.inspection import Inspection, Wire
from simulator.contract.received import ReceivedEvent
from simulator.delivery import Delivery
from simulator.json import Json
from simulator.server import Control, RefusedByMock
from simulator.targets.target import Happening

PATIENCE = timedelta(seconds=60)
"""How long real Klaviyo may take to show what it accepted."""

A_WHILE = 2.0
"""Seconds between two looks."""


class PublicControl(Control):
    """Stands where a mock has its control routes: real Klaviyo is neither emptied nor is its clock moved."""

    def reset(self, clock: datetime) -> None:
        """Leave everything as it is."""

    def hold(self, now: datetime) -> None:
        """Leave the clock alone."""

    def hold_not_before(self, now: datetime) -> None:
        """Leave the clock alone."""

    def end_lineage(self) -> None:
        """Nothing to end."""

    def tell_lineage(self, cause: str, target: str, entry: str) -> None:
        """Nobody to tell."""

    def wait(self, *, timeout: timedelta, **wanted: str) -> bool:
        """Wait a while."""
        del timeout, wanted
        sleep(A_WHILE)
        return False

    def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Refuse: only a mock has these routes."""
        del method, path, body
        raise RefusedByMock("only a mock can stumble or load flows; take klaviyo.flows and Klaviyo's faults away")


class RemoteInspection(Inspection):
    """Judges what is sent on its way, and observes in the end what real Klaviyo shows of it."""

    def __init__(self, *arguments: Any, since: datetime, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._since = since
        self._sent: set[tuple[str, str | None]] = set()
        self._shown: set[str] = set()

    def take(self, happening: Happening) -> None:
        """Send and judge, and note what was sent."""
        super().take(happening)
        self._note()

    def _note(self) -> None:
        """Note the events that are on their way."""
        self._sent |= {(message.metric, message.unique_id) for _, message in self._window.values()}
        self._window.clear()

    def _read_back(self) -> None:
        """Observe the events that Klaviyo shows by now."""
        self._note()
        if self._wire is None or not self._sent:
            return
        for id, event in events_since(self._wire.delivery, self._since):
            if id not in self._shown and (event.metric, event.unique_id) in self._sent:
                self._shown.add(id)
                self._observe(event)


def events_since(delivery: Delivery, since: datetime) -> Iterator[tuple[str, ReceivedEvent]]:
    """The events of an account since a time, each with its id, over the public API."""
    condition = quote(f"greater-or-equal(datetime,{since.isoformat()})")
    following: str | None = f"/api/events?filter={condition}&include=profile,metric&sort=datetime"
    while following:
        page = delivery.read(following)
        known = {(each["type"], each["id"]): each["attributes"] for each in page.get("included", ())}
        for row in page["data"]:
            yield row["id"], public_event(row, known)
        link = (page.get("links") or {}).get("next")
        following = None if link is None else link[link.index("/api/") :]


def public_event(row: Json, known: dict[tuple[str, str], Json]) -> ReceivedEvent:
    """An event as the public API shows it; `unique_id` and value stand among its properties."""
    properties = dict(row["attributes"]["event_properties"] or {})
    profile, metric = (row["relationships"][name]["data"] for name in ("profile", "metric"))
    return ReceivedEvent(
        metric=known.get(("metric", metric["id"]), {}).get("name", ""),
        profile={"id": profile["id"], **known.get(("profile", profile["id"]), {})},
        unique_id=properties.pop("$event_id", None),
        value=properties.pop("$value", None),
        value_currency=properties.pop("$value_currency", None),
        properties=properties,
        time=row["attributes"]["datetime"],
    )


def remote_wire(delivery: Delivery) -> Wire:
    """The way to real Klaviyo."""
    return Wire(delivery, PublicControl(delivery.destination.url, delivery.destination.key))
