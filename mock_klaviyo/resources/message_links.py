"""Message links: the recipient's pages that a message leads to, and the short links of text messages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mock_klaviyo.resources.registry import declare
from mock_klaviyo.resources.resource import Resource
from mock_klaviyo.resources.world import World

URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
HREF = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)
SHORT_LENGTH = 6
KLAVIYOS = "https://klv8.io/"
"""Where Klaviyo's short links lead; ours stay on this machine, and count as many characters as Klaviyo's."""

PREVIEW = "preview"
"""What stands for the id of a message that nobody received."""

SHORT_LINK = declare(Resource(type="short-link", make_id=lambda world: world.ids.short(SHORT_LENGTH)))
"""Ours: where a short link of a text message leads to, and of which message it is."""


@dataclass(frozen=True)
class Shortened:
    """A text with short links, the same as Klaviyo would count it, and what each short link stands for."""

    text: str
    as_counted: str
    links: Mapping[str, str] = field(default_factory=dict)


def page_url(world: World, message_id: str, page: str) -> str:
    """The address of one of a recipient's pages."""
    return f"{world.message_base}/__mock/links/{world.account.id}/{message_id or PREVIEW}/{page}"


def shortened(world: World, message_id: str, text: str) -> Shortened:
    """A text whose links are short."""
    codes = {url: short_code(message_id, url) for url in URL.findall(text)}
    short = URL.sub(lambda found: f"{world.message_base}/__mock/s/{world.account.id}/{codes[found[0]]}", text)
    counted = URL.sub(lambda found: KLAVIYOS + codes[found[0]], text)
    return Shortened(short, counted, {code: url for url, code in codes.items()})


def short_code(message_id: str, url: str) -> str:
    """The code of a short link, the same for the same message and address.

    >>> len(short_code("01J", "https://shop.example.org"))
    6
    """
    return hashlib.sha256(f"{message_id} {url}".encode()).hexdigest()[:SHORT_LENGTH].upper()
