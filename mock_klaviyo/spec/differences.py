"""Differences between revisions that their schemas cannot show: how to put an older body, and an older answer.

An older body passes the `upgrade` of every later difference, oldest first; an answer passes the `downgrade`s,
newest first. What schemas do show, members that came later, is pruned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from mock_klaviyo.json import Json
from mock_klaviyo.spec.older_flows import older_flow_action, older_flow_message

Change: TypeAlias = Callable[[Json], Json]


def as_is(value: Json) -> Json:
    """The value."""
    return value


@dataclass(frozen=True)
class Difference:
    """What changed with a revision: for these operations (by their newest ids), or for all when none are named.

    `judged` is the upgraded body as the newest request schema can judge it, when our handlers take more than that.
    """

    since: str
    what: str
    operations: frozenset[str] = frozenset()
    upgrade: Change = as_is
    downgrade: Change = as_is
    judged: Change = as_is
    include: Mapping[str, str] = field(default_factory=dict)
    """Names of relationships that a request could include → how they are called now."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Parts of the pointers that refusals of upgraded bodies have → how they were."""

    def concerns(self, operation_id: str) -> bool:
        """Whether the difference concerns an operation."""
        return not self.operations or operation_id in self.operations


def in_bodies(type: str, change: Change) -> Change:
    """The change, made to every resource object of a type that a body holds."""

    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(each) for each in value]
        if not isinstance(value, dict):
            return value
        inner = {name: member if name == "properties" else changed(member) for name, member in value.items()}
        return change(inner) if inner.get("type") == type and "attributes" in inner else inner

    return changed


def in_answers(type: str, change: Change) -> Change:
    """The change, made to every resource of a type that an answer holds."""

    def changed(resource: Any) -> Any:
        if isinstance(resource, list):
            return [changed(each) for each in resource]
        is_meant = isinstance(resource, dict) and resource.get("type") == type and "attributes" in resource
        return change(resource) if is_meant else resource

    return lambda document: (
        document | {name: changed(document[name]) for name in ("data", "included") if name in document}
    )


def on_attributes(change: Change) -> Change:
    """The change, made to the attributes of a resource object."""
    return lambda resource: resource | {"attributes": change(resource["attributes"])}


def on_member(name: str, change: Callable[[Any], Any]) -> Change:
    """The change, made to one member where it is there."""
    return lambda value: value | {name: change(value[name])} if name in value else value


def without(*names: str) -> Change:
    """The object without some members."""
    return lambda value: {name: member for name, member in value.items() if name not in names}


# consent


ALL_MESSAGES = {"email": ("email", ("marketing",)), "phone_number": ("sms", ("marketing", "transactional"))}
"""The identifier → the channel that it makes possible, and the kinds of messages there were on it."""


def with_subscriptions(consent: str) -> Change:
    """A profile's attributes with all kinds of messages on the channels of its identifiers, if it names none."""

    def changed(attributes: Json) -> Json:
        if attributes.get("subscriptions") is not None:
            return attributes
        channels = [found for name, found in ALL_MESSAGES.items() if attributes.get(name)]
        return attributes | {
            "subscriptions": {channel: {kind: {"consent": consent} for kind in kinds} for channel, kinds in channels}
        }

    return changed


def with_inner_meta(profile: Json) -> Json:
    """A profile object with its `meta` among its attributes."""
    if "meta" not in profile:
        return profile
    return without("meta")(profile) | {"attributes": profile["attributes"] | {"meta": profile["meta"]}}


# campaigns


def with_definition(attributes: Json) -> Json:
    """A campaign message's attributes with what it says in one definition."""
    names = ("channel", "label", "content", "render_options")
    given = {name: attributes[name] for name in names if attributes.get(name) is not None}
    if not given:
        return without(*names)(attributes)
    channel = given.get("channel") or channel_of(given)
    unknown = "label" if channel == "sms" else "render_options"
    return without(*names)(attributes) | {"definition": without(unknown)(given) | {"channel": channel}}


def channel_of(given: Json) -> str:
    """The channel of a message that does not name it: texts have a body, and options of rendering."""
    content = given.get("content") or {}
    is_text = "body" in content or (not content and "render_options" in given)
    return "sms" if is_text else "email"


OPTIONS_OF_METHODS = {"static": "options_static", "throttled": "options_throttled", "smart_send_time": "options_sto"}
LOCAL = ("is_local", "send_past_recipients_immediately")


def flat_strategy(strategy: Json | None) -> Json | None:
    """A send strategy whose options stand beside its method."""
    if strategy is None:
        return None
    options = strategy.get(OPTIONS_OF_METHODS.get(strategy["method"], "")) or {}
    flat = {"method": strategy["method"]} | without(*LOCAL)(options)
    if strategy["method"] == "static" and options.get("is_local") is not None:
        flat["options"] = local_options(options)
    return flat


def local_options(options: Json) -> Json:
    """The options of a static strategy; only local times can have passed."""
    if not options["is_local"]:
        return {"is_local": False}
    return {"is_local": True, "send_past_recipients_immediately": bool(options.get(LOCAL[1]))}


def nested_strategy(strategy: Json) -> Json:
    """A send strategy whose options stand in a member that is named for its method."""
    flat = without("method", "options")(strategy) | (strategy.get("options") or {})
    options = {name: flat if method == strategy["method"] else None for method, name in OPTIONS_OF_METHODS.items()}
    return {"method": strategy["method"], **options}


def campaign_upgraded(attributes: Json) -> Json:
    """A campaign's attributes with a flat strategy, and groups where there were null ones."""
    attributes = on_member("send_strategy", flat_strategy)(attributes)
    return on_member("audiences", included_listed)(attributes)


def included_listed(audiences: Json | None) -> Json | None:
    """Audiences that list whom they include, if nobody."""
    return None if audiences is None else audiences | {"included": audiences.get("included") or []}


# conversations


def with_one_conversation(profile: Json) -> Json:
    """A profile related to one conversation instead of several."""
    relationships = profile.get("relationships", {})
    if "conversations" not in relationships:
        return profile
    several = relationships["conversations"]
    one = {name: member for name, member in several.items() if name == "links"}
    if several.get("data"):
        one["data"] = several["data"][0]
    if "links" in one:
        one["links"] = {name: singular(link) for name, link in one["links"].items()}
    return profile | {"relationships": without("conversations")(relationships) | {"conversation": one}}


def singular(link: str) -> str:
    """A link to one conversation.

    >>> singular("https://a.klaviyo.com/api/profiles/X/relationships/conversations/")
    'https://a.klaviyo.com/api/profiles/X/relationships/conversation/'
    """
    return f"{link.removesuffix('/conversations/')}/conversation/"


def of_text(values: list[Any] | None) -> list[str] | None:
    """Values as text."""
    return values and [value if isinstance(value, str) else str(value) for value in values]


DIFFERENCES = (
    Difference(
        since="2025-01-15",
        what="profiles to subscribe name their subscriptions; before, all that their identifiers allow was meant",
        operations=frozenset({"bulk_subscribe_profiles"}),
        upgrade=in_bodies("profile", on_attributes(with_subscriptions("SUBSCRIBED"))),
    ),
    Difference(
        since="2025-01-15",
        what="profiles to unsubscribe name their subscriptions",
        operations=frozenset({"bulk_unsubscribe_profiles"}),
        upgrade=in_bodies("profile", on_attributes(with_subscriptions("UNSUBSCRIBED"))),
    ),
    Difference(
        since="2025-01-15",
        what="meta moved into the attributes of the profile in /client/subscriptions",
        operations=frozenset({"create_client_subscription"}),
        upgrade=in_bodies("profile", with_inner_meta),
        places={"/profile/data/attributes/meta": "/profile/data/meta"},
    ),
    Difference(
        since="2025-01-15",
        what="campaign messages hold what they say in one definition; their parts are worked out for answers",
        operations=frozenset({"create_campaign", "update_campaign_message"}),
        upgrade=in_bodies("campaign-message", on_attributes(with_definition)),
        places={"/attributes/definition": "/attributes"},
    ),
    Difference(
        since="2025-01-15",
        what="send strategies have their options beside the method, not in a member that is named for it",
        upgrade=in_bodies("campaign", on_attributes(campaign_upgraded)),
        downgrade=in_answers("campaign", on_attributes(on_member("send_strategy", nested_strategy))),
    ),
    Difference(
        since="2025-01-15",
        what="campaigns may have no tracking options",
        downgrade=in_answers("campaign", on_attributes(on_member("tracking_options", lambda options: options or {}))),
    ),
    Difference(
        since="2025-01-15",
        what="the status of a review is an object, with the reason of a rejection",
        downgrade=in_answers("review", on_attributes(on_member("status", lambda status: status and status["value"]))),
    ),
    Difference(
        since="2025-10-15",
        what="anonymous_id left the profiles in bodies; the handlers still read it",
        judged=in_bodies("profile", on_attributes(without("anonymous_id"))),
    ),
    Difference(
        since="2025-10-15",
        what="flow messages and flow actions hold what they are in one definition",
        downgrade=lambda document: in_answers("flow-action", on_attributes(older_flow_action))(
            in_answers("flow-message", on_attributes(older_flow_message))(document)
        ),
    ),
    Difference(
        since="2026-01-15",
        what="sample values of metric properties are not always text",
        downgrade=in_answers("metric-property", on_attributes(on_member("sample_values", of_text))),
    ),
    Difference(
        since="2026-04-15",
        what="forms are made as drafts; before, also live",
        operations=frozenset({"create_form"}),
        judged=in_bodies("form", on_attributes(on_member("status", lambda _: "draft"))),
    ),
    Difference(
        since="2026-04-15",
        what="profiles have a conversation; some answers show it although they are not published to",
        downgrade=in_answers("profile", on_member("relationships", without("conversation"))),
    ),
    Difference(
        since="2026-07-15",
        what="profiles have conversations; before, one conversation",
        downgrade=in_answers("profile", with_one_conversation),
        include={"conversation": "conversations"},
    ),
)
"""Every difference, oldest first."""


@cache
def differences(revision: str, operation_id: str) -> tuple[Difference, ...]:
    """What changed for an operation after a revision, oldest first."""
    return tuple(since(revision, operation_id))


def since(revision: str, operation_id: str) -> Iterator[Difference]:
    """What changed for an operation after a revision."""
    for each in DIFFERENCES:
        if each.since > revision and each.concerns(operation_id):
            yield each
