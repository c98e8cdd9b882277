"""Received: what a mock got, in short, for the report of a failed test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_klaviyo import json
from mock_klaviyo.json import Json
from mock_klaviyo.testing.kinds import IDENTIFIERS

MOST_REQUESTS = 30
LONGEST_LINE = 160


def summary(requests: list[Json], events: list[Json]) -> str:
    """The latest requests, each with why it was refused, and what became of events that were dropped."""
    lines = [line for request in requests[-MOST_REQUESTS:] for line in request_lines(request)]
    earlier = len(requests) - MOST_REQUESTS
    if earlier > 0:
        lines.insert(0, f"… and {earlier} requests before")
    dropped = [
        f"dropped: event {each['number']} {each['metric']!r}: {each['reason']}" for each in events if each["reason"]
    ]
    return "\n".join([*lines, *dropped]) or "no request at all"


def request_lines(request: Json) -> Iterator[str]:
    """One request and its answer, and below it what was wrong with it."""
    path = request["url"].split("://", 1)[-1].partition("/")[2]
    yield shortened(f"{request['status']} {request['method']} /{path}  {gist(request['body'])}".rstrip())
    for each in request["errors"]:
        where = each.get("source") or {}
        yield f"    {each['code']}: {each['detail']} {where.get('pointer') or where.get('parameter') or ''}".rstrip()
    if request["hint"]:
        yield f"    hint: {request['hint']}"


def gist(body: str) -> str:
    """What a body says, without the envelopes that all bodies have.

    >>> gist('{"data": {"type": "event", "attributes": {"properties": {"total": 7}, "metric": {"data": {"attributes": '
    ...      '{"name": "Placed Order"}}}, "profile": {"data": {"attributes": {"email": "ana@shop.org"}}}}}}')
    '{"properties":{"total":7},"metric":"Placed Order","profile":"ana@shop.org"}'
    """
    try:
        return json.written(unwrapped(json.read(body))).decode()
    except (ValueError, TypeError):
        return " ".join(body.split())


def unwrapped(value: Any) -> Any:
    """A value of which `data`, `attributes` and tables with a name or an email alone are only what they hold."""
    if isinstance(value, list):
        return [unwrapped(each) for each in value]
    if not isinstance(value, dict):
        return value
    for envelope in ("data", "attributes"):
        if envelope in value and value.keys() <= {envelope, "type", "id"}:
            return unwrapped(value[envelope])
    opened = {name: unwrapped(member) for name, member in value.items()}
    (only,) = opened if len(opened) == 1 else ("",)
    return opened[only] if only in ("name", *IDENTIFIERS) else opened


def shortened(line: str) -> str:
    """A line that is not too long."""
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
