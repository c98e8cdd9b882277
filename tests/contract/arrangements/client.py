"""What browsers and apps call with the public key; the SDK has one of these operations only."""

from __future__ import annotations

from mock_klaviyo.resources.geofences import ALLOWLIST, GEOFENCE
from tests.calling import channels, event, reference, resource
from tests.contract.arrangements.profiles import person, token
from tests.contract.arranging import Arrangement, Scene

OVER_HTTP = "the SDK for servers has no method for it"


def subscription(scene: Scene):
    """The consent of somebody who joins a list."""
    profile = resource("profile", email=scene.email, subscriptions=channels())
    return resource("subscription", None, {"list": reference("list", scene.one("list"))}, profile=profile)


def events(scene: Scene):
    """Two events of one profile."""
    data = [event(name, {})["data"]["attributes"] for name in ("Viewed Product", "Added to Cart")]
    members = [
        {"type": "event", "attributes": {name: each[name] for name in ("properties", "metric")}} for each in data
    ]
    return resource("event-bulk-create", profile=person(scene), events={"data": members})


def unregistration(scene: Scene):
    """The end of the token that the profile has."""
    scene.one("push-token")
    return resource("push-token-unregister", token=f"token of {scene.name}", platform="ios", profile=person(scene))


def back_in_stock(scene: Scene):
    related = {"variant": reference("catalog-variant", scene.one("catalog-variant"))}
    return resource("back-in-stock-subscription", None, related, channels=["EMAIL"], profile=person(scene))


def review(scene: Scene):
    """What the profile thinks of the shop."""
    scene.one("profile")
    return resource("review", review_type="store", email=scene.email, author="Anna", content="Fine", rating=5)


def geofence(scene: Scene) -> str:
    """A place, which only the control routes make."""
    place = {"latitude": 52.5, "longitude": 13.4, "radius": 100.0}
    return scene.client.klaviyo.keep(GEOFENCE.type, place).id


def reviews_asked(scene: Scene):
    scene.one("review")
    return {"group_by": "company_id", "statistics": "average_rating", "timeframe": "all_time"}


ARRANGEMENTS = {
    "create_client_event": Arrangement(
        lambda scene: event("Viewed Product", {"email": scene.email}), over_http=OVER_HTTP
    ),
    "bulk_create_client_events": Arrangement(events, over_http=OVER_HTTP),
    "create_client_profile": Arrangement(person, over_http=OVER_HTTP),
    "create_client_subscription": Arrangement(subscription, over_http=OVER_HTTP),
    "create_client_push_token": Arrangement(token, over_http=OVER_HTTP),
    "unregister_client_push_token": Arrangement(unregistration, over_http=OVER_HTTP),
    "create_client_back_in_stock_subscription": Arrangement(back_in_stock, over_http=OVER_HTTP),
    "create_client_review": Arrangement(
        review,
        over_http=OVER_HTTP,
    ),
    "get_client_reviews": Arrangement(over_http=OVER_HTTP),
    "get_client_review_values_reports": Arrangement(query=reviews_asked, over_http=OVER_HTTP),
    "get_client_geofences": Arrangement(over_http=OVER_HTTP),
}
MAKERS = {
    "geofence": geofence,
    "ip-allowlist": lambda _: ALLOWLIST,
    "review-values-report": lambda _: "",
}
