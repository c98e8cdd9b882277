"""Data privacy: forgetting a profile."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement, Scene


def wish(scene: Scene):
    """The wish of a known profile to be forgotten."""
    scene.one("profile")
    return resource("data-privacy-deletion-job", profile=resource("profile", email=scene.email))


ARRANGEMENTS = {"request_profile_deletion": Arrangement(wish)}
