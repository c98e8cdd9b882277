"""Reviews, which come in from browsers."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement, Scene


def review(scene: Scene) -> str:
    """The review that somebody wrote, published."""
    scene.do("create_client_review")
    id = scene.one_of("/api/reviews")
    scene.client.patch(f"/api/reviews/{id}", published(id))
    return id


def published(id: str):
    return resource("review", id, status={"value": "published"})


ARRANGEMENTS = {"update_review": Arrangement(lambda scene: published(scene.one("review")))}
MAKERS = {"review": review}
