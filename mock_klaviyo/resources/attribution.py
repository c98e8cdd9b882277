"""Attribution: which message an event is credited to, and everything else that became of the messages.

All is booked on the time at which the message was sent.
https://help.klaviyo.com/hc/en-us/articles/1260804504250
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.resources.own_events import MESSAGE_METRICS, SERVICE
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection

WINDOWS: Mapping[tuple[str, str], timedelta] = {
    ("email", "opened"): timedelta(days=5),
    ("email", "clicked"): timedelta(days=5),
    ("sms", "received"): timedelta(hours=12),
    ("sms", "clicked"): timedelta(days=5),
    ("mobile_push", "opened"): timedelta(hours=24),
    ("whatsapp", "opened"): timedelta(hours=12),
    ("whatsapp", "clicked"): timedelta(days=5),
}
"""How long after it received a message what a profile does is credited to it, if it did this with the message.

The windows of accounts made since 9 October 2024.
"""

LONGEST_WINDOW = max(WINDOWS.values())
SENDINGS = ("received", "bounced", "failed")
"""What can become of a message that was sent; "dropped" ones were not."""


@dataclass(frozen=True)
class Send:
    """One message to one profile."""

    channel: str
    message_id: str
    flow_id: str | None
    profile_id: str
    at: datetime
    properties: Json = field(compare=False, hash=False)

    @property
    def who(self) -> tuple[str, str]:
        """What counts once however often it does something."""
        return self.message_id, self.profile_id


@dataclass(frozen=True)
class Outcome:
    """Something that became of a message, with a value if it has one."""

    kind: str
    send: Send
    value: float = 0.0


class Messages:
    """The messages that were sent since a time, and what their readers did with each."""

    def __init__(self, world: World, since: datetime) -> None:
        self._world = world
        self._sends: dict[tuple[str, str], Send] = {}
        self._touches: dict[str, list[tuple[datetime, Send, timedelta]]] = defaultdict(list)
        self.outcomes = list(self._read(since - LONGEST_WINDOW))

    def _read(self, since: datetime) -> Iterator[Outcome]:
        """What became of the messages, in the order in which it happened."""
        metrics = dict(message_metrics(self._world))
        for event in events(self._world, list(metrics), since):
            channel, kind = metrics[event.document["metric_id"]]
            properties = event.document["event_properties"]
            at = datetime.fromisoformat(event.document["datetime"])
            key = (str(properties.get("$message")), event.document["profile_id"])
            if kind == "received" or (kind in SENDINGS and key not in self._sends):
                self._sends[key] = Send(channel, key[0], properties.get("$flow"), key[1], at, properties)
                yield from sending(self._sends[key])
            send = self._sends.get(key)
            if send is not None:
                self._touch(send, kind, at)
                yield Outcome(kind, send)

    def _touch(self, send: Send, kind: str, at: datetime) -> None:
        """Note that a profile did something with a message that may make later events its merit."""
        window = WINDOWS.get((send.channel, kind))
        if window is not None:
            self._touches[send.profile_id].append((at, send, window))

    def conversions(self, metric_id: str, since: datetime) -> Iterator[Outcome]:
        """The events of a metric that are credited to a message: to the one that was touched last."""
        for event in events(self._world, [metric_id], since):
            send = self._credited(event)
            if send is not None:
                value = event.document["event_properties"].get("$value")
                yield Outcome("converted", send, value if isinstance(value, int | float) else 0)

    def _credited(self, event: Row) -> Send | None:
        """The message that an event is credited to."""
        at = datetime.fromisoformat(event.document["datetime"])
        touches = self._touches.get(event.document["profile_id"], ())
        fitting = [each for each in touches if each[0] <= at <= each[1].at + each[2]]
        return max(fitting, key=lambda each: each[0])[1] if fitting else None


def sending(send: Send) -> Iterator[Outcome]:
    """That a message was sent, and what that cost."""
    yield Outcome("sent", send)
    for kind, name in (("segments", "Segment Count"), ("credits", "$usage_amount")):
        amount = send.properties.get(name)
        if isinstance(amount, int | float):
            yield Outcome(kind, send, amount)


def message_metrics(world: World) -> Iterator[tuple[str, tuple[str, str]]]:
    """The ids of Klaviyo's own metrics of messages, each with its channel and what it tells."""
    for channel, kinds in MESSAGE_METRICS.items():
        for kind, name in kinds.items():
            metric = world.store.first("metric", name=name, service=SERVICE)
            if metric is not None:
                yield metric.id, (channel, kind)


def events(world: World, metric_ids: list[str], since: datetime) -> Iterator[Row]:
    """The events of some metrics since a time, the oldest first."""
    comparisons = (
        Comparison("any", "metric_id", tuple(metric_ids)),
        Comparison("greater-or-equal", "datetime", since),
    )
    return world.store.every(Selection("event", comparisons, Sort("datetime")))
