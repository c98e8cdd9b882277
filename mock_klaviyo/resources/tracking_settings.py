"""Tracking settings: the UTM parameters that the account adds to links."""

from __future__ import annotations

from mock_klaviyo.json import Json
from mock_klaviyo.resources.registry import beginning, declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World
from mock_klaviyo.store.rows import Row

TRACKING_SETTING = declare(
    Resource(
        type="tracking-setting",
        make_id=lambda world: world.account.id,
        never_null=("auto_add_parameters", "utm_source", "utm_medium", "custom_parameters"),
    )
)


def fixed(value: str) -> Json:
    """A parameter that is always the same."""
    return {"type": "static", "value": value}


def varying(value: str) -> Json:
    """A parameter that depends on the message."""
    return {"type": "dynamic", "value": value}


DEFAULTS: Json = {
    "auto_add_parameters": False,
    "utm_source": {"flow": fixed("Klaviyo"), "campaign": fixed("Klaviyo")},
    "utm_medium": {"flow": varying("message_type"), "campaign": varying("message_type")},
    "utm_campaign": {"flow": varying("flow_name"), "campaign": varying("campaign_name_id")},
    "utm_id": {"flow": varying("flow_id"), "campaign": varying("campaign_id")},
    "utm_term": {"flow": None, "campaign": None},
    "custom_parameters": [],
}
"""What an account begins with. https://help.klaviyo.com/hc/en-us/articles/115005247808"""


@beginning
def begin(world: World) -> None:
    """The settings of a new account; those that a baseline brought along go on under this world's id."""
    found = world.store.first(TRACKING_SETTING.type)
    if found is not None and found.id != world.account.id:
        world.store.delete(found)
    if found is None or found.id != world.account.id:
        document = found.document if found else {**DEFAULTS}
        world.store.insert(Row(TRACKING_SETTING.type, world.account.id, document))
