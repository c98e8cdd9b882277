"""Link parameters: what the account and a message add to links, such as utm_source, for analytics elsewhere.

https://help.klaviyo.com/hc/en-us/articles/115005247808
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mock_klaviyo.json import Json
from mock_klaviyo.resources.message_links import HREF, URL
from mock_klaviyo.resources.tracking_settings import TRACKING_SETTING
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

OWN_PAGES = "/__mock/"
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_id", "utm_term")


@dataclass(frozen=True)
class Tracking:
    """How a message tracks: of a `flow` or a `campaign`, what dynamic values stand for, and what it asks for itself."""

    kind: str
    values: Mapping[str, str]
    is_asked: bool = False
    custom: Sequence[Json] = field(default_factory=tuple)


def of_campaign(campaign: Row, channel: str, day: str) -> Tracking:
    """How a campaign's message tracks; `day` is when it is sent."""
    name, options = campaign.document["name"], campaign.document.get("tracking_options") or {}
    values = {
        "campaign_id": campaign.id,
        "campaign_name": name,
        "campaign_name_id": f"{name} ({campaign.id})",
        "campaign_name_send_day": f"{name} ({day})",
        "message_type": channel,
    }
    custom = options.get("custom_tracking_params") or ()
    return Tracking("campaign", values, bool(options.get("add_tracking_params")), custom)


def of_flow(world: World, channel: str, message: Json) -> Tracking | None:
    """How a flow's message tracks; None when it belongs to no flow."""
    row = world.store.row("flow-message", message.get("id") or "")
    action = world.store.row("flow-action", row.document["flow_action_id"]) if row else None
    flow = world.store.row("flow", action.document["flow_id"]) if action else None
    if row is None or flow is None:
        return None
    name = message.get("name") or flow.document["name"]
    values = {
        "flow_id": flow.id,
        "flow_name": flow.document["name"],
        "message_name": name,
        "message_name_id": f"{name} ({row.id})",
        "message_type": channel,
    }
    custom = message.get("custom_tracking_params") or ()
    return Tracking("flow", values, bool(message.get("add_tracking_params")), custom)


def parameters(world: World, tracking: Tracking | None, reader: Row, subject: str | None) -> dict[str, str]:
    """The parameters of a message's links to one reader: those of its own in place of the account's."""
    if tracking is None:
        return {}
    (settings,) = world.store.rows(TRACKING_SETTING.type)
    if not tracking.is_asked and not settings.document["auto_add_parameters"]:
        return {}
    own = {"profile_id": reader.id, "profile_external_id": reader.document["external_id"], "email_subject": subject}
    known = {**tracking.values, **{name: value for name, value in own.items() if value}}
    chosen = tracking.custom or list(defaults(settings.document, tracking.kind))
    found = {each.get("name") or each["param"]: value_of(each, known) for each in chosen}
    return {name: value for name, value in found.items() if value}


def defaults(settings: Json, kind: str) -> Iterator[Json]:
    """The account's parameters for flows or campaigns."""
    custom = [(each["name"], each) for each in settings["custom_parameters"] or ()]
    for name, values in [*((name, settings[name]) for name in UTM), *custom]:
        if values and values.get(kind):
            yield {"name": name, **values[kind]}


def value_of(parameter: Json, known: Mapping[str, str]) -> str:
    """The value of a parameter; empty when what it depends on is not known."""
    return known.get(parameter["value"], "") if parameter.get("type") == "dynamic" else parameter["value"]


def in_html(text: str, added: Mapping[str, str]) -> str:
    """HTML whose links carry parameters; the recipient's own pages do not."""

    def with_parameters(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{html.escape(extended(html.unescape(found[3]), added))}{found[2]}"

    return HREF.sub(with_parameters, text) if added else text


def in_text(text: str, added: Mapping[str, str]) -> str:
    """A text whose links carry parameters."""
    return URL.sub(lambda found: extended(found[0], added), text) if added else text


def extended(url: str, added: Mapping[str, str]) -> str:
    """A web address with the parameters that it does not have yet.

    >>> extended("https://shop.org/?a=1&utm_id=2#top", {"utm_id": "3", "utm_term": "x"})
    'https://shop.org/?a=1&utm_id=2&utm_term=x#top'
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.path.startswith(OWN_PAGES):
        return url
    has = dict(parse_qsl(parts.query, keep_blank_values=True))
    more = urlencode({name: value for name, value in added.items() if name not in has})
    return urlunsplit(parts._replace(query="&".join(each for each in (parts.query, more) if each)))
