"""Webhooks: who is told of events, and the topics that one can be told of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import generic
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.metrics import DEFAULT_SERVICE
from mock_klaviyo.resources.registry import beginning, declare, operation
from mock_klaviyo.resources.resource import Relationship, Resource
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

SUBSCRIPTIONS = "webhook-topics"
"""The link between a webhook and its topics."""

SHORTEST_SECRET = 16
ATTRIBUTES = "/data/attributes"

OWN_TOPICS = (
    "bounced_email", "clicked_email", "dropped_email", "received_email", "opened_email", "marked_email_as_spam",
    "subscribed_to_email_marketing", "unsubscribed_from_email_marketing",
    "manually_suppressed_from_email_marketing", "manually_unsuppressed_from_email_marketing",
    "updated_email_preferences", "sent_sms", "received_sms", "clicked_sms", "failed_to_deliver_sms",
    "subscribed_to_sms_marketing", "unsubscribed_from_sms_marketing", "received_push", "bounced_push", "opened_push",
    "ready_to_review", "submitted_rating", "submitted_review",
)  # fmt: skip
"""What one can be told of Klaviyo's own events."""


def topic(service: str, metric: str) -> str:
    """The topic of a metric.

    >>> topic("api", "Points Earned (VIP)")
    'event:api.points_earned_vip'
    """
    return f"event:{service}.{re.sub(r'[^a-z0-9]+', '_', metric.lower()).strip('_')}"


def masked_url(_: World, row: Row) -> str:
    """Where a webhook leads, without what could be secret."""
    parts = urlsplit(row.document["endpoint_url"])
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/*****"


def check_webhook(call: Call, row: Row) -> None:
    """Refuse an address or a secret that Klaviyo would not take."""
    raise_all(webhook_problems(call.world, row.document))
    if row.document["endpoint_url"].startswith("http:"):
        call.hint("Klaviyo takes https URLs only; http is taken here for hosts that the server may call")
    elif not call.world.outbound.is_allowed(row.document["endpoint_url"]):
        call.hint("nothing is sent to this host until the server is started with --allow-host and its name")


def webhook_problems(world: World, webhook: Json) -> Iterator[Problem]:
    """What is wrong with a webhook that its schema cannot tell."""
    url = webhook["endpoint_url"]
    if not is_endpoint(url) and not world.outbound.is_allowed(url):
        yield problem("invalid", reason="endpoint_url must be an https URL.", pointer=f"{ATTRIBUTES}/endpoint_url")
    if len(webhook["secret_key"]) < SHORTEST_SECRET:
        reason = f"secret_key must have at least {SHORTEST_SECRET} characters."
        yield problem("invalid", reason=reason, pointer=f"{ATTRIBUTES}/secret_key")


def is_endpoint(url: str) -> bool:
    """Whether a text is an https URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


WEBHOOK = declare(
    Resource(
        type="webhook",
        make_id=lambda world: world.ids.ulid(world.now),
        defaults={"description": None, "enabled": True},
        relationships=(
            Relationship(
                SUBSCRIPTIONS, "webhook-topic", is_many=True, link=SUBSCRIPTIONS, is_known=True, has_links=False
            ),
        ),
        never_null=("name", "endpoint_url", "secret_key", "enabled"),
        stamps=("created_at", "updated_at"),
        computed={"endpoint_url": masked_url},
        before_write=check_webhook,
    )
)
TOPIC = declare(Resource(type="webhook-topic", make_id=lambda world: world.ids.uuid(), fields=(Field("topic"),)))


@beginning
def begin(world: World) -> None:
    """The topics of Klaviyo's own events."""
    if not world.store.is_any(TOPIC.type):
        world.store.insert(*(Row(TOPIC.type, f"event:klaviyo.{name}", {}) for name in OWN_TOPICS))


def learn_topics(world: World) -> None:
    """Make the topics of metrics that came from the API since."""
    wanted = {
        topic(DEFAULT_SERVICE, row.document["name"]) for row in world.store.rows("metric", service=DEFAULT_SERVICE)
    }
    known = {row.id for row in world.store.rows(TOPIC.type, id=list(wanted))}
    world.store.insert(*(Row(TOPIC.type, id, {}) for id in sorted(wanted - known)))


@operation("get_webhook_topics")
def get_webhook_topics(call: Call) -> Reply:
    """All topics: those of Klaviyo's own events, and one for each metric that came from the API."""
    learn_topics(call.world)
    return generic.list_(call)


@operation("get_webhook_topic")
def get_webhook_topic(call: Call) -> Reply:
    """One topic."""
    learn_topics(call.world)
    return generic.retrieve(call)


@operation("get_webhooks")
def get_webhooks(call: Call) -> Reply:
    """All webhooks."""
    require_plan(call)
    return generic.list_(call)


@operation("get_webhook")
def get_webhook(call: Call) -> Reply:
    """One webhook."""
    require_plan(call)
    return generic.retrieve(call)


@operation("create_webhook")
def create_webhook(call: Call) -> Reply:
    """A new webhook, enabled."""
    require_plan(call)
    learn_topics(call.world)
    return generic.create(call)


@operation("update_webhook")
def update_webhook(call: Call) -> Reply:
    """A webhook with other members or topics; one that is switched off is not told what waits for it."""
    require_plan(call)
    learn_topics(call.world)
    if call.attributes.get("enabled") is False:
        call.world.store.delete_where("webhook-delivery", webhook_id=call.id, status="waiting")
    return generic.update(call)


@operation("delete_webhook")
def delete_webhook(call: Call) -> Reply:
    """A webhook less; what was not delivered yet is not delivered any more."""
    require_plan(call)
    call.world.store.delete_where("webhook-delivery", webhook_id=call.id, status="waiting")
    return generic.delete(call)


def require_plan(call: Call) -> None:
    """Refuse a private key where a plan is needed; apps come with a token."""
    is_app = call.headers.get("authorization", "").lower().startswith("bearer ")
    if call.world.webhooks_need_plan and not is_app:
        raise error("plan_required", hint="started with --webhooks-need-plan; OAuth tokens are let in")
