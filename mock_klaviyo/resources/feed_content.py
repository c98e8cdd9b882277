"""Feed content: what web feeds give, fetched from this machine and allowed hosts only, and kept for a while."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.outbound import Unreachable
from mock_klaviyo.resources.web_feeds import WEB_FEED
from mock_klaviyo.resources.world import World, iso
from mock_klaviyo.store.rows import Row

NAMED = re.compile(r"""\bfeeds(?:\.|\|lookup:['"])(\w+)""")
KEPT_FOR = timedelta(hours=1)
"""How long content is kept before it is fetched anew; Klaviyo's own period is not documented."""

LARGEST = 5_000_000
"""How many bytes a feed may have."""

UNREADABLE = "Error Retrieving External Data"
OK, FAILED = "ok", "warning_periodic_refresh_timeout"


class FeedError(Exception):
    """A feed cannot be read; says which one and why."""


def feeds(world: World, text: str) -> Json:
    """The content of every feed that a template names; a feed that is not there is left out."""
    rows = {name: world.store.first(WEB_FEED.type, name=name) for name in sorted(set(NAMED.findall(text)))}
    return {name: content(world, row) for name, row in rows.items() if row is not None}


def content(world: World, feed: Row) -> Any:
    """What a feed gives; as kept, when that is not too old and of the same address."""
    kept = feed.document.get("kept")
    source = [feed.document[name] for name in ("url", "request_method", "content_type")]
    if not kept or kept["source"] != source or world.now - datetime.fromisoformat(kept["at"]) >= KEPT_FOR:
        kept = {"source": source, "at": iso(world.now), **fetched(world, *source)}
        feed.document |= {"kept": kept, "status": FAILED if kept["problem"] else OK}
        world.store.update(feed)
    if kept["problem"]:
        raise FeedError(f"web feed {feed.document['name']}: {kept['problem']}")
    return kept["content"]


def fetched(world: World, url: str, method: str, content_type: str) -> Json:
    """What an address gives now, or why it gives nothing."""
    try:
        found = world.outbound.get(url, LARGEST, method.upper())
        if len(found) > LARGEST:
            return {"content": None, "problem": f"{url} gives more than {LARGEST} bytes"}
        return {"content": READERS[content_type](found), "problem": None}
    except (Unreachable, ValueError, ElementTree.ParseError, RecursionError) as reason:
        return {"content": None, "problem": str(reason)}


def from_xml(text: bytes) -> Json:
    """XML as templates see it: its root by its tag."""
    root = ElementTree.fromstring(text)
    return {root.tag: value_of(root)}


def value_of(element: ElementTree.Element) -> Any:
    """An element: its text, or its attributes and elements by name, as a list where a name comes several times.

    >>> value_of(ElementTree.fromstring("<a><b>1</b><b>2</b><c d='3'/></a>"))
    {'b': ['1', '2'], 'c': {'d': '3'}}
    """
    found: Json = dict(element.attrib)
    for tag in dict.fromkeys(child.tag for child in element):
        values = [value_of(child) for child in element.findall(tag)]
        found[tag] = values if len(values) > 1 else values[0]
    return found or (element.text or "").strip()


READERS = {"json": json.read, "xml": from_xml}
"""The content type of a feed → what reads it."""
