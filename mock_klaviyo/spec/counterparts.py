"""Counterparts: the newest revision's operation that answers for one of an older revision."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from mock_klaviyo.spec.operation import Operation
from mock_klaviyo.spec.recorded import recording, revisions


@cache
def counterpart(operation: Operation) -> Operation:
    """The newest operation with the same method and path; the operation itself when there is none."""
    found = recording(revisions()[-1]).route(operation.method, operation.path)
    return found[0] if found else operation


@cache
def stand_in(asked: Operation) -> Operation:
    """The counterpart as it answers for an older one: with all that either shows, and a document where that has one."""
    newest = counterpart(asked)
    has_document = newest.responses[newest.success] is not None
    return replace(
        newest,
        has_cursor=asked.has_cursor,
        responses=newest.responses if has_document else asked.responses,
        asked=asked,
    )
