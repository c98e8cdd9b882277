"""Tags and tag groups: labels for lists, segments, campaigns and flows."""

from __future__ import annotations

from collections.abc import Iterator

from mock_klaviyo.errors import Problem, error, problem, raise_all
from mock_klaviyo.ids import Ids
from mock_klaviyo.resources.call import Call, Reply
from mock_klaviyo.resources.generic import anchor, existing_ids
from mock_klaviyo.resources.registry import beginning, declare, operation
from mock_klaviyo.resources.related import join
from mock_klaviyo.resources.resource import Relationship, Resource, many, many_by, one
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.select import Selection
from mock_klaviyo.store.tables import Field

MOST_TAGS = 500
MOST_GROUPS = 50
MOST_ON_ONE = 100
"""How many tags one list, segment, campaign or flow can have."""

DEFAULT_GROUP = "Ungrouped Tags"
TAGGED = ("lists", "segments", "campaigns", "flows")


def refuse_taken_name(call: Call, row: Row) -> None:
    """Refuse a name that another of its type has."""
    other = call.world.store.first(row.type, name=row.document["name"])
    if other is not None and other.id != row.id:
        type = row.type.replace("-", " ").title()
        raise error("tag_name_taken", type=type, title=row.document["name"])


def check_new_group(call: Call, row: Row) -> None:
    """Refuse one group too many."""
    refuse_too_many(call, row, MOST_GROUPS)


def complete_tag(call: Call, row: Row) -> None:
    """Put a new tag into the default group when it names none; refuse one tag too many."""
    refuse_too_many(call, row, MOST_TAGS)
    if row.document.get("tag_group_id") is None:
        default = call.world.store.first("tag-group", default=True)
        row.document["tag_group_id"] = default.id if default else None


def refuse_too_many(call: Call, row: Row, most: int) -> None:
    """Refuse one more when an account has all that it can have."""
    if call.world.store.count(Selection(row.type)) >= most:
        raise error("too_many_tags", reason=f"An account cannot have more than {most} {row.type.replace('-', ' ')}s")


def empty_group(call: Call, row: Row) -> None:
    """Remove a group's tags with it; the default group stays."""
    if row.document["default"]:
        raise error("default_tag_group")
    for tag in call.world.store.rows("tag", tag_group_id=row.id):
        call.world.store.delete(tag)


TAG_GROUP = declare(
    Resource(
        type="tag-group",
        make_id=lambda world: world.ids.uuid(),
        defaults={"exclusive": False, "default": False},
        never_null=("exclusive",),
        relationships=(many_by("tags", to="tag", field="tag_group_id"),),
        fields=(Field("name"), Field("exclusive", type="boolean"), Field("default", type="boolean")),
        before_create=check_new_group,
        before_write=refuse_taken_name,
        before_delete=empty_group,
    )
)

TAG = declare(
    Resource(
        type="tag",
        make_id=lambda world: world.ids.uuid(),
        relationships=(
            one("tag-group", to="tag-group", field="tag_group_id", not_found="unknown_tag_group"),
            *(many(name, to=name.removesuffix("s"), link=f"tag-{name}") for name in TAGGED),
        ),
        fields=(Field("name"), Field("tag_group_id", is_indexed=True)),
        has_page_links=False,
        before_create=complete_tag,
        before_write=refuse_taken_name,
    )
)


@beginning
def begin(world: World) -> None:
    """Give a new account its default group; its id comes of the account, so that other ids are as they would be."""
    if world.store.is_any("tag-group"):
        return
    attributes = {"name": DEFAULT_GROUP, "exclusive": False, "default": True}
    stamps = {"created": world.second, "updated": world.second}
    world.store.insert(Row("tag-group", Ids(f"{world.account.id} tag group").uuid(), attributes | stamps))


def attach(call: Call) -> Reply:
    """Tag lists, segments, campaigns or flows, all or none."""
    row, relationship = anchor(call)
    ids = existing_ids(call, relationship)
    raise_all(tagging_problems(call.world, row, relationship, ids))
    join(call.world, row, relationship, ids)
    return Reply(204)


for each in TAGGED:
    operation(f"tag_{each}")(attach)


def tagging_problems(world: World, tag: Row, relationship: Relationship, ids: list[str]) -> Iterator[Problem]:
    """What speaks against a tag: another one of its exclusive group, or all tags that a resource can have."""
    group = world.store.row("tag-group", tag.document["tag_group_id"])
    for id in ids:
        others = set(world.store.links.ids(str(relationship.link), id, is_inverse=True)) - {tag.id}
        if len(others) >= MOST_ON_ONE:
            reason = f"A {relationship.to} cannot be associated with more than {MOST_ON_ONE} tags"
            yield problem("too_many_tags", reason=reason)
        if group and group.document["exclusive"] and is_in_group(world, others, group):
            yield problem("exclusive_tag_group", type=relationship.to, id=id, title=group.document["name"])


def is_in_group(world: World, tags: set[str], group: Row) -> bool:
    """Whether one of some tags is in a group."""
    return any(world.store.rows("tag", id=sorted(tags), tag_group_id=group.id, limit=1))
