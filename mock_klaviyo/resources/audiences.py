"""Audiences: which profiles a campaign is for, and which of them may get its message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mock_klaviyo.errors import Problem, problem
from mock_klaviyo.json import Json
from mock_klaviyo.resources.consent import subscriptions
from mock_klaviyo.resources.registry import RESOURCES
from mock_klaviyo.resources.related import related_ids
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

GROUPS = ("list", "segment")
AT_ONCE = 1000


@dataclass(frozen=True)
class Recipient:
    """A profile that gets a message, and the name of the list or segment through which it does."""

    profile: Row
    group: str


def group(world: World, id: str) -> Row | None:
    """The list or segment of an id."""
    rows = (world.store.row(type, id) for type in GROUPS if type in RESOURCES)
    return next((row for row in rows if row is not None), None)


def members(world: World, id: str) -> list[str]:
    """The ids of the profiles in a list or segment; none when it is gone."""
    found = group(world, id)
    relationship = RESOURCES[found.type].relationship("profiles") if found else None
    return related_ids(world, found, relationship) if found and relationship else []


def problems(world: World, audiences: Json, pointer: str) -> Iterator[Problem]:
    """Which of the groups do not exist."""
    for name, ids in audiences.items():
        for index, id in enumerate(ids or []):
            if group(world, id) is None:
                reason = f"List or segment not found with id {id}."
                yield problem("invalid", reason=reason, pointer=f"{pointer}/{name}/{index}")


def recipients(world: World, campaign: Row) -> dict[str, Recipient]:
    """The profiles in an included group and in no excluded one that may get the campaign's message, each once."""
    audiences, may_get = campaign.document["audiences"], MAY_GET[campaign.document["channel"]]
    excluded = {id for each in audiences["excluded"] for id in members(world, each)}
    through: dict[str, list[str]] = {}
    for each in audiences["included"]:
        for id in members(world, each):
            if id not in excluded:
                through.setdefault(id, []).append(each)
    names = {id: found.document["name"] for id in audiences["included"] if (found := group(world, id))}
    return {
        row.id: Recipient(row, names[through[row.id][0]])
        for row in profiles(world, list(through))
        if may_get(world, row, set(through[row.id]))
    }


def profiles(world: World, ids: list[str]) -> Iterator[Row]:
    """The profiles of ids, some at a time."""
    for first in range(0, len(ids), AT_ONCE):
        yield from world.store.rows("profile", id=ids[first : first + AT_ONCE])


def may_get_email(world: World, profile: Row, groups: set[str]) -> bool:
    """Whether a profile can be emailed: it has an address, is not suppressed, and left not all the groups it is in.

    Nobody need have subscribed: it is enough that they have not unsubscribed.
    """
    marketing = subscriptions(world, profile)["email"]["marketing"]
    left = {each["list_id"] for each in marketing["list_suppressions"]}
    return bool(profile.document["email"] and marketing["can_receive_email_marketing"] and groups - left)


def may_get_sms(world: World, profile: Row, _groups: set[str]) -> bool:
    """Whether a profile can be sent a text: it has a phone number and has subscribed."""
    marketing = subscriptions(world, profile)["sms"]["marketing"]
    return bool(profile.document["phone_number"] and marketing["can_receive_sms_marketing"])


def may_get_push(world: World, profile: Row, _groups: set[str]) -> bool:
    """Whether a profile can be notified: one of its devices lets it be."""
    tokens = world.store.rows("push-token", profile_id=profile.id)
    return any(token.document["enablement_status"] == "AUTHORIZED" for token in tokens)


MAY_GET: Mapping[str, Callable[[World, Row, set[str]], bool]] = {
    "email": may_get_email,
    "sms": may_get_sms,
    "mobile_push": may_get_push,
}
"""The channel → whether a profile that is in some included groups can get a message on it."""
