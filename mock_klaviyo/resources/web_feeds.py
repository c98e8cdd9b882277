"""Web feeds: where messages take content from; a feed has no status until a message has read it."""

from __future__ import annotations

import re

from mock_klaviyo.errors import error
from mock_klaviyo.resources.call import Call
from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.store.rows import Row
from mock_klaviyo.store.tables import Field

ATTRIBUTES = "/data/attributes"
NAME = re.compile("^[0-9_A-z]+$")
URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


def check(_: Call, row: Row) -> None:
    """Refuse a name that templates could not say, and an address that is none."""
    if not NAME.fullmatch(name := row.document["name"]):
        reason = f"'name' must match regex '{NAME.pattern}' ('{name}' doesn't)"
        raise error("invalid", reason=reason, pointer=f"{ATTRIBUTES}/name")
    if not URL.fullmatch(row.document["url"]):
        raise error("invalid", reason="url must be an http or https URL.", pointer=f"{ATTRIBUTES}/url")


WEB_FEED = declare(
    Resource(
        type="web-feed",
        make_id=lambda world: world.ids.hexadecimal(12),
        defaults={"status": None},
        fields=(Field("name"), Field("created"), Field("updated")),
        never_null=("name", "url", "request_method", "content_type"),
        before_write=check,
    )
)
