"""Lists: groups of profiles that people join."""

from __future__ import annotations

from mock_klaviyo.resources.flow_triggers import unconfigure
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource, many, many_by
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection, Through

MEMBERS = "list-profiles"
"""The link between a list and its profiles."""


def profile_count(world: World, row: Row) -> int:
    """How many profiles are on a list."""
    return world.store.count(Selection("profile", through=Through(MEMBERS, row.id)))


LIST = declare(
    Resource(
        type="list",
        make_id=lambda world: world.ids.short(),
        defaults={"opt_in_process": lambda world: world.account.opt_in_process},
        never_null=("name", "opt_in_process"),
        relationships=(
            many("profiles", to="profile", link=MEMBERS),
            many("tags", to="tag", inverse_of="tag-lists"),
            many_by("flow-triggers", to="flow", field="trigger_id"),
        ),
        computed={"profile_count": profile_count},
        not_found="unknown_list",
        before_delete=unconfigure,
    )
)
