"""Surroundings: what a template draws on beside its context: time, money, links, catalog, coupons, custom objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_klaviyo.json import Json


class TemplateError(Exception):
    """A template cannot be rendered; says why, and where in the template."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


def nothing(_what: str) -> str:
    """What stands for something that cannot be found: nothing."""
    return ""


def unnoticed(_variable: str, _line: int, _column: int) -> None:
    """Nobody is told that a variable was empty."""


@dataclass(frozen=True)
class Surroundings:
    """What a template draws on beside its context.

    `now` is in the account's timezone. `link` gives the URL of a page of the recipient: `unsubscribe`,
    `manage_preferences`, `web_view`, `update_property`. `unavailable` is told what cannot be found; it gives what
    stands there instead, or raises an error that stops the message. `empty` is told of each variable that showed
    nothing, and where it stands.
    """

    now: datetime
    currency: str = "USD"
    link: Callable[[str], str] = "/{}".format
    catalog_item: Callable[[str, Mapping[str, Any]], Json | None] = lambda _id, _options: None
    coupon_code: Callable[[str], str | None] = "{}-PREVIEW".format
    custom_objects: Callable[[str, str | None], list[Json]] = lambda _title, _id: []
    unavailable: Callable[[str], str] = nothing
    empty: Callable[[str, int, int], None] = unnoticed
