"""Segments, of which the profile is a member."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement, Scene


def segment(scene: Scene):
    """Everybody of gold tier, as the profile is."""
    scene.one("profile")
    filter = {"type": "string", "operator": "equals", "value": "Gold"}
    condition = {"type": "profile-property", "property": "properties['Tier']", "filter": filter}
    definition = {"condition_groups": [{"conditions": [condition]}]}
    return resource("segment", name=f"Gold of {scene.name}", definition=definition)


ARRANGEMENTS = {
    "create_segment": Arrangement(segment),
    "update_segment": Arrangement(lambda scene: resource("segment", scene.one("segment"), name="Best")),
    "get_tags_for_segment": Arrangement(after=("tag_segments",)),
    "get_tag_ids_for_segment": Arrangement(after=("tag_segments",)),
}
