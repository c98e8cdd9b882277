"""Events, one and many."""

from __future__ import annotations

from tests.calling import event, resource
from tests.contract.arrangements.profiles import person
from tests.contract.arranging import Arrangement, Scene


def placed(scene: Scene):
    """An order, with what conversions are counted by."""
    return event("Placed Order", {"email": scene.email}, properties={"Items": 2, "sku": "A1"}, value=30)


def many(scene: Scene):
    """A job that takes in an event of a profile."""
    attributes = {name: placed(scene)["data"]["attributes"][name] for name in ("properties", "metric", "value")}
    members = {"data": [{"type": "event", "attributes": attributes}]}
    profiles = [{"type": "event-bulk-create", "attributes": {"profile": person(scene), "events": members}}]
    return resource("event-bulk-create-job", None, None, **{"events-bulk-create": {"data": profiles}})


def made(scene: Scene) -> str:
    """The event of the profile."""
    scene.one("profile")
    scene.do("create_event")
    return scene.one_of("/api/events")


ARRANGEMENTS = {"create_event": Arrangement(placed), "bulk_create_events": Arrangement(many)}
MAKERS = {"event": made}
