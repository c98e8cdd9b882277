"""Tags and tag groups."""

from __future__ import annotations

from tests.calling import reference, resource
from tests.contract.arranging import Arrangement


def tagged(*names: str):
    """What reads and removes tags of something, after that has been tagged."""
    return {
        name: Arrangement(after=(f"tag_{kind}s",))
        for kind in names
        for name in (f"get_{kind}_ids_for_tag", f"remove_tag_from_{kind}s")
    }


ARRANGEMENTS = {
    "create_tag": Arrangement(
        lambda scene: resource(
            "tag", None, {"tag-group": reference("tag-group", scene.one("tag-group"))}, name=f"sale of {scene.name}"
        )
    ),
    "update_tag": Arrangement(lambda scene: resource("tag", scene.one("tag"), name="clearance")),
    "create_tag_group": Arrangement(lambda scene: resource("tag-group", name=f"Seasons of {scene.name}")),
    "update_tag_group": Arrangement(lambda scene: resource("tag-group", scene.one("tag-group"), name="Years")),
    "get_tags_for_tag_group": Arrangement(after=("create_tag",)),
    "get_tag_ids_for_tag_group": Arrangement(after=("create_tag",)),
    **tagged("list", "segment", "campaign", "flow"),
}
