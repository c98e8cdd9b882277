"""Back in stock: who wants to hear when a variant can be had again."""

from __future__ import annotations

from collections.abc import Iterator

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.json import Json
from mock_klaviyo.resources import identifiers, own_events, profile_checks
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.identity import Profiles
from mock_klaviyo.resources.own_events import OwnEvent
from mock_klaviyo.resources.registry import declare, operation
from mock_klaviyo.resources.resource import Resource, one
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

ATTRIBUTES = "/data/attributes"
PROFILE = f"{ATTRIBUTES}/profile/data"
VARIANT = "/data/relationships/variant/data"
METRIC = "Subscribed to Back in Stock"

SUBSCRIPTION = declare(
    Resource(
        type="back-in-stock-subscription",
        make_id=lambda world: world.ids.ulid(world.now),
        relationships=(
            one("variant", to="catalog-variant", field="variant_id"),
            one("profile", to="profile", field="profile_id"),
        ),
        fields=(Field("variant_id", is_indexed=True), Field("profile_id", is_indexed=True)),
    )
)


@operation("create_back_in_stock_subscription")
def create_back_in_stock_subscription(call: Call) -> Reply:
    """Subscribe a profile to a variant."""
    return subscribe(call)


@operation("create_client_back_in_stock_subscription")
def create_client_back_in_stock_subscription(call: Call) -> Reply:
    """Subscribe a profile to a variant from a browser."""
    return subscribe(call)


def subscribe(call: Call) -> Reply:
    """Find or make the profile, and keep what it waits for and on which channels; once for a variant."""
    variant = wanted_variant(call)
    raise_all(subscription_problems(call.attributes))
    data = call.attributes["profile"]["data"]
    profiles = Profiles(call.world)
    named = identifiers.identifiers(data["attributes"], data.get("id"))
    profile = profiles.find_or_create(named)
    if profile is None:
        raise error("unknown_resource", type="A profile", id=named["id"])
    profiles.complete(profile, named)
    profiles.keep()
    keep(call, variant, profile)
    return Reply(202)


def wanted_variant(call: Call) -> Row:
    """The variant that the body names."""
    data = call.data["relationships"]["variant"].get("data")
    if data is None:
        raise error("missing_attribute", field="data", type="variant", pointer=VARIANT)
    variant = call.world.store.row("catalog-variant", data["id"])
    if variant is None:
        raise error("variant_not_found")
    return variant


def subscription_problems(attributes: Json) -> Iterator[Problem]:
    """What is wrong with a subscription that its schema cannot tell."""
    if not attributes["channels"]:
        yield problem("invalid", reason="At least one channel is required.", pointer=f"{ATTRIBUTES}/channels")
    if attributes.get("profile") is None:
        yield problem("missing_attribute", field="profile", type=SUBSCRIPTION.type, pointer=f"{ATTRIBUTES}/profile")
    else:
        yield from profile_checks.problems(attributes["profile"]["data"], PROFILE)


def keep(call: Call, variant: Row, profile: Row) -> None:
    """Keep a subscription, or the channels of the one that is there, and record that the profile asked for it."""
    store, second, channels = call.world.store, call.world.second, call.attributes["channels"]
    known = store.first(SUBSCRIPTION.type, variant_id=variant.id, profile_id=profile.id)
    if known is not None:
        store.update(Row(known.type, known.id, known.document | {"channels": channels, "updated": second}))
    else:
        ends = {"variant_id": variant.id, "profile_id": profile.id}
        document = ends | {"channels": channels, "created": second, "updated": second}
        store.insert(Row(SUBSCRIPTION.type, SUBSCRIPTION.make_id(call.world), document))
    own_events.record(call.world, [asked(call, variant, profile)])


def asked(call: Call, variant: Row, profile: Row) -> OwnEvent:
    """The event that tells of a subscription."""
    properties = {
        "ProductID": variant.document["item_id"].rpartition(":::")[2],
        "VariantID": variant.document["external_id"],
        "VariantName": variant.document["title"],
        "SKU": variant.document["sku"],
        "URL": variant.document["url"],
        "ImageURL": variant.document["image_full_url"],
        "Price": variant.document["price"],
        "Channels": call.attributes["channels"],
    }
    return OwnEvent(METRIC, profile.id, call.world.now, call.world.ids.uuid(), properties)
