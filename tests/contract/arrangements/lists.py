"""Lists and their members."""

from __future__ import annotations

from tests.calling import resource
from tests.contract.arranging import Arrangement

ARRANGEMENTS = {
    "create_list": Arrangement(lambda _: resource("list", name="News", opt_in_process="single_opt_in")),
    "update_list": Arrangement(lambda scene: resource("list", scene.one("list"), name="Old news")),
    "get_tags_for_list": Arrangement(after=("tag_lists",)),
    "get_tag_ids_for_list": Arrangement(after=("tag_lists",)),
    "get_profiles_for_list": Arrangement(after=("add_profiles_to_list",)),
    "get_profile_ids_for_list": Arrangement(after=("add_profiles_to_list",)),
    "remove_profiles_from_list": Arrangement(after=("add_profiles_to_list",)),
}
