"""Webhook deliveries: rows that wait to be sent, the signed calls that are made of them, and when to try again."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.jsonapi.filters import Comparison
from mock_klaviyo.jsonapi.query import Query
from mock_klaviyo.jsonapi.sort import Sort
from mock_klaviyo.outbound import Unreachable
from mock_klaviyo.resources.call import Call
from mock_klaviyo.resources.presenter import resource_object
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.webhooks import SUBSCRIPTIONS, WEBHOOK, topic
from mock_klaviyo.resources.world import World
from mock_klaviyo.spec.recorded import recording, revisions
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection
from mock_klaviyo.store.tables import Field

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"

MOST_AT_ONCE = 100
"""How many events one call tells of at most."""

RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""How long to wait after each failure before trying again; nobody has recorded Klaviyo's own waits."""

DELIVERY = declare(
    Resource(
        type="webhook-delivery",
        make_id=lambda world: world.ids.uuid(),
        fields=(
            Field("webhook_id", is_indexed=True, is_required=True),
            Field("status", is_indexed=True, is_required=True),
            Field("due", is_indexed=True, is_required=True),
        ),
    )
)
"""Ours: no operation of Klaviyo's leads here."""


@dataclass(frozen=True)
class Delivery:
    """A call that is about to be made: where to, what, and the rows that it tells of."""

    url: str
    headers: dict[str, str]
    body: bytes
    rows: tuple[Row, ...]
    at: datetime


def plan(world: World, events: Iterable[Row]) -> None:
    """Put down what webhooks are to be told of new events."""
    webhooks = [row for row in world.store.rows(WEBHOOK.type) if row.document["enabled"]]
    if not webhooks:
        return
    topics = {row.id: set(world.store.links.ids(SUBSCRIPTIONS, row.id)) for row in webhooks}
    named: dict[str, str] = {}
    planned = [
        delivery_row(world, webhook, named_topic, event)
        for event in events
        for named_topic in [topic_of(world, event.document["metric_id"], named)]
        for webhook in webhooks
        if named_topic in topics[webhook.id]
    ]
    world.store.insert(*planned)


def topic_of(world: World, metric_id: str, known: dict[str, str]) -> str:
    """The topic of a metric, which is noted in `known`."""
    if metric_id not in known:
        metric = world.store.rows("metric", id=metric_id)[0].document
        known[metric_id] = topic(metric["service"], metric["name"])
    return known[metric_id]


def delivery_row(world: World, webhook: Row, topic: str, event: Row) -> Row:
    """A delivery that waits."""
    document = {
        "webhook_id": webhook.id,
        "topic": topic,
        "event_id": event.id,
        "status": WAITING,
        "due": world.now.astimezone(UTC).isoformat(),
        "attempts": [],
    }
    return Row(DELIVERY.type, DELIVERY.make_id(world), document)


def next_delivery(world: World) -> Delivery | None:
    """The call that is due first, with all that can go with it; None when nothing is due."""
    due = Selection(
        DELIVERY.type,
        (Comparison("equals", "status", WAITING), Comparison("less-or-equal", "due", world.now)),
        Sort("due"),
    )
    rows = world.store.page(due, MOST_AT_ONCE).rows
    if not rows:
        return None
    first = rows[0].document
    together = [row for row in rows if is_alike(row.document, first)]
    webhook = world.store.rows(WEBHOOK.type, id=first["webhook_id"])[0]
    return call_of(world, webhook, tuple(together), datetime.fromisoformat(first["due"]))


def is_alike(delivery: Json, other: Json) -> bool:
    """Whether two deliveries can go together: the same webhook, due at the same time, tried as often."""
    names = ("webhook_id", "due")
    is_same = all(delivery[name] == other[name] for name in names)
    return is_same and len(delivery["attempts"]) == len(other["attempts"])


def call_of(world: World, webhook: Row, rows: tuple[Row, ...], at: datetime) -> Delivery:
    """The signed call that tells a webhook of events."""
    # Seen live: the header gives local time and says that it is GMT.
    local = at.astimezone(ZoneInfo(world.account.timezone)).replace(tzinfo=UTC)
    timestamp = format_datetime(local, usegmt=True)
    meta = {
        "klaviyo_webhook_id": webhook.id,
        "timestamp": at.isoformat(),
        "klaviyo_account_id": world.account.id,
    }
    body = json.written({"data": [told(world, row) for row in rows], "meta": meta})
    headers = {
        "Content-Type": "application/json",
        "Klaviyo-Webhook-Id": webhook.id,
        "Klaviyo-Timestamp": timestamp,
        "Klaviyo-Signature": signature(webhook.document["secret_key"], body, timestamp),
    }
    return Delivery(webhook.document["endpoint_url"], headers, body, rows, at)


def signature(secret: str, body: bytes, timestamp: str) -> str:
    """The signature of a call: of its body, directly followed by its time."""
    return hmac.new(secret.encode(), body + timestamp.encode(), sha256).hexdigest()


def told(world: World, row: Row) -> Json:
    """What a call tells of one event: as reading the event does."""
    event = world.store.row("event", row.document["event_id"])
    operation = recording(revisions()[-1]).operations["get_event"]
    call = Call(operation, world, {}, Query(size=1), base_url=world.base_url)
    payload = {"data": resource_object(call, event)} if event else {}
    return {"external_id": row.document["event_id"], "topic": row.document["topic"], "payload": payload}


def attempt(world: World, delivery: Delivery) -> int | str:
    """Make a call; gives the status of the answer, or why there is none."""
    try:
        return world.outbound.post(delivery.url, delivery.headers, delivery.body)
    except Unreachable as reason:
        return str(reason)


def note(world: World, delivery: Delivery, outcome: int | str) -> None:
    """Keep what became of a call, and when to try again."""
    is_delivered = isinstance(outcome, int) and 200 <= outcome < 300
    for row in delivery.rows:
        document = row.document
        number = len(document["attempts"])
        document["attempts"].append({"at": delivery.at.isoformat(), "outcome": outcome})
        if is_delivered or number >= len(RETRIES):
            document["status"] = DELIVERED if is_delivered else FAILED
        else:
            document["due"] = (delivery.at + RETRIES[number]).isoformat()
    world.store.update(*delivery.rows)
