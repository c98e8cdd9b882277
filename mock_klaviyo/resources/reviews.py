"""Reviews: what customers write about products and about the shop."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping

from mock_klaviyo.errors import Problem, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import generic, identifiers, own_events
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.catalogs import CATALOG
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.images import DATA_URI, FILES, IMAGE_FILE, image_format, keep_file
from mock_klaviyo.resources.own_events import OwnEvent
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, many_by, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

ATTRIBUTES = "/data/attributes"
QUESTION = "question"

METRICS: Mapping[str, str] = {
    "rating": "Submitted rating",
    "review": "Submitted review",
    "store": "Submitted review",
}
"""The type of a review → the metric of Klaviyo's own event; a question makes none."""


def image_urls(world: World, row: Row) -> list[str]:
    """Where the images of a review are; those that came as data URIs are at this server."""
    return [f"{world.base_url}{each}" if each.startswith("/") else each for each in row.document["images"]]


REVIEW = declare(
    Resource(
        type="review",
        make_id=lambda world: world.ids.numeric(),
        relationships=(
            many_by("events", to="event", field="unique_id"),
            one("item", to="catalog-item", field="item_id"),
        ),
        fields=(
            Field("created"),
            Field("updated"),
            Field("rating", type="integer"),
            Field("item_id"),
            Field("profile_id", is_indexed=True),
        ),
        never_null=("status",),
        aliases={"item.id": "item_id", "status": "status.value"},
        computed={"images": image_urls},
    )
)


@operation("create_client_review")
def create_client_review(call: Call) -> Reply:
    """Take in what somebody wrote; nobody sees it until its status is changed."""
    raise_all(review_problems(call.attributes))
    row, profile_id = review_row(call), author_id(call.world, call.attributes["email"])
    row.document["profile_id"] = profile_id
    call.world.store.insert(row)
    record(call.world, row)
    return Reply(202)


@operation("get_client_reviews")
def get_client_reviews(call: Call) -> Reply:
    """A page of reviews, without the addresses of those who wrote them."""
    return generic.list_(call)


def review_problems(attributes: Json) -> Iterator[Problem]:
    """What is wrong with a review that its schema cannot tell."""
    yield from identifiers.problems({"email": attributes["email"]}, ATTRIBUTES)
    for index, source in enumerate(attributes.get("images") or ()):
        if DATA_URI.match(source) and decoded(source) is None:
            reason = "The data URI is not valid base64."
            yield problem("invalid", reason=reason, pointer=f"{ATTRIBUTES}/images/{index}")


def decoded(source: str) -> bytes | None:
    """The bytes in a data URI; None when they are not what it says."""
    try:
        return b64decode(source.partition(",")[2], validate=True)
    except binascii.Error:
        return None


def review_row(call: Call) -> Row:
    """A new review."""
    given, world = call.attributes, call.world
    is_question = given["review_type"] == QUESTION
    images = list(kept_images(world, given.get("images") or []))
    document = {
        "email": given["email"],
        "status": {"value": "pending"},
        "verified": bool(order_id(call)),
        "review_type": given["review_type"],
        "created": world.second,
        "updated": world.second,
        "images": images,
        "media": next(iter(images), None),
        "product": None,
        "item_id": None,
        "rating": None if is_question else given.get("rating"),
        "author": given["author"],
        "content": given["content"],
        "title": given.get("title"),
        "smart_quote": None,
        "public_reply": None,
        "incentivized": given.get("incentive_type") is not None,
        "edited": False,
        "custom_questions": given.get("custom_questions") or [],
    }
    row = Row(REVIEW.type, REVIEW.make_id(world), document)
    if given.get("product"):
        add_product(world, row, given["product"])
    return row


def order_id(call: Call) -> str | None:
    """The order that a review belongs to, which proves that its author bought something."""
    data = ((call.data.get("relationships") or {}).get("order") or {}).get("data") or {}
    id: str | None = data.get("id")
    return id


def kept_images(world: World, sources: list[str]) -> Iterator[str]:
    """Where the images of a review are, having kept the bytes of those that came along."""
    for index, source in enumerate(sources):
        content = decoded(source) if DATA_URI.match(source) else None
        if content is None:
            yield source
            continue
        id = IMAGE_FILE.make_id(world)
        keep_file(world, id, content, image_format(content, f"{ATTRIBUTES}/images/{index}"))
        yield f"{FILES}{id}"


def add_product(world: World, row: Row, product: Json) -> None:
    """Say which product a review is about, as the catalog knows it."""
    external_id = product["external_id"]
    item_id = f"${product['integration_key']}:::{CATALOG}:::{external_id}"
    item = world.store.row("catalog-item", item_id)
    known = item.document if item else {"title": external_id, "url": ""}
    row.document |= {
        "item_id": item_id,
        "product": {
            "url": known["url"],
            "name": known["title"],
            "image_url": known.get("image_full_url"),
            "external_id": external_id,
        },
    }


def author_id(world: World, email: str) -> str | None:
    """The id of the profile that wrote a review, found or made."""
    profiles = Profiles(world)
    profile = profiles.find_or_create({"email": email})
    profiles.keep()
    return profile.id if profile else None


def record(world: World, row: Row) -> None:
    """Record that somebody wrote a review; the event's unique_id is the review's id, which joins the two."""
    metric, profile_id = METRICS.get(row.document["review_type"]), row.document["profile_id"]
    if metric is None or profile_id is None:
        return
    shown = {name: row.document[name] for name in ("review_type", "rating", "title", "content", "author", "product")}
    own_events.record(world, [OwnEvent(metric, profile_id, world.now, row.id, shown)])
