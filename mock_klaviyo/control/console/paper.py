"""What every page is made of: its template, its links, and the headers that keep scripts out."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from flask import Response, request

from mock_klaviyo import json
from mock_klaviyo.api.views import klaviyo
from mock_klaviyo.control.answering import blueprint
from mock_klaviyo.control.console.drawing import outcome

if TYPE_CHECKING:
    from jinja2 import Environment

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}
"""No scripts run on our pages, neither ours nor those of what the pages show."""


def paper(template: str, status: int = 200, **facts: Any) -> Response:
    """A page: a template filled with facts."""
    clock = klaviyo().clock
    text = environment().get_template(f"{template}.html").render(clock=clock, **facts)
    return Response(text, status=status, content_type="text/html; charset=utf-8", headers=HEADERS)


def missing(what: str, name: str) -> Response:
    """A page that says what is not there."""
    return paper("missing", 404, what=what, name=name)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of the pages; what is put into them is escaped."""
    from jinja2 import Environment, FileSystemLoader

    loader = FileSystemLoader(Path(__file__).with_name("templates"))
    found = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    found.globals |= {"to": to}
    found.filters |= {"time": time, "compact": compact, "outcome": outcome}
    return found


def to(*path: str, **query: Any) -> str:
    """The address of a route of ours, for the account or world that was asked for."""
    account = request.args.get("company_id")
    asked = {name: value for name, value in query.items() if value} | ({"company_id": account} if account else {})
    place = "/".join(quote(part, safe="") for part in path)
    return f"{blueprint.url_prefix}/{place}{'?' if asked else ''}{urlencode(asked)}"


def time(text: str | datetime | None) -> str:
    """A time as people read it, in UTC.

    >>> time("2026-04-08T14:00:00+00:00")
    'Wed 8 Apr 2026, 14:00'
    """
    if text is None:
        return ""
    at = datetime.fromisoformat(text) if isinstance(text, str) else text
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M}"


def compact(value: Any) -> str:
    """A value as JSON in one line."""
    return json.written(value).decode(errors="replace")
